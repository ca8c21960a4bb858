// Publishes out: what is said waits in Publishing, and goes from there into the connection's output while that is
// short.
#include <utility>

#include "client/link/impl.hpp"

namespace hubbub::link {

namespace {

/// Output that waits for the socket: enough for a full write, little enough to stay in the processor's cache.
constexpr std::size_t output_bytes_max = 256u << 10;
/// Publishes that are gathered before they are written without waiting for the end of the tick.
constexpr std::size_t early_write_bytes = 64u << 10;

/// Refusals that another try may not meet.
bool may_pass(Status status) {
  return status == Status::resource_exhausted || status == Status::unavailable || status == Status::deadline_exceeded;
}

}  // namespace

struct Link::Impl::ReceiptWait {
  explicit ReceiptWait(asio::io_context& loop) : wake(loop) {}
  std::optional<Result<Receipt>> outcome;
  Wake wake;
};

// ── in ───────────────────────────────────────────────────────────────────────────────────────────────────────────────

Result<void> Link::Impl::check(const Outgoing& message) const {
  if (ended_) return tl::unexpected(*ended_);
  if (saying_goodbye_) return fail(Status::cancelled, "the connection is being closed");
  return proto::check_outgoing(message.kind, message.headers, message.body);
}

bool Link::Impl::has_room() const { return publishing_.bytes() < options_.unsent_bytes_max; }

/// Room for more than one message, so that a waiting publisher doesn't wake for each.
bool Link::Impl::has_much_room() const { return publishing_.bytes() <= options_.unsent_bytes_max / 4 * 3; }

void Link::Impl::accept(const Outgoing& message, Publishing::Settled settled) {
  auto& room = publishing_.room(message.room);
  publishing_.add(room, message, std::move(settled));
  if (!online() || resuming_) return;
  read_for_answer();
  if (room.id == RoomId{}) return open_rooms();
  unwritten_publishes_ += message.body.size();
  unwritten_publishes_ < early_write_bytes ? send_publishes_soon() : send_publishes();
}

Result<bool> Link::Impl::try_publish_soon(const Outgoing& message) {
  if (auto good = check(message); !good) return tl::unexpected(std::move(good.error()));
  if (has_room()) {
    accept(message, {});
    return true;
  }
  blocked_ = true;
  return false;
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
  publishing_.pump(room, output, output_bytes_max);  // what was said before comes before
  blocked_ = room.queue.has_unsent() || connection_->unwritten() >= output_bytes_max;
  if (blocked_) return false;
  const auto at = output.size();
  append_publish(message, output);
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
  if (auto good = self->check(message); !good) co_return tl::unexpected(std::move(good.error()));
  while (!self->has_room() && !self->ended_) {
    self->blocked_ = true;
    const bool woken = co_await self->writable_.wait();
    if (!woken) co_return fail(Status::cancelled, "the publish was cancelled");
  }
  if (self->ended_) co_return tl::unexpected(self->ended());
  const auto wait = std::make_shared<ReceiptWait>(self->loop_);
  self->accept(message, [wait](Result<Receipt> outcome) {
    wait->outcome = std::move(outcome);
    wait->wake.all();
  });
  co_await wait->wake.wait();
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

// ── out ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

void Link::Impl::send_publishes_soon() {
  if (std::exchange(send_posted_, true)) return;
  asio::post(loop_, [self = shared_from_this()] {
    self->send_posted_ = false;
    self->send_publishes();
  });
}

/// Until nothing is left, or the socket is full: then written() goes on.
void Link::Impl::send_publishes() {
  unwritten_publishes_ = 0;
  if (!online() || resuming_) return;
  open_rooms();
  do {
    publishing_.pump(connection_->output(), output_bytes_max);
    connection_->write();
  } while (publishing_.can_pump() && connection_->unwritten() == 0);
}

void Link::Impl::written() {
  if (!online() || connection_->unwritten() >= output_bytes_max / 2) return;
  send_publishes();
  now_writable();
}

void Link::Impl::now_writable() {
  if (std::exchange(blocked_, false)) writable_.all();
}

// ── rooms ────────────────────────────────────────────────────────────────────────────────────────────────────────────

void Link::Impl::open_rooms() {
  if (!online() || resuming_) return;
  for (const auto& name : publishing_.take_rooms_to_open()) open_room(name);
}

void Link::Impl::open_room(const RoomName& name) {
  std::string arguments;
  proto::encode_value(proto::RoomOpen{name}, arguments);
  ask({proto::RoomOpen::name, std::move(arguments),
       [this, name](const Result<std::string>& reply) { room_opened(name, reply); }});
}

void Link::Impl::room_opened(const RoomName& name, const Result<std::string>& reply) {
  const auto opened = reply ? proto::decode_value<proto::RoomOpen::Reply>(*reply) : std::nullopt;
  if (opened) {
    publishing_.opened(name, opened->id);
    send_publishes_soon();
  } else {
    const Error why = reply ? Error{Status::internal, "the hub's reply could not be understood"} : reply.error();
    publishing_.open_failed(name, why, !may_pass(why.status));
    if (may_pass(why.status)) pause_publishing();
    if (publishing_.count() == 0) changed_.all();
  }
  now_writable();
}

// ── answers ──────────────────────────────────────────────────────────────────────────────────────────────────────────

void Link::Impl::on(const proto::Published& message) {
  publishing_.acknowledged(message);
  pause_.reset();
  if (has_much_room()) now_writable();
  if (publishing_.count() == 0) changed_.all();
}

void Link::Impl::on(const proto::PublishRefused& message) {
  if (publishing_.refused(message))
    pause_publishing();
  else
    send_publishes_soon();
  if (has_much_room()) now_writable();
  if (publishing_.count() == 0) changed_.all();
}

/// The hub is busy: everything waits a moment, longer each time until it takes something again.
void Link::Impl::pause_publishing() {
  if (publishing_.paused()) return;
  publishing_.pause(true);
  pause_timer_.expires_after(pause_.next(chance()));
  pause_timer_.async_wait([self = shared_from_this()](std::error_code stopped) {
    if (stopped) return;
    self->publishing_.pause(false);
    self->send_publishes();
  });
}

}  // namespace hubbub::link
