// The topic line above and the status line below.
#include <fmt/format.h>

#include <string>

#include "client/tui/draw/parts.hpp"
#include "client/tui/state/threads.hpp"
#include "client/tui/text/cells.hpp"
#include "client/tui/view/theme.hpp"

namespace hubbub::tui {

namespace {

struct ConnectionText {
  const State& state;

  std::string operator()(const Connecting&) const { return "connecting to " + state.config.hub; }
  std::string operator()(const Connected&) const {
    if (!state.round_trip_us) return "online";
    return fmt::format("online {:.1f} ms", static_cast<double>(*state.round_trip_us) / 1000);
  }
  std::string operator()(const Waiting& waiting) const {
    const auto left =
        waiting.retry_at > state.now ? (waiting.retry_at.ns - state.now.ns + 999'999'999) / 1'000'000'000 : 0;
    const auto when = left == 0 ? "connecting" : fmt::format("again in {} s", left);
    return fmt::format("OFFLINE, {}: {}", when, waiting.why);
  }
  std::string operator()(const Ended& ended) const { return "ENDED: " + ended.why.sentence; }
};

std::string typing_text(const Room& room) {
  if (room.typing.empty()) return {};
  if (room.typing.size() > 3) return std::to_string(room.typing.size()) + " are typing…";
  std::string names;
  for (const auto& [name, until] : room.typing) names += (names.empty() ? "" : ", ") + room.signed_name(name);
  return names + (room.typing.size() == 1 ? " is typing…" : " are typing…");
}

// Where there is no room list: which rooms have something new.
std::string active_rooms_text(const State& state, const Layout& layout) {
  std::string text;
  if (layout.rooms.width() > 0) return text;
  for (std::size_t i = 1; i < state.rooms.size(); ++i)
    if (state.rooms[i].unread > 0)
      text += (text.empty() ? "act " : ",") + std::to_string(i) + (state.rooms[i].mentions > 0 ? "!" : "");
  return text;
}

std::string signed_self(const State& state) {
  if (state.self.empty()) return {};
  const auto* me = active_room(state).member(state.self.str());
  const bool away = me != nullptr && me->presence == proto::Presence::away;
  return (state.verified ? "" : "~") + state.self.str() + (away ? " (away)" : "");
}

std::string new_below_text(const Room& room) {
  const auto& scroll = room.view();
  if (scroll.following) return {};
  return scroll.new_below == 0 ? "scrolled back" : fmt::format("{} new below", scroll.new_below);
}

std::string new_answers_text(const State& state, const Room& room) {
  const auto news = news_of(room, state.self.str());
  if (news.answers == 0) return {};
  return fmt::format("{} new {}{}: /thread", news.answers, news.answers == 1 ? "reply" : "replies",
                     news.mentions > 0 ? "!" : "");
}

// What can't be seen of the room while a thread is in its place.
std::string room_behind_text(const Room& room) {
  if (!room.thread || room.unread == 0) return {};
  return fmt::format("{} new in {}{}", room.unread, display(room.name), room.mentions > 0 ? "!" : "");
}

std::string thread_text(const Room& room) {
  const Shown shown(room);
  std::size_t answers = 0;
  for (std::size_t at = 0; at < shown.size(); ++at) answers += shown.item(at).reply.has_value();
  return fmt::format("thread {}, {} {}  Esc closes", room.thread->root.seq.value, answers,
                     answers == 1 ? "reply" : "replies");
}

void add(Run& run, const std::string& text, const Style& style) {
  if (!text.empty()) append(run, " " + text + " ", style);
}

// The most urgent first, since a narrow screen cuts the end.
Run status_run(const State& state, const Layout& layout) {
  const auto& room = active_room(state);
  Run run;
  if (!state.hint.empty()) {
    add(run, state.hint, Style{.bold = true, .reverse = true});
    return run;
  }
  const bool online = std::holds_alternative<Connected>(state.connection);
  const auto connection = std::visit(ConnectionText{state}, state.connection);
  if (!online) add(run, connection, Style{.fg = 1, .bold = true, .reverse = true});
  add(run, new_below_text(room), Style{.bold = true, .reverse = true});
  add(run, active_rooms_text(state, layout), Style{.bold = true, .reverse = true});
  add(run, room_behind_text(room), Style{.bold = true, .reverse = true});
  add(run, new_answers_text(state, room), Style{.bold = true, .reverse = true});
  add(run, typing_text(room), theme::bar);
  add(run, signed_self(state), theme::bar);
  if (online) add(run, connection, theme::bar);
  return run;
}

}  // namespace

void draw_topic(Screen& screen, const State& state, const Layout& layout) {
  const auto& room = active_room(state);
  const int width = screen.size().columns;
  Run run = cells_of(" ", theme::bar);
  if (is_home(room)) {
    append(run, "hubbub  " + state.config.hub + "  /join ROOM, /list, /help", theme::bar);
  } else {
    append(run, display(room.name), Style{.bold = true, .reverse = true});
    if (room.thread)
      append(run, "  " + thread_text(room), theme::bar);
    else if (!room.topic.empty())
      append(run, "  " + room.topic.str(), theme::bar);
  }
  screen.fill(layout.topic_row, 0, width, theme::bar);
  screen.put(layout.topic_row, 0, width, shorten(run, width));
}

void draw_status(Screen& screen, const State& state, const Layout& layout) {
  const int width = screen.size().columns;
  screen.fill(layout.status_row, 0, width, theme::bar);
  screen.put(layout.status_row, 0, width, shorten(status_run(state, layout), width));
}

}  // namespace hubbub::tui
