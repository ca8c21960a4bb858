// What tests of services do again and again: offers, and what a hub has to say to providers, decoded.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/services/services.hpp"

namespace hubbub::server {

inline proto::ServiceMethod method_of(std::string_view name, bool repeatable = false) {
  return {GroupName::literal(name), {}, repeatable};
}

/// A service with the methods `scale`, and `look`, which may be repeated.
inline proto::ServiceOffer offer_of(std::string_view service, std::uint32_t at_once = 1) {
  proto::ServiceOffer offer;
  offer.service = MethodName::literal(service);
  offer.at_once = at_once;
  offer.methods = {method_of("scale"), method_of("look", true)};
  return offer;
}

/// An Invoke that owns its bytes.
struct Invoked {
  SessionRef provider;
  InvocationId id;
  CallId call;
  std::uint16_t attempt = 0;
  std::uint32_t deadline_ms = 0;
  std::string method, from, arguments;
};

inline std::vector<Invoked> invoked_in(const Services::Effects& effects) {
  std::vector<Invoked> found;
  for (const auto& order : effects.orders) {
    if (!order.invoked) continue;
    const auto payload = std::string_view(order.frame).substr(proto::frame_header_bytes);
    const auto invoke = proto::decode_value<proto::Invoke>(payload).value();
    found.push_back({order.to, invoke.id, invoke.call, invoke.attempt, invoke.deadline_ms, invoke.method.str(),
                     invoke.from.str(), std::string(invoke.arguments.bytes)});
  }
  return found;
}

inline std::vector<std::pair<SessionRef, InvocationId>> revoked_in(const Services::Effects& effects) {
  std::vector<std::pair<SessionRef, InvocationId>> found;
  for (const auto& order : effects.orders) {
    if (order.invoked) continue;
    const auto payload = std::string_view(order.frame).substr(proto::frame_header_bytes);
    found.emplace_back(order.to, proto::decode_value<proto::Revoke>(payload).value().id);
  }
  return found;
}

inline proto::ServiceReply reply_in(const StoredReply& stored) {
  return proto::decode_value<proto::ServiceReply>(stored.result).value();
}

}  // namespace hubbub::server
