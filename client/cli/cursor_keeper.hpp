// Keeps at the hub how far a durable consumer has read: what `sub --durable` does after it has written.
//   written(room, seq) --flushed()--> due --keep()--> cursor.set at the hub, every 200 ms or 1,000 messages
// A message counts as read only once it was written and flushed: who is killed in between gets it again.
#pragma once

#include <unordered_map>

#include "client/cli/shell.hpp"

namespace hubbub::cli {

class CursorKeeper {
 public:
  /// REQUIRES: `shell` outlives it.
  CursorKeeper(Shell& shell, ConsumerName consumer);

  /// Up to and with `seq` all of the room has been handed to the output.
  void written(const RoomName& room, Seq seq);
  /// And what was handed to it is out.
  void flushed();
  /// The last time: tells the hub what is due, for no longer than `patience`, and a person what it couldn't.
  asio::awaitable<void> finish(std::chrono::milliseconds patience);

 private:
  asio::awaitable<void> keep(std::chrono::milliseconds patience, bool last);
  void settled(const RoomName& room, Seq seq);
  using Places = std::unordered_map<RoomName, Seq>;
  void keep_soon(std::chrono::milliseconds wait);

  Shell& shell_;
  ConsumerName consumer_;
  Places written_, due_;  ///< due: until the hub has it
  std::size_t due_messages_ = 0;
  bool keeping_ = false;  ///< a call is under way
  bool told_ = false;     ///< that it doesn't work
  bool finishing_ = false;
  asio::steady_timer timer_;
  bool armed_ = false;
};

}  // namespace hubbub::cli
