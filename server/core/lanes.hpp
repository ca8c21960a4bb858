// The way of publishes to rooms whose home is another core: collected during a tick, sent as one task a core.
//   Session --put--> bytes for core N --flush--> core N's mailbox --> unpack --> Home
// These may wait: while core N is busy, its lane keeps what it has and sessions that publish to it are not read, so
// that TCP pushes back on their clients (DESIGN, section 5).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "server/core/task.hpp"
#include "server/rooms/room.hpp"

namespace hubbub::server {

class Core;

/// Bytes of publishes that may wait in another core's mailbox, and then here.
inline constexpr std::size_t lane_bytes_max = 4u << 20;
inline constexpr std::size_t lane_waiting_bytes_max = 1u << 20;

class Lanes {
 public:
  Lanes(Core& core, unsigned cores) : core_(core), lanes_(cores) {}

  /// Copies the publish.
  void put(unsigned to, const Origin& origin, const proto::PublishView& said);
  /// True while sessions had better not be read: too much waits here for some core, or in this one for its commit.
  [[nodiscard]] bool blocked() const;
  /// Runs `task` on core `to`, any core, after everything that was put for it until now.
  void run_after(unsigned to, Task task);
  /// Sends what the other cores take.
  void flush();

 private:
  struct Lane {
    std::string packed;
    std::vector<Task> after;
  };
  bool send(unsigned to);

  Core& core_;
  std::vector<Lane> lanes_;  // by core
  bool blocked_ = false;
};

/// Publishes everything that another core put into `packed`, at its rooms' home.
void unpack_publishes(Core& home, std::string_view packed);

}  // namespace hubbub::server
