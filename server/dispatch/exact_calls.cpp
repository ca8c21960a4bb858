// Calls of services that take effect exactly once: what is kept before it is run, and answered once that is kept.
//   call --> ExactCalls --> asked before? the store --> CallGiven, committed --> Services --Invoke--> provider
//   Outcome --> Services --> CallAnswered, committed --> everybody who asked
//                       +--> not done: again, after a rest
#include <utility>

#include "server/dispatch/directory.hpp"

namespace hubbub::server {

namespace {

/// What is tried at once of calls that wait for a provider; then it is others' turn.
constexpr int tries_at_once_max = 64;

constexpr auto keeps_nothing =
    "this hub keeps nothing, so it can promise no call exactly once; start it with hub.data, or call at most once";
constexpr auto not_with_all = "a call of all providers is made at most once; say exactly once, or all";
constexpr auto another = "this id was given to another call; take a new one";
constexpr auto it_stays = "; the call stays until it is done: ask again under the same id (--id) for its answer";
constexpr auto not_kept = "; it isn't kept yet, so ask again under the same id (--id)";

std::string replayed(std::string result) {
  if (!result.empty()) result[0] = 1;  // ServiceReply::replayed
  return result;
}

}  // namespace

void Directory::call_exactly(const Caller& caller, const MethodName& method, const proto::ServiceCall& call) {
  const auto& client = caller.session.client;
  const auto refuse = [&](Status status, std::string sentence) {
    outlet_.reply(caller.ref, caller.call, status, std::move(sentence));
  };
  if (call.all) return refuse(Status::invalid_argument, not_with_all);
  if (!keeps_) return refuse(Status::failed_precondition, keeps_nothing);
  if (service_replies_.knows(client, caller.call)) return refuse(Status::already_exists, another);
  const auto key = exact_key(client, caller.call);
  auto asked = exact_calls_.ask(key,
                                {client, caller.call, caller.question, method, caller.person.name,
                                 caller.person.verified, std::string(call.arguments.bytes), caller.now},
                                caller.ref);
  if (!asked) return refuse(asked.error().status, std::move(asked.error().sentence));
  if (!*asked) return;
  outlet_.find_answer(client, caller.call,
                      [this, key](const Result<std::optional<KeptAnswer>>& found) { looked_up(key, found); });
}

void Directory::looked_up(const ExactCalls::Key& key, const Result<std::optional<KeptAnswer>>& found) {
  const auto& call = exact_calls_.call(key);
  const auto tell = [&](StoredReply reply) { tell_askers(exact_calls_.over(key).askers, key.second, reply); };
  const auto refuse = [&](const Error& why) { tell({why.status, why.sentence}); };
  if (!found) return refuse(found.error());
  if (*found && (*found)->question != call.question) return refuse({Status::already_exists, another});
  if (*found)
    return tell({(*found)->status, (*found)->status == Status::ok ? replayed((*found)->result) : (*found)->result});
  if (const auto possible = services_.check(call.method, call.arguments); !possible) return refuse(possible.error());
  if (!outlet_.trouble().empty()) return refuse({Status::unavailable, outlet_.trouble()});
  if (const auto accepted = exact_calls_.accept(key); !accepted) return refuse(accepted.error());
  outlet_.change({{call}, std::nullopt}, [this, key] {
    exact_calls_.written(key);
    give_exact_calls_soon();
  });
}

/// The provider may have become free, or is new. False: nothing waits for it.
bool Directory::wake_exact_calls(SessionRef provider) {
  if (!exact_calls_.is_anything_waiting()) return false;
  for (const auto* const offer : services_.free_offers_of(provider))
    exact_calls_.wake(offer->service.str(), [offer](std::string_view method) { return has_method(*offer, method); });
  return true;
}

void Directory::give_exact_calls_soon() {
  if (std::exchange(gives_exact_calls_, true)) return;
  outlet_.after({}, [this](WallTime now) {
    gives_exact_calls_ = false;
    give_exact_calls(now);
  });
}

/// With a provider, only as long as that is free: the others were tried before, and wait for theirs.
void Directory::give_exact_calls(WallTime now, std::optional<SessionRef> provider) {
  for (int tries = 0; tries < tries_at_once_max; ++tries) {
    if (provider && services_.free_offers_of(*provider).empty()) return;
    const auto next = exact_calls_.next();
    if (!next) return;
    const auto& call = *next->call;
    Services::Caller caller{{}, call.person, call.verified, next->key.first, call.call, 0, next->key.first};
    caller.attempt = next->attempt;
    caller.exactly = true;
    auto effects = services_.call(caller, call.method, {false, proto::Once::exactly, {call.arguments}}, now);
    if (!effects) {
      exact_calls_.not_given(next->key);
      continue;
    }
    exact_calls_.given(next->key);
    tell(*std::move(effects));
  }
  give_exact_calls_soon();
}

void Directory::settle_exactly(const ExactCalls::Key& key, StoredReply reply, bool done) {
  const auto& call = exact_calls_.call(key);
  if (done && exact_calls_.answered(key, reply)) {
    return outlet_.change({{CallAnswered{call.client, call.call, reply.status, std::move(reply.result)}}, std::nullopt},
                          [this, key] {
                            const auto over = exact_calls_.over(key);
                            tell_askers(over.askers, key.second, over.reply);
                          });
  }
  outlet_.after(exact_calls_.not_done(key), [this, key](WallTime) {
    exact_calls_.rested(key);
    give_exact_calls_soon();
  });
}

bool Directory::give_up_exactly(const ClientId& client, SessionRef ref, CallId id, const Error& why) {
  const auto key = exact_key(client, id);
  if (!exact_calls_.give_up(key, ref)) return false;
  outlet_.reply(ref, id, why.status, why.sentence + (exact_calls_.is_kept(key) ? it_stays : not_kept));
  return true;
}

void Directory::tell_askers(const std::vector<SessionRef>& askers, CallId call, const StoredReply& reply) {
  for (const auto asker : askers) outlet_.reply(asker, call, reply.status, reply.result);
}

}  // namespace hubbub::server
