// Last wills: what is posted for a session that ends without a good-bye.
//   session.will --> [the session] --vanished--> grace --nobody came back--> the room's home --posted--> forgotten
//                                                  └──── the same client did --> forgotten
// In memory alone: a will goes with the hub, as its session does. Each is posted as what is posted later is, under a
// number of those which the store never sees.
#include <algorithm>

#include "server/dispatch/directory.hpp"

namespace hubbub::server {

Directory::Outcome<proto::Done> Directory::handle(const Caller& caller, const proto::SessionWill& call) {
  auto& session = caller.session;
  if (!call.leave) {
    give_up_will(session);
    return proto::Done{};
  }
  auto message = message_from(caller.person, call.kind, call.retain, call.headers, call.body.bytes);
  if (!message) return tl::unexpected(message.error());
  const auto room = open(call.room, caller.person);
  if (!room) return tl::unexpected(room.error());
  auto will = std::make_unique<Will>(Will{(*room)->id, *std::move(message), session.client, caller.person.owner});
  const auto had = session.will ? session.will->bytes() : 0;
  if (wills_bytes_ - had + will->bytes() > bounds::wills_bytes_max)
    return fail(Status::resource_exhausted, "the hub holds as many bytes of last wills as it may; leave a shorter one");
  give_up_will(session);
  wills_bytes_ += will->bytes();
  session.will = std::move(will);
  return proto::Done{};
}

void Directory::give_up_will(SessionEntry& session) {
  if (session.will) wills_bytes_ -= session.will->bytes();
  session.will.reset();
}

/// Whose client is back already, before the hub has noticed that it was away, hasn't vanished.
void Directory::begin_grace(SessionRef ref, SessionEntry& session) {
  if (!session.will || stopping_) return;
  const auto is_same_client = [&](SessionRef other) {
    return other != ref && sessions_.at(other).client == session.client;
  };
  if (std::ranges::any_of(session.person->sessions, is_same_client)) return;
  const LaterId id{++last_later_.value};
  auto& will = vanished_.emplace(id.value, std::move(*session.will)).first->second;
  session.will.reset();
  will.message.from = session.person->name;
  graces_.emplace(session.client, id);
  outlet_.after(std::chrono::milliseconds(bounds::will_grace_ms), [this, id](WallTime) { post_will(id); });
}

void Directory::take_back_wills(const ClientId& client, const Owner& owner) {
  auto [at, end] = graces_.equal_range(client);
  while (at != end) {
    const auto will = vanished_.find(at->second.value);
    if (will->second.owner != owner) {
      ++at;
      continue;
    }
    wills_bytes_ -= will->second.bytes();
    vanished_.erase(will);
    at = graces_.erase(at);
  }
}

void Directory::post_will(LaterId id) {
  const auto found = vanished_.find(id.value);
  if (found == vanished_.end() || stopping_) return;
  const auto& will = found->second;
  const auto [begin, end] = graces_.equal_range(will.client);
  for (auto at = begin; at != end; ++at) {
    if (at->second != id) continue;
    graces_.erase(at);
    break;
  }
  outlet_.post_later(will.room, id, will.message);
}

void Directory::posted_will(LaterId id, LaterOutcome outcome) {
  if (outcome == LaterOutcome::refused) {
    outlet_.after(std::chrono::milliseconds(bounds::later_look_ms), [this, id](WallTime) { post_will(id); });
    return;
  }
  const auto will = vanished_.extract(id.value);
  wills_bytes_ -= will.mapped().bytes();
}

}  // namespace hubbub::server
