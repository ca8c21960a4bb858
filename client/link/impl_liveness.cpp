// Is the hub there, and how far away? Pings both ways.
#include <algorithm>

#include "client/link/impl.hpp"

namespace hubbub::link {

namespace {

/// Where the hub doesn't say how long silence is normal.
constexpr std::chrono::milliseconds silence_standard{30000};
/// How old a round trip may be for whoever asks.
constexpr std::chrono::seconds round_trip_age_max{3};

}  // namespace

std::chrono::milliseconds Link::Impl::silence_max() const {
  return welcome_.ping_ms == 0 ? silence_standard : std::chrono::milliseconds(welcome_.ping_ms);
}

void Link::Impl::watch() {
  liveness_timer_.expires_after(silence_max() / 2);
  liveness_timer_.async_wait([self = shared_from_this()](std::error_code stopped) {
    if (!stopped && self->online()) self->look();
  });
}

/// Asks a silent hub for a sign of life, and gives up one that gives none. While the Link itself doesn't read, because
/// nobody takes what came, the hub's silence means nothing; but the hub's ping isn't answered then either, so it is
/// told unasked that somebody is here.
void Link::Impl::look() {
  const auto silence = Clock::now() - connection_->last_heard();
  if (!connection_->reading()) {
    send(proto::Pong{});
  } else if (silence >= silence_max() * 2) {
    const auto seconds = std::chrono::duration_cast<std::chrono::milliseconds>(silence).count();
    return lost({Status::unavailable, peer() + " has been silent for " + std::to_string(seconds) + " ms"});
  } else if (silence >= silence_max()) {
    send_ping();
  }
  watch();
}

void Link::Impl::send_ping() {
  ping_sent_ = Clock::now();
  send(proto::Ping{++ping_token_});
}

void Link::Impl::on(const proto::Ping& message) { send(proto::Pong{message.token}); }

void Link::Impl::on(const proto::Pong& message) {
  if (!ping_sent_ || message.token != ping_token_) return;
  round_trip_ = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - *ping_sent_);
  ping_sent_.reset();
  round_trip_at_ = Clock::now();
}

std::optional<std::chrono::microseconds> Link::Impl::round_trip() {
  const bool fresh = round_trip_ && Clock::now() - round_trip_at_ < round_trip_age_max;
  if (online() && !ping_sent_ && !fresh) send_ping();
  if (!ping_sent_ || !round_trip_) return round_trip_;
  return std::max(*round_trip_, std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - *ping_sent_));
}

}  // namespace hubbub::link
