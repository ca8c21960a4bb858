// hubbub board: what the agent knows, read from shared memory. Asks neither the agent nor a hub.
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <thread>

#include "client/agent/board_name.hpp"
#include "client/cli/agent_start.hpp"
#include "client/cli/board_view.hpp"
#include "client/cli/command.hpp"
#include "client/cli/complain.hpp"
#include "client/cli/exit_codes.hpp"
#include "client/cli/output.hpp"
#include "client/cli/terminal.hpp"
#include "client/link/hub_key.hpp"
#include "client/link/location.hpp"
#include "common/clock.hpp"

namespace hubbub::cli {

namespace {

using namespace std::chrono_literals;

/// As often as a person notices; a look costs some 30 µs.
constexpr int look_interval_ms = 250;

/// An update takes less than a microsecond: who meets one so often meets a writer that was stopped.
constexpr int busy_looks_max = 20;

class OpenBoard {
 public:
  explicit OpenBoard(const std::string& path) : code(hubbub_board_open(path.c_str(), &board)) {}
  ~OpenBoard() {
    if (code == HUBBUB_FOUND) hubbub_board_close(&board);
  }
  OpenBoard(const OpenBoard&) = delete;
  OpenBoard& operator=(const OpenBoard&) = delete;

  hubbub_board board{};
  const int code;
};

/// Returns HUBBUB_FOUND, or the first other code.
template <class Record>
int read_table(const hubbub_board& board, std::size_t size, int (*read)(const hubbub_board*, std::size_t, Record*),
               std::vector<Record>& into) {
  into.clear();
  for (std::size_t at = 0; at < size; ++at) {
    Record record{};
    const int code = read(&board, at, &record);
    if (code == HUBBUB_FOUND) into.push_back(record);
    if (code != HUBBUB_FOUND && code != HUBBUB_ABSENT) return code;
  }
  std::ranges::sort(into, {}, [](const Record& record) { return std::string_view(record.name); });
  return HUBBUB_FOUND;
}

int read_state(const hubbub_board& board, BoardState& state) {
  const int code = hubbub_board_summary(&board, &state.summary);
  if (code != HUBBUB_FOUND) return code;
  state.agent_pid = board.page->agent_pid;
  const int people = read_table(board, HUBBUB_PEOPLE, hubbub_board_person_at, state.people);
  return people != HUBBUB_FOUND ? people : read_table(board, HUBBUB_ROOMS, hubbub_board_room_at, state.rooms);
}

int read_state_patiently(const hubbub_board& board, BoardState& state) {
  int code = read_state(board, state);
  for (int look = 1; code == HUBBUB_BUSY && look < busy_looks_max; ++look) {
    std::this_thread::sleep_for(1ms);
    code = read_state(board, state);
  }
  return code;
}

class ShowBoard : public Action {
 public:
  void declare(Syntax& syntax) override {
    syntax.operand({"ROOM|@NAME", "of one room or one person; nothing: all", store(about_), Hint::room, false});
    syntax.option({"-w,--watch", "", "go on, and write whenever something changes", store(watch_)});
    syntax.option({"--json", "", "one JSON object a line", store(json_)});
    syntax.option({"--waybar", "", "for a custom module of waybar", store(waybar_)});
    syntax.option({"--tmux", "", "one short line for a status line", store(tmux_)});
    syntax.option({"--path", "", "only where the board is, there or not", store(path_only_)});
  }

  Result<void> check() override {
    const int formats = json_ + waybar_ + tmux_ + path_only_;
    if (formats > 1) return fail(Status::invalid_argument, "one of --json, --waybar, --tmux and --path at a time");
    if (path_only_ && watch_) return fail(Status::invalid_argument, "--path changes never; --watch has nothing to see");
    return {};
  }

  int run(const Globals& globals) override {
    const auto location = link::locate(globals.hub, globals.name);
    if (!location) {
      complain(location.error());
      return exit_code::usage;
    }
    hub_ = location->hub;
    path_ = agent::board_path(agent::board_name(::geteuid(), link::hub_key(hub_)));
    if (path_only_) return print(path_ + "\n") ? exit_code::done : exit_code::input_output;
    if (const auto started = want_agent(globals, *location); !started) complain(started.error());
    return watch_ ? watch() : show();
  }

 private:
  int show() {
    const auto state = read();
    if (!state) return complain(state.error());
    return print(rendered(*state)) ? exit_code::done : exit_code::input_output;
  }

  /// Until a signal comes, or the reader of a pipe has gone.
  int watch() {
    const bool on_terminal = stdout_is_terminal();
    const std::string_view begin = on_terminal ? "\x1b[H\x1b[J" : "";
    for (std::optional<std::string> last; true;) {
      const auto state = read();
      auto text = state ? rendered(*state) : rendered_gone(state.error());
      if (text != last && !print(std::string(begin) + text + (is_table() && !on_terminal ? "\n" : "")))
        return exit_code::input_output;
      last = std::move(text);
      pollfd reader{STDOUT_FILENO, 0, 0};
      if (::poll(&reader, 1, look_interval_ms) == 1) die_of_closed_pipe();
    }
  }

  [[nodiscard]] bool is_table() const { return !json_ && !waybar_ && !tmux_; }

  /// Opens it each time, so that a new agent's is found and one that ends doesn't matter.
  [[nodiscard]] Result<BoardState> read() const {
    const OpenBoard open(path_);
    if (open.code != HUBBUB_FOUND) return refused(open.code, errno);
    BoardState state;
    const int code = read_state_patiently(open.board, state);
    if (code != HUBBUB_FOUND) return refused(code, 0);
    if (about_.empty()) return state;
    auto less = only(state, about_.str());
    if (!less)
      return fail(Status::not_found, about_.str() + " is not on the board: you are not there, or share no room");
    return *std::move(less);
  }

  [[nodiscard]] tl::unexpected<Error> refused(int code, int error) const {
    const auto start = "; hubbub agent starts one";
    switch (code) {
      case HUBBUB_ABSENT:
        if (error == ENOENT) return fail(Status::unavailable, "no agent is running for " + hub_.str() + start);
        return fail(error == EACCES ? Status::permission_denied : Status::unavailable,
                    "can't open " + path_ + ": " + std::strerror(error));
      case HUBBUB_BUSY:
        return fail(Status::unavailable, "the agent stands still in the middle of a change to its board; try again");
      case HUBBUB_DEAD:
        return fail(Status::unavailable, "the agent for " + hub_.str() +
                                             " has ended or hangs: its board has not moved for " +
                                             std::to_string(HUBBUB_DEAD_AFTER_S) + " seconds" + start);
      default:
        return fail(Status::unavailable,
                    path_ + " is no board that this hubbub can read; remove it and restart the agent");
    }
  }

  [[nodiscard]] std::string rendered(const BoardState& state) const {
    if (json_) return board_json(state);
    if (waybar_) return board_waybar(state);
    if (tmux_) return board_tmux(state);
    return board_table(state, SystemClock().wall_now(), !about_.empty());
  }

  [[nodiscard]] std::string rendered_gone(const Error& why) const {
    if (json_) return board_json_gone(why.sentence);
    if (waybar_) return board_waybar_gone(why.sentence);
    return tmux_ ? "\n" : why.sentence + "\n";
  }

  RoomName about_;
  bool watch_ = false;
  bool json_ = false;
  bool waybar_ = false;
  bool tmux_ = false;
  bool path_only_ = false;
  Address hub_;
  std::string path_;
};

constexpr std::array examples = {
    Example{"hubbub board", "where something is unread, and who is here"},
    Example{"hubbub board --watch @alice", "until she comes back"},
    Example{"hubbub board --json | jq .unread", "how much is unread"},
    Example{"set -g status-right '#(hubbub board --tmux)'", "in ~/.tmux.conf"},
    Example{"\"custom/hubbub\": {\"exec\": \"hubbub board --watch --waybar\", \"return-type\": \"json\"}",
            "in the configuration of waybar"},
};

}  // namespace

extern const Command board_command;
const Command board_command = {
    "board",
    "who is here and what is unread, from the agent's shared memory",
    "[ROOM|@NAME] [--watch] [--json | --waybar | --tmux | --path]",
    "Starts the agent if none runs (not with --no-agent), and reads the page of shared memory in which the agent keeps "
    "presence and unread counts. Asks neither the agent nor "
    "the "
    "hub, and keeps nobody waiting. Shown are the rooms in which something is unread and the people who are here; with "
    "ROOM or @NAME that one, whatever its state.\n\n"
    "With --watch it looks four times a second and writes when something has changed. A look takes about 30 "
    "microseconds, so this costs no processor time to speak of. It goes on while there is no agent, and waits for the "
    "next one.\n\n"
    "waybar gets a text (how much is unread; empty for nothing), a tooltip, and one word as class and alt: mention, "
    "unread, "
    "read, connecting, offline, or gone while there is no agent. Programs in C, and in others, can read the page "
    "themselves: docs/board.md. The exit code is 69 if no agent is running or it hangs, and 65 for a ROOM or NAME that "
    "isn't on the board.",
    examples,
    make_action<ShowBoard>,
};

}  // namespace hubbub::cli
