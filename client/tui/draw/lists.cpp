// The room list on the left and the member list on the right.
#include <algorithm>
#include <string>
#include <vector>

#include "client/tui/draw/parts.hpp"
#include "client/tui/text/cells.hpp"
#include "client/tui/view/theme.hpp"

namespace hubbub::tui {

namespace {

// "2 #ci.main      3!": number, name, unread; the counts keep their place when the name is too long.
Run room_row(const State& state, std::size_t index, int width) {
  const auto& room = state.rooms[index];
  auto style = theme::plain;
  if (room.mentions > 0)
    style = theme::mention;
  else if (room.unread > 0)
    style = theme::bold;
  else if (!room.joined)
    style = theme::dim;
  style.reverse = index == state.active;
  Run count;
  if (room.unread > 0) append(count, " " + std::to_string(room.unread) + (room.mentions > 0 ? "!" : ""), style);
  Run row = cells_of(std::to_string(index) + " ", style);
  append(row, display(room.name), style);
  row = shorten(row, width - width_of(count));
  while (width_of(row) + width_of(count) < width) row.push_back({" ", 1, style});
  append(row, count);
  return row;
}

// Whoever is offline comes last.
std::vector<const proto::Person*> in_order(const std::vector<proto::Person>& members) {
  std::vector<const proto::Person*> order;
  for (const bool here : {true, false})
    for (const auto& person : members)
      if ((person.presence != proto::Presence::offline) == here) order.push_back(&person);
  return order;
}

// The first of `count` rows that is shown so that row `active` is in view.
std::size_t first_shown(std::size_t count, std::size_t active, std::size_t height) {
  if (count <= height || active < height / 2) return 0;
  return std::min(active - height / 2, count - height);
}

std::string presence_mark(const proto::Person& person) {
  switch (person.presence) {
    case proto::Presence::online: return " ";
    case proto::Presence::away: return "z";
    default: return "-";
  }
}

Run member_row(const State& state, const Room& room, const proto::Person& person, int width) {
  auto style = theme::of_name(person.name.str(), state.config.colours);
  style.dim = person.presence != proto::Presence::online;
  style.bold = person.name == state.self;
  Run row = cells_of(presence_mark(person), style);
  append(row, (person.verified ? "" : "~") + person.name.str(), style);
  if (room.typing.contains(person.name.str())) append(row, " …", theme::dim);
  return shorten(row, width);
}

}  // namespace

void draw_rooms(Screen& screen, const State& state, const Layout& layout) {
  const auto height = static_cast<std::size_t>(layout.height());
  const auto count = state.rooms.size() - 1;
  const auto first = first_shown(count, state.active == 0 ? 0 : state.active - 1, height);
  for (std::size_t i = first; i < count && i - first < height; ++i)
    screen.put(layout.top + static_cast<int>(i - first), layout.rooms.left, layout.rooms.end,
               room_row(state, i + 1, layout.rooms.width()));
}

void draw_members(Screen& screen, const State& state, const Layout& layout) {
  const auto& room = active_room(state);
  const auto order = in_order(room.members);
  const auto shown = std::min<std::size_t>(order.size(), static_cast<std::size_t>(layout.height()));
  const bool cut = shown < order.size();
  for (std::size_t i = 0; i < shown; ++i) {
    const bool last = cut && i + 1 == shown;
    const auto row = last ? cells_of(" and " + std::to_string(order.size() - i) + " more", theme::dim)
                          : member_row(state, room, *order[i], layout.members.width());
    screen.put(layout.top + static_cast<int>(i), layout.members.left, layout.members.end, row);
  }
}

}  // namespace hubbub::tui
