#include "server/rooms/acked_group.hpp"

#include <limits>

#include "proto/archive.hpp"
#include "server/limits.hpp"

namespace hubbub::server {

namespace {

/// Of state(): the first byte says how the rest is to be read.
constexpr std::uint8_t state_form = 1;

}  // namespace

// ── what is kept ─────────────────────────────────────────────────────────────────────────────────────────────────────

std::string AckedGroup::state() const {
  std::string bytes;
  proto::WireOutput out(bytes);
  out.scalar(state_form);
  for (const auto& [seq, message] : unsettled_) {
    out.scalar(seq.value);
    out.scalar(message.failed);
  }
  return bytes;
}

std::optional<AckedGroup> AckedGroup::restore(Seq next, std::string_view state) {
  AckedGroup group(next);
  proto::WireInput in(state);
  if (in.scalar<std::uint8_t>() != state_form) return std::nullopt;
  while (in.left() > 0 && !in.failed()) {
    const Seq seq{in.scalar<std::uint64_t>()};
    const auto failed = in.scalar<std::uint16_t>();
    const bool is_in_order = seq.value > 0 && seq < next &&
                             (group.unsettled_.empty() || group.unsettled_.rbegin()->first < seq) &&
                             group.unsettled_.size() < bounds::group_unsettled_max;
    if (in.failed() || !is_in_order) return std::nullopt;
    group.wait(seq, group.unsettled_[seq] = {Where::waiting, failed}, {});
  }
  if (in.failed()) return std::nullopt;
  return group;
}

// ── members ──────────────────────────────────────────────────────────────────────────────────────────────────────────

const AckedGroup::Member* AckedGroup::find(SessionRef session) const {
  const auto found = std::ranges::find(members_, session, &Member::session);
  return found == members_.end() ? nullptr : &*found;
}

void AckedGroup::add(SessionRef session, const Acks& acks) {
  members_.push_back({session, acks.at_once});
  policy_ = acks;
}

void AckedGroup::set_ready(SessionRef session, bool ready) {
  if (auto* const member = find(session)) member->ready = ready;
}

std::vector<Seq> AckedGroup::remove(SessionRef session, bool is_lost) {
  std::vector<Seq> dying;
  if (!has(session)) return dying;
  for (auto& [seq, message] : unsettled_) {
    if (message.where != Where::out || message.member != session) continue;
    take_back(message);
    if (is_lost && has_failed(message)) {
      message.where = Where::dying;
      dying.push_back(seq);
    } else {
      wait(seq, message, {});
    }
  }
  std::erase_if(members_, [&](const Member& member) { return member.session == session; });
  return dying;
}

std::optional<SessionRef> AckedGroup::pick(Time now) {
  const Member* best = nullptr;
  std::size_t best_at = 0;
  for (std::size_t i = 1; i <= members_.size(); ++i) {
    const auto at = (turn_ + i) % members_.size();
    const auto& member = members_[at];
    if (!member.has_place(now)) continue;
    if (best != nullptr && member.out >= best->out) continue;
    best = &member;
    best_at = at;
  }
  if (best == nullptr) return std::nullopt;
  turn_ = best_at;
  return best->session;
}

// ── messages ─────────────────────────────────────────────────────────────────────────────────────────────────────────

std::optional<Seq> AckedGroup::wanted(Time now) const {
  if (!waiting_.empty() && waiting_.begin()->first <= now) return waiting_.begin()->second;
  if (unsettled_.size() >= bounds::group_unsettled_max) return std::nullopt;
  return next_;
}

std::uint16_t AckedGroup::hand(Seq seq, SessionRef member) {
  auto& message = unsettled_[seq];
  if (seq == next_)
    next_ = next_.next();
  else
    waiting_.erase({message.due, seq});
  message.where = Where::out;
  message.member = member;
  ++find(member)->out;
  ++out_;
  return static_cast<std::uint16_t>(std::min<int>(message.failed + 1, std::numeric_limits<std::uint16_t>::max()));
}

void AckedGroup::skip(Seq seq) {
  if (seq == next_) {
    next_ = next_.next();
    return;
  }
  const auto found = unsettled_.find(seq);
  waiting_.erase({found->second.due, seq});
  unsettled_.erase(found);
}

std::vector<AckedGroup::Range> AckedGroup::lose_before(Seq first_kept, std::optional<Seq> burying) {
  std::vector<Range> lost;
  const auto lose = [&](Seq first, Seq last) {
    if (!lost.empty() && lost.back().last.next() == first)
      lost.back().last = last;
    else
      lost.push_back({first, last});
  };
  for (auto at = unsettled_.begin(); at != unsettled_.end() && at->first < first_kept;) {
    const auto& [seq, message] = *at;
    if (message.where == Where::out || seq == burying) {
      ++at;
      continue;
    }
    lose(seq, seq);
    if (message.where == Where::waiting) waiting_.erase({message.due, seq});
    at = unsettled_.erase(at);
  }
  if (next_ < first_kept) {
    lose(next_, first_kept.previous());
    next_ = first_kept;
  }
  return lost;
}

/// From the member that has it.
void AckedGroup::take_back(Unsettled& message) {
  --find(message.member)->out;
  --out_;
  message.member = {};
}

void AckedGroup::wait(Seq seq, Unsettled& message, Time due) {
  message.where = Where::waiting;
  message.due = due;
  waiting_.emplace(due, seq);
}

/// Counts it. True if it was the last attempt.
bool AckedGroup::has_failed(Unsettled& message) const {
  if (message.failed < std::numeric_limits<std::uint16_t>::max()) ++message.failed;
  return policy_.attempts_max > 0 && message.failed >= policy_.attempts_max;
}

AckedGroup::Clock::duration AckedGroup::backoff(std::uint16_t failed) const {
  const std::uint64_t longest = std::max(policy_.backoff_ms, policy_.backoff_ms_max);
  const auto doublings = std::min(failed - 1, 32);
  return std::chrono::milliseconds(std::min(std::uint64_t{policy_.backoff_ms} << doublings, longest));
}

std::map<Seq, AckedGroup::Unsettled>::iterator AckedGroup::find_out(Seq seq, SessionRef member) {
  const auto found = unsettled_.find(seq);
  const bool is_owed = found != unsettled_.end() && found->second.where == Where::out && found->second.member == member;
  return is_owed ? found : unsettled_.end();
}

bool AckedGroup::give_back(SessionRef member, Seq seq) {
  const auto found = find_out(seq, member);
  if (found == unsettled_.end()) return false;
  take_back(found->second);
  wait(seq, found->second, {});
  return true;
}

AckedGroup::Settled AckedGroup::settle(SessionRef member, Seq seq, proto::Verdict verdict, Time now) {
  using proto::Verdict;
  const auto found = find_out(seq, member);
  if (found == unsettled_.end()) return Settled::not_owed;
  auto& message = found->second;
  take_back(message);
  if (verdict == Verdict::done) {
    unsettled_.erase(found);
    return Settled::gone;
  }
  if (verdict == Verdict::back) {
    find(member)->paused_until = now + bounds::group_pause;
    wait(seq, message, {});
    return Settled::waits;
  }
  if (has_failed(message) || verdict == Verdict::dead) {
    message.where = Where::dying;
    return Settled::dying;
  }
  wait(seq, message, now + backoff(message.failed));
  return Settled::waits;
}

void AckedGroup::buried(Seq seq) { unsettled_.erase(seq); }

std::optional<AckedGroup::Time> AckedGroup::next_due(Time now) const {
  std::optional<Time> next;
  const auto at = [&next](Time time) { next = next ? std::min(*next, time) : time; };
  const auto later = waiting_.upper_bound({now, Seq{std::numeric_limits<std::uint64_t>::max()}});
  if (later != waiting_.end()) at(later->first);
  for (const auto& member : members_)
    if (member.paused_until > now) at(member.paused_until);
  return next;
}

}  // namespace hubbub::server
