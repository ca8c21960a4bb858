#include "client/link/offers.hpp"

#include <utility>

#include "proto/codec.hpp"

namespace hubbub::link {

namespace {

void refuse(InvocationId id, Status status, std::string_view sentence, std::string& out) {
  proto::encode(proto::Outcome{id, status, {sentence}}, out);
}

}  // namespace

void Offers::add(proto::ServiceOffer offer, OfferHandlers handlers) {
  std::string service(offer.service.str());
  offers_.insert_or_assign(std::move(service), Offer{std::move(offer), std::move(handlers)});
}

void Offers::remove(const MethodName& service) {
  const auto found = offers_.find(service.str());
  if (found != offers_.end()) offers_.erase(found);
}

std::vector<proto::ServiceOffer> Offers::list() const {
  std::vector<proto::ServiceOffer> list;
  for (const auto& [service, offer] : offers_) list.push_back(offer.what);
  return list;
}

void Offers::refused(const MethodName& service, const Error& why) {
  const auto offer = offers_.find(service.str());
  if (offer == offers_.end() || !offer->second.handlers.refused) return;
  const auto handler = offer->second.handlers.refused;
  handler(why);
}

void Offers::invoked(const proto::Invoke& invoke, std::string& out) {
  const std::string_view whole = invoke.method.str();
  const auto dot = whole.rfind('.');
  const auto service = whole.substr(0, dot == std::string_view::npos ? 0 : dot);
  const auto method = whole.substr(dot + 1);
  const auto offer = offers_.find(service);
  if (offer == offers_.end())
    return refuse(invoke.id, Status::unavailable, "this provider doesn't offer it any more", out);
  if (method == ping) return refuse(invoke.id, Status::ok, {}, out);
  running_.insert_or_assign(invoke.id, std::string(service));
  const auto handler = offer->second.handlers.invoked;  // it may withdraw the offer
  handler({invoke.id, std::string(method), invoke.deadline_ms, invoke.attempt, invoke.from, invoke.verified,
           invoke.client, invoke.call, std::string(invoke.arguments.bytes)});
}

void Offers::revoked(const proto::Revoke& revoke) {
  const auto running = running_.find(revoke.id);
  if (running == running_.end()) return;
  const auto offer = offers_.find(running->second);
  if (offer == offers_.end()) return;
  const auto handler = offer->second.handlers.revoked;
  if (handler) handler(revoke.id);
}

void Offers::disconnected() {
  for (const auto& [id, service] : std::exchange(running_, {})) {
    const auto offer = offers_.find(service);
    if (offer == offers_.end() || !offer->second.handlers.revoked) continue;
    const auto handler = offer->second.handlers.revoked;
    handler(id);
  }
}

bool Offers::answer(InvocationId id, Status status, std::string_view result, std::string& out) {
  if (running_.erase(id) == 0) return false;
  proto::encode(proto::Outcome{id, status, {result}}, out);
  return true;
}

}  // namespace hubbub::link
