// What has to happen on a core at a certain time: one timer for all of it, set to the earliest; none while there is
// nothing.
#pragma once

#include <chrono>
#include <functional>
#include <queue>
#include <vector>

#include "common/asio.hpp"
#include "proto/ids.hpp"
#include "server/core/session_ref.hpp"

namespace hubbub::server {

using SteadyTime = std::chrono::steady_clock::time_point;

/// A session's liveness check (call zero), or the deadline of one of its calls. May come late, or for one that is gone.
struct Due {
  SteadyTime when;
  SessionRef session;
  CallId call;
  bool operator>(const Due& other) const { return when > other.when; }
};

class Deadlines {
 public:
  Deadlines(asio::io_context& loop, std::function<void(const Due&)> on_due)
      : timer_(loop), on_due_(std::move(on_due)) {}

  void add(const Due& due);
  void stop() { timer_.cancel(); }

 private:
  void arm();
  void fire();

  asio::steady_timer timer_;
  std::function<void(const Due&)> on_due_;
  std::priority_queue<Due, std::vector<Due>, std::greater<>> queue_;
};

}  // namespace hubbub::server
