// hubbub import: what was exported, published anew.
//   JSON lines --ExportedLines--> message with its origin in headers --> outbox --> hub
#include <array>

#include "client/cli/complain.hpp"
#include "client/cli/exit_codes.hpp"
#include "client/cli/exported.hpp"
#include "client/cli/input.hpp"
#include "client/cli/lines.hpp"
#include "client/cli/queueing.hpp"
#include "client/cli/receiver.hpp"
#include "client/cli/terminal.hpp"

namespace hubbub::cli {

namespace {

/// Each byte of a body takes up to six in JSON, and the headers a little.
constexpr std::size_t line_bytes_max = limits::body_bytes_max * 6 + 65536;

class Import : public QueueingAction {
 public:
  void declare(Syntax& syntax) override {
    syntax.operand({"ROOM", "where to", store(room_), Hint::room});
    syntax.option({"-f,--file", "FILE", "read this instead of stdin", store(file_), Hint::file});
    declare_queueing(syntax);
  }

 protected:
  [[nodiscard]] bool uses_agent() const override { return false; }
  asio::awaitable<int> talk(Shell& shell) override;
  int interrupted(Shell& shell, int code) override {
    note("interrupted behind line " + std::to_string(said_) + ": " + tell_progress(shell, said_));
    return code;
  }

 private:
  asio::awaitable<Result<void>> import_all(Shell& shell, Input& input);
  asio::awaitable<Result<void>> import_line(Shell& shell, std::string_view line);

  RoomName room_;
  std::optional<std::string> file_;
  ExportedLines lines_;
  LineSplitter splitter_{line_bytes_max};
  std::uint64_t said_ = 0;  ///< lines, each a message; the splitter may be ahead by one that waits to be taken
};

asio::awaitable<int> Import::talk(Shell& shell) {
  auto input = Input::open(shell.loop, file_.value_or("-"));
  if (!input) {
    shell.complain(input.error());
    co_return exit_code::no_input;
  }
  if (!file_ && stdin_is_terminal()) note("importing what you type; Ctrl-D ends it");
  spawn_beside(shell, tell_connection(shell));
  const auto imported = co_await import_all(shell, *input);
  const auto settled = co_await settle(shell);
  if (!imported) note(tell_progress(shell, said_) + " before that");
  const int code = imported ? exit_code::done : shell.complain(imported.error());
  if (!imported) co_return imported.error().status == Input::failed ? exit_code::no_input : code;
  co_return settled ? exit_code::done : shell.complain(settled.error());
}

asio::awaitable<Result<void>> Import::import_all(Shell& shell, Input& input) {
  std::string_view line;
  while (true) {
    const auto bytes = co_await input.read_some();
    if (!bytes) co_return tl::unexpected(bytes.error());
    if (bytes->empty()) break;
    for (auto rest = *bytes; splitter_.take_line(rest, line);) {
      auto sent = co_await import_line(shell, line);
      if (!sent) co_return sent;
    }
    if (splitter_.too_long())
      co_return fail(Status::invalid_argument, "line " + std::to_string(splitter_.count() + 1) + " is too long");
  }
  if (splitter_.take_rest(line)) co_return co_await import_line(shell, line);
  co_return Result<void>();
}

asio::awaitable<Result<void>> Import::import_line(Shell& shell, std::string_view line) {
  auto message = lines_.parse(line);
  if (!message)
    co_return fail(Status::invalid_argument, "line " + std::to_string(splitter_.count()) +
                                                 " is no exported message: " + message.error().sentence);
  message->room = room_;
  while (true) {
    const auto taken = shell.link.try_publish_soon(*message);
    if (!taken) co_return tl::unexpected(taken.error());
    if (*taken) break;
    co_await shell.link.writable();
  }
  ++said_;
  co_return Result<void>();
}

constexpr std::array examples = {
    Example{"hubbub import ops-2026 < ops.jsonl", "what hubbub export ops has written"},
    Example{"tail -n +4711 ops.jsonl | hubbub import ops-2026", "go on behind a line that was refused"},
};

}  // namespace

extern const Command import_command;
const Command import_command = {
    "import",
    "publish what was exported",
    "ROOM [-f FILE] [--no-queue]",
    "Reads JSON lines, as hubbub export and sub --json write them, and publishes each anew, once, as pub does: author, "
    "time and seq are yours and the hub's. What they were is in the headers original-from, original-time and "
    "original-seq, where there is room for them.\n\n"
    "An edit, a reaction or a pin keeps the number of its message where that has the same one here: where a whole "
    "export, from message 1 on, goes into an empty room, up to the first number that is missing. Else, and for an edit "
    "of what somebody else had said, it becomes a notice with the header original-edits, original-reacts or "
    "original-pins, which means nothing.\n\n"
    "A line that is something else ends it and is named; "
    "what came before "
    "it is imported. Ctrl-C says behind which line it ended.",
    examples,
    make_action<Import>,
};

}  // namespace hubbub::cli
