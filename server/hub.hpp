// One hub: its cores, its listeners and its directory; started, reconfigured and stopped as a whole.
//
//   open(): the data directory, and what was kept there
//   run(): core 0 on the calling thread, the others on threads of their own
//   stop(): no more connections → every core reads no more and flushes what it has → that is committed → every session
//           is told and drained → cores end → run() returns
// Everything but the constructor, open(), listen() and run() is called on core 0, from its loop.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "common/address.hpp"
#include "proto/methods/hub.hpp"
#include "server/config.hpp"

namespace hubbub::server {

class Hub {
 public:
  explicit Hub(Config config);
  ~Hub();
  Hub(const Hub&) = delete;
  Hub& operator=(const Hub&) = delete;

  /// Takes the data directory and reads what is kept there. Fails with unavailable or failed_precondition and a
  /// sentence; nothing is touched then. REQUIRES: before anything else.
  Result<void> open();
  /// Binds every address of the configuration and returns the real ones. Fails with unavailable and a sentence.
  Result<std::vector<Address>> listen();
  void run();
  /// Core 0's loop: for signals and the like, before and during run().
  asio::io_context& loop();
  /// Applies what can change while running.
  void reload(const Config& config);
  /// Ends in good order, at most liveness.drain_ms after the call.
  void stop();
  /// Ends at once. What was acknowledged is in its room's log.
  void stop_now();
  /// Writes the live state to a file in the data directory, from a forked child.
  void dump(std::function<void(Result<proto::HubDump::Reply>)> then);
  /// One line of figures, gathered from all cores.
  void summarize(std::function<void(std::string)> then);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace hubbub::server
