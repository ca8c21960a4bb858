// The beginnings of what was said lately, for replies to show what they answer.
//   messages --note--> the newest of all rooms --beginning--> `~alice: shall we deploy…`
//   amendments --amend--> the newest text, or none any more
// Pure; bounded.
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <unordered_map>

#include "client/link/amendments.hpp"

namespace hubbub::cli {

class Said {
 public:
  static constexpr std::size_t kept_max = 2000;   ///< messages
  static constexpr std::size_t shown_bytes = 40;  ///< of what was said

  /// Of each room the newest of that seq counts.
  void note(const link::Message& message);
  /// An edit by whoever said it, or a redaction.
  void amend(const link::Message& message, const link::Amendment& amendment);
  /// Harmless, in one line; empty if the message isn't known, or was redacted.
  [[nodiscard]] std::string beginning(const RoomName& room, Seq seq) const;

 private:
  static std::string key(const RoomName& room, Seq seq) { return room.str() + ' ' + std::to_string(seq.value); }

  struct Beginning {
    std::string author;  ///< as it is shown
    std::string text;    ///< empty once redacted
  };
  std::unordered_map<std::string, Beginning> beginnings_;
  std::deque<std::string> order_;  ///< the oldest first
};

}  // namespace hubbub::cli
