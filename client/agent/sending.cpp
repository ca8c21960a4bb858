#include "client/agent/sending.hpp"

#include <utility>

namespace hubbub::agent {

Sending::~Sending() { *alive_ = false; }

void Sending::Waiting::tell(Result<Said> outcome) {
  if (const auto once = std::exchange(answered, nullptr)) once(std::move(outcome));
}

Result<bool> Sending::say(const link::Outgoing& message, Answered answered) {
  const auto waiting = std::make_shared<Waiting>(Waiting{std::move(answered)});
  waiting_.push_back(waiting);
  auto taken = link_.try_publish(message, [this, alive = alive_, waiting](Result<link::Receipt> receipt) {
    if (!*alive) return;
    waiting->tell(receipt ? Result<Said>(Said{receipt->seq}) : tl::unexpected(std::move(receipt.error())));
    while (!waiting_.empty() && !waiting_.front()->answered) waiting_.pop_front();
  });
  if (!taken || !*taken) waiting_.pop_back();
  if (!taken || !*taken) return taken;
  ++accepted_;
  if (!link_.online()) offline();
  return true;
}

void Sending::offline() {
  if (!waiting_.empty()) tell_queued(std::exchange(waiting_, {}));
}

/// Not before the Link has put it on the disk, which it does in what it has posted before.
void Sending::tell_queued(WaitingList waiting) {
  asio::post(loop_, [alive = alive_, waiting = std::move(waiting)] {
    for (const auto& one : waiting)
      if (*alive) one->tell(Said{{}, true});
  });
}

void Sending::when_writable(std::function<void()> then) {
  blocked_.push_back(std::move(then));
  if (blocked_.size() == 1) asio::co_spawn(loop_, wait_until_writable(*this, alive_), asio::detached);
}

asio::awaitable<void> Sending::wait_until_writable(Sending& self, std::shared_ptr<bool> alive) {
  co_await self.link_.writable();
  if (!*alive) co_return;
  for (const auto& then : std::exchange(self.blocked_, {})) then();
}

}  // namespace hubbub::agent
