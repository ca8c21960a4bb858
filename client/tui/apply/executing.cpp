// What a command of /exec writes: shown where it was typed, or said there.
#include <utility>

#include "client/tui/apply/handlers.hpp"
#include "client/tui/commands/commands.hpp"

namespace hubbub::tui {

namespace {

/// The room where it was typed, or, if that was parted, the one in view.
Room& room_of(State& state, const Execution& execution) {
  auto* room = find_room(state, execution.room);
  return room != nullptr ? *room : active_room(state);
}

/// False if it can't be said: nothing, or not here any more.
bool say_line(State& state, const Execution& execution, const std::string& text) {
  auto* room = find_room(state, execution.room);
  if (room == nullptr || text.empty() || !refusal(state, *room, text).empty()) return false;
  say(state, *room, proto::Kind::text, text, execution.reply);
  return true;
}

}  // namespace

void on(State& state, const ExecLine& line) {
  if (!state.execution) return;
  auto& execution = *state.execution;
  const auto lines_max = execution.says ? exec_lines_said_max : exec_lines_shown_max;
  if (execution.says && line.text.empty()) return;  // a message without a text says nothing
  const bool wanted = execution.lines < lines_max;
  const bool told = wanted && (!execution.says || say_line(state, execution, line.text));
  if (!told) return void(++execution.left_out);
  ++execution.lines;
  if (!execution.says) note(state, room_of(state, execution), line.text);
}

void on(State& state, const ExecEnded& ended) {
  if (!state.execution) return;
  const auto execution = *std::exchange(state.execution, std::nullopt);
  auto& room = room_of(state, execution);
  const auto left_out = execution.left_out + ended.lines_left_out;
  if (left_out > 0)
    note(state, room,
         "… and " + std::to_string(left_out) + (left_out == 1 ? " more line" : " more lines") +
             (execution.says ? ", not said" : ""));
  if (!ended.how.empty()) return trouble(state, room, execution.command + ": " + ended.how);
  if (execution.lines == 0 && left_out == 0) note(state, room, execution.command + ": done, and wrote nothing");
}

}  // namespace hubbub::tui
