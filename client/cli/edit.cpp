// hubbub edit: another text for something that one has said.
#include <array>

#include "client/cli/amending.hpp"
#include "client/cli/complain.hpp"
#include "client/cli/exit_codes.hpp"
#include "client/cli/input.hpp"
#include "client/cli/render.hpp"
#include "client/cli/words.hpp"

namespace hubbub::cli {

namespace {

/// All of stdin, without the newline at its end.
asio::awaitable<Result<std::string>> read_stdin(Shell& shell) {
  auto input = Input::open(shell.loop, "-");
  if (!input) co_return tl::unexpected(input.error());
  std::string text;
  while (text.size() <= limits::body_bytes_max) {
    const auto bytes = co_await input->read_some();
    if (!bytes) co_return tl::unexpected(bytes.error());
    if (bytes->empty()) break;
    text += *bytes;
  }
  if (text.ends_with('\n')) text.pop_back();
  co_return text;
}

class Edit : public OnlineAction {
 public:
  void declare(Syntax& syntax) override {
    target_.declare(syntax, "the message to edit");
    syntax.operand({"TEXT", "what it is to say; words are joined by a space; - alone reads stdin", append(words_),
                    Hint::none, true, true});
  }

 protected:
  asio::awaitable<int> talk(Shell& shell) override {
    Result<std::string> text = joined(words_);
    const bool from_stdin = words_.size() == 1 && words_.front() == "-";
    if (from_stdin) text = co_await read_stdin(shell);
    if (!text) {
      const int code = shell.complain(text.error());
      co_return text.error().status == Input::failed ? exit_code::no_input : code;
    }
    const auto may = co_await may_become(shell, *text);
    if (!may) co_return shell.complain(may.error());
    const link::Amendment amendment{proto::Amends::edit, target_.seq()};
    co_return co_await amend(shell, target_.room, amendment, *std::move(text));
  }

 private:
  asio::awaitable<Result<void>> may_become(Shell& shell, const std::string& text) {
    if (text.empty()) co_return fail(Status::invalid_argument, "there is no text; hubbub redact takes a message back");
    const auto message = co_await read_target(shell, target_.room, target_.seq());
    if (!message) co_return tl::unexpected(message.error());
    const auto& self = shell.link.welcome();
    if (message->from == self.name && message->verified == self.verified) co_return Result<void>();
    co_return fail(Status::permission_denied,
                   "message " + std::to_string(message->seq.value) + " of " + display(target_.room) + " is " +
                       shown_name(message->from, message->verified) + "'s, and you are " +
                       shown_name(self.name, self.verified) + ": only who said it can edit it");
  }

  Target target_;
  std::vector<std::string> words_;
};

constexpr std::array examples = {
    Example{"hubbub edit lobby 42 the deploy is at 16:00", "what message 42 says from now on"},
    Example{"hubbub edit lobby 42 - < notes.txt", "the text from a file"},
};

}  // namespace

extern const Command edit_command;
const Command edit_command = {
    "edit",
    "give something that you said another text",
    "ROOM SEQ TEXT…",
    "Whoever reads the room sees the new text in its place, with \"(edited)\" behind it; older programs see the new "
    "text "
    "as a notice of yours. hubbub history --raw shows all texts that it had. It can be edited again: the newest text "
    "counts. hubbub history -v shows the numbers.",
    examples,
    make_action<Edit>,
};

}  // namespace hubbub::cli
