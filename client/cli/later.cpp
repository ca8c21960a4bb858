// hubbub later: what one has said that is still to be posted.
#include <algorithm>
#include <array>
#include <charconv>

#include "client/cli/columns.hpp"
#include "client/cli/complain.hpp"
#include "client/cli/exit_codes.hpp"
#include "client/cli/shell.hpp"
#include "client/cli/terminal.hpp"
#include "client/json/json_rows.hpp"
#include "common/escape.hpp"
#include "common/time_text.hpp"

namespace hubbub::cli {

namespace {

/// Of the first line of a body, for people.
constexpr std::size_t shown_bytes_max = 60;

std::string beginning_of(const proto::LaterMessage& message) {
  if (message.kind == proto::Kind::data) return std::to_string(message.body_bytes) + " bytes";
  auto end = std::min(message.body.bytes.find('\n'), message.body.bytes.size());
  const bool cut = end > shown_bytes_max || end < message.body_bytes;
  end = std::min(end, shown_bytes_max);
  while (end > 0 && end < message.body.bytes.size() && (message.body.bytes[end] & 0xc0) == 0x80) --end;
  return escape_for_terminal(message.body.bytes.substr(0, end)) + (cut ? "…" : "");
}

class ListOrCancelLater : public OnlineAction {
 public:
  void declare(Syntax& syntax) override {
    syntax.operand({"VERB",
                    "list (if none is given) or cancel",
                    take_verb(),
                    Hint::choice,
                    false,
                    false,
                    {verbs.begin(), verbs.end()}});
    syntax.operand({"ID", "of what is not to be posted", take_id(), Hint::none, false, true});
    syntax.option({"--json", "", "one JSON object a line", store(json_)});
  }

  Result<void> check() override {
    if (cancels_ && ids_.empty()) return fail(Status::invalid_argument, "cancel wants the ID that hubbub later shows");
    if (cancels_ && json_) return fail(Status::invalid_argument, "--json is for the list; cancel writes nothing");
    if (!cancels_ && !ids_.empty()) return fail(Status::invalid_argument, "an ID is for cancel; list shows all");
    return {};
  }

 protected:
  asio::awaitable<int> talk(Shell& shell) override {
    if (cancels_) co_return co_await cancel(shell);
    co_return co_await list(shell);
  }

 private:
  Take take_verb() {
    return [this](std::string_view word) -> Result<void> {
      if (std::ranges::find(verbs, word) == verbs.end())
        return fail(Status::invalid_argument, "'" + std::string(word) + "' is not list or cancel");
      cancels_ = word == "cancel";
      return {};
    };
  }

  Take take_id() {
    return [this](std::string_view word) -> Result<void> {
      LaterId id;
      const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), id.value);
      if (error != std::errc{} || end != word.data() + word.size() || id == LaterId{})
        return fail(Status::invalid_argument, "'" + std::string(word) + "' is no ID: hubbub later shows them");
      ids_.push_back(id);
      return {};
    };
  }

  /// All of them, whatever becomes of one.
  asio::awaitable<int> cancel(Shell& shell) {
    int code = exit_code::done;
    for (const auto id : ids_) {
      const proto::LaterCancel question{id};
      const auto done = co_await shell.link.call(question, shell.call_options());
      if (done) continue;
      auto error = done.error();
      error.sentence = std::to_string(id.value) + ": " + error.sentence;
      code = shell.complain(error);
    }
    co_return code;
  }

  asio::awaitable<int> list(Shell& shell) {
    proto::LaterList question;
    Columns columns;
    if (stdout_is_terminal() && !json_) columns.add({"ID", "TIME", "ROOM", "TEXT"});
    bool more = true;
    while (more) {
      const auto page = co_await shell.link.call(question, shell.call_options());
      if (!page) co_return shell.complain(page.error());
      for (const auto& message : page->messages) {
        if (json_)
          shell.out.buffer().append(json::json_row(message)).append("\n");
        else
          columns.add({std::to_string(message.id.value), local_time(message.at, "%Y-%m-%d %H:%M:%S"),
                       display(message.room), beginning_of(message)});
        question.after_at = message.at;
        question.after = message.id;
      }
      more = page->more && !page->messages.empty();
      if (json_) co_await shell.out.flush();
    }
    if (!json_) shell.out.buffer() += columns.str();
    co_return exit_code::done;
  }

  static constexpr std::array<std::string_view, 2> verbs = {"list", "cancel"};
  bool cancels_ = false, json_ = false;
  std::vector<LaterId> ids_;
};

constexpr std::array examples = {
    Example{"hubbub pub ops --delay 2h -m 'check the backup'", "says it in two hours, and shows its ID"},
    Example{"hubbub later", "what you have said that is still to be posted"},
    Example{"hubbub later cancel 7", "not that one"},
};

}  // namespace

extern const Command later_command;
const Command later_command = {
    "later",
    "list or cancel what you have said that is to be posted later",
    "[list [--json] | cancel ID…]",
    "What was said with hubbub pub --delay or --at, or with /later in the terminal client, waits at the hub, on its "
    "disk. list shows yours, the next first: its ID, when it is due, where, and how it begins. cancel takes one back; "
    "what was posted already, or is being posted, it can't.",
    examples,
    make_action<ListOrCancelLater>,
};

}  // namespace hubbub::cli
