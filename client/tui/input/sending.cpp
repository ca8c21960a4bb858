#include "client/tui/input/sending.hpp"

#include <string>

#include "client/tui/commands/commands.hpp"
#include "client/tui/input/threading.hpp"

namespace hubbub::tui {

namespace {

constexpr std::uint64_t typing_every_ns = 3'000'000'000;  // others forget it after some seconds

bool is_command(std::string_view text) { return text.starts_with('/') && !text.starts_with("//"); }

void remember(State& state, Room& room, const std::string& text) {
  state.history.add(text);
  room.history = {};
}

}  // namespace

void send_line(State& state) {
  auto& room = active_room(state);
  const std::string text = room.input.text();
  if (text.find_first_not_of(" \n\t") == std::string::npos) return;
  if (is_command(text)) {
    room.input.take();
    remember(state, room, text);
    if (!run_command(state, text)) active_room(state).input.assign(text);
    return;
  }
  state.hint = refusal(state, room, text);
  if (!state.hint.empty()) return;
  room.input.take();
  remember(state, room, text);
  state.typing_told = {};
  say(state, room, proto::Kind::text, text.starts_with("//") ? text.substr(1) : text, answered_in_view(room));
}

bool asks_before_sending(const State& state) { return active_room(state).input.lines() > lines_without_asking_max; }

void ask_before_sending(State& state) {
  state.question = Question::send_many_lines;
  state.hint = std::to_string(active_room(state).input.lines()) +
               " lines: Enter sends them as one message, Ctrl+C drops them, any other key goes on";
}

void paste(InputLine& line, std::string_view text) {
  std::string plain;
  plain.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool pair = text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n';
    if (!pair) plain += text[i] == '\r' ? '\n' : text[i];
  }
  if (plain.ends_with('\n')) plain.pop_back();
  line.insert(plain);
}

void tell_typing(State& state) {
  const auto& room = active_room(state);
  const auto& text = room.input.text();
  const bool typing = !is_home(room) && !text.empty() && !is_command(text);
  const bool told = state.typing_told.ns != 0;
  if (!std::holds_alternative<Connected>(state.connection) || is_home(room)) return;
  if (typing && state.now.ns - state.typing_told.ns >= typing_every_ns) {
    state.typing_told = state.now;
    effect(state, TellTyping{room.name, true});
  } else if (!typing && told) {
    state.typing_told = {};
    effect(state, TellTyping{room.name, false});
  }
}

}  // namespace hubbub::tui
