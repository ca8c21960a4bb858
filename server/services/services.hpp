// Who offers which service, and the calls of services that are under way.
//
//   offer, withdraw, the end of a session --> providers, by service
//   call --> the least busy provider with that method --> orders: Invoke          (or every one of them)
//   outcome, give_up, the loss of a provider --> settled: a reply for who asked   (and Revokes)
//
// Nothing waits here for a provider to be free: so what is under way is bounded by what the providers run at once, and
// that by `running_per_session`, whatever they say.
// Pure: no sockets, clocks or threads. Used on core 0.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "proto/codec.hpp"
#include "proto/methods/services.hpp"
#include "server/core/session_ref.hpp"
#include "server/dispatch/reply_cache.hpp"
#include "server/services/latencies.hpp"

namespace hubbub::server {

class Services {
 public:
  struct Limits {
    std::size_t per_session = 64;
    std::size_t all = 4096;
    std::size_t running_per_session = 4096;  ///< of a provider's: calls that it owes an Outcome of
    std::size_t gathered_bytes = 64 << 20;   ///< answers that wait for those of others, of all calls together
  };
  Services() : Services(Limits{}) {}
  explicit Services(Limits limits) : limits_(limits) {}

  /// What is to be told to a provider.
  struct Order {
    SessionRef to;
    std::string frame;
    std::optional<InvocationId> invoked;  ///< an Invoke, else a Revoke
  };
  struct Settled {
    std::vector<SessionRef> askers;  ///< some may have ended
    ClientId client;
    CallId call;
    StoredReply reply;
    bool over = true;  ///< false: only these askers wait no more
    bool exactly = false;
  };
  struct Effects {
    std::vector<Order> orders;
    std::vector<Settled> settled;
  };

  Result<void> offer(SessionRef session, const PersonName& provider, const proto::ServiceOffer& offer, WallTime now);
  /// It is given no more; what it runs goes on.
  Result<void> withdraw(SessionRef session, const MethodName& service);
  void renamed(SessionRef session, const PersonName& name);
  /// The session is gone, and with it what it ran.
  Effects lost(SessionRef session, WallTime now);

  struct Caller {
    SessionRef session;
    PersonName from;
    bool verified = false;
    ClientId client;
    CallId call;
    std::uint32_t deadline_ms = 0;  ///< from now; zero: none
    ClientId shown = {};            ///< what providers are told instead of `client`
    std::uint16_t attempt = 1;
    /// Nobody asks but the hub, which gives the call again itself where it is settled with unavailable: as it is where
    /// its provider is lost.
    bool exactly = false;
  };
  /// REQUIRES: that client has no call of that id under way. Fails with unavailable where nobody offers the service,
  /// unimplemented where nobody has the method, resource_exhausted where all who have it are busy.
  Result<Effects> call(const Caller& caller, const MethodName& method, const proto::ServiceCall& call, WallTime now);
  /// Fails with what no provider could change by being free: arguments that are too long, a method that none of those
  /// has who offer the service.
  [[nodiscard]] Result<void> check(const MethodName& method, std::string_view arguments) const;
  /// Is that call under way? Then `asker` is told the reply as well. `arguments` are those of the call.
  bool ask_too(const ClientId& client, CallId call, SessionRef asker, std::string_view arguments);
  /// The asker's time is over, or it cancels. Where nobody else waits for the call, that is what it is settled with: by
  /// `why`, or, where all providers were asked and some have answered in time, by their answers.
  Effects give_up(const ClientId& client, CallId call, SessionRef asker, Error why);
  /// An outcome that isn't owed by that session is dropped.
  Effects outcome(SessionRef provider, const proto::Outcome& outcome, WallTime now);

  /// What the session offers and could be given a call of now. Valid until something is offered or withdrawn.
  [[nodiscard]] std::vector<const proto::ServiceOffer*> free_offers_of(SessionRef session) const;
  /// Of that service, or of all, those behind `after`, as many as fit into a reply.
  [[nodiscard]] proto::ServiceList::Reply list(std::string_view service, std::uint64_t after) const;
  [[nodiscard]] std::size_t offers() const { return by_number_.size(); }
  [[nodiscard]] std::size_t under_way() const { return errands_.size(); }
  /// Invokes that an Outcome is owed of; of calls that were given up, too.
  [[nodiscard]] std::size_t running() const { return invocations_.size(); }
  [[nodiscard]] std::size_t gathered_bytes() const { return gathered_bytes_; }

 private:
  struct OfSession;
  struct Provider {
    std::uint64_t number = 0;
    SessionRef session;
    OfSession* of_session = nullptr;
    PersonName person;
    proto::ServiceOffer offer;
    WallTime since;
    bool withdrawn = false;
    std::uint32_t running = 0;
    std::uint64_t given = 0;  ///< when it was given something last, counted
    std::uint64_t calls = 0, errors = 0;
    Latencies latencies;
  };
  struct OfSession {
    std::vector<Provider*> providers;
    std::set<InvocationId> running;
  };
  using Key = std::pair<ClientId, CallId>;
  struct Errand {
    std::uint64_t number = 0;  ///< what has the same key later is another
    Caller caller;
    std::vector<SessionRef> askers;
    MethodName method;
    /// Only of what may be handed to another provider, and while somebody waits for it: so it is among the calls that
    /// the asker's session may have under way.
    std::optional<std::string> arguments;
    WallTime began;
    std::uint16_t attempts = 1;
    bool all = false, repeatable = false;
    std::vector<InvocationId> open;
    std::vector<proto::ServiceAnswer> answers;
    std::size_t room_bytes = 0;      ///< left in the reply, beside what every answer may take
    std::size_t gathered_bytes = 0;  ///< of gathered_bytes_
  };
  struct Invocation {
    Provider* provider;
    Key key;
    std::uint64_t errand;
    WallTime began;
  };
  using Errands = std::map<Key, Errand>;

  [[nodiscard]] Provider* find(SessionRef session, std::string_view service) const;
  [[nodiscard]] std::vector<Provider*> having(const MethodName& method) const;
  [[nodiscard]] bool is_free(const Provider& one) const {
    return one.running < one.offer.at_once && one.of_session->running.size() < limits_.running_per_session;
  }
  [[nodiscard]] Provider* least_busy(const std::vector<Provider*>& providers) const;
  [[nodiscard]] Provider* to_hand_on_to(const MethodName& method) const;
  [[nodiscard]] Error nobody_has(const MethodName& method) const;
  void invoke(Errand& errand, Provider& provider, std::string_view arguments, WallTime now, Effects& effects);
  Errand* errand_of(const Invocation& invocation);
  void add_asker(const Key& key, Errand& errand, SessionRef asker);
  bool remove_asker(const Key& key, Errand& errand, SessionRef asker);
  void add_answer(Errand& errand, const Provider& provider, Status status, std::string_view result,
                  std::uint32_t took_us);
  void lose(const Invocation& lost, InvocationId id, WallTime now, Effects& effects);
  void settle_if_done(Errand& errand, Effects& effects);
  void settle(Errand& errand, StoredReply reply, Effects& effects);
  void remove(Provider& provider);

  Limits limits_;
  std::map<std::uint64_t, std::unique_ptr<Provider>> by_number_;
  std::map<std::string, std::vector<Provider*>, std::less<>> by_service_;  ///< without those that were withdrawn
  std::unordered_map<SessionRef, OfSession> by_session_;
  std::unordered_map<SessionRef, std::set<Key>> asked_by_;
  Errands errands_;
  std::map<InvocationId, Invocation> invocations_;
  std::size_t gathered_bytes_ = 0;
  std::uint64_t last_number_ = 0, last_errand_ = 0, last_invocation_ = 0, last_given_ = 0;
};

/// `image` of `image.scale`; empty where there is no dot.
[[nodiscard]] std::string_view service_of(std::string_view method);
[[nodiscard]] std::string_view last_token_of(std::string_view method);
/// `method`: its last token.
[[nodiscard]] bool has_method(const proto::ServiceOffer& offer, std::string_view method);

}  // namespace hubbub::server
