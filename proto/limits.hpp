// Every bound of the wire, with its reason. What only the hub decides stands in server/limits.hpp.
#pragma once

#include <cstddef>
#include <cstdint>

namespace hubbub::limits {

/// A frame's payload. Two read buffers' worth; large enough for a history page, small enough to hold a partial one for
/// every session of a busy hub.
inline constexpr std::size_t frame_bytes_max = 1u << 20;

/// The payload of a frame from a peer that hasn't said who it is yet: a Hello and nothing larger.
inline constexpr std::size_t handshake_frame_bytes_max = 4096;

/// What a message carries. The rest of the frame is left for its headers, sender and place.
inline constexpr std::size_t body_bytes_max = frame_bytes_max - 16384;

/// All headers of one message together, their lengths included.
inline constexpr std::size_t headers_bytes_max = 8192;
inline constexpr std::size_t headers_max = 32;
inline constexpr std::size_t header_key_bytes_max = 64;

/// Rooms and patterns: as in DNS names, and one byte of length on the wire.
inline constexpr std::size_t room_name_bytes_max = 128;
inline constexpr std::size_t person_name_bytes_max = 32;
inline constexpr std::size_t group_name_bytes_max = 64;
inline constexpr std::size_t method_name_bytes_max = 64;

/// One line on a wide terminal, several times over.
inline constexpr std::size_t topic_bytes_max = 512;
inline constexpr std::size_t away_bytes_max = 256;

/// Any other text in a message: a program's name, an error's sentence.
inline constexpr std::size_t text_bytes_max = 1024;

/// Elements of any list in a message, so that a small frame can't ask for a large allocation.
inline constexpr std::size_t list_items_max = 4096;

/// Messages in one page of history, and their bytes together.
inline constexpr std::size_t history_page_messages_max = 512;
inline constexpr std::size_t history_page_bytes_max = frame_bytes_max - 4096;

/// What a list of messages that are to be posted later shows of each.
inline constexpr std::size_t later_shown_bytes_max = 1024;

/// What was said about the messages of a page of history, at most, so that there is a place for the messages.
inline constexpr std::size_t amendments_bytes_max = 256 * 1024;

/// Words in one search. Each is a walk through the index.
inline constexpr std::size_t search_words_max = 32;

static_assert(body_bytes_max + headers_bytes_max + person_name_bytes_max + 64 <= frame_bytes_max,
              "the largest message fits into a frame");
static_assert(body_bytes_max + headers_bytes_max + 64 <= history_page_bytes_max,
              "a page of history holds at least one message of any size");
static_assert(frame_bytes_max < (1u << 24), "the size of a frame has three bytes");
static_assert(history_page_messages_max <= list_items_max, "a page of history is a list");

}  // namespace hubbub::limits
