// The beginnings of what was said lately, for replies to show what they answer.
//   messages --note--> the newest of all rooms --beginning--> `~alice: shall we deploy…`
// Pure; bounded.
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <unordered_map>

#include "client/link/types.hpp"

namespace hubbub::cli {

class Said {
 public:
  static constexpr std::size_t kept_max = 2000;   ///< messages
  static constexpr std::size_t shown_bytes = 40;  ///< of what was said

  /// Of each room the newest of that seq counts.
  void note(const link::Message& message);
  /// Harmless, in one line; empty if the message isn't known.
  [[nodiscard]] std::string beginning(const RoomName& room, Seq seq) const;

 private:
  static std::string key(const RoomName& room, Seq seq) { return room.str() + ' ' + std::to_string(seq.value); }

  std::unordered_map<std::string, std::string> beginnings_;
  std::deque<std::string> order_;  ///< the oldest first
};

}  // namespace hubbub::cli
