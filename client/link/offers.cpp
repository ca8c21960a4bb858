#include "client/link/offers.hpp"

#include <utility>

#include "proto/codec.hpp"

namespace hubbub::link {

namespace {

/// An Outcome's frame without its result; generously.
constexpr std::size_t outcome_overhead_bytes = 64;

void refuse(InvocationId id, Status status, std::string_view sentence, std::string& out) {
  proto::encode(proto::Outcome{id, status, {sentence}}, out);
}

}  // namespace

void Offers::add(proto::ServiceOffer offer, OfferHandlers handlers) {
  std::string service(offer.service.str());
  auto shared = std::make_shared<const OfferHandlers>(std::move(handlers));
  offers_.insert_or_assign(std::move(service), Offer{std::move(offer), std::move(shared)});
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
  if (offer == offers_.end()) return;
  const auto handlers = offer->second.handlers;  // they may withdraw the offer
  if (handlers->refused) handlers->refused(why);
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
  const auto handlers = offer->second.handlers;  // they may withdraw the offer
  const InvocationId id{++last_id_};
  if (!by_hubs_id_.emplace(invoke.id, id).second) return;  // it runs already
  running_.emplace(id, Running{invoke.id, handlers});
  handlers->invoked({id, std::string(method), invoke.deadline_ms, invoke.attempt, invoke.from, invoke.verified,
                     invoke.client, invoke.call, std::string(invoke.arguments.bytes)});
}

void Offers::revoked(const proto::Revoke& revoke) {
  const auto known = by_hubs_id_.find(revoke.id);
  if (known == by_hubs_id_.end()) return;
  const auto id = known->second;
  const auto handlers = running_.at(id).handlers;
  if (handlers->revoked) handlers->revoked(id);
}

void Offers::disconnected() {
  by_hubs_id_.clear();
  for (const auto& [id, running] : std::exchange(running_, {}))
    if (running.handlers->revoked) running.handlers->revoked(id);
}

bool Offers::answer(InvocationId id, Status status, std::string_view result, std::string& out) {
  const auto running = running_.extract(id);
  if (running.empty()) return false;
  const auto at_hub = running.mapped().at_hub;
  by_hubs_id_.erase(at_hub);
  if (result.size() + outcome_overhead_bytes > limits::frame_bytes_max)
    refuse(at_hub, Status::out_of_range, "a result of " + std::to_string(result.size()) + " bytes fits into no frame",
           out);
  else
    proto::encode(proto::Outcome{at_hub, status, {result}}, out);
  return true;
}

}  // namespace hubbub::link
