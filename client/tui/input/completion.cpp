#include "client/tui/input/completion.hpp"

#include <algorithm>

#include "client/tui/commands/commands.hpp"
#include "client/tui/state/state.hpp"
#include "client/tui/text/fold.hpp"

namespace hubbub::tui {

namespace {

void offer(std::vector<std::string>& list, std::string_view word, const std::string& candidate,
           std::string_view after) {
  if (!candidate.starts_with(word)) return;
  auto whole = candidate + std::string(after);
  if (std::find(list.begin(), list.end(), whole) == list.end()) list.push_back(std::move(whole));
}

void offer_commands(std::vector<std::string>& list, std::string_view word, const std::string& sign) {
  for (const auto& command : commands()) offer(list, word, sign + std::string(command.name), " ");
}

void offer_rooms(const State& state, std::vector<std::string>& list, std::string_view word) {
  const bool bare = !word.starts_with('#');
  const auto offer_one = [&](const std::string& shown) {
    if (shown.starts_with('#')) offer(list, word, bare ? shown.substr(1) : shown, " ");
  };
  for (const auto& room : state.rooms)
    if (!is_home(room)) offer_one(display(room.name));
  for (const auto& room : state.known_rooms) offer_one(room);
}

// Who spoke last first, then the others by name.
void offer_names(const State& state, std::vector<std::string>& list, std::string_view word, std::string_view after) {
  const bool direct = word.starts_with('@');
  const auto offer_one = [&](const std::string& name) {
    if (name != state.self.str()) offer(list, word, (direct ? "@" : "") + name, after);
  };
  const auto& room = active_room(state);
  for (auto who = room.speakers.rbegin(); who != room.speakers.rend(); ++who) offer_one(*who);
  for (const auto& person : room.members) offer_one(person.name.str());
  for (const auto& other : state.rooms)
    if (!is_home(other) && is_direct(other.name)) offer_one(other.name.str().substr(1));
}

void offer_arguments(const State& state, std::vector<std::string>& list, Completes kind, std::string_view word) {
  if (kind == Completes::command) offer_commands(list, word, "");
  if (kind == Completes::room || kind == Completes::rooms || kind == Completes::name_or_room)
    offer_rooms(state, list, word);
  if (kind == Completes::name || kind == Completes::name_or_room) offer_names(state, list, word, " ");
}

void put(State& state) {
  auto& completion = state.completion;
  const auto& chosen = completion.candidates[completion.chosen];
  active_room(state).input.replace(completion.from, completion.to, chosen);
  completion.to = completion.from + chosen.size();
}

void begin(State& state) {
  const auto& input = active_room(state).input;
  const auto typed = std::string_view(input.text()).substr(0, input.cursor());
  const auto from = typed.find_last_of(" \n") + 1;  // npos + 1 is the start
  state.completion = {candidates_for(state, typed.substr(0, from), typed.substr(from)), 0, from, typed.size()};
}

std::string hint_of(const Completion& completion) {
  std::string hint;
  for (const auto& candidate : completion.candidates) hint += candidate.substr(0, candidate.find_first_of(": ")) + "  ";
  return hint;
}

}  // namespace

std::vector<std::string> candidates_for(const State& state, std::string_view before, std::string_view typed) {
  std::vector<std::string> list;
  const auto word = lower(typed);  // as all are
  const bool command_line = (before.empty() ? typed : before).starts_with('/');
  const auto* command = command_line ? find_command(before.substr(0, before.find(' '))).command : nullptr;
  const bool first_argument = before.find(' ') + 1 == before.size();
  if (command_line && before.empty()) {
    offer_commands(list, word, "/");
  } else if (command != nullptr && command->completes != Completes::text &&
             (first_argument || command->completes == Completes::rooms)) {
    offer_arguments(state, list, command->completes, word);
  } else if (word.starts_with('#')) {
    offer_rooms(state, list, word);
  } else {
    offer_names(state, list, word, before.empty() ? ": " : " ");
  }
  return list;
}

void complete(State& state, bool forward) {
  auto& completion = state.completion;
  if (completion.candidates.empty()) {
    begin(state);
    if (completion.candidates.empty()) return;
  } else {
    const auto count = completion.candidates.size();
    completion.chosen = (completion.chosen + (forward ? 1 : count - 1)) % count;
  }
  put(state);
  if (completion.candidates.size() > 1) state.hint = hint_of(completion);
}

}  // namespace hubbub::tui
