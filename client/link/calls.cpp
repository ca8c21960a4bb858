#include "client/link/calls.hpp"

#include <algorithm>
#include <limits>
#include <tuple>
#include <utility>

#include "proto/codec.hpp"
#include "proto/methods.hpp"

namespace hubbub::link {

namespace {

template <class... Methods>
bool changes(std::string_view method, const std::tuple<Methods...>*) {
  const bool known = ((method == Methods::name) || ...);
  return !known || ((method == Methods::name && Methods::changes) || ...);
}

/// What is left until the deadline, as Call wants it: zero would mean that there is none.
std::uint32_t milliseconds_left(const std::optional<Calls::Time>& deadline, Calls::Time now) {
  if (!deadline) return 0;
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(*deadline - now).count();
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(left, 1, std::numeric_limits<std::uint32_t>::max()));
}

/// A hub with a database keeps the reply of this method there, or doing it twice is the same as doing it once. A post
/// in a transient room is neither.
bool is_kept(const MethodName& method) {
  const auto known = [&method]<class... Methods>(const std::tuple<Methods...>*) {
    return ((method.str() == Methods::name) || ...);
  };
  return method.str() != proto::RoomPost::name && known(static_cast<const proto::Methods*>(nullptr));
}

}  // namespace

bool changes_something(const MethodName& method) {
  return changes(method.str(), static_cast<const proto::Methods*>(nullptr));
}

CallId Calls::add(Pending call, std::optional<CallId> wanted) {
  const CallId id = wanted ? *wanted : CallId{next_++};
  call.repeatable = wanted.has_value();
  pending_.insert_or_assign(id, std::move(call));
  return id;
}

void Calls::send(CallId id, Time now, std::string& out) {
  const auto found = pending_.find(id);
  if (found == pending_.end()) return;
  auto& call = found->second;
  call.sent = true;
  const proto::Call frame{id, milliseconds_left(call.deadline, now), call.method, {call.arguments}};
  proto::encode(frame, out);
}

void Calls::answer(const proto::Reply& reply) {
  auto node = pending_.extract(reply.id);
  if (node.empty()) return;
  std::string result(reply.result.bytes);
  if (reply.status == Status::ok)
    node.mapped().done(std::move(result));
  else
    node.mapped().done(fail(reply.status, std::move(result)));
}

void Calls::abandon(CallId id, std::string* out) {
  const auto node = pending_.extract(id);
  if (!node.empty() && node.mapped().sent && out != nullptr) proto::encode(proto::Cancel{id}, *out);
}

void Calls::disconnected() {
  std::erase_if(pending_, [](const auto& one) { return one.second.of_connection; });
}

/// What services have answered no hub keeps, but of calls that take effect exactly once.
void Calls::new_life(bool same_data) {
  fail_sent("the hub was restarted", [same_data](const Pending& call) {
    const bool chosen = call.repeatable && !proto::is_of_service(call.method.str());
    return same_data && (chosen || call.exactly || is_kept(call.method));
  });
}

void Calls::new_client(std::string_view reason) {
  fail_sent(reason, [](const Pending&) { return false; });
}

template <class Kept>
void Calls::fail_sent(std::string_view reason, Kept kept) {
  std::vector<Pending> lost;
  std::erase_if(pending_, [&](auto& one) {
    auto& call = one.second;
    if (!call.sent || kept(call) || !changes_something(call.method)) return false;
    lost.push_back(std::move(call));
    return true;
  });
  for (auto& call : lost) {
    const auto status = proto::is_of_service(call.method.str()) ? Status::unknown : Status::unavailable;
    call.done(fail(status, std::string(reason).append(", and ").append(call.method.str()) +
                               " had no answer; look whether it took effect before you try it again"));
  }
}

void Calls::send_all(Time now, std::string& out) {
  for (const auto& [id, call] : pending_)
    if (!call.of_connection) send(id, now, out);
}

void Calls::fail_all(const Error& why) {
  for (auto& [id, call] : std::exchange(pending_, {})) call.done(tl::unexpected(why));
}

}  // namespace hubbub::link
