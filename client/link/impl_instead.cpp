// The other way to the hub, once the first one leads nowhere.
#include <utility>

#include "client/link/agent_door.hpp"
#include "client/link/impl.hpp"

namespace hubbub::link {

namespace {

/// An agent that is started anew is back within it, and keeps the order of what was said before and after.
constexpr std::chrono::milliseconds time_to_be_started_anew{1000};

}  // namespace

/// REQUIRES: connecting has just failed. One that is only slow, or has too many to do with, is there.
bool Link::Impl::leads_nowhere() {
  if (!options_.instead) return false;
  if (!nobody_listens(options_.hub)) return nobody_since_.reset(), false;
  if (!nobody_since_) nobody_since_ = Clock::now();
  return !was_online_ || Clock::now() - *nobody_since_ >= time_to_be_started_anew;
}

/// Ids of publishes and of calls were the agent's business: the hub has never heard of them. Numbers of messages are
/// the hub's own, so what is received goes on where it was.
void Link::Impl::go_instead() {
  const auto instead = *std::exchange(options_.instead, std::nullopt);
  drop_connection();
  calls_.new_client("the agent is gone");
  options_.hub = instead.hub;
  options_.outbox = instead.chosen ? instead.chosen() : nullptr;
  auto before = std::exchange(publishing_,
                              options_.outbox ? Publishing(*options_.outbox, options_.unsent_bytes_max) : Publishing());
  publishing_.take_over(std::move(before));
  client_ = options_.outbox ? options_.outbox->client() : options_.client.value_or(random128<ClientIdTag>());
  store_ = options_.outbox ? options_.outbox->store() : std::nullopt;
  backoff_.reset();
  keep_publishes();
  now_writable();
  start_try();
}

}  // namespace hubbub::link
