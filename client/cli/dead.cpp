// hubbub dead: messages that queue groups couldn't handle.
#include <algorithm>
#include <array>
#include <charconv>

#include "client/cli/columns.hpp"
#include "client/cli/complain.hpp"
#include "client/cli/dead_letter.hpp"
#include "client/cli/exit_codes.hpp"
#include "client/cli/past.hpp"
#include "client/cli/render.hpp"
#include "client/cli/replying.hpp"
#include "client/cli/room_list.hpp"
#include "client/cli/shell.hpp"
#include "client/cli/terminal.hpp"
#include "common/escape.hpp"
#include "common/time_text.hpp"
#include "proto/methods/messages.hpp"

namespace hubbub::cli {

namespace {

constexpr std::array<std::string_view, 3> verbs = {"list", "retry", "drop"};
/// Of a body in a list.
constexpr std::size_t shown_bytes_max = 60;

std::string first_line(std::string_view body) {
  auto line = escape_for_terminal(body.substr(0, std::min(body.find('\n'), 4 * shown_bytes_max)));
  if (line.size() <= shown_bytes_max) return line;
  auto end = shown_bytes_max;
  while (end > 0 && (static_cast<unsigned char>(line[end]) & 0xc0) == 0x80) --end;
  return line.substr(0, end) + "…";
}

std::string indented(std::string_view text) {
  std::string lines;
  while (!text.empty()) {
    const auto line = text.substr(0, text.find('\n'));
    lines.append("    ").append(escape_for_terminal(line)).append("\n");
    text.remove_prefix(std::min(text.size(), line.size() + 1));
  }
  return lines;
}

class Dead : public OnlineAction {
 public:
  void declare(Syntax& syntax) override;
  Result<void> check() override;

 protected:
  asio::awaitable<int> talk(Shell& shell) override;

 private:
  Take take_verb();
  Take append_seq();
  asio::awaitable<Result<std::vector<link::Message>>> letters(Shell& shell);
  void list(const std::vector<link::Message>& messages, std::string& out) const;
  asio::awaitable<int> retry(Shell& shell, const link::Message& message);
  asio::awaitable<Result<bool>> owns_dead(Shell& shell);
  [[nodiscard]] Error not_ours(Seq seq) const;
  asio::awaitable<int> take_out(Shell& shell, Seq seq, std::string_view why);

  std::string verb_;
  RoomName room_, dead_;
  std::vector<Seq> seqs_;
  bool all_ = false, json_ = false, verbose_ = false;
};

Take Dead::take_verb() {
  return [this](std::string_view word) -> Result<void> {
    if (std::ranges::find(verbs, word) == verbs.end())
      return fail(Status::invalid_argument, "'" + std::string(word) + "' is not list, retry or drop");
    verb_ = word;
    return {};
  };
}

Take Dead::append_seq() {
  return [this](std::string_view word) -> Result<void> {
    std::uint64_t seq = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), seq);
    if (error != std::errc() || end != word.data() + word.size() || seq == 0)
      return fail(Status::invalid_argument, "'" + std::string(word) + "' is not the number of a message");
    seqs_.push_back(Seq{seq});
    return {};
  };
}

void Dead::declare(Syntax& syntax) {
  syntax.operand({"VERB", "list, retry or drop", take_verb(), Hint::choice, true, false, {verbs.begin(), verbs.end()}});
  syntax.operand({"ROOM", "where the messages were said", store(room_), Hint::room});
  syntax.operand({"SEQ", "the numbers that list shows", append_seq(), Hint::none, false, true});
  syntax.option({"--all", "", "retry or drop all of them", store(all_)});
  syntax.option({"-v,--verbose", "", "list also what the command wrote last to stderr", store(verbose_)});
  syntax.option({"--json", "", "list one JSON object a line", store(json_)});
}

Result<void> Dead::check() {
  auto dead = room_of_dead(room_);
  if (!dead) return tl::unexpected(std::move(dead.error()));
  dead_ = *std::move(dead);
  if (verb_ == "list" && (all_ || !seqs_.empty())) return fail(Status::invalid_argument, "dead list lists all of them");
  if (verb_ != "list" && all_ != seqs_.empty())
    return fail(Status::invalid_argument, "say which messages: their numbers, or --all");
  if (verb_ != "list" && (json_ || verbose_))
    return fail(Status::invalid_argument, "--json and --verbose are for dead list");
  std::ranges::sort(seqs_);
  seqs_.erase(std::unique(seqs_.begin(), seqs_.end()), seqs_.end());
  return {};
}

/// All of them, or those that were asked for, oldest first. A room without dead has none.
asio::awaitable<Result<std::vector<link::Message>>> Dead::letters(Shell& shell) {
  std::vector<link::Message> found;
  if (seqs_.empty()) {
    auto past = co_await read_past(shell, dead_, Seq{}, UINT64_MAX, Counted::all);
    if (!past && past.error().status == Status::not_found) co_return found;
    if (!past) co_return tl::unexpected(std::move(past.error()));
    auto& all = past->messages;
    std::erase_if(all, [&](const link::Message& message) { return !read_dead_letter(message, room_); });
    co_return std::move(all);
  }
  for (const auto seq : seqs_) {
    auto message = co_await read_message(shell, dead_, seq);
    if (!message) co_return tl::unexpected(std::move(message.error()));
    if (!read_dead_letter(*message, room_))
      co_return fail(Status::not_found, "message " + std::to_string(seq.value) + " of " + display(dead_) +
                                            " is no dead message of " + display(room_) + ", or was taken out");
    found.push_back(*std::move(message));
  }
  co_return found;
}

void Dead::list(const std::vector<link::Message>& messages, std::string& out) const {
  if (json_) {
    const auto render = render_json({});
    for (const auto& message : messages) render(message, out);
    return;
  }
  std::vector<std::string> below;  // each line
  Columns columns;
  const auto add = [&](std::vector<std::string> row, std::string lines) {
    columns.add(std::move(row));
    below.push_back(std::move(lines));
  };
  if (stdout_is_terminal()) add({"SEQ", "TIME", "FROM", "GROUP", "ATTEMPTS", "REASON", "MESSAGE"}, {});
  for (const auto& message : messages) {
    const auto letter = *read_dead_letter(message, room_);
    add({std::to_string(message.seq.value), rfc3339(message.time, 0), escape_for_terminal(letter.from),
         escape_for_terminal(letter.group), escape_for_terminal(letter.attempts), first_line(letter.reason),
         first_line(message.body)},
        verbose_ ? indented(letter.error) : "");
  }
  const auto table = columns.str();
  std::string_view left = table;
  for (const auto& lines : below) {
    const auto line = left.substr(0, left.find('\n') + 1);
    out.append(line).append(lines);
    left.remove_prefix(line.size());
  }
}

/// What has to be known before anything is said again: whether the hub lets us take the letter out then.
bool was_ours(const Shell& shell, const link::Message& message) {
  const auto& self = shell.link.welcome();
  return message.from == self.name && (self.verified || !message.verified);
}

asio::awaitable<Result<bool>> Dead::owns_dead(Shell& shell) {
  const auto rooms = co_await list_rooms(shell, Pattern::literal(dead_.str()));
  if (!rooms) co_return tl::unexpected(rooms.error());
  const auto room = std::ranges::find(*rooms, dead_, &proto::RoomInfo::name);
  co_return room != rooms->end() && room->owner.str() == shell.link.welcome().name.str();
}

Error Dead::not_ours(Seq seq) const {
  return {Status::permission_denied, "message " + std::to_string(seq.value) + " of " + display(dead_) +
                                         " is not yours to retry: only who had it last may, and the room's owner"};
}

/// A connection that is gone isn't there for the next one either.
bool is_of_one_letter(int code) { return code != exit_code::unavailable && code != exit_code::deadline; }

/// Of numbers that were given none is retried unless all may be; with --all the others go on.
asio::awaitable<int> Dead::talk(Shell& shell) {
  const auto messages = co_await letters(shell);
  if (!messages) co_return shell.complain(messages.error());
  if (verb_ == "list") {
    list(*messages, shell.out.buffer());
    co_return exit_code::done;
  }
  const bool drops = verb_ == "drop";
  Result<bool> owns = true;
  if (!drops && !messages->empty()) owns = co_await owns_dead(shell);
  if (!owns) co_return shell.complain(owns.error());
  const auto is_ours = [&](const link::Message& message) { return *owns || was_ours(shell, message); };
  const auto denied = std::ranges::find_if_not(*messages, is_ours);
  if (!all_ && denied != messages->end()) co_return shell.complain(not_ours(denied->seq));
  int first_failure = exit_code::done;
  for (const auto& message : *messages) {
    int code = exit_code::done;
    if (!is_ours(message)) {
      code = shell.complain(not_ours(message.seq));
    } else {
      auto doing = drops ? take_out(shell, message.seq, "dropped") : retry(shell, message);
      code = co_await std::move(doing);
    }
    if (first_failure == exit_code::done) first_failure = code;
    if (code != exit_code::done && !(all_ && is_of_one_letter(code))) break;
  }
  co_return first_failure;
}

/// It is said again before it is taken out: so it may be there twice, and is never lost.
asio::awaitable<int> Dead::retry(Shell& shell, const link::Message& message) {
  const auto post = again(message, room_);
  const auto posted = co_await shell.link.call(post, shell.call_options());
  if (!posted) co_return shell.complain(posted.error());
  const auto number = std::to_string(message.seq.value);
  const int code = co_await take_out(shell, message.seq, "retried");
  if (code == exit_code::done)
    note("message " + number + " of " + display(dead_) + " is message " + std::to_string(posted->seq.value) + " of " +
         display(room_) + " now");
  else
    complain("message " + number + " was said again in " + display(room_) + ", and is still among the dead");
  co_return code;
}

asio::awaitable<int> Dead::take_out(Shell& shell, Seq seq, std::string_view why) {
  const proto::RoomRedact question{dead_, seq, Topic::literal(why)};
  const auto done = co_await shell.link.call(question, shell.call_options());
  if (!done) co_return shell.complain(done.error());
  co_return exit_code::done;
}

constexpr std::array examples = {
    Example{"hubbub dead list jobs -v", "what couldn't be handled, and why"},
    Example{"hubbub dead retry jobs --all", "once what was broken works again"},
    Example{"hubbub dead drop jobs 3 4", "forget two of them"},
};

}  // namespace

extern const Command dead_command;
const Command dead_command = {
    "dead",
    "messages that queue groups couldn't handle",
    "(list ROOM [-v | --json] | retry ROOM (SEQ… | --all) | drop ROOM (SEQ… | --all))",
    "What a member of a queue group (hubbub sub ROOM --group GROUP --exec COMMAND) has failed to handle too often is "
    "kept "
    "in the room ROOM.dead. list shows its number there, when that was, who said it, the group, after how many "
    "attempts, "
    "why the last one failed, and the first line; -v also the end of the command's stderr.\n\n"
    "retry says a message again in ROOM, with the header retried-from, and takes it out of the dead; drop only takes "
    "it "
    "out. That may do whose session had the message last, and the owner of the room ROOM.dead; else the exit code is "
    "77, "
    "and nothing was said again. With --all the others go on where one can't be retried or dropped. Where retry is cut "
    "short, a message "
    "may have been said again and still be among the dead.",
    examples,
    make_action<Dead>,
};

}  // namespace hubbub::cli
