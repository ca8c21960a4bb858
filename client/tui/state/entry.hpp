// One thing that a room shows: a message, or a note that the client itself puts there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "client/link/amendments.hpp"
#include "client/link/replies.hpp"
#include "proto/ids.hpp"
#include "proto/messages/stream.hpp"

namespace hubbub::tui {

/// Given out by State, counting up, never used again: a place in a room that stays when others come before it.
struct EntryId {
  std::uint64_t value = 0;
  auto operator<=>(const EntryId&) const = default;
};

/// A message's place among all that its room says, over the room's lives.
struct Position {
  unsigned life = 0;  ///< see Room::life
  Seq seq;
  auto operator<=>(const Position&) const = default;
};

enum class EntryKind : std::uint8_t {
  text,
  action,
  notice,
  data,
  note,     ///< told by the client: somebody joined, the answer to a command
  trouble,  ///< told by the client: something did not work
};

enum class Fate : std::uint8_t {
  told,     ///< it stands in the room
  sending,  ///< typed here, not acknowledged yet
  failed,   ///< typed here, refused by the hub; `failure` says why
};

/// How many have reacted so, whoever types here among them.
struct ReactionCount {
  std::string what;
  std::size_t people = 0;
  bool own = false;
};

/// What an edited message said at first.
struct FirstText {
  std::string text;
  bool is_json = false;
  std::size_t bytes_left_out = 0;
};

struct Entry {
  EntryId id;
  EntryKind kind = EntryKind::text;
  Fate fate = Fate::told;
  unsigned life = 0;  ///< seqs count anew in each life of a room; see Room::life
  Seq seq;            ///< zero: not a message of the room (or not yet)
  WallTime time;
  std::string from;  ///< empty for the client's own notes
  bool verified = false;
  std::string via;       ///< the program that said it, where it wasn't typed
  bool mention = false;  ///< it names the person at this terminal
  std::string text;
  bool is_json = false;            ///< by its content type, and it is
  std::size_t bytes_left_out = 0;  ///< of a text that was longer
  std::string failure;
  std::optional<link::Reply> reply;  ///< what it answers

  // What has become of it, see state/amending.hpp.
  link::Subject subject;
  link::Standing standing = link::Standing::shown;
  std::optional<FirstText> first_text;  ///< it was edited: `text` is the newest
  std::string redacted;                 ///< the line in its place, where it stands redacted
  std::string pinned_by;                ///< empty: by nobody
  std::vector<ReactionCount> reactions;

  [[nodiscard]] bool is_numbered() const { return seq.value > 0; }
  /// It has rows of its own.
  [[nodiscard]] bool is_shown() const {
    return standing == link::Standing::shown || standing == link::Standing::redacted;
  }
  [[nodiscard]] Position position() const { return {life, seq}; }  ///< REQUIRES: is_numbered()
};

/// Bytes of one message that are kept and shown. A message may be a megabyte, and hostile; a screen is a few kilobytes.
inline constexpr std::size_t shown_bytes_max = 16384;

/// Gives the entry its text: the beginning of one that is too long, and in place of bytes that are no text how many
/// they are.
void put_text(Entry& entry, std::string_view text);

inline EntryKind entry_kind(proto::Kind kind) {
  switch (kind) {
    case proto::Kind::text: return EntryKind::text;
    case proto::Kind::action: return EntryKind::action;
    case proto::Kind::notice: return EntryKind::notice;
    default: return EntryKind::data;  // also a newer version's kinds: bytes of which nothing is known here
  }
}

}  // namespace hubbub::tui
