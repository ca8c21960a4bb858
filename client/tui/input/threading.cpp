#include "client/tui/input/threading.hpp"

#include <algorithm>
#include <string>
#include <tuple>
#include <utility>

#include "client/tui/state/reading.hpp"
#include "client/tui/state/threads.hpp"
#include "client/tui/view/scrolling.hpp"

namespace hubbub::tui {

namespace {

// As many messages after it as before it.
void ask_for(State& state, Room& room, Seq seq) {
  if (seq > room.last)
    return trouble(state, room,
                   display(room.name) + " has no message " + std::to_string(seq.value) + " yet: its newest is " +
                       std::to_string(room.last.value));
  effect(state, AskHistory{room.name, Seq{seq.value + history_page / 2}, room.life, history_page, seq, true});
}

void open(State& state, Room& room, Position root) {
  if (room.thread && room.thread->root == root) return;
  close_thread(state, room);
  room.thread = OpenThread{root, {}, std::exchange(room.input, {}), EntryId{state.last_id}};
  room.history = {};
  if (&room == &active_room(state)) {
    room.line.reset();
    state.completion = {};
    state.selecting.reset();
    state.hint = "what you type answers message " + std::to_string(root.seq.value) + "; Esc closes the thread";
  }
  fetch_thread(state, room);
}

// The hub has lost the first message; its answers may be here.
void open_without_first(State& state, Room& room, Seq root) {
  open(state, room, {room.life, root});
  if (Shown(room).size() == 0) close_thread(state, room);
  trouble(state, room, "the hub no longer has message " + std::to_string(root.value));
}

}  // namespace

void show_thread(State& state, Room& room, Seq seq, bool fetched) {
  const auto index = room.find_message(seq);
  if (!index && fetched) return open_without_first(state, room, seq);
  if (!index) return ask_for(state, room, seq);
  const auto root = Threads(room).root_of(*index);
  const auto& reply = room.entries[*index].reply;
  if (!root && reply) return show_thread(state, room, reply->root);  // which comes before it
  open(state, room, position_of(room, root.value_or(*index)));
  if (root && &room == &active_room(state)) scroll_to(state, room, *index);
}

bool show_newest_thread(State& state, Room& room) {
  std::tuple<bool, std::size_t, std::size_t> newest;
  const Threads threads(room);
  for (const auto& [root, answers] : threads.all()) {
    if (room.entries[root].life != room.life) continue;
    const bool has_news = news_of(room, threads, root, state.self.str()).answers > 0;
    newest = std::max(newest, {has_news, answers.back(), root});
  }
  if (std::get<1>(newest) == 0) return false;
  open(state, room, room.entries[std::get<2>(newest)].position());
  return true;
}

void close_thread(State& state, Room& room) {
  if (!room.thread) return;
  state.hint.clear();
  if (!room.input.empty()) {
    state.kill = {room.input.take()};
    state.hint = "Ctrl+Y puts in what you were typing there";
  }
  room.input = std::move(room.thread->line_of_room);
  room.history = {};
  room.thread.reset();
  state.selecting.reset();
  recount_unread(state, room);
  if (&room == &active_room(state) && room.unread > 0) room.line = room.read;
}

std::optional<link::Reply> answered_in_view(const Room& room) {
  if (!room.thread) return std::nullopt;
  return link::reply_to(room.thread->root.seq, std::nullopt);
}

}  // namespace hubbub::tui
