#include "client/cli/receiver.hpp"

#include "client/cli/complain.hpp"
#include "client/cli/duration.hpp"
#include "client/cli/exit_codes.hpp"

namespace hubbub::cli {

asio::awaitable<int> Receiver::run() {
  while (true) {
    auto first = co_await shell_.link.next();
    const auto end = co_await take_batch(std::move(first));
    if (end) co_return *end;
    const bool written = co_await shell_.out.flush();
    if (!written) co_return exit_code::input_output;
    if (batch_has_message_ && handlers_.batch_end) handlers_.batch_end();
  }
}

asio::awaitable<std::optional<int>> Receiver::take_batch(link::Incoming first) {
  batch_has_message_ = false;
  for (std::optional<link::Incoming> event = std::move(first); event; event = shell_.link.try_next()) {
    const auto end = take(*event);
    if (end) co_return end;
    if (shell_.out.buffer().size() < Output::batch_bytes) continue;
    const bool written = co_await shell_.out.flush();
    if (!written) co_return exit_code::input_output;
  }
  co_return std::nullopt;
}

std::optional<int> Receiver::take(const link::Incoming& event) {
  if (const auto* message = std::get_if<link::Message>(&event)) {
    batch_has_message_ = true;
    return handlers_.message(*message);
  }
  if (const auto* closed = std::get_if<link::Closed>(&event)) return complain(closed->why);
  if (const auto* gap = std::get_if<link::Gap>(&event)) tell(*gap);
  if (const auto* refused = std::get_if<link::NotResumed>(&event)) tell(*refused);
  if (const auto* offline = std::get_if<link::Offline>(&event)) tell(*offline);
  if (const auto* online = std::get_if<link::Online>(&event)) {
    tell(*online);
    if (handlers_.online) handlers_.online(*online);
  }
  if (const auto* presence = std::get_if<link::Presence>(&event); presence != nullptr && handlers_.event)
    handlers_.event(*presence);
  return std::nullopt;
}

asio::awaitable<std::optional<int>> subscribe_all(Shell& shell, std::vector<link::Subscription> subscriptions) {
  for (auto& subscription : subscriptions) {
    const auto reply = co_await shell.link.subscribe(std::move(subscription));
    if (!reply) co_return complain(reply.error());
  }
  co_return std::nullopt;
}

void spawn_beside(Shell& shell, asio::awaitable<std::optional<int>> task) {
  asio::co_spawn(shell.loop, std::move(task), [&shell](std::exception_ptr problem, std::optional<int> end) {
    if (problem) std::rethrow_exception(problem);
    if (end) shell.stop(*end);
  });
}

void tell(const link::Gap& gap) {
  const auto room = display(gap.room);
  if (gap.first == gap.last)
    complain("lost: message " + std::to_string(gap.first.value) + " of " + room + " is gone");
  else
    complain("lost: messages " + std::to_string(gap.first.value) + " to " + std::to_string(gap.last.value) + " of " +
             room + " are gone");
}

void tell(const link::NotResumed& refused) {
  complain("nothing of " + refused.pattern.str() + " comes for now, the hub is asked again: " + refused.why.sentence);
}

void tell(const link::Offline& offline) {
  note("connection lost: " + offline.why.sentence + "; trying again in " + show_duration(offline.retry_in));
}

void tell(const link::Online& online) {
  if (!online.resumed) return;
  note(online.new_life ? "connected again; the hub was restarted" : "connected again");
}

}  // namespace hubbub::cli
