// The slash commands as a table: name, arguments, help and handler. /help and completion derive from the rows.
// To add one: its handler and its row in commands.cpp.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "client/tui/state/state.hpp"

namespace hubbub::tui {

/// What the first argument can be completed to; with `rooms` every argument.
enum class Completes { text, name, room, rooms, name_or_room, command };

struct Command {
  std::string_view name;
  std::string_view arguments;
  std::string_view help;
  Completes completes = Completes::text;
  void (*run)(State& state, std::string_view arguments) = nullptr;
};

std::span<const Command> commands();

/// By its name or a beginning of it that no other command shares; with or without the slash.
struct CommandMatch {
  const Command* command = nullptr;
  std::vector<std::string_view> candidates;  ///< where the beginning fits several
};
CommandMatch find_command(std::string_view name);

/// Carries out a line that begins with a slash. False if there is no such command: a hint says so, and nothing happens.
bool run_command(State& state, std::string_view line);

/// Why that can't be said in the room; empty if it can.
std::string refusal(const State& state, const Room& room, std::string_view text);

/// Puts a text on its way into a room; it is shown as being sent until the hub has it. REQUIRES: there is no refusal.
void say(State& state, Room& room, proto::Kind kind, std::string text,
         const std::optional<link::Reply>& reply = std::nullopt);

/// Puts the name of whoever types here on it.
void sign(const State& state, Entry& entry);

/// Leaves; or says what is not sent yet, and how to leave without it.
void leave_program(State& state);

}  // namespace hubbub::tui
