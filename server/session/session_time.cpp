// What happens to a session because time passes.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <iterator>

#include "common/log.hpp"
#include "server/core/core.hpp"

namespace hubbub::server {

namespace {

/// A peer whose window is closed acknowledges the kernel's probes, at most two minutes apart (TCP_RTO_MAX). Longer
/// silence while output waits: nobody is there.
constexpr std::uint32_t unacknowledged_ms_max = 300'000;

}  // namespace

/// By the time that was planned: this tick's may be older than that, and would plan the same again.
void Session::due(const Due& due) {
  if (due.what == Due::What::calls)
    expire_calls(std::max(core_.steady_now(), due.when));
  else if (due.when == check_at_)
    check_liveness(std::max(core_.steady_now(), due.when));
}

/// Instead of the check that was planned before.
void Session::check_at(SteadyTime when) {
  core_.deadlines().remove({check_at_, ref_, Due::What::liveness});
  check_at_ = when;
  core_.deadlines().add({when, ref_, Due::What::liveness});
}

/// One date a session, however many calls it makes: that of the earliest deadline. It stays where that call is answered
/// before.
void Session::plan_expiry() {
  auto earliest = SteadyTime::max();
  for (const auto& call : calls_) earliest = std::min(earliest, call.due);
  if (earliest >= expiry_at_) return;
  core_.deadlines().remove({expiry_at_, ref_, Due::What::calls});
  expiry_at_ = earliest;
  core_.deadlines().add({expiry_at_, ref_, Due::What::calls});
}

void Session::expire_calls(SteadyTime now) {
  expiry_at_ = SteadyTime::max();
  std::vector<PendingCall> expired;
  std::ranges::copy_if(calls_, std::back_inserter(expired), [now](const PendingCall& call) { return call.due <= now; });
  for (const auto& call : expired) {
    if (call.of_service)
      give_up(call.id, Status::deadline_exceeded, "the service had no answer in time");
    else
      reply(call.id, Status::deadline_exceeded, "the hub had no answer in time");
  }
  for (auto& call : calls_)
    if (call.due <= now) call.due = SteadyTime::max();  // the directory answers it
  forget_waiting(expired);
  plan_expiry();
}

void Session::forget_deadlines() {
  core_.deadlines().remove({check_at_, ref_, Due::What::liveness});
  core_.deadlines().remove({expiry_at_, ref_, Due::What::calls});
}

void Session::check_liveness(SteadyTime now) {
  const auto& liveness = core_.config().liveness;
  const auto ping_after = std::chrono::milliseconds(liveness.ping_ms);
  if (state_ == State::closing) return drop(proto::CloseReason::stalled);
  if (state_ == State::leaving) return close(proto::CloseReason::goodbye);
  if (state_ == State::greeting) return close(proto::CloseReason::handshake_timeout);
  if (shutting_down_) return close(proto::CloseReason::shutdown);
  if (reading_paused_) heard_at_ = now;  // by our own choice: nothing can be heard

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
