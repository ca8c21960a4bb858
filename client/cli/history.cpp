// hubbub history: what was said before.
#include <array>

#include "client/cli/amended.hpp"
#include "client/cli/complain.hpp"
#include "client/cli/exit_codes.hpp"
#include "client/cli/format.hpp"
#include "client/cli/past.hpp"
#include "client/cli/past_thread.hpp"
#include "client/cli/people_view.hpp"
#include "client/cli/replying.hpp"
#include "client/cli/shell.hpp"
#include "client/cli/terminal.hpp"
#include "client/json/message_json.hpp"
#include "client/link/replies.hpp"
#include "common/clock.hpp"

namespace hubbub::cli {

namespace {

class History : public OnlineAction {
 public:
  void declare(Syntax& syntax) override {
    syntax.operand({"ROOM", "the room", store(room_), Hint::room});
    syntax.option({"-n,--count", "COUNT", "so many of the newest; 50 if not given", store(count_, 1)});
    syntax.option({"--all", "", "all that the hub still has", store(all_)});
    syntax.option({"--before", "SEQ", "only what came before that message", store(before_, 1)});
    syntax.option({"--thread", "SEQ", "only the thread of that message, from its beginning on", store(thread_, 1)});
    syntax.option({"-v,--verbose", "", "as sub -v: room, seq, time, sender, body", store(verbose_)});
    syntax.option(
        {"--raw", "", "each message as it was said, and what amends it as messages of their own", store(raw_)});
    syntax.option({"--json", "", "one JSON object a line", store(json_)});
    syntax.option({"-F,--format", "FORMAT", "what to write for each message: see below", store(format_)});
  }

  Result<void> check() override {
    if (verbose_ + json_ + format_.has_value() > 1)
      return fail(Status::invalid_argument, "--verbose, --json and --format exclude each other");
    if (all_ && count_) return fail(Status::invalid_argument, "--all and --count exclude each other");
    if (thread_ && (all_ || before_))
      return fail(Status::invalid_argument,
                  "--thread excludes --all and --before: a thread is shown from its beginning");
    const RenderOptions options{stdout_is_terminal()};
    if (json_ && raw_) render_ = render_json(options);
    if (verbose_) render_ = render_verbose(options);
    if (!format_) return {};
    auto render = parse_format(*format_, options);
    if (!render) return tl::unexpected(render.error());
    render_ = *std::move(render);
    return {};
  }

 protected:
  asio::awaitable<int> talk(Shell& shell) override {
    view_ = PeopleView({wants_color(shell.globals.no_color), false, terminal_columns()});
    if (thread_) co_return co_await show_thread(shell, Seq{*thread_});
    const auto count = all_ ? UINT64_MAX : count_.value_or(50);
    const auto counted = raw_ ? Counted::all : Counted::shown;
    const auto past = co_await read_past(shell, room_, Seq{before_.value_or(0)}, count, counted);
    if (!past) co_return shell.complain(past.error());
    const auto now = SystemClock().wall_now();
    for (const auto& message : past->messages) show(message, past->amendments.view(message, now), shell.out.buffer());
    co_return exit_code::done;
  }

 private:
  /// False: it isn't shown.
  bool show(const link::Message& message, const link::View& view, std::string& out) {
    if (raw_) return show_raw(message, out), true;
    if (view.standing == link::Standing::gone || view.standing == link::Standing::amendment) return false;
    if (json_) {
      json::append_json(message, view, out);
      out += '\n';
    } else if (render_) {
      auto line = in_one_line(message, view);
      if (const auto marks = marks_text(view); verbose_ && !marks.empty()) line.body += " " + marks;
      render_(line, out);
    } else {
      view_.append(message, view, out);
    }
    return true;
  }

  void show_raw(const link::Message& message, std::string& out) {
    if (!render_) return view_.append(message, out);
    auto line = message;
    if (line.erased && !json_) line.body = "(erased)";
    render_(line, out);
  }

  asio::awaitable<int> show_thread(Shell& shell, Seq seq) {
    const auto asked = co_await read_message(shell, room_, seq);
    if (!asked) co_return shell.complain(asked.error());
    const auto root = link::reply_to(*asked).root;
    const auto show_one = [&](const link::Message& message, const link::View& view) {
      return show(message, view, shell.out.buffer());
    };
    const auto end = co_await read_thread(shell, room_, root, count_.value_or(UINT64_MAX), show_one);
    if (!end) co_return shell.complain(end.error());
    if (!end->written) co_return exit_code::input_output;
    if (end->stopped_at.value > 0)
      note("stopped before message " + std::to_string(end->stopped_at.value) + ": --count asked for no more");
    co_return exit_code::done;
  }

  RoomName room_;
  std::optional<std::uint64_t> count_, before_, thread_;
  std::optional<std::string> format_;
  bool all_ = false, verbose_ = false, json_ = false, raw_ = false;
  Render render_;
  PeopleView view_{PeopleView::Options{}};
};

constexpr std::array examples = {
    Example{"hubbub history lobby", "the last 50 messages"},
    Example{"hubbub history ci.main -n 1000 --json", "for programs"},
    Example{"hubbub history lobby --before 4711 -n 20", "further back"},
    Example{"hubbub history lobby --thread 42", "message 42 and what was answered"},
    Example{"hubbub history lobby --raw", "what was said first, and every edit"},
};

}  // namespace

extern const Command history_command;
const Command history_command = {
    "history",
    "show what was said in a room",
    "ROOM [-n COUNT | --all | --thread SEQ] [OPTION…]",
    "Prints the newest messages that the hub still has, oldest first: for people, unless --json, --verbose or --format "
    "says otherwise. An answer shows what it answers: \"[↳ 42 ~alice: shall we deploy…]\".\n\n"
    "A message shows what has become of it: its newest text and \"(edited)\", \"(redacted by bob: the reason)\" in its "
    "place, \"(pinned by bob)\", and its reactions on a line of their own. What expired or was replaced isn't shown. "
    "With "
    "--json these are the fields edited, redacted, pinned and reactions. --raw shows the messages as they are in the "
    "room, "
    "edits and reactions among them.\n\n"
    "--thread begins with the message that the thread began with, also where SEQ is one of its answers, and goes "
    "through "
    "the room page by page up to the newest message, however many there are. With --count it stops after so many "
    "messages of the thread and says so.",
    examples,
    make_action<History>,
};

}  // namespace hubbub::cli
