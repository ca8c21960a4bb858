// What happens to a session because time passes.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>

#include "common/log.hpp"
#include "server/core/core.hpp"

namespace hubbub::server {

namespace {

/// A peer whose window is closed acknowledges the kernel's probes, at most two minutes apart (TCP_RTO_MAX). Longer
/// silence while output waits: nobody is there.
constexpr std::uint32_t unacknowledged_ms_max = 300'000;

}  // namespace

void Session::due(const Due& due) {
  if (due.call != CallId{})
    call_expired(due.call);
  else if (due.when == check_at_)
    check_liveness();
}

/// Instead of the check that was planned before.
void Session::check_at(SteadyTime when) {
  check_at_ = when;
  core_.deadlines().add({when, ref_, {}});
}

void Session::call_expired(CallId call) {
  if (std::ranges::find(calls_, call) == calls_.end()) return;
  reply(call, Status::deadline_exceeded, "the hub had no answer in time");
  for (unsigned core = 0; core < core_.core_count(); ++core)
    core_.run_on(core, [ref = ref_, call](Core& there) { there.home().forget_waiter(ref, call); });
}

void Session::check_liveness() {
  const auto now = core_.steady_now();
  const auto& liveness = core_.config().liveness;
  const auto ping_after = std::chrono::milliseconds(liveness.ping_ms);
  if (state_ == State::closing || input_ended_) return drop(proto::CloseReason::stalled);
  if (state_ == State::greeting) return close(proto::CloseReason::handshake_timeout);

  auto next = heard_at_ + ping_after;
  if (!outbox_.empty()) {
    // A slow reader, not a silent one: a ping would only queue up behind what it doesn't take.
    if (is_half_open()) return drop(proto::CloseReason::unanswered_ping);
    pinged_ = false;
    next = now + ping_after;
  } else if (next <= now && pinged_) {
    return close(proto::CloseReason::unanswered_ping);
  } else if (next <= now) {
    pinged_ = true;
    tell(proto::Ping{static_cast<std::uint64_t>(now.time_since_epoch().count())});
    next = now + std::chrono::milliseconds(liveness.pong_ms);
  } else {
    pinged_ = false;
  }
  check_at(next);
}

/// Output waits: does the peer's kernel still acknowledge what ours sends (tcp(7), TCP_INFO)?
bool Session::is_half_open() {
  if (stream_.is_local()) return false;
  tcp_info info{};
  socklen_t size = sizeof info;
  if (::getsockopt(stream_.native_handle(), IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return false;
  return info.tcpi_last_ack_recv > unacknowledged_ms_max;
}

}  // namespace hubbub::server
