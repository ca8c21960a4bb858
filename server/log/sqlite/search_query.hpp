// What is searched for, in the language of FTS5.
//   words, rooms, sender --> body : (("out of memory" "fail" *) NOT ("test")) AND place : ("r17" OR "r18") AND …
// Every word is quoted, so nothing that was typed is syntax. Pure.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "proto/ids.hpp"
#include "proto/search_words.hpp"

namespace hubbub::server::sqlite {

/// More rooms than this aren't looked up in the index: to merge their lists would cost more than to look at what was
/// found.
inline constexpr std::size_t indexed_rooms_max = 8;

/// What the column `place` of a message says: its room, and who sent it.
std::string search_place(RoomId room, std::string_view from);

/// A MATCH expression over the columns `body` and `place`. What it finds contains the words; that it is from one of
/// these rooms and that sender is to be checked: `rooms` may be too many for the index, names may be similar. Where the
/// words turn out to have no letters (which is for the index to say), it finds nothing.
std::string search_query(std::span<const proto::SearchWord> words, std::span<const RoomId> rooms,
                         std::string_view from);

}  // namespace hubbub::server::sqlite
