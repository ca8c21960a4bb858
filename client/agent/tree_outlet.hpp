// What the FIFO tree needs from the agent, and what it may cost.
#pragma once

#include <chrono>
#include <cstddef>
#include <string_view>

#include "proto/limits.hpp"
#include "proto/text.hpp"

namespace hubbub::agent {

class TreeOutlet {
 public:
  virtual ~TreeOutlet() = default;
  /// A line that somebody wrote into `in`: any bytes but a newline, perhaps none. True: accepted. False: not now; the
  /// same comes again after FifoTree::go_on(), and until then the writers of this room wait. An error: never; it is
  /// noted in the room's `errors`. May not join or leave rooms.
  virtual Result<bool> say(const RoomName& room, std::string_view body) = 0;
};

/// A room costs at most: line_bytes_max and a pipe of memory for `in`, twice feed_bytes_max for `feed`, and twice
/// out_bytes_max of the folder, which usually is memory too (tmpfs), for `out`.
struct TreeLimits {
  std::size_t line_bytes_max = limits::body_bytes_max;  ///< of `in`
  std::size_t out_line_bytes_max = 64 * 1024;           ///< a longer one is cut: `out` is for looking at
  std::size_t out_bytes_max = 256 * 1024;               ///< then it is rotated: some thousand messages
  std::size_t errors_bytes_max = 16 * 1024;
  std::size_t feed_bytes_max = 64 * 1024;            ///< lines that wait for a reader
  std::size_t notes_a_second_max = 10;               ///< in a room's `errors`; others are counted
  std::chrono::milliseconds unfinished_max{10'000};  ///< a line without newline, while others have `in` open
  std::chrono::milliseconds look_every{10'000};      ///< for what inotify didn't tell
};

static_assert(TreeLimits().out_line_bytes_max < TreeLimits().out_bytes_max, "out holds several lines");

}  // namespace hubbub::agent
