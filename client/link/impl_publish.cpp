// Publishes out: what is said waits in Publishing, and goes from there into the connection's output while that is
// short.
#include <algorithm>
#include <utility>

#include "client/link/impl.hpp"

namespace hubbub::link {

namespace {

/// Publishes that are gathered before they are written without waiting for the end of the tick.
constexpr std::size_t early_write_bytes = 64u << 10;
/// The same where they are kept first: a transaction has a price of its own.
constexpr std::size_t early_keep_bytes = 256u << 10;

}  // namespace

struct Link::Impl::ReceiptWait {
  explicit ReceiptWait(asio::io_context& loop) : wake(loop) {}
  std::optional<Result<Receipt>> outcome;
  Wake wake;
};

Result<void> Link::Impl::check(const Outgoing& message) const {
  if (ended_) return tl::unexpected(*ended_);
  if (saying_goodbye_) return fail(Status::cancelled, "the connection is being closed");
  if (publishing_.stopped()) return tl::unexpected(*publishing_.stopped());
  const bool gets_room = online() && (publishing_.count() > 0 || (options_.outbox && options_.outbox->has_changes()));
  if (options_.outbox && options_.outbox->is_full() && !gets_room) return tl::unexpected(full());
  if (!publishing_.may_say_to(message.room))
    return fail(Status::resource_exhausted, "the outbox " + options_.outbox->path() + " remembers no more than " +
                                                std::to_string(Outbox::rooms_max) +
                                                " rooms; it begins anew with the next program once all of it has "
                                                "arrived");
  return proto::check_outgoing(message.kind, message.headers, message.body);
}

Error Link::Impl::full() const {
  const auto* what = options_.outbox->count() > 0 ? "it has 1 GiB that the hub hasn't acknowledged"
                                                  : "1 GiB is set aside in it, for a person to decide";
  return {Status::resource_exhausted,
          "the outbox " + options_.outbox->path() + " is full: " + what + "; see hubbub outbox"};
}

bool Link::Impl::has_room() const {
  if (options_.outbox && options_.outbox->is_full()) return false;
  return publishing_.bytes() < options_.unsent_bytes_max || (options_.outbox && !online());
}

/// Room for more than one message, so that a waiting publisher doesn't wake for each.
bool Link::Impl::has_much_room() const { return publishing_.bytes() <= options_.unsent_bytes_max / 4 * 3; }

void Link::Impl::accept(const Outgoing& message, Publishing::Settled settled) {
  auto& room = publishing_.room(message.room);
  publishing_.add(room, message.traced ? stamped(message) : message, std::move(settled));
  const bool connected = online() && !resuming_;
  if (!connected && !options_.outbox) return;
  if (connected) read_for_answer();
  if (connected && room.id == RoomId{}) open_rooms();
  if (room.id == RoomId{} && !options_.outbox) return;
  unwritten_publishes_ += message.body.size();
  const auto early = options_.outbox ? early_keep_bytes : early_write_bytes;
  unwritten_publishes_ < early ? send_publishes_soon() : send_publishes();
}

/// One that waits for the hub says in what.
Stamp Link::Impl::stamp(Stamp::Side side) const {
  const auto* by = options_.hub.scheme == Address::Scheme::tcp ? "tcp" : "unix";
  if (online() && std::ranges::find(welcome_.features, "agent", &Text::str) != welcome_.features.end()) by = "agent";
  if (side == Stamp::Side::sent && !online()) by = options_.outbox ? "outbox" : "memory";
  return {options_.hop, side, by, stamp_time()};
}

Outgoing Link::Impl::stamped(const Outgoing& message) const {
  auto copy = message;
  add_stamp(copy.headers, stamp(Stamp::Side::sent));
  return copy;
}

Result<bool> Link::Impl::try_publish(const Outgoing& message, Publishing::Settled settled) {
  if (auto good = check(message); !good) return tl::unexpected(std::move(good.error()));
  if (!has_room()) {
    blocked_ = true;
    return false;
  }
  accept(message, std::move(settled));
  return true;
}

Result<bool> Link::Impl::try_publish_unacknowledged(const Outgoing& message) {
  if (auto good = check(message); !good) return tl::unexpected(std::move(good.error()));
  auto& room = publishing_.room(message.room);
  if (room.refusal) return tl::unexpected(*std::exchange(room.refusal, std::nullopt));
  if (room.id == RoomId{} || !online() || resuming_) {
    publishing_.want(room);
    open_rooms();
    blocked_ = true;
    return false;
  }
  auto& output = connection_->output();
  if (options_.outbox) send_publishes();
  const bool may_send = !options_.outbox || producer_ == Producer::registered;
  if (may_send) publishing_.pump(room, output, output_bytes_max);  // what was said before comes before
  if (room.queue.has_unsent() || room.in_outbox > 0 || connection_->unwritten() >= output_bytes_max) {
    blocked_ = true;
    send_publishes_soon();
    return false;
  }
  const auto at = output.size();
  append_publish(message.traced ? stamped(message) : message, output);
  address_publish(output.data() + at, room.id, PublishId{});
  output.size() < early_write_bytes ? connection_->write_soon() : connection_->write();
  return true;
}

asio::awaitable<void> Link::Impl::writable(Self self) {
  bool wanted = true;
  while (wanted && self->blocked_ && !self->ended_) wanted = co_await self->writable_.wait();
}

asio::awaitable<Result<void>> Link::Impl::publish_soon(Self self, Outgoing message) {
  while (true) {
    const auto taken = self->try_publish_soon(message);
    if (!taken) co_return tl::unexpected(taken.error());
    if (*taken) co_return Result<void>{};
    const bool woken = co_await self->writable_.wait();
    if (!woken) co_return fail(Status::cancelled, "the publish was cancelled");
  }
}

asio::awaitable<Result<void>> Link::Impl::publish_unacknowledged(Self self, Outgoing message) {
  while (true) {
    const auto taken = self->try_publish_unacknowledged(message);
    if (!taken) co_return tl::unexpected(taken.error());
    if (*taken) co_return Result<void>{};
    const bool woken = co_await self->writable_.wait();
    if (!woken) co_return fail(Status::cancelled, "the publish was cancelled");
  }
}

asio::awaitable<Result<Receipt>> Link::Impl::publish(Self self, Outgoing message) {
  while (true) {
    if (auto good = self->check(message); !good) co_return tl::unexpected(std::move(good.error()));
    if (self->has_room()) break;
    self->blocked_ = true;
    const bool woken = co_await self->writable_.wait();
    if (!woken) co_return fail(Status::cancelled, "the publish was cancelled");
  }
  const auto wait = std::make_shared<ReceiptWait>(self->loop_);
  self->accept(message, [wait](Result<Receipt> outcome) {
    wait->outcome = std::move(outcome);
    wait->wake.all();
  });
  const bool settled = wait->outcome.has_value();  // by an outbox that can't keep it
  if (!settled) co_await wait->wake.wait();
  if (wait->outcome) co_return *std::move(wait->outcome);
  co_return fail(Status::cancelled, "the publish is no longer waited for; the hub may still get it");
}

asio::awaitable<Result<void>> Link::Impl::drain(Self self) {
  bool wanted = true;
  while (wanted && self->publishing_.count() > 0) wanted = co_await self->changed_.wait();
  if (!wanted) co_return fail(Status::cancelled, "the wait was cancelled");
  if (auto refusal = self->publishing_.take_refusal()) co_return tl::unexpected(*std::move(refusal));
  co_return Result<void>{};
}

}  // namespace hubbub::link
