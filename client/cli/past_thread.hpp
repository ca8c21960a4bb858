// One thread of a room, out of its history.
//   root --> pages of the room, oldest first --is_of_thread--> messages
// A page at a time is in memory, and the numbers of the thread's messages.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "client/cli/shell.hpp"
#include "client/link/amendments.hpp"

namespace hubbub::cli {

/// Which messages belong to the thread, told from the room's messages in their order. Pure.
class ThreadFilter {
 public:
  /// Numbers that are remembered: an answer without the header `thread` to a message beyond them isn't recognised.
  static constexpr std::size_t known_max = 1u << 20;

  explicit ThreadFilter(Seq root) : known_{root} {}
  /// REQUIRES: no earlier call had a later message.
  bool takes(const link::Message& message);

 private:
  [[nodiscard]] bool knows(Seq seq) const;
  std::vector<Seq> known_;  ///< in order
};

/// How far read_thread() came.
struct ThreadEnd {
  std::uint64_t messages = 0;
  Seq stopped_at;       ///< the first that isn't shown; zero: all were
  bool written = true;  ///< false: the output takes no more, which has been said
};

/// Gives `show` the messages of the thread that `root` begins, oldest first, with what has become of them, up to what
/// was newest when it began. Stops after `count` of them; one for which `show` returns false doesn't count.
asio::awaitable<Result<ThreadEnd>> read_thread(Shell& shell, RoomName room, Seq root, std::uint64_t count,
                                               std::function<bool(const link::Message&, const link::View&)> show);

}  // namespace hubbub::cli
