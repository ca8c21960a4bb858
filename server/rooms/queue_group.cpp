#include "server/rooms/queue_group.hpp"

#include <algorithm>

namespace hubbub::server {

void QueueGroup::remove(SessionRef session) {
  std::erase_if(members_, [&](const Member& member) { return member.session == session; });
}

void QueueGroup::set_ready(SessionRef session, bool ready) {
  for (auto& member : members_)
    if (member.session == session) member.ready = ready;
}

void QueueGroup::advance_past(Seq seq) {
  if (returned_.empty()) {
    next_ = std::max(next_, seq.next());
    return;
  }
  while (!returned_.empty() && returned_.front() <= seq) returned_.pop_front();
}

std::optional<SessionRef> QueueGroup::pick() {
  for (std::size_t tried = 0; tried < members_.size(); ++tried) {
    turn_ = (turn_ + 1) % members_.size();
    if (members_[turn_].ready) return members_[turn_].session;
  }
  return std::nullopt;
}

}  // namespace hubbub::server
