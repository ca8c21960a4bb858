// What later messages of a room mean for earlier ones: edits, redactions, reactions, pins, keys, and the end of their
// time.
//   messages of one room, in any order and repeated --take--> Amendments --view(message)--> how that one is shown
// Whoever has taken the same messages sees the same, in whichever order they came, and whether they came before or
// after the hub has erased some of them. What comes before its target waits for it.
//
// An amendment is a notice with one of the marks `edits`, `reacts`, `pins` and `redacts` (proto/marks.hpp) that names
// an earlier message, and was published as a message that has marks; with `redacts` only where the hub vouches for it,
// with `reacts` only where the body is_reaction(). Any other message is shown as the message that it is. An amendment
// doesn't count once it is redacted or erased itself, is replaced by a later message with its key, or its time is over.
// Of those that count:
//   redaction  the first says by whom and why; nothing else shows of its target then
//   edit       the newest by whoever said the target: the same name, as well known to the hub
//   reaction   per person and reaction the newest says whether it is there
//   pin        the newest says whether it is pinned
// Pure. Bounded by the constants below: beyond them what is newest stays known.
#pragma once

#include <compare>
#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "client/link/types.hpp"
#include "proto/marks.hpp"

namespace hubbub::link {

/// The largest emoji that is in use has 35 bytes; a short word has fewer.
inline constexpr std::size_t reaction_bytes_max = 40;
/// 1 to reaction_bytes_max bytes of UTF-8 without blanks and controls: `👍`, `+1`.
bool is_reaction(std::string_view text);

struct Amendment {
  proto::Amends what = proto::Amends::nothing;
  Seq target;
  bool undo = false;  ///< of a reaction or a pin
  bool operator==(const Amendment&) const = default;
};
/// Nothing for what is no amendment.
std::optional<Amendment> amendment_of(const Message& message);

/// The notice that amends so, without its body.
Outgoing amending(const RoomName& room, const Amendment& amendment);
/// The body of a pin, for programs that don't know pins.
std::string pin_words(Seq target, bool undo);

/// When its `ttl` is over; zero: never.
WallTime expiry_of(const Message& message);
/// Nobody is shown it any more, whatever else is known: its time is over, or it was erased. A redacted one is, too.
bool is_over(const Message& message, WallTime now);

/// Whoever said something, which time of all.
struct By {
  PersonName name;
  bool verified = false;
  Seq seq;
  WallTime time;
  bool operator==(const By&) const = default;
};

/// What of a message decides how it is shown.
struct Subject {
  Seq seq;
  PersonName from;
  bool verified = false;
  bool erased = false;
  bool amends = false;  ///< it is an amendment
  WallTime expires;     ///< zero: never
  std::string key;
};
Subject subject_of(const Message& message);

enum class Standing : std::uint8_t {
  shown,
  redacted,   ///< a line in its place says so
  amendment,  ///< shown at its target
  gone,       ///< not shown at all
};

struct Reaction {
  std::string what;
  std::vector<By> people;  ///< in the order in which they came to it; never empty
  bool operator==(const Reaction&) const = default;
};

/// How a message is shown. All but `standing`, `redacted` and `reason` only where it is shown.
struct View {
  Standing standing = Standing::shown;
  std::optional<By> edited;         ///< by the message that says so
  std::string text;                 ///< with `edited`: the body from then on
  std::vector<Reaction> reactions;  ///< in the order of their first use
  std::optional<By> pinned;
  std::optional<By> redacted;
  std::string reason;  ///< with `redacted`; may be empty
  bool operator==(const View&) const = default;
};

class Amendments {
 public:
  /// Of each message: reactions and pins that are known, edits by each person, people with edits, redactions.
  static constexpr std::size_t reactions_max = 1000, pins_max = 16, edits_max = 4, editors_max = 64, redactions_max = 4;
  static constexpr std::size_t keys_bytes_max = 8u << 20;  ///< about 40,000 short ones: those that were used last
  static constexpr std::size_t erased_max = 65536;         ///< messages that are known to be: the newest
  /// Of all amendments: beyond that those of the oldest targets are forgotten, which a page of history brings again.
  static constexpr std::size_t bytes_by_default = 32u << 20;

  explicit Amendments(std::size_t bytes_max = bytes_by_default) : bytes_max_(bytes_max) {}

  /// Any message of the room. Returns those others whose view may be another now.
  std::vector<Seq> take(const Message& message);
  [[nodiscard]] View view(const Subject& subject, WallTime now) const;
  [[nodiscard]] View view(const Message& message, WallTime now) const { return view(subject_of(message), now); }

  /// Forgets amendments whose time is over. Returns the messages that they were about.
  std::vector<Seq> expire(WallTime now);
  /// When expire() has something to do again; zero: never.
  [[nodiscard]] WallTime next_expiry() const { return expiring_.empty() ? WallTime{} : expiring_.begin()->first; }
  /// Forgets what is about messages before that one.
  void forget_before(Seq seq);
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

 private:
  struct Kept {
    By by;
    WallTime expires;
    std::string key;
    bool undo = false;
    std::string body;
  };
  using List = std::map<Seq, Kept>;
  struct About {
    List edits, reactions, pins, redactions;
    List& of(proto::Amends what);
  };

  void keep(const Amendment& amendment, const Message& message, const Subject& subject);
  void drop(List& list, List::iterator kept);
  void bound(About& about, proto::Amends what);
  void bound_edits(List& edits);
  void forget(std::map<Seq, About>::iterator about);
  void note_key(const std::string& key, Seq seq, std::vector<Seq>& affected);
  void forget_oldest_key();
  void note_over(Seq seq, std::vector<Seq>& affected) const;
  [[nodiscard]] bool counts(const Kept& kept, WallTime now) const;
  [[nodiscard]] bool is_replaced(const std::string& key, Seq seq) const;
  [[nodiscard]] bool is_redacted(Seq seq) const;
  void add_reactions(const List& list, WallTime now, View& view) const;

  std::size_t bytes_max_;
  std::size_t bytes_ = 0;
  std::map<Seq, About> about_;                   ///< by target
  std::map<Seq, Seq> target_of_;                 ///< by amendment
  std::set<std::pair<WallTime, Seq>> expiring_;  ///< amendments
  std::unordered_map<std::string, Seq> newest_of_key_;
  std::map<Seq, std::string> keys_;  ///< the other way round
  std::size_t keys_bytes_ = 0;
  std::set<Seq> erased_;
};

/// The message as the view shows it: with its newest text, or without any.
Message shown_as(Message message, const View& view);

}  // namespace hubbub::link
