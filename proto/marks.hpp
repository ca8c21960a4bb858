// Marks: headers that mean something to the hub and to whoever shows messages. A message that has one is published with
// flags::marked, so that the hub looks for them only where there are any.
//   ttl: MS        it expires so many milliseconds after its time, and is erased then
//   key: KEY       it takes the place of the room's last message with that key, which is erased
//   edits: SEQ     the body is what message SEQ says from now on; counts if both are of the same person
//   reacts: SEQ    the body is a reaction to message SEQ                   } with `undo: 1` it is taken back
//   pins: SEQ      message SEQ is worth keeping in sight                   }
//   redacts: SEQ   message SEQ was taken back, and is erased. Only with flags::by_hub (see RoomRedact)
// The last four are amendments: about an earlier message of the same room. Who doesn't know them sees a notice. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "proto/messages/stream.hpp"

namespace hubbub::proto {

enum class Amends : std::uint8_t { nothing = 0, edit = 1, reaction = 2, pin = 3, redaction = 4 };

/// The header of each of Amends, by its number.
inline constexpr std::array<std::string_view, 5> amends_headers = {"", "edits", "reacts", "pins", "redacts"};
inline constexpr std::string_view redacts_header = amends_headers[static_cast<std::size_t>(Amends::redaction)];
inline constexpr std::string_view ttl_header = "ttl";
inline constexpr std::string_view key_header = "key";
inline constexpr std::string_view undo_header = "undo";

/// Ten years.
inline constexpr std::uint64_t ttl_ms_max = 10ULL * 366 * 24 * 3600 * 1000;
/// As a room name and a person's together, and then some: it is an index's key.
inline constexpr std::size_t key_bytes_max = 256;

/// What a message's headers mean. Borrows from them.
struct Marks {
  std::uint64_t ttl_ms = 0;  ///< zero: it stays
  std::string_view key;      ///< empty: it replaces nothing
  Amends amends = Amends::nothing;
  Seq target = {};    ///< with `amends`
  bool undo = false;  ///< with a reaction or a pin
  [[nodiscard]] bool any() const { return ttl_ms != 0 || !key.empty() || amends != Amends::nothing; }
  bool operator==(const Marks&) const = default;
};

/// True if a header of this key is a mark by itself; `undo` is none.
bool is_mark(std::string_view key);

/// The marks among headers as on the wire, without their leading size, which are well-formed. Nothing if one of them
/// says nothing that it can mean: `ttl: soon`, or two amendments at once.
std::optional<Marks> read_marks(std::string_view headers);
std::optional<Marks> read_marks(const Headers& headers);

/// What a reaction or a pin says is short: it is shown beside the message, and comes with each page that has that.
inline constexpr std::size_t reaction_bytes_max = 1024;

/// Fails with a sentence where a client may not say what these headers mean: they mean nothing, a redaction, which is
/// the hub's to say, or a reaction or a pin with a long body.
Result<void> check_marks(std::string_view headers, std::size_t body_bytes);

}  // namespace hubbub::proto
