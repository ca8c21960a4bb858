// hubbub history: what was said before.
#include <array>

#include "client/cli/complain.hpp"
#include "client/cli/exit_codes.hpp"
#include "client/cli/format.hpp"
#include "client/cli/past.hpp"
#include "client/cli/people_view.hpp"
#include "client/cli/shell.hpp"
#include "client/cli/terminal.hpp"

namespace hubbub::cli {

namespace {

class History : public OnlineAction {
 public:
  void declare(Syntax& syntax) override {
    syntax.operand({"ROOM", "the room", store(room_), Hint::room});
    syntax.option({"-n,--count", "COUNT", "so many of the newest; 50 if not given", store(count_, 1)});
    syntax.option({"--all", "", "all that the hub still has", store(all_)});
    syntax.option({"--before", "SEQ", "only what came before that message", store(before_, 1)});
    syntax.option({"-v,--verbose", "", "as sub -v: room, seq, time, sender, body", store(verbose_)});
    syntax.option({"--json", "", "one JSON object a line", store(json_)});
    syntax.option({"-F,--format", "FORMAT", "what to write for each message: see below", store(format_)});
  }

  Result<void> check() override {
    if (verbose_ + json_ + format_.has_value() > 1)
      return fail(Status::invalid_argument, "--verbose, --json and --format exclude each other");
    if (all_ && count_) return fail(Status::invalid_argument, "--all and --count exclude each other");
    const RenderOptions options{stdout_is_terminal()};
    if (json_) render_ = render_json(options);
    if (verbose_) render_ = render_verbose(options);
    if (!format_) return {};
    auto render = parse_format(*format_, options);
    if (!render) return tl::unexpected(render.error());
    render_ = *std::move(render);
    return {};
  }

 protected:
  asio::awaitable<int> talk(Shell& shell) override {
    const auto count = all_ ? UINT64_MAX : count_.value_or(50);
    const auto messages = co_await read_past(shell, room_, Seq{before_.value_or(0)}, count);
    if (!messages) co_return shell.complain(messages.error());
    PeopleView view({wants_color(shell.globals.no_color), false, terminal_columns()});
    for (const auto& message : *messages) {
      if (render_)
        render_(message, shell.out.buffer());
      else
        view.append(message, shell.out.buffer());
    }
    co_return exit_code::done;
  }

 private:
  RoomName room_;
  std::optional<std::uint64_t> count_, before_;
  std::optional<std::string> format_;
  bool all_ = false, verbose_ = false, json_ = false;
  Render render_;
};

constexpr std::array examples = {
    Example{"hubbub history lobby", "the last 50 messages"},
    Example{"hubbub history ci.main -n 1000 --json", "for programs"},
    Example{"hubbub history lobby --before 4711 -n 20", "further back"},
};

}  // namespace

extern const Command history_command;
const Command history_command = {
    "history",
    "show what was said in a room",
    "ROOM [-n COUNT | --all] [OPTION…]",
    "Prints the newest messages that the hub still has, oldest first: for people, unless --json, --verbose or --format "
    "says otherwise.",
    examples,
    make_action<History>,
};

}  // namespace hubbub::cli
