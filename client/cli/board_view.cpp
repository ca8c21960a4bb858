#include "client/cli/board_view.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <nlohmann/json.hpp>

#include "client/cli/columns.hpp"
#include "common/duration.hpp"
#include "common/escape.hpp"
#include "common/time_text.hpp"
#include "proto/messages/presence.hpp"

namespace hubbub::cli {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::array<std::string_view, 3> connections = {"offline", "connecting", "online"};

/// A number that a damaged page has may mean nothing.
template <std::size_t Size>
std::string word(const std::array<std::string_view, Size>& words, std::uint32_t at) {
  return std::string(at < Size ? words[at] : "unknown");
}

std::string connection_of(const BoardState& state) { return word(connections, state.summary.connection); }
bool is_online(const BoardState& state) { return state.summary.connection == 2; }
std::string presence_of(const hubbub_person& person) { return word(proto::presence_names, person.presence); }
bool is_here(const hubbub_person& person) { return person.presence != 0; }

std::string shown(const hubbub_room& room) { return (room.direct != 0 ? "" : "#") + escape_for_terminal(room.name); }
std::string shown(const hubbub_person& person) {
  return (person.verified != 0 ? "" : "~") + escape_for_terminal(person.name);
}

std::string count_of(std::uint64_t count, const char* one, const char* many) {
  return std::to_string(count) + " " + (count == 1 ? one : many);
}

/// "3 unread, 1 mention"; empty for nothing.
std::string counts(std::uint64_t unread, std::uint64_t mentions) {
  std::string text;
  if (unread > 0) text = std::to_string(unread) + " unread";
  if (mentions > 0) text.append(text.empty() ? "" : ", ").append(count_of(mentions, "mention", "mentions"));
  return text;
}

/// "online at tcp://127.0.0.1:4848 as carol; 3 unread".
std::string headline(const BoardState& state) {
  const auto& summary = state.summary;
  auto text = connection_of(state);
  if (summary.hub[0] != 0) text += (is_online(state) ? " at " : ", of ") + escape_for_terminal(summary.hub);
  if (summary.own_name[0] != 0) text += " as " + escape_for_terminal(summary.own_name);
  const auto unread = counts(summary.unread, summary.mentions);
  return text + (unread.empty() ? "" : "; " + unread);
}

std::string idle_of(const hubbub_person& person, WallTime now) {
  if (!is_here(person) || person.idle_since == 0) return "-";
  return show_age(std::chrono::nanoseconds(now.ns > person.idle_since ? now.ns - person.idle_since : 0));
}

std::string room_table(const BoardState& state, bool all) {
  Columns columns;
  columns.add({"ROOM", "UNREAD", "MENTIONS"});
  bool any = false;
  for (const auto& room : state.rooms) {
    if (!all && room.unread == 0 && room.mentions == 0) continue;
    any = true;
    columns.add({shown(room), std::to_string(room.unread), std::to_string(room.mentions)});
  }
  return any ? "\n" + columns.str() : "";
}

std::string people_table(const BoardState& state, WallTime now, bool all) {
  Columns columns;
  columns.add({"NAME", "STATUS", "IDLE", "AWAY"});
  bool any = false;
  for (const auto& person : state.people) {
    if (!all && !is_here(person)) continue;
    any = true;
    columns.add({shown(person), presence_of(person), idle_of(person, now), escape_for_terminal(person.away)});
  }
  return any ? "\n" + columns.str() : "";
}

std::string left_out(const BoardState& state) {
  std::string text;
  const auto& summary = state.summary;
  if (summary.rooms_left_out > 0) text += count_of(summary.rooms_left_out, "room", "rooms");
  if (summary.people_left_out > 0)
    text.append(text.empty() ? "" : " and ").append(count_of(summary.people_left_out, "person", "people"));
  return text.empty() ? "" : "\n" + text + " more than fit on the board\n";
}

/// In ASCII, so that nothing in it can move a terminal.
std::string line_of(const Json& json) { return json.dump(-1, ' ', true, Json::error_handler_t::replace) + "\n"; }

Json json_of(const hubbub_person& person) {
  const WallTime idle{person.idle_since};
  return {{"name", person.name},
          {"verified", person.verified != 0},
          {"presence", presence_of(person)},
          {"away", person.away},
          {"idle_since", idle.ns == 0 ? Json(nullptr) : Json(rfc3339(idle, 9))}};
}

Json json_of(const hubbub_room& room) {
  return {{"room", room.name},
          {"direct", room.direct != 0},
          {"unread", room.unread},
          {"mentions", room.mentions},
          {"last", room.last}};
}

template <class Record>
Json list_of(const std::vector<Record>& records) {
  auto list = Json::array();
  for (const auto& record : records) list.push_back(json_of(record));
  return list;
}

/// Waybar reads text and tooltip as Pango markup.
std::string pango(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else
      out += c;
  }
  return out;
}

std::string tooltip_of(const BoardState& state) {
  auto text = headline(state);
  for (const auto& room : state.rooms)
    if (const auto unread = counts(room.unread, room.mentions); !unread.empty())
      text += "\n" + shown(room) + ": " + unread;
  for (const auto& person : state.people)
    if (is_here(person)) text += "\n" + shown(person) + " is " + presence_of(person);
  return text;
}

std::string class_of(const BoardState& state) {
  if (!is_online(state)) return connection_of(state);
  if (state.summary.mentions > 0) return "mention";
  return state.summary.unread > 0 ? "unread" : "read";
}

std::string waybar(const std::string& text, std::string_view tooltip, const std::string& kind) {
  return line_of({{"text", text}, {"tooltip", pango(tooltip)}, {"class", kind}, {"alt", kind}});
}

}  // namespace

std::optional<BoardState> only(const BoardState& state, std::string_view what) {
  BoardState less{state.summary, state.agent_pid, {}, {}};
  std::ranges::copy_if(state.rooms, std::back_inserter(less.rooms),
                       [&](const auto& room) { return room.name == what; });
  if (what.starts_with('@'))
    std::ranges::copy_if(state.people, std::back_inserter(less.people),
                         [&](const auto& person) { return person.name == what.substr(1); });
  if (less.rooms.empty() && less.people.empty()) return std::nullopt;
  auto& summary = less.summary;
  summary.unread = summary.mentions = summary.rooms_left_out = summary.people_left_out = 0;
  for (const auto& room : less.rooms) {
    summary.unread += room.unread;
    summary.mentions += room.mentions;
  }
  return less;
}

std::string board_table(const BoardState& state, WallTime now, bool all) {
  return headline(state) + "\n" + room_table(state, all) + people_table(state, now, all) + left_out(state);
}

std::string board_json(const BoardState& state) {
  const auto& summary = state.summary;
  return line_of({{"hub", summary.hub},
                  {"connection", connection_of(state)},
                  {"name", summary.own_name},
                  {"agent", {{"pid", state.agent_pid}}},
                  {"unread", summary.unread},
                  {"mentions", summary.mentions},
                  {"rooms", list_of(state.rooms)},
                  {"people", list_of(state.people)},
                  {"rooms_left_out", summary.rooms_left_out},
                  {"people_left_out", summary.people_left_out}});
}

std::string board_waybar(const BoardState& state) {
  const auto unread = state.summary.unread;
  return waybar(unread == 0 ? "" : std::to_string(unread), tooltip_of(state), class_of(state));
}

std::string board_tmux(const BoardState& state) {
  auto text = is_online(state) ? "" : connection_of(state);
  const auto unread = counts(state.summary.unread, state.summary.mentions);
  return text + (text.empty() || unread.empty() ? "" : ", ") + unread + "\n";
}

std::string board_json_gone(std::string_view why) { return line_of({{"agent", nullptr}, {"problem", why}}); }

std::string board_waybar_gone(std::string_view why) { return waybar("", why, "gone"); }

}  // namespace hubbub::cli
