#include "client/tui/apply/apply.hpp"

#include "client/tui/apply/handlers.hpp"
#include "client/tui/input/bindings.hpp"
#include "client/tui/state/amending.hpp"
#include "client/tui/state/reading.hpp"
#include "client/tui/view/scrolling.hpp"

namespace hubbub::tui {

namespace {

void on(State& state, const Key& key) { press(state, key); }

void on(State& state, const Resized& resized) {
  state.size = resized.size;
  settle_scroll(state, active_room(state));
}

void on(State& state, const Tick& tick) {
  state.now = tick.now;
  state.round_trip_us = tick.round_trip_us;
  for (auto& room : state.rooms) {
    std::erase_if(room.typing, [&](const auto& typing) { return typing.second <= tick.now; });
    expire(state, room);
  }
}

void on(State& state, const link::Incoming& incoming) {
  std::visit([&](const auto& what) { tui::on(state, what); }, incoming);
}

}  // namespace

void apply(State& state, const Event& event) {
  std::visit([&](const auto& what) { on(state, what); }, event);
  read_what_is_shown(state);
  tell_cursors(state);
}

}  // namespace hubbub::tui
