#include "client/link/link.hpp"

#include <utility>

#include "client/link/impl.hpp"

namespace hubbub::link {

Link::Link(asio::io_context& loop, Options options) : impl_(std::make_shared<Impl>(loop, std::move(options))) {}

Link::~Link() {
  impl_->forget_offers();
  abort();
}

asio::awaitable<Result<proto::Welcome>> Link::connect() { return Impl::connect(impl_); }

void Link::connect_in_background() { impl_->connect_in_background(); }

asio::awaitable<Result<std::string>> Link::call_raw(MethodName method, std::string arguments, CallOptions options) {
  return Impl::call(impl_, std::move(method), std::move(arguments), options);
}

asio::awaitable<Result<Receipt>> Link::publish(Outgoing message) { return Impl::publish(impl_, std::move(message)); }

asio::awaitable<Result<void>> Link::publish_soon(Outgoing message) {
  return Impl::publish_soon(impl_, std::move(message));
}

asio::awaitable<Result<void>> Link::publish_unacknowledged(Outgoing message) {
  return Impl::publish_unacknowledged(impl_, std::move(message));
}

asio::awaitable<Result<void>> Link::drain() { return Impl::drain(impl_); }

Result<bool> Link::try_publish_soon(const Outgoing& message) { return impl_->try_publish_soon(message); }

Result<bool> Link::try_publish_unacknowledged(const Outgoing& message) {
  return impl_->try_publish_unacknowledged(message);
}

Result<bool> Link::try_publish(const Outgoing& message, std::function<void(Result<Receipt>)> settled) {
  return impl_->try_publish(message, std::move(settled));
}

asio::awaitable<void> Link::writable() { return Impl::writable(impl_); }

bool Link::has_stopped_publishing() const { return impl_->has_stopped_publishing(); }
std::size_t Link::unacknowledged() const { return impl_->unacknowledged(); }
std::uint64_t Link::acknowledged() const { return impl_->acknowledged(); }
std::optional<Error> Link::take_notice() { return impl_->take_notice(); }

asio::awaitable<Result<proto::RoomSubscribe::Reply>> Link::subscribe(Subscription subscription, CallOptions options) {
  return Impl::subscribe(impl_, std::move(subscription), options);
}

asio::awaitable<Result<void>> Link::unsubscribe(Pattern pattern, CallOptions options) {
  return Impl::unsubscribe(impl_, std::move(pattern), options);
}

bool Link::settle(const Message& message, proto::Verdict verdict, std::string_view reason, std::string_view detail) {
  return impl_->settle(message, verdict, reason, detail);
}

asio::awaitable<Result<void>> Link::offer(proto::ServiceOffer offer, OfferHandlers handlers, CallOptions options) {
  return Impl::offer(impl_, std::move(offer), std::move(handlers), options);
}

asio::awaitable<Result<void>> Link::withdraw(MethodName service, CallOptions options) {
  return Impl::withdraw(impl_, std::move(service), options);
}

bool Link::answer(InvocationId id, Status status, std::string_view result) {
  return impl_->answer_invocation(id, status, result);
}

asio::awaitable<Result<proto::ServiceReply>> Link::call_service(MethodName method, std::string arguments,
                                                                ServiceWish wish, CallOptions options) {
  std::string around;
  proto::encode_value(proto::ServiceCall{wish.all, wish.once, {arguments}}, around);
  auto raw = co_await call_raw(method, std::move(around), options);
  if (!raw) co_return tl::unexpected(std::move(raw.error()));
  auto reply = proto::decode_value<proto::ServiceReply>(*raw);
  if (!reply || (reply->answers.empty() && !wish.all))
    co_return fail(Status::internal, "the hub's reply could not be understood; is it of another version?");
  co_return *std::move(reply);
}

asio::awaitable<Incoming> Link::next() { return Impl::next(impl_); }

std::optional<Incoming> Link::try_next() { return impl_->try_next(); }

bool Link::online() const { return impl_->online(); }

const proto::Welcome& Link::welcome() const { return impl_->welcome(); }

std::optional<std::chrono::microseconds> Link::round_trip() const { return impl_->round_trip(); }

asio::awaitable<void> Link::close(std::chrono::milliseconds grace) { return Impl::close(impl_, grace); }

void Link::abort() { impl_->end({Status::cancelled, "the connection was closed"}); }

}  // namespace hubbub::link
