// Services that this program offers.
#include <utility>

#include "client/link/impl.hpp"

namespace hubbub::link {

/// The first call may come with the hub's answer, so the handlers are there before.
asio::awaitable<Result<void>> Link::Impl::offer(Self self, proto::ServiceOffer offer, OfferHandlers handlers,
                                                CallOptions options) {
  const auto service = offer.service;
  auto arguments = arguments_of(offer);
  self->offers_.add(std::move(offer), std::move(handlers));
  const auto method = MethodName::literal(proto::ServiceOffer::name);
  auto reply = co_await call(self, method, std::move(arguments), options);
  if (reply) co_return Result<void>{};
  self->offers_.remove(service);
  self->stop_offering(service);
  co_return tl::unexpected(std::move(reply.error()));
}

/// The hub may have it all the same, or as it was offered before; calls of it would only be refused here.
void Link::Impl::stop_offering(const MethodName& service) {
  const proto::ServiceWithdraw method{service};
  ask({method.name, arguments_of(method), [](const Result<std::string>&) {}});
}

asio::awaitable<Result<void>> Link::Impl::withdraw(Self self, MethodName service, CallOptions options) {
  auto arguments = arguments_of(proto::ServiceWithdraw{service});
  const auto method = MethodName::literal(proto::ServiceWithdraw::name);
  auto reply = co_await call(self, method, std::move(arguments), options);
  self->offers_.remove(service);
  if (!reply) co_return tl::unexpected(std::move(reply.error()));
  co_return Result<void>{};
}

bool Link::Impl::answer_invocation(InvocationId id, Status status, std::string_view result) {
  if (!online()) return false;  // with the connection the calls went
  const bool owed = offers_.answer(id, status, result, connection_->output());
  if (owed) connection_->write_soon();
  return owed;
}

void Link::Impl::on(const proto::Invoke& message) {
  std::string answer;
  offers_.invoked(message, answer);
  if (answer.empty() || !connection_) return;
  connection_->output().append(answer);
  connection_->write_soon();
}

void Link::Impl::on(const proto::Revoke& message) { offers_.revoked(message); }

Link::Impl::Question Link::Impl::question_of(const proto::ServiceOffer& offer) {
  return {offer.name, arguments_of(offer), [this, service = offer.service](const Result<std::string>& reply) {
            if (!reply) offers_.refused(service, reply.error());
          }};
}

}  // namespace hubbub::link
