#include "client/link/impl.hpp"

#include <utility>

#include "client/link/reasons.hpp"
#include "common/random.hpp"

namespace hubbub::link {

namespace {

/// Once a connection has held this long, the next loss is a new one and not the same trouble going on.
constexpr std::chrono::seconds steady_after{5};

}  // namespace

Link::Impl::Impl(asio::io_context& loop, Options options)
    : loop_(loop),
      options_(std::move(options)),
      client_(options_.outbox ? options_.outbox->client() : options_.client.value_or(random128<ClientIdTag>())),
      store_(options_.outbox ? options_.outbox->store() : std::nullopt),
      changed_(loop),
      timer_(loop),
      backoff_(options_.backoff_min, options_.backoff_max),
      calls_(random64() >> 1),
      resubscribe_timer_(loop),
      publishing_(options_.outbox ? Publishing(*options_.outbox, options_.unsent_bytes_max) : Publishing()),
      writable_(loop),
      pause_timer_(loop),
      pause_(std::chrono::milliseconds(20), std::chrono::milliseconds(1000)),
      arrived_(loop),
      liveness_timer_(loop) {}

double Link::Impl::chance() { return static_cast<double>(random64() >> 11) * 0x1p-53; }

asio::awaitable<Result<proto::Welcome>> Link::Impl::connect(Self self) {
  if (self->state_ == State::idle) self->start_try();
  bool wanted = true;
  while (wanted && !self->online() && !self->ended_) wanted = co_await self->changed_.wait();
  if (!wanted) self->end({Status::cancelled, "connecting was given up"});
  if (self->ended_) co_return tl::unexpected(self->ended());
  co_return self->welcome_;
}

void Link::Impl::connect_in_background() {
  background_ = true;
  if (state_ == State::idle) start_try();
}

void Link::Impl::start_try() {
  state_ = State::connecting;
  const auto attempt = ++attempt_;
  timer_.expires_after(options_.connect_timeout);
  timer_.async_wait([self = shared_from_this(), attempt](std::error_code stopped) {
    if (stopped || attempt != self->attempt_ || self->online() || self->ended_) return;
    self->fail_try({Status::deadline_exceeded, "no hub answered at " + self->options_.hub.str() + " within " +
                                                   std::to_string(self->options_.connect_timeout.count()) + " ms"},
                   true);
  });
  spawn_dial(attempt);
}

void Link::Impl::spawn_dial(std::uint64_t attempt) {
  const auto stop = std::make_shared<asio::cancellation_signal>();
  auto done = [stop](const std::exception_ptr&) {};  // thrown is only that it was stopped
  asio::co_spawn(loop_, dial(shared_from_this(), attempt), asio::bind_cancellation_slot(stop->slot(), std::move(done)));
  dialing_ = stop;
}

asio::awaitable<void> Link::Impl::dial(Self self, std::uint64_t attempt) {
  auto socket = co_await connect_to(self->options_.hub);
  if (attempt == self->attempt_ && self->state_ == State::connecting) self->dialed(std::move(socket));
}

void Link::Impl::dialed(Result<Stream::Socket> socket) {
  if (!socket && leads_nowhere()) return go_instead();
  if (!socket) return fail_try(std::move(socket.error()), true);
  nobody_since_.reset();
  state_ = State::greeting;
  connection_ = std::make_shared<Connection>(loop_, *std::move(socket), *this, peer());
  connection_->start();
  greet();
}

void Link::Impl::greet() {
  proto::Hello hello;
  hello.program = Text::parse(options_.program).value_or(Text{});
  hello.name = Text::parse(options_.name).value_or(Text{});  // a name that is no text is none: the hub says so
  hello.client = client_;
  hello.owner = options_.owner;
  send(hello);
}

void Link::Impl::welcomed(proto::Welcome welcome) {
  if (welcome.major != proto::protocol_major)
    return fail_try(not_welcomed({Status::unavailable, "the hub speaks version " + std::to_string(welcome.major) +
                                                           " of the protocol, this program version " +
                                                           std::to_string(proto::protocol_major) +
                                                           "; update the older of the two"}),
                    false);
  if (is_other_store(welcome.store)) {
    renew_client("the hub has other data than before");
    return retry_in(backoff_.next(chance()));
  }
  store_ = welcome.store;
  if (keeps()) options_.outbox->set_store(*store_);
  const bool resumed = std::exchange(was_online_, true);
  const bool new_life = resumed && welcome.life != welcome_.life;
  const bool same_data = resumed && welcome.store == welcome_.store && (!new_life || welcome.store != StoreId{});
  timer_.cancel();
  state_ = State::online;
  online_since_ = Clock::now();
  welcome_ = std::move(welcome);
  push(Online{welcome_, resumed, new_life, same_data});
  watch();
  resume(new_life, same_data);
  changed_.all();
}

void Link::Impl::closing(const proto::Closing& closing) {
  if (saying_goodbye_ && closing.reason == proto::CloseReason::goodbye)
    return end({Status::cancelled, "the connection was closed"});
  if (online() && closing.reason == proto::CloseReason::shutdown)
    shutdown_ = error_of(closing);
  else
    fail_try(not_welcomed(error_of(closing)), may_come_back(closing.reason));
}

void Link::Impl::lost(Error why) {
  if (saying_goodbye_) return end({Status::cancelled, "the connection was closed"});
  fail_try(shutdown_ ? *shutdown_ : not_welcomed(why), true);
}

/// What ends before its welcome may be no hub at all, or be another one than was meant: where it is has to be said. A
/// hub that refuses this client for what it is says enough.
Error Link::Impl::not_welcomed(const Error& why) const {
  const bool may_be_no_hub = why.status == Status::unavailable || why.status == Status::internal;
  if (state_ != State::greeting || !may_be_no_hub) return why;
  return {Status::unavailable, "no welcome at " + options_.hub.str() + ": " + why.sentence};
}

/// This connection, or the try to get one, has failed.
void Link::Impl::fail_try(Error why, bool may_come_back) {
  const bool wanted = background_ || was_online_;
  if (may_come_back && wanted && (options_.reconnect || !was_online_)) return wait_and_retry(std::move(why));
  end(std::move(why));
}

void Link::Impl::wait_and_retry(Error why) {
  if (online() && Clock::now() - online_since_ >= steady_after) backoff_.reset();
  const auto wait = backoff_.next(chance());
  push(Offline{std::move(why), wait});
  retry_in(wait);
  changed_.all();
  now_writable();
}

void Link::Impl::retry_in(std::chrono::milliseconds wait) {
  drop_connection();
  state_ = State::waiting;
  const auto attempt = ++attempt_;
  timer_.expires_after(wait);
  timer_.async_wait([self = shared_from_this(), attempt](std::error_code stopped) {
    if (!stopped && attempt == self->attempt_ && self->state_ == State::waiting) self->start_try();
  });
}

/// Ids that were given out for the data of another hub may be taken here, by what was said when it was here last. An id
/// that the caller has chosen is the caller's.
bool Link::Impl::is_other_store(const StoreId& store) const {
  return store_ && *store_ != store && !options_.client && publishing_.has_ids();
}

/// From the next connection on this is another client.
void Link::Impl::renew_client(std::string_view reason) {
  drop_connection();
  calls_.new_client(reason);
  publishing_.renew(reason);
  client_ = options_.outbox ? options_.outbox->client() : random128<ClientIdTag>();
  store_.reset();
  if (publishing_.count() == 0) changed_.all();
}

void Link::Impl::drop_connection() {
  if (const auto dialing = std::exchange(dialing_, nullptr)) dialing->emit(asio::cancellation_type::terminal);
  liveness_timer_.cancel();
  pause_timer_.cancel();
  resubscribe_timer_.cancel();
  ping_sent_.reset();
  shutdown_.reset();
  questions_.clear();
  questions_asked_ = 0;
  resuming_ = false;
  refused_.clear();
  told_refused_.clear();
  if (connection_) connection_->close();
  connection_.reset();
  producer_ = Producer::unknown;
  calls_.disconnected();
  cursors_.disconnected();
  handed_.clear();
  publishing_.disconnected();
  offers_.disconnected();
}

void Link::Impl::end(Error why) {
  if (ended_) return;
  keep_publishes();
  drop_connection();
  timer_.cancel();
  state_ = State::closed;
  ended_ = why;
  calls_.fail_all(why);
  publishing_.fail_all(why);
  push(Closed{std::move(why)});
  changed_.all();
  now_writable();
}

asio::awaitable<void> Link::Impl::close(Self self, std::chrono::milliseconds grace) {
  if (self->state_ == State::idle) self->end({Status::cancelled, "the connection was closed"});
  asio::steady_timer patience(self->loop_, grace);
  patience.async_wait([self](std::error_code stopped) {
    if (!stopped) self->end({Status::cancelled, "the connection was closed before everything was acknowledged"});
  });
  bool wanted = true;
  while (wanted && !self->ended_ && (self->publishing_.count() > 0)) wanted = co_await self->changed_.wait();
  if (self->online() && !self->saying_goodbye_) {
    self->saying_goodbye_ = true;
    const proto::Goodbye goodbye;
    self->send(goodbye);
  }
  while (wanted && self->online()) wanted = co_await self->changed_.wait();
  self->end({Status::cancelled, "the connection was closed"});
}

}  // namespace hubbub::link
