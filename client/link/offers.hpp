// The services that this program offers, and the calls of them that it runs.
//   offer --> Offers --service.offer, on every connection--> hub
//   Invoke --> Offers --> its offer's handlers --answer--> Outcome --> hub
//   Revoke, the end of a connection --> Offers --> revoked
// A call whose connection has gone is nobody's any more: the hub has told its caller so. Pure but for the handlers,
// which it calls last, when its own state is in order.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "proto/messages/services.hpp"
#include "proto/methods/services.hpp"

namespace hubbub::link {

/// A call that somebody made of a service that this program offers.
struct Invocation {
  InvocationId id;                ///< of this program: no other call has it, before or after
  std::string method;             ///< of the service: `scale`
  std::uint32_t deadline_ms = 0;  ///< what is left; zero: none
  std::uint16_t attempt = 1;
  PersonName from;
  bool verified = false;
  /// The same whenever the same call comes again: an idempotency key.
  ClientId client;
  CallId call;
  std::string arguments;
};

struct OfferHandlers {
  std::function<void(Invocation)> invoked;
  /// Nobody wants its outcome any more: it was cancelled, is past its deadline, or its connection has gone (then no
  /// answer is owed either). May come for one that was answered just now.
  std::function<void(InvocationId)> revoked = {};
  /// The hub of a new connection will not have the offer; the next is asked again.
  std::function<void(const Error&)> refused = {};
};

class Offers {
 public:
  /// The method that every provider has: it tells that somebody is there.
  static constexpr std::string_view ping = "ping";

  void add(proto::ServiceOffer offer, OfferHandlers handlers);
  void remove(const MethodName& service);
  /// What a new connection has to be told.
  [[nodiscard]] std::vector<proto::ServiceOffer> list() const;
  void refused(const MethodName& service, const Error& why);

  /// Appends an Outcome to `out` where it needs no handler.
  void invoked(const proto::Invoke& invoke, std::string& out);
  void revoked(const proto::Revoke& revoke);
  void disconnected();
  /// Appends the Outcome; of a result that doesn't fit into it, that it doesn't. False, and nothing, if none is owed.
  bool answer(InvocationId id, Status status, std::string_view result, std::string& out);
  [[nodiscard]] std::size_t running() const { return running_.size(); }

 private:
  using Handlers = std::shared_ptr<const OfferHandlers>;
  struct Offer {
    proto::ServiceOffer what;
    Handlers handlers;
  };
  std::map<std::string, Offer, std::less<>> offers_;  ///< by service
  struct Running {
    InvocationId at_hub;  ///< which another life of the hub gives out again
    Handlers handlers;    ///< those of its offer, which may be withdrawn meanwhile
  };
  std::map<InvocationId, Running> running_;
  std::map<InvocationId, InvocationId> by_hubs_id_;
  std::uint64_t last_id_ = 0;
};

}  // namespace hubbub::link
