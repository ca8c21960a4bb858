// What was said goes out here: from Publishing into the connection's output while that is short. And the hub's answers
// to it come back.
#include <utility>

#include "client/link/impl.hpp"

namespace hubbub::link {

namespace {

/// Refusals of a room that another try in a moment may not meet. A limit of the hub's isn't one: the next room may
/// never come free.
bool may_pass(Status status) { return status == Status::unavailable || status == Status::deadline_exceeded; }

/// Within it everybody who is still there has found a restarted hub.
constexpr std::chrono::seconds time_to_come_back{15};

}  // namespace

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
  if (online() && !resuming_) open_rooms();
  const bool sends = online() && !resuming_ && may_publish();
  if (!sends) keep_publishes();
  if (!sends) return;
  do {
    if (!keep_publishes()) return;
    publishing_.pump(connection_->output(), output_bytes_max);
    connection_->write();
  } while (publishing_.can_pump() && connection_->unwritten() == 0);
  const bool more = !publishing_.paused() && connection_->unwritten() < output_bytes_max / 2;
  if (more && has_much_room()) now_writable();
}

/// False if the outbox can't be written: then there is nothing more to send.
bool Link::Impl::keep_publishes() {
  const bool sends = online() && !resuming_ && (!options_.outbox || producer_ == Producer::registered);
  auto kept = publishing_.keep(sends);
  if (!kept && kept.error().status == Status::data_loss)
    kept.error().sentence += "; hubbub outbox send drops what is damaged and sends the rest";
  if (!kept) stop_publishing(kept.error());
  return kept.has_value();
}

void Link::Impl::stop_publishing(const Error& why) {
  publishing_.stop(why);
  changed_.all();
  now_writable();
}

/// One with an outbox makes sure that it alone publishes under its name before it does. REQUIRES: online.
bool Link::Impl::may_publish() {
  if (!options_.outbox || producer_ == Producer::registered) return true;
  if (producer_ == Producer::asked || publishing_.count() == 0 || publishing_.paused()) return false;
  producer_ = Producer::asked;
  options_.outbox->registering();
  if (!keep_publishes()) return false;
  ask({proto::ProducerRegister::name, "", [this](const Result<std::string>& reply) { registered(reply); }});
  return false;
}

void Link::Impl::registered(const Result<std::string>& reply) {
  if (publishing_.stopped()) return;
  const auto status = reply ? Status::ok : reply.error().status;
  const bool later = may_pass(status);
  const auto producer = reply ? proto::decode_value<proto::ProducerRegister::Reply>(*reply) : std::nullopt;
  if (producer && !options_.outbox->registered(producer->epoch)) {
    publishing_.doubt_kept();
    return begin_anew("the outbox was restored from an old copy");
  }
  if (status == Status::permission_denied && !std::exchange(was_denied_, true))
    return begin_anew("this producer is somebody else's at the hub");
  producer_ = later ? Producer::unknown : Producer::registered;
  if (later) pause_publishing();
  const bool good = reply || later || status == Status::unimplemented;  // a hub that keeps nothing has no need of it
  if (!good)
    stop_publishing({status, reply.error().sentence + "; what isn't acknowledged stays in the outbox " +
                                 options_.outbox->path() + ": hubbub outbox send tries again, discard forgets it"});
  send_publishes_soon();
}

/// What the hub knows under the ids of this producer isn't what was said here.
void Link::Impl::begin_anew(const std::string& reason) {
  renew_client(reason);
  wait_and_retry({Status::unavailable, reason + "; going on as another producer"});
}

void Link::Impl::written() {
  if (online() && connection_->unwritten() < output_bytes_max / 2) send_publishes();
}

void Link::Impl::now_writable() {
  if (std::exchange(blocked_, false)) writable_.all();
}

// ── rooms ────────────────────────────────────────────────────────────────────────────────────────────────────────────

void Link::Impl::open_rooms() {
  if (!online() || resuming_ || publishing_.paused()) return;
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
    publishing_.opened(name, opened->id, opened->durable);
    send_publishes_soon();
  } else {
    const Error why = reply ? Error{Status::internal, "the hub's reply could not be understood"} : reply.error();
    const bool soon = may_pass(why.status) || may_be_back_soon(name, why.status);
    const bool later = why.status == Status::resource_exhausted;  // whoever is called @name later may be another
    using Again = Publishing::Again;
    publishing_.open_failed(name, why, soon ? Again::soon : later ? Again::later : Again::never);
    if (soon) pause_publishing();
    send_publishes_soon();  // the outbox has to know
    if (publishing_.count() == 0) changed_.all();
  }
  now_writable();
}

/// A restarted hub knows nobody until they are back, and they come one after the other.
bool Link::Impl::may_be_back_soon(const RoomName& name, Status status) const {
  const bool restarted = new_life_at_ != Clock::time_point{} && Clock::now() - new_life_at_ < time_to_come_back;
  return is_direct(name) && status == Status::not_found && restarted;
}

// ── answers ──────────────────────────────────────────────────────────────────────────────────────────────────────────

void Link::Impl::on(const proto::Published& message) {
  publishing_.acknowledged(message);
  if (options_.outbox) send_publishes_soon();
  pause_.reset();
  if (has_much_room()) now_writable();
  if (publishing_.count() == 0) changed_.all();
}

void Link::Impl::on(const proto::PublishRefused& message) {
  using Next = Publishing::Next;
  const auto next = publishing_.refused(message);
  if (next == Next::renew && options_.client)
    stop_publishing({Status::failed_precondition, "another program publishes under the same client id"});
  else if (next == Next::renew)
    return begin_anew("the hub has other messages under the ids of this producer");
  next == Next::pause ? pause_publishing() : send_publishes_soon();
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
