#include "server/services/services.hpp"

#include <algorithm>

namespace hubbub::server {

namespace {

/// Around the result, in the frame of a Reply: whose it is, and how it came about.
constexpr std::size_t reply_overhead_bytes = 4096;
/// Around the arguments, in the frame of an Invoke.
constexpr std::size_t invoke_overhead_bytes = 512;
/// What each answer may take of it at least: names, numbers, and a sentence that it was too long.
constexpr std::size_t short_answer_bytes = 128;
static_assert(limits::list_items_max * short_answer_bytes < limits::frame_bytes_max - reply_overhead_bytes);
constexpr std::size_t answers_bytes_max = limits::frame_bytes_max - reply_overhead_bytes;
constexpr std::size_t arguments_bytes_max = limits::frame_bytes_max - invoke_overhead_bytes;
/// An offer, as it stands in a list of them.
constexpr std::size_t offer_bytes_max = 16 * 1024;
constexpr std::size_t list_bytes_max = limits::frame_bytes_max - offer_bytes_max - 1024;
/// A call that is lost again and again may be what kills its providers.
constexpr std::uint16_t attempts_max = 3;

std::uint32_t microseconds(WallTime from, WallTime to) {
  if (to <= from) return 0;
  return static_cast<std::uint32_t>(std::min<std::uint64_t>((to.ns - from.ns) / 1000, UINT32_MAX));
}

std::string sentence_of(std::string_view text) {
  auto sentence = Text::parse(text);
  return sentence ? std::string(sentence->str()) : "the provider said why in no text that could be shown";
}

/// What every provider has, and the library answers; see client/link/offers.hpp.
constexpr std::string_view ping = "ping";

bool is_repeatable(const proto::ServiceOffer& offer, std::string_view method) {
  return std::ranges::any_of(offer.methods,
                             [&](const auto& one) { return one.repeatable && one.name.str() == method; });
}

Result<void> check_length(const MethodName& method, std::string_view arguments) {
  if (arguments.size() <= arguments_bytes_max) return {};
  return fail(Status::invalid_argument, "the arguments of " + method.str() + " are too long for a call");
}

std::string encoded_reply(const proto::ServiceReply& reply) {
  std::string bytes;
  proto::encode_value(reply, bytes);
  return bytes;
}

}  // namespace

std::string_view service_of(std::string_view method) {
  const auto dot = method.rfind('.');
  return dot == std::string_view::npos ? std::string_view() : method.substr(0, dot);
}

bool has_method(const proto::ServiceOffer& offer, std::string_view method) {
  return offer.methods.empty() || method == ping ||
         std::ranges::any_of(offer.methods, [&](const auto& one) { return one.name.str() == method; });
}

std::string_view last_token_of(std::string_view method) { return method.substr(method.rfind('.') + 1); }

// ── who offers what ──────────────────────────────────────────────────────────────────────────────────────────────────

Result<void> Services::offer(SessionRef session, const PersonName& provider, const proto::ServiceOffer& offer,
                             WallTime now) {
  if (offer.at_once == 0) return fail(Status::invalid_argument, "a provider has to run at least one call at once");
  std::string described;
  proto::encode_value(offer, described);
  if (described.size() > offer_bytes_max)
    return fail(Status::invalid_argument, "the methods of " + offer.service.str() + " are described in " +
                                              std::to_string(described.size()) + " bytes, " +
                                              std::to_string(offer_bytes_max) + " are allowed");
  if (auto* const known = find(session, offer.service.str())) {
    known->offer = offer;
    return {};
  }
  const auto known_session = by_session_.find(session);
  if (known_session != by_session_.end() && known_session->second.providers.size() >= limits_.per_session)
    return fail(Status::resource_exhausted, "one session offers at most " + std::to_string(limits_.per_session) +
                                                " services; withdraw one, or connect once more");
  if (by_number_.size() >= limits_.all)
    return fail(Status::resource_exhausted, "the hub knows as many offers of services as it may");
  auto& of_session = by_session_[session];
  auto added = std::make_unique<Provider>();
  added->number = ++last_number_;
  added->session = session;
  added->of_session = &of_session;
  added->person = provider;
  added->offer = offer;
  added->since = now;
  of_session.providers.push_back(added.get());
  by_service_[std::string(offer.service.str())].push_back(added.get());
  by_number_.emplace(added->number, std::move(added));
  return {};
}

Result<void> Services::withdraw(SessionRef session, const MethodName& service) {
  auto* const provider = find(session, service.str());
  if (provider == nullptr) return fail(Status::not_found, "this session doesn't offer " + service.str());
  provider->withdrawn = true;
  const auto place = by_service_.find(service.str());
  std::erase(place->second, provider);
  if (place->second.empty()) by_service_.erase(place);
  if (provider->running == 0) remove(*provider);
  return {};
}

void Services::renamed(SessionRef session, const PersonName& name) {
  const auto found = by_session_.find(session);
  if (found == by_session_.end()) return;
  for (auto* const provider : found->second.providers) provider->person = name;
}

Services::Effects Services::lost(SessionRef session, WallTime now) {
  Effects effects;
  for (const auto& key : asked_by_[session]) {  // its client may come back and ask again
    auto& errand = errands_.at(key);
    std::erase(errand.askers, session);
    if (errand.askers.empty()) errand.arguments.reset();
  }
  asked_by_.erase(session);
  const auto found = by_session_.find(session);
  if (found == by_session_.end()) return effects;
  const auto gone = found->second.providers;
  const auto broken = std::exchange(found->second.running, {});
  for (auto* const provider : gone)  // before what it ran is given to somebody else
    if (!provider->withdrawn) std::erase(by_service_[std::string(provider->offer.service.str())], provider);
  std::erase_if(by_service_, [](const auto& service) { return service.second.empty(); });
  for (const auto id : broken) lose(invocations_.extract(id).mapped(), id, now, effects);
  for (auto* const provider : gone) {
    provider->withdrawn = true;
    remove(*provider);
  }
  return effects;
}

/// REQUIRES: it was withdrawn, and nothing runs there.
void Services::remove(Provider& provider) {
  const auto of_session = by_session_.find(provider.session);
  std::erase(of_session->second.providers, &provider);
  if (of_session->second.providers.empty()) by_session_.erase(of_session);
  by_number_.erase(provider.number);
}

Services::Provider* Services::find(SessionRef session, std::string_view service) const {
  const auto found = by_session_.find(session);
  if (found == by_session_.end()) return nullptr;
  const auto& offers = found->second.providers;
  const auto offer = std::ranges::find_if(offers, [&](const Provider* provider) {
    return !provider->withdrawn && provider->offer.service.str() == service;
  });
  return offer == offers.end() ? nullptr : *offer;
}

std::vector<Services::Provider*> Services::having(const MethodName& method) const {
  std::vector<Provider*> found;
  const auto service = by_service_.find(service_of(method.str()));
  if (service == by_service_.end()) return found;
  std::ranges::copy_if(service->second, std::back_inserter(found), [&](const Provider* provider) {
    return has_method(provider->offer, last_token_of(method.str()));
  });
  return found;
}

Error Services::nobody_has(const MethodName& method) const {
  const std::string service(service_of(method.str()));
  const auto found = by_service_.find(service);
  if (found == by_service_.end())
    return {Status::unavailable, "nobody offers " + service + " now; hubbub services lists what is offered"};
  std::string sentence = service + " has no method " + std::string(last_token_of(method.str())) + "; it has ";
  const auto& methods = found->second.front()->offer.methods;
  for (const auto& one : methods) sentence += (&one == methods.data() ? "" : ", ") + std::string(one.name.str());
  return {Status::unimplemented, sentence_of(sentence.substr(0, limits::text_bytes_max))};
}

std::vector<const proto::ServiceOffer*> Services::free_offers_of(SessionRef session) const {
  std::vector<const proto::ServiceOffer*> offers;
  const auto found = by_session_.find(session);
  if (found == by_session_.end()) return offers;
  for (const auto* const provider : found->second.providers)
    if (!provider->withdrawn && is_free(*provider)) offers.push_back(&provider->offer);
  return offers;
}

proto::ServiceList::Reply Services::list(std::string_view service, std::uint64_t after) const {
  proto::ServiceList::Reply reply;
  std::string bytes;
  for (auto at = by_number_.upper_bound(after); at != by_number_.end(); ++at) {
    const auto& provider = *at->second;
    if (provider.withdrawn || (!service.empty() && provider.offer.service.str() != service)) continue;
    reply.more = bytes.size() > list_bytes_max || reply.providers.size() == limits::list_items_max;
    if (reply.more) break;
    reply.providers.push_back({provider.number, provider.offer.service, provider.person, provider.offer.host,
                               provider.offer.about, provider.since, provider.offer.at_once, provider.running,
                               provider.calls, provider.errors, provider.latencies.percentile(50),
                               provider.latencies.percentile(99), provider.offer.methods});
    proto::encode_value(reply.providers.back(), bytes);
  }
  return reply;
}

// ── calls ────────────────────────────────────────────────────────────────────────────────────────────────────────────

Result<void> Services::check(const MethodName& method, std::string_view arguments) const {
  if (auto fits = check_length(method, arguments); !fits) return fits;
  if (!having(method).empty()) return {};
  auto why = nobody_has(method);
  return why.status == Status::unimplemented ? tl::unexpected(std::move(why)) : Result<void>();
}

Result<Services::Effects> Services::call(const Caller& caller, const MethodName& method, const proto::ServiceCall& call,
                                         WallTime now) {
  if (auto fits = check_length(method, call.arguments.bytes); !fits) return tl::unexpected(std::move(fits.error()));
  const auto providers = having(method);
  if (providers.empty()) return tl::unexpected(nobody_has(method));
  auto* const least = least_busy(providers);
  if (least == nullptr)
    return fail(Status::resource_exhausted,
                "whoever offers " + std::string(service_of(method.str())) + " is busy; try again later");
  if (call.all && gathered_bytes_ >= limits_.gathered_bytes)
    return fail(Status::resource_exhausted, "the hub holds as many answers of calls to all as it may; try again later");
  const Key key{caller.client, caller.call};
  auto& errand = errands_[key];
  errand.number = ++last_errand_;
  errand.caller = caller;
  if (!caller.exactly) add_asker(key, errand, caller.session);
  errand.method = method;
  errand.attempts = caller.attempt;
  errand.began = now;
  errand.all = call.all;
  errand.room_bytes = answers_bytes_max - short_answer_bytes * (call.all ? providers.size() : 1);
  errand.repeatable = !call.all && (caller.exactly || is_repeatable(least->offer, last_token_of(method.str())));
  if (errand.repeatable && !caller.exactly) errand.arguments = call.arguments.bytes;
  Effects effects;
  for (auto* const one : call.all ? providers : std::vector{least}) {
    if (is_free(*one))
      invoke(errand, *one, call.arguments.bytes, now, effects);
    else
      add_answer(errand, *one, Status::resource_exhausted, "it is busy", 0);
  }
  return effects;
}

/// Of those that may be given another call: whoever runs fewest, and of these whoever was given one longest ago.
Services::Provider* Services::least_busy(const std::vector<Provider*>& providers) const {
  Provider* least = nullptr;
  for (auto* const one : providers) {
    if (!is_free(*one)) continue;
    if (least == nullptr || std::pair(one->running, one->given) < std::pair(least->running, least->given)) least = one;
  }
  return least;
}

/// Whoever says that it may be run twice.
Services::Provider* Services::to_hand_on_to(const MethodName& method) const {
  auto providers = having(method);
  std::erase_if(providers, [&](const auto* one) { return !is_repeatable(one->offer, last_token_of(method.str())); });
  return least_busy(providers);
}

void Services::invoke(Errand& errand, Provider& provider, std::string_view arguments, WallTime now, Effects& effects) {
  proto::Invoke invoke;
  invoke.id = InvocationId{++last_invocation_};
  const auto passed_ms = (std::max(now, errand.began).ns - errand.began.ns) / 1'000'000;
  if (const auto deadline_ms = errand.caller.deadline_ms; deadline_ms > 0)
    invoke.deadline_ms = passed_ms < deadline_ms ? deadline_ms - static_cast<std::uint32_t>(passed_ms) : 1;
  invoke.attempt = errand.attempts;
  invoke.method = errand.method;
  invoke.from = errand.caller.from;
  invoke.verified = errand.caller.verified;
  invoke.client = errand.caller.shown;
  invoke.call = errand.caller.call;
  invoke.arguments = {arguments};
  effects.orders.push_back({provider.session, proto::encoded(invoke), invoke.id});
  errand.open.push_back(invoke.id);
  ++provider.running;
  provider.of_session->running.insert(invoke.id);
  provider.given = ++last_given_;
  invocations_.emplace(invoke.id,
                       Invocation{&provider, {errand.caller.client, errand.caller.call}, errand.number, now});
}

bool Services::ask_too(const ClientId& client, CallId call, SessionRef asker, std::string_view arguments) {
  const Key key{client, call};
  const auto found = errands_.find(key);
  if (found == errands_.end()) return false;
  auto& errand = found->second;
  if (std::ranges::find(errand.askers, asker) == errand.askers.end()) add_asker(key, errand, asker);
  if (errand.repeatable && !errand.arguments) errand.arguments = arguments;
  return true;
}

void Services::add_asker(const Key& key, Errand& errand, SessionRef asker) {
  errand.askers.push_back(asker);
  asked_by_[asker].insert(key);
}

bool Services::remove_asker(const Key& key, Errand& errand, SessionRef asker) {
  if (std::erase(errand.askers, asker) == 0) return false;
  const auto asked = asked_by_.find(asker);
  asked->second.erase(key);
  if (asked->second.empty()) asked_by_.erase(asked);
  return true;
}

Services::Errand* Services::errand_of(const Invocation& invocation) {
  const auto found = errands_.find(invocation.key);
  return found == errands_.end() || found->second.number != invocation.errand ? nullptr : &found->second;
}

Services::Effects Services::outcome(SessionRef session, const proto::Outcome& outcome, WallTime now) {
  Effects effects;
  const auto found = invocations_.find(outcome.id);
  if (found == invocations_.end() || found->second.provider->session != session) return effects;
  const auto ended = found->second;
  invocations_.erase(found);
  auto& provider = *ended.provider;
  const auto took_us = microseconds(ended.began, now);
  --provider.running;
  provider.of_session->running.erase(outcome.id);
  auto* const errand = errand_of(ended);
  if (errand == nullptr || last_token_of(errand->method.str()) != ping) {
    ++provider.calls;
    provider.errors += outcome.status == Status::ok ? 0 : 1;
    provider.latencies.add(took_us);
  }
  if (errand != nullptr) {
    std::erase(errand->open, outcome.id);
    add_answer(*errand, provider, outcome.status, outcome.result.bytes, took_us);
    settle_if_done(*errand, effects);
  }
  if (provider.withdrawn && provider.running == 0) remove(provider);
  return effects;
}

void Services::add_answer(Errand& errand, const Provider& provider, Status status, std::string_view result,
                          std::uint32_t took_us) {
  auto host = provider.offer.host;
  std::string bytes = status == Status::ok ? std::string(result) : sentence_of(result);
  const auto size = host.str().size() + bytes.size();
  if (size > errand.room_bytes) {
    const auto beside = errand.answers.empty() ? "" : " beside those of others";
    bytes = "a result of " + std::to_string(bytes.size()) + " bytes doesn't fit into the reply" + beside;
    status = Status::out_of_range;
    host = {};
  } else if (errand.all && gathered_bytes_ + size > limits_.gathered_bytes) {
    bytes = "the hub holds as many answers of calls to all as it may";
    status = Status::resource_exhausted;
    host = {};
  } else {
    errand.room_bytes -= size;
  }
  if (errand.all) {
    const auto gathered = short_answer_bytes + host.str().size() + bytes.size();
    errand.gathered_bytes += gathered;
    gathered_bytes_ += gathered;
  }
  errand.answers.push_back({provider.person, std::move(host), status, took_us, {std::move(bytes)}});
}

/// One that may be repeated is handed on where somebody else is free to run it.
void Services::lose(const Invocation& lost, InvocationId id, WallTime now, Effects& effects) {
  auto* const errand = errand_of(lost);
  if (errand == nullptr) return;
  std::erase(errand->open, id);
  const auto whose = lost.provider->person.str() + (lost.provider->offer.host.str().empty() ? "" : " on ") +
                     lost.provider->offer.host.str();
  if (errand->arguments && errand->attempts < attempts_max) {
    if (auto* const other = to_hand_on_to(errand->method)) {
      ++errand->attempts;
      return invoke(*errand, *other, *errand->arguments, now, effects);
    }
  }
  const auto status = errand->repeatable ? Status::unavailable : Status::unknown;
  const auto sentence = errand->repeatable ? whose + " was lost with the call; it may be repeated"
                                           : whose + " was lost with the call, so its outcome is unknown";
  add_answer(*errand, *lost.provider, status, sentence, microseconds(lost.began, now));
  settle_if_done(*errand, effects);
}

void Services::settle_if_done(Errand& errand, Effects& effects) {
  if (!errand.open.empty()) return;
  auto& only = errand.answers.front();
  if (!errand.all && only.status != Status::ok)
    return settle(errand, {only.status, std::move(only.result.bytes)}, effects);
  proto::ServiceReply reply{false, errand.attempts, std::move(errand.answers)};
  settle(errand, {Status::ok, encoded_reply(reply)}, effects);
}

void Services::settle(Errand& errand, StoredReply reply, Effects& effects) {
  const Key key{errand.caller.client, errand.caller.call};
  const auto askers = errand.askers;
  for (const auto asker : askers) remove_asker(key, errand, asker);
  gathered_bytes_ -= errand.gathered_bytes;
  effects.settled.push_back({askers, key.first, key.second, std::move(reply), true, errand.caller.exactly});
  errands_.erase(key);
}

Services::Effects Services::give_up(const ClientId& client, CallId call, SessionRef asker, Error why) {
  Effects effects;
  const Key key{client, call};
  const auto found = errands_.find(key);
  if (found == errands_.end()) return effects;
  auto& errand = found->second;
  if (!remove_asker(key, errand, asker)) return effects;
  if (!errand.askers.empty()) {
    why.sentence += "; it is still in progress";
    effects.settled.push_back({{asker}, client, call, {why.status, why.sentence}, false});
    return effects;
  }
  add_asker(key, errand, asker);
  for (const auto id : errand.open) {
    const auto running = invocations_.find(id);
    effects.orders.push_back({running->second.provider->session, proto::encoded(proto::Revoke{id}), {}});
    if (errand.all) add_answer(errand, *running->second.provider, why.status, why.sentence, 0);
  }
  errand.open.clear();
  const bool answered =
      std::ranges::any_of(errand.answers, [](const auto& answer) { return answer.status == Status::ok; });
  if (errand.all && answered && why.status == Status::deadline_exceeded)
    settle_if_done(errand, effects);
  else
    settle(errand, {why.status, why.sentence}, effects);
  return effects;
}

}  // namespace hubbub::server
