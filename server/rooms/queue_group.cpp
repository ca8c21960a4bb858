#include "server/rooms/queue_group.hpp"

namespace hubbub::server {

void QueueGroup::remove(SessionRef session) {
  std::erase_if(members_, [&](const Member& member) { return member.session == session; });
}

void QueueGroup::set_ready(SessionRef session, bool ready) {
  for (auto& member : members_)
    if (member.session == session) member.ready = ready;
}

void QueueGroup::give_back(Seq first, Seq last) {
  for (auto seq = first; seq <= last; seq = seq.next()) returned_.insert(seq);
}

void QueueGroup::take_next() {
  if (returned_.empty())
    next_ = next_.next();
  else
    returned_.erase(returned_.begin());
}

std::vector<QueueGroup::Range> QueueGroup::lose_before(Seq first_kept) {
  std::vector<Range> lost;
  const auto lose = [&](Seq first, Seq last) {
    if (!lost.empty() && lost.back().last.next() == first)
      lost.back().last = last;
    else
      lost.push_back({first, last});
  };
  while (!returned_.empty() && *returned_.begin() < first_kept) {
    lose(*returned_.begin(), *returned_.begin());
    returned_.erase(returned_.begin());
  }
  if (next_ < first_kept) {
    lose(next_, first_kept.previous());
    next_ = first_kept;
  }
  return lost;
}

std::optional<SessionRef> QueueGroup::pick() {
  for (std::size_t tried = 0; tried < members_.size(); ++tried) {
    turn_ = (turn_ + 1) % members_.size();
    if (members_[turn_].ready) return members_[turn_].session;
  }
  return std::nullopt;
}

}  // namespace hubbub::server
