#include "server/log/sqlite/search_query.hpp"

#include <algorithm>

namespace hubbub::server::sqlite {

namespace {

/// A string of FTS5: its tokens one after the other, whatever stands between them. Quotes are doubled; FTS5 ends what
/// it is given at a NUL.
std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) out.append(c == '"' ? 2 : 1, c == '\0' ? ' ' : c);
  return out + '"';
}

std::string room_token(RoomId room) { return 'r' + std::to_string(room.value); }

std::string one(const proto::SearchWord& word) { return quoted(word.text) + (word.prefix ? " *" : ""); }

/// Those words that are (not) to be left out, with `between` in between.
std::string list(std::span<const proto::SearchWord> words, bool without, std::string_view between) {
  std::string out;
  for (const auto& word : words) {
    if (word.without != without) continue;
    if (!out.empty()) out += between;
    out += one(word);
  }
  return out;
}

std::string rooms_list(std::span<const RoomId> rooms) {
  std::string out;
  for (const auto room : rooms) out += (out.empty() ? "" : " OR ") + quoted(room_token(room));
  return out;
}

/// A name of hyphens alone has no token.
bool is_in_the_index(std::string_view name) {
  return std::ranges::any_of(name, [](char c) { return c != '-' && c != '_'; });
}

}  // namespace

std::string search_place(RoomId room, std::string_view from) { return room_token(room) + ' ' + std::string(from); }

std::string search_query(std::span<const proto::SearchWord> words, std::span<const RoomId> rooms,
                         std::string_view from) {
  // A space between two strings is AND, but leaves out a string without tokens; the word AND would find nothing then.
  auto query = "body : ((" + list(words, false, " ") + ')';
  if (const auto without = list(words, true, " OR "); !without.empty()) query += " NOT (" + without + ')';
  query += ')';
  if (!rooms.empty() && rooms.size() <= indexed_rooms_max) query += " AND place : (" + rooms_list(rooms) + ')';
  if (is_in_the_index(from)) query += " AND place : " + quoted(from);
  return query;
}

}  // namespace hubbub::server::sqlite
