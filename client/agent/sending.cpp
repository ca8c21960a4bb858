#include "client/agent/sending.hpp"

#include <utility>

#include "client/agent/surface.hpp"
#include "client/link/about_the_wait.hpp"
#include "common/log.hpp"

namespace hubbub::agent {

Sending::~Sending() { *alive_ = false; }

Result<bool> Sending::say(const link::Outgoing& message, Answered answered) {
  const auto waiting = std::make_shared<Waiting>();
  waiting->answered = std::move(answered);
  waiting->place = waiting_.insert(waiting_.end(), waiting);
  auto taken = link_.try_publish(message, [this, alive = alive_, waiting](Result<link::Receipt> receipt) {
    if (*alive) settle(*waiting, std::move(receipt));
  });
  if (!taken || !*taken) waiting_.erase(*waiting->place);
  if (!taken || !*taken) return taken;
  ++accepted_;
  if (!link_.online()) offline();
  return true;
}

void Sending::settle(Waiting& waiting, Result<link::Receipt> receipt) {
  if (const auto place = std::exchange(waiting.place, std::nullopt)) waiting_.erase(*place);
  const auto answered = std::exchange(waiting.answered, nullptr);
  if (receipt) {
    if (answered) answered(Said{receipt->seq});
  } else if (link::is_about_the_wait(receipt.error(), link_)) {
    if (answered) answered(Said{{}, true});
  } else if (answered) {
    answered(tl::unexpected(std::move(receipt.error())));
  } else {
    tell_refused_late(receipt.error());
  }
}

void Sending::tell_refused_late(const Error& why) {
  ++refused_late_;
  log::warn("what a program was told is taken was refused by the hub", {{"why", why.sentence}});
}

void Sending::offline() {
  for (const auto& one : waiting_) one->place.reset();
  if (!waiting_.empty()) tell_queued(std::exchange(waiting_, {}));
}

/// Not before the Link has put it on the disk, which it does in what it has posted before.
void Sending::tell_queued(WaitingList waiting) {
  asio::post(loop_, [alive = alive_, waiting = std::move(waiting)] {
    for (const auto& one : waiting)
      if (const auto answered = *alive ? std::exchange(one->answered, nullptr) : nullptr) answered(Said{{}, true});
  });
}

void Sending::when_writable(std::function<void()> then) {
  blocked_.push_back(std::move(then));
  if (blocked_.size() == 1) asio::co_spawn(loop_, wait_until_writable(*this, alive_), surface);
}

asio::awaitable<void> Sending::wait_until_writable(Sending& self, std::shared_ptr<bool> alive) {
  co_await self.link_.writable();
  if (!*alive) co_return;
  co_await asio::post(self.loop_, asio::use_awaitable);  // never within when_writable()
  if (!*alive) co_return;
  for (const auto& then : std::exchange(self.blocked_, {})) then();
}

}  // namespace hubbub::agent
