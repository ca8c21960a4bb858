#include "client/cli/receiver.hpp"

#include <utility>

#include "client/cli/complain.hpp"
#include "client/cli/exit_codes.hpp"

namespace hubbub::cli {

namespace {

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

}  // namespace

void ConnectionNotes::take(const link::Incoming& event) {
  if (const auto* offline = std::get_if<link::Offline>(&event); offline != nullptr && !std::exchange(lost_, true))
    note("connection lost: " + offline->why.sentence + "; trying again");
  const auto* online = std::get_if<link::Online>(&event);
  if (online == nullptr) return;
  const bool is_first = std::exchange(lost_, false) && !online->resumed;
  if (is_first) note("connected");
  if (online->resumed) note(online->new_life ? "connected again; the hub was restarted" : "connected again");
}

Receiver::Source Receiver::of_link(Shell& shell) {
  return {[&shell] { return shell.link.next(); }, [&shell] { return shell.link.try_next(); }};
}

asio::awaitable<int> Receiver::run() {
  while (true) {
    auto first = co_await source_.next();
    const auto end = co_await take_batch(std::move(first));
    if (end) co_return *end;
    const bool written = co_await shell_.out.flush();
    if (!written) co_return exit_code::input_output;
    if (handlers_.flushed) handlers_.flushed();
    if (batch_has_message_ && handlers_.batch_end) handlers_.batch_end();
  }
}

asio::awaitable<std::optional<int>> Receiver::take_batch(link::Incoming first) {
  batch_has_message_ = false;
  for (std::optional<link::Incoming> event = std::move(first); event; event = source_.try_next()) {
    const auto end = take(*event);
    if (end) co_return end;
    if (shell_.out.buffer().size() < Output::batch_bytes) continue;
    const bool written = co_await shell_.out.flush();
    if (!written) co_return exit_code::input_output;
    if (handlers_.flushed) handlers_.flushed();
  }
  co_return std::nullopt;
}

std::optional<int> Receiver::take(const link::Incoming& event) {
  if (const auto* message = std::get_if<link::Message>(&event)) {
    batch_has_message_ = true;
    return handlers_.message(*message);
  }
  if (const auto* closed = std::get_if<link::Closed>(&event)) return shell_.complain(closed->why);
  notes_.take(event);
  if (const auto* attached = std::get_if<link::RoomAttached>(&event); attached != nullptr && handlers_.attached)
    handlers_.attached(*attached);
  if (const auto* gap = std::get_if<link::Gap>(&event)) {
    tell(*gap);
    if (handlers_.gap) return handlers_.gap(*gap);
  }
  if (const auto* refused = std::get_if<link::NotResumed>(&event)) tell(*refused);
  if (const auto* online = std::get_if<link::Online>(&event); online != nullptr && handlers_.online)
    handlers_.online(*online);
  if (const auto* presence = std::get_if<link::Presence>(&event); presence != nullptr && handlers_.event)
    handlers_.event(*presence);
  return std::nullopt;
}

asio::awaitable<std::optional<int>> subscribe_all(Shell& shell, std::vector<link::Subscription> subscriptions) {
  for (auto& subscription : subscriptions) {
    const auto reply = co_await shell.link.subscribe(std::move(subscription), shell.call_options());
    if (!reply) co_return shell.complain(reply.error());
  }
  co_return std::nullopt;
}

void spawn_beside(Shell& shell, asio::awaitable<std::optional<int>> task) {
  asio::co_spawn(shell.loop, std::move(task), [&shell](std::exception_ptr problem, std::optional<int> end) {
    if (problem) std::rethrow_exception(problem);
    if (end) shell.stop(*end);
  });
}

asio::awaitable<std::optional<int>> tell_connection(Shell& shell) {
  ConnectionNotes notes(shell.link.online());
  while (true) {
    const auto event = co_await shell.link.next();
    if (std::holds_alternative<link::Closed>(event)) co_return std::nullopt;
    notes.take(event);
  }
}

}  // namespace hubbub::cli
