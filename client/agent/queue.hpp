// The agent's door for programs that may neither block nor allocate: a POSIX message queue (mq_overview(7)).
//   mq_send(3), priority 0 to 31 --> /hubbub-UID-in --> the highest priority first --> taken(room, body, level)
// One message is `ROOM body`, or the room in a line of its own and then the body. What is no such thing is noted and
// left. A full queue is the sender's to hear of (EAGAIN); nobody is waited for.
#pragma once

#include <sys/types.h>

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/asio.hpp"
#include "common/descriptor.hpp"
#include "proto/status.hpp"
#include "proto/text.hpp"

namespace hubbub::agent {

/// What an mq_send(3) of that priority means: 0 to 9, 10 to 19, 20 and above.
enum class Level { normal, high, alarm };
inline constexpr std::array<std::string_view, 3> level_names = {"normal", "high", "alarm"};
inline constexpr unsigned level_step = 10;
Level level_of(unsigned priority);
/// The lowest of that level.
constexpr unsigned priority_of(Level level) { return static_cast<unsigned>(level) * level_step; }
/// The key of the header that says so, where it isn't normal.
inline constexpr const char* priority_header = "priority";

struct QueueAttributes {
  long messages = 0;
  long message_bytes = 0;
};

struct Queued {
  RoomName room;
  std::string body;
};
/// Of one message's bytes; a NUL behind them, as C programs send it, is not the body's. Fails with invalid_argument.
Result<Queued> parse_queued(std::string_view bytes);

/// HUBBUB_QUEUE, or /hubbub-UID-in.
std::string queue_name();

/// For a sender: never waits. Fails with resource_exhausted if the queue is full, unavailable if there is none,
/// permission_denied if it is somebody else's, invalid_argument if that is too long.
Result<void> send_to_queue(const std::string& name, std::string_view bytes, unsigned priority);

class Queue {
 public:
  struct Events {
    std::function<void(Queued message, Level level)> taken;  ///< may pause(): then no more come
    std::function<void(std::string sentence)> note;          ///< bad messages; the queue was taken away, or made anew
  };
  struct Options {
    std::string name;
    /// As far as the system lets us; what it gives by default, so that RLIMIT_MSGQUEUE (800 KiB) holds several.
    QueueAttributes wanted{10, 8192};
    std::chrono::milliseconds look_after_every{5'000};  ///< whether its name is still ours
  };

  /// What an earlier queue of that name still has is taken first. REQUIRES: no other process serves that name; there is
  /// one agent for it, by its lock.
  Queue(asio::io_context& loop, Options options, Events events);
  ~Queue();  ///< Its name is gone, if it was ours to the end.
  Queue(const Queue&) = delete;
  Queue& operator=(const Queue&) = delete;

  /// Makes it: 0600, ours. Fails with permission_denied if somebody else has the name, resource_exhausted past
  /// RLIMIT_MSGQUEUE or queues_max, unimplemented where the kernel has no queues.
  Result<void> start();
  /// Takes no more for now, so that the queue fills up and its senders hear of it; and goes on.
  void pause() { paused_ = true; }
  void resume();
  /// Takes what lies in it by now, for the last time.
  void drain();

  /// As it was made: read back from the kernel.
  [[nodiscard]] const QueueAttributes& attributes() const { return attributes_; }
  [[nodiscard]] int descriptor() { return queue_ ? queue_->native_handle() : -1; }

 private:
  Result<Descriptor> make();
  Result<void> clear_the_way();
  void take_over(int old);
  void attach(Descriptor made);
  void await_message();
  std::size_t take_some(std::size_t messages_max);
  bool take_one(int queue);
  void take(std::string_view bytes, unsigned priority);
  void await_look();
  void look_after_name();
  void note(const std::string& sentence) const;

  asio::io_context& loop_;
  const Options options_;
  const Events events_;
  QueueAttributes attributes_;
  std::optional<asio::posix::stream_descriptor> queue_;
  asio::steady_timer look_;
  std::vector<char> buffer_;
  struct Leftover {
    std::string bytes;
    unsigned priority;
  };
  std::vector<Leftover> leftovers_;  ///< of an earlier queue
  bool paused_ = false, waits_ = false;
  bool name_is_lost_ = false;  ///< and that was noted
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace hubbub::agent
