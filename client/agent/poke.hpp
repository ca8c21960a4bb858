// Programs that want to be told by a signal that something is new; what, they read from the board.
//   add(pid, signal, on) --pidfd--> entry --happened(kind)--> pidfd_send_signal, at most so many times a second
//                                     '-- the process ends: the pidfd says so, and the entry is gone
// A pidfd (pidfd_open(2)) stands for the process and not for its number: who gets the same number later is never poked.
// Lives on one loop.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/asio.hpp"
#include "common/clock.hpp"
#include "proto/status.hpp"

namespace hubbub::agent {

/// What happened; as a set, what somebody wants to be poked on.
enum class PokeOn : std::uint8_t { unread = 1, mention = 2, presence = 4 };
class PokeSet {
 public:
  PokeSet() = default;
  PokeSet(std::initializer_list<PokeOn> kinds) {
    for (const auto kind : kinds) add(kind);
  }
  void add(PokeOn kind) { bits_ = static_cast<std::uint8_t>(bits_ | static_cast<std::uint8_t>(kind)); }
  [[nodiscard]] bool has(PokeOn kind) const { return (bits_ & static_cast<std::uint8_t>(kind)) != 0; }
  [[nodiscard]] bool empty() const { return bits_ == 0; }

 private:
  std::uint8_t bits_ = 0;
};

/// "unread", "mention", "presence".
std::optional<PokeOn> poke_on_named(std::string_view name);
std::string_view name_of(PokeOn kind);

class Pokes {
 public:
  struct Bounds {
    std::size_t entries_max = 64;                 ///< each is a descriptor; a desktop has a handful of bars
    std::chrono::milliseconds interval_min{100};  ///< from one poke of a process to its next
  };
  /// A process isn't poked any more: "waybar (process 4711) has ended". REQUIRES: calls nothing of Pokes.
  using Dropped = std::function<void(const std::string& sentence)>;

  Pokes(asio::io_context& loop, const Clock& clock, Bounds bounds, Dropped dropped);
  Pokes(const Pokes&) = delete;
  Pokes& operator=(const Pokes&) = delete;

  /// Asked again for the same process and signal, it replaces what that was to be poked on. Fails with invalid_argument
  /// for a signal that isn't for this, or nothing to be poked on; not_found where there is no such process;
  /// permission_denied if it isn't this user's; failed_precondition where the process would die of the signal;
  /// resource_exhausted beyond entries_max.
  Result<void> add(int pid, int signal, PokeSet on);

  /// Pokes those that wanted it: at once, or, where that was done less than interval_min ago, once at its end.
  void happened(PokeOn kind);

  [[nodiscard]] std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    Entry(asio::io_context& loop, int pidfd) : process(loop, pidfd), timer(loop) {}
    asio::posix::stream_descriptor process;
    asio::steady_timer timer;
    int pid = 0;
    int signal = 0;
    PokeSet on;
    std::string name;
    std::optional<Clock::Steady> poked;  ///< when, last
    bool waits = false;                  ///< for the end of the interval
  };
  /// Handlers hold it weakly: one that is in the loop's queue already runs also after its entry is gone.
  using EntryPtr = std::shared_ptr<Entry>;

  Result<void> insert(int pid, int signal, PokeSet on);
  /// False: errno says why.
  static bool send_signal(Entry& entry, int signal);
  void watch(const EntryPtr& entry);
  void poke_soon(const EntryPtr& entry);
  void poke(const EntryPtr& entry);
  void drop(const EntryPtr& entry, const std::string& sentence);

  asio::io_context& loop_;
  const Clock& clock_;
  const Bounds bounds_;
  Dropped dropped_;
  std::vector<EntryPtr> entries_;
};

}  // namespace hubbub::agent
