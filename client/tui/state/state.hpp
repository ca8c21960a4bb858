// Everything that the terminal client knows. Changed by apply() alone, shown by draw().
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "client/tui/input/completion.hpp"
#include "client/tui/input/found.hpp"
#include "client/tui/input/history.hpp"
#include "client/tui/input/input_line.hpp"
#include "client/tui/input/search.hpp"
#include "client/tui/input/selecting.hpp"
#include "client/tui/screen.hpp"
#include "client/tui/state/effect.hpp"
#include "client/tui/state/room.hpp"
#include "proto/status.hpp"

namespace hubbub::tui {

struct Config {
  std::string hub;              ///< as it is shown: tcp://127.0.0.1:4848
  std::vector<RoomName> rooms;  ///< joined at the start
  bool bell = true;             ///< for mentions and direct messages in rooms that aren't in view
  int colours = 256;            ///< what the terminal has; 0: none wanted
};

/// How the connection is.
struct Connecting {};
struct Connected {};
struct Waiting {
  std::string why;
  WallTime retry_at;
};
struct Ended {
  Error why;
};
using Connection = std::variant<Connecting, Connected, Waiting, Ended>;

/// Asked in the status line; the same key again says yes, any other no.
enum class Question { none, send_many_lines, interrupt };

/// Lines of one command; what it writes behind them is counted. Said are fewer, since everybody has to read those.
inline constexpr std::size_t exec_lines_shown_max = 500;
inline constexpr std::size_t exec_lines_said_max = 50;

/// What /exec runs.
struct Execution {
  std::string command;
  RoomName room;                                    ///< where it was typed; without a name: home
  bool says = false;                                ///< its lines are said in the room, and not only shown
  std::optional<link::Reply> reply = std::nullopt;  ///< and in this thread of it
  std::size_t lines = 0;
  std::uint64_t left_out = 0;
};

struct State {
  Config config;
  Size size;
  WallTime now;

  Connection connection;
  bool was_online = false;
  bool hears_direct = false;  ///< direct conversations come, or were asked for
  std::optional<std::uint64_t> round_trip_us;
  PersonName self;
  bool verified = false;
  AwayText away;  ///< as the hub was told last

  std::vector<Room> rooms;  ///< the first is home: without a name, in view only while there is no other
  std::size_t active = 0;
  std::vector<RoomName> put_away;  ///< direct conversations that were parted: they come back with the next message
  std::vector<std::string> known_rooms;  ///< for completion: what the hub has told

  KillBuffer kill;
  History history;
  Completion completion;
  std::optional<Search> search;
  std::optional<Found> found;  ///< in place of the messages
  std::optional<Selecting> selecting;
  bool numbers = false;  ///< messages are shown with their seqs
  std::optional<Execution> execution;
  Question question = Question::none;
  std::string hint;  ///< one sentence in the status line, until the next key
  WallTime typing_told;

  std::uint64_t last_id = 0;
  std::vector<Effect> effects;
};

State initial_state(Config config, Size size, WallTime now);

Room* find_room(State& state, const RoomName& name);
/// The room of that name, made at the end of the list where there is none.
Room& room_of(State& state, const RoomName& name);
inline Room& active_room(State& state) { return state.rooms[state.active]; }
inline const Room& active_room(const State& state) { return state.rooms[state.active]; }

/// Asks the hub for it: membership, members, and its messages if they don't come yet.
void open_room(State& state, Room& room);
/// Shows that room, with the unread line where one left off. REQUIRES: index < rooms.size().
void show_room(State& state, std::size_t index);
inline bool is_home(const Room& room) { return room.name.empty(); }
/// Goes into the room: opens it where the hub doesn't know yet that it is wanted.
Room& enter_room(State& state, const RoomName& name, bool show);
/// Takes the room off the list; its neighbour comes into view.
void drop_room(State& state, const RoomName& name);

/// Drops from memory what is too old and isn't being looked at.
void trim(const State& state, Room& room);

inline EntryId next_id(State& state) { return EntryId{++state.last_id}; }
/// A line of the client's own in `room`. Counts as unread nowhere.
void note(State& state, Room& room, std::string text, EntryKind kind = EntryKind::note);
inline void trouble(State& state, Room& room, std::string text) {
  note(state, room, std::move(text), EntryKind::trouble);
}

inline void effect(State& state, Effect effect) { state.effects.push_back(std::move(effect)); }
std::vector<Effect> take_effects(State& state);

/// Messages that the hub has not acknowledged; in one room, or over all.
std::size_t unsent_messages(const Room& room);
std::size_t unsent_messages(const State& state);

}  // namespace hubbub::tui
