// Calls of services: from who asks to a provider, and back.
//   call --> the record of calls: answered before, under way, or fresh --> Services --Invoke--> provider
//   Outcome --> Services --> the record, and everybody who asked
// Those that take effect exactly once go another way: see exact_calls.cpp.
#include <sodium/crypto_generichash.h>

#include <array>
#include <cstring>
#include <utility>

#include "server/dispatch/directory.hpp"

namespace hubbub::server {

namespace {

/// What a provider knows a caller's call by: the same for the same call, and no way back to the caller's client id,
/// under which it could speak for the caller. BLAKE2b (RFC 7693) of what has 128 random bits can't be guessed.
ClientId shown_to_providers(const ClientId& client, CallId call, proto::Once once) {
  std::array<unsigned char, sizeof client.bytes + sizeof call.value + 1> known;
  std::memcpy(known.data(), client.bytes.data(), sizeof client.bytes);
  std::memcpy(known.data() + sizeof client.bytes, &call.value, sizeof call.value);
  known.back() = static_cast<unsigned char>(once);
  ClientId shown;
  ::crypto_generichash(shown.bytes.data(), shown.bytes.size(), known.data(), known.size(), nullptr, 0);
  return shown;
}

/// Sent again, such a call is tried again: nobody has run it.
bool was_not_run(Status status) { return status == Status::unavailable || status == Status::resource_exhausted; }

}  // namespace

/// A call that takes effect exactly once is known by what providers know it by: so it is none that is made at most
/// once.
ExactCalls::Key Directory::exact_key(const ClientId& client, CallId call) {
  return {shown_to_providers(client, call, proto::Once::exactly), call};
}

Directory::Outcome<proto::Done> Directory::handle(const Caller& caller, const proto::ServiceOffer& call) {
  if (proto::is_of_hub(call.service.str()))
    return fail(Status::already_exists,
                "the hub's own methods begin with " + call.service.str() + "; take another name");
  auto offered = services_.offer(caller.ref, caller.person.name, call, caller.now);
  if (!offered) return tl::unexpected(std::move(offered.error()));
  if (wake_exact_calls(caller.ref)) give_exact_calls_soon();
  return proto::Done{};
}

Directory::Outcome<proto::Done> Directory::handle(const Caller& caller, const proto::ServiceWithdraw& call) {
  auto withdrawn = services_.withdraw(caller.ref, call.service);
  if (!withdrawn) return tl::unexpected(std::move(withdrawn.error()));
  return proto::Done{};
}

Directory::Outcome<proto::ServiceList::Reply> Directory::handle(const Caller&, const proto::ServiceList& call) {
  return services_.list(call.service.str(), call.after);
}

void Directory::call_service(const Caller& caller, const MethodName& method, std::string_view arguments,
                             std::uint32_t deadline_ms) {
  const auto call = proto::decode_value<proto::ServiceCall>(arguments);
  if (!call || !proto::is_known(call->once))
    return outlet_.reply(caller.ref, caller.call, Status::invalid_argument,
                         "what stands around the arguments of " + method.str() + " could not be understood");
  if (call->once == proto::Once::exactly) return call_exactly(caller, method, *call);
  if (!begin_service_call(caller, call->arguments.bytes)) return;
  const auto& client = caller.session.client;
  const Services::Caller who{caller.ref,
                             caller.person.name,
                             caller.person.verified,
                             client,
                             caller.call,
                             deadline_ms,
                             shown_to_providers(client, caller.call, proto::Once::at_most)};
  auto effects = services_.call(who, method, *call, caller.now);
  if (effects) return tell(*std::move(effects));
  service_replies_.forget(client, caller.call);  // nobody has run it
  outlet_.reply(caller.ref, caller.call, effects.error().status, std::move(effects.error().sentence));
}

/// False if it is not to run: see Directory::begin().
bool Directory::begin_service_call(const Caller& caller, std::string_view arguments) {
  const auto& client = caller.session.client;
  if (exact_calls_.size() > 0 && exact_calls_.knows(exact_key(client, caller.call))) {
    outlet_.reply(caller.ref, caller.call, Status::already_exists,
                  "this id was given to a call that takes effect exactly once; take a new one");
    return false;
  }
  switch (service_replies_.begin(client, caller.call, caller.question, caller.ref)) {
    case ReplyCache::Begun::another:
      outlet_.reply(caller.ref, caller.call, Status::already_exists,
                    "this id was given to another call; take a new one");
      return false;
    case ReplyCache::Begun::done: {
      auto [status, result] = service_replies_.stored(client, caller.call);
      if (status == Status::ok) result[0] = 1;  // ServiceReply::replayed
      outlet_.reply(caller.ref, caller.call, status, std::move(result));
      return false;
    }
    case ReplyCache::Begun::running:
    case ReplyCache::Begun::fresh: break;
  }
  return !services_.ask_too(client, caller.call, caller.ref, arguments);
}

void Directory::give_up(SessionRef ref, CallId id, const Error& why) {
  const auto session = sessions_.find(ref);
  if (session == sessions_.end()) return;
  const auto& client = session->second.client;
  if (exact_calls_.size() == 0 || !give_up_exactly(client, ref, id, why)) tell(services_.give_up(client, id, ref, why));
}

void Directory::outcome(SessionRef provider, const proto::Outcome& outcome, WallTime now) {
  tell(services_.outcome(provider, outcome, now));
  if (wake_exact_calls(provider)) give_exact_calls(now, provider);  // before a call that comes now takes its place
}

void Directory::tell(Services::Effects effects) {
  for (auto& [to, frame, invoked] : effects.orders) {
    if (invoked)
      outlet_.invoke(to, *invoked, std::move(frame));
    else
      outlet_.revoke(to, std::move(frame));
  }
  for (auto& [askers, client, call, reply, over, exactly] : effects.settled) {
    const bool was_run = !was_not_run(reply.status);
    if (exactly) {
      settle_exactly({client, call}, std::move(reply), was_run);
      continue;
    }
    if (over) service_replies_.finish(client, call, reply);
    if (over && !was_run) service_replies_.forget(client, call);
    tell_askers(askers, call, reply);
  }
}

}  // namespace hubbub::server
