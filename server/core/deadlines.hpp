// What has to happen on a core at a certain time: one timer for all of it, set to the earliest; none while there is
// nothing.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <functional>
#include <set>
#include <utility>

#include "common/asio.hpp"
#include "server/core/session_ref.hpp"

namespace hubbub::server {

using SteadyTime = std::chrono::steady_clock::time_point;

/// A session's liveness check, or the time by which some of its calls have to be answered.
struct Due {
  enum class What : std::uint8_t { liveness, calls };
  SteadyTime when;
  SessionRef session;
  What what = What::liveness;
  auto operator<=>(const Due&) const = default;
};

class Deadlines {
 public:
  Deadlines(asio::io_context& loop, std::function<void(const Due&)> on_due)
      : timer_(loop), on_due_(std::move(on_due)) {}

  void add(const Due& due);
  /// It is not wanted any more. It may come all the same, if its time has come already.
  void remove(const Due& due) { dues_.erase(due); }
  void stop() { timer_.cancel(); }
  [[nodiscard]] std::size_t size() const { return dues_.size(); }

 private:
  void arm();
  void fire();

  asio::steady_timer timer_;
  std::function<void(const Due&)> on_due_;
  std::set<Due> dues_;
};

}  // namespace hubbub::server
