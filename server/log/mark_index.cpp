#include "server/log/mark_index.hpp"

#include <algorithm>

namespace hubbub::server {

std::vector<Seq> MarkIndex::note(const Marked& marked) {
  std::vector<Seq> erased;
  if (marked.due != WallTime{}) by_due_.emplace(marked.due, marked.seq);
  if (!marked.key.empty()) {
    const auto [place, is_new] = by_key_.try_emplace(marked.key, marked.seq);
    if (!is_new) erased.push_back(std::exchange(place->second, marked.seq));
  }
  if (marked.amends == proto::Amends::redaction) {
    erased.push_back(marked.target);
    for (const auto seq : amendments(marked.target, marked.target, {}))
      if (by_seq_.at(seq).amends == proto::Amends::edit) erased.push_back(seq);
  }
  if (marked.amends != proto::Amends::nothing) by_target_.emplace(marked.target, marked.seq);
  by_seq_.emplace(marked.seq, marked);
  return erased;
}

std::vector<Seq> MarkIndex::expire(WallTime now) {
  std::vector<Seq> expired;
  for (; !by_due_.empty() && by_due_.begin()->first <= now; by_due_.erase(by_due_.begin()))
    expired.push_back(by_due_.begin()->second);
  return expired;
}

std::optional<WallTime> MarkIndex::next_due() const {
  return by_due_.empty() ? std::nullopt : std::optional(by_due_.begin()->first);
}

void MarkIndex::erased(Seq seq) {
  const auto found = by_seq_.find(seq);
  if (found == by_seq_.end()) return;
  auto& marked = found->second;
  if (marked.amends == proto::Amends::pin)
    marked.undo = true;
  else
    by_target_.erase({marked.target, seq});
}

void MarkIndex::forget_before(Seq first_kept) {
  for (; !by_seq_.empty() && by_seq_.begin()->first < first_kept; by_seq_.erase(by_seq_.begin())) {
    const auto& [seq, marked] = *by_seq_.begin();
    by_due_.erase({marked.due, seq});
    by_target_.erase({marked.target, seq});
    if (const auto key = by_key_.find(marked.key); key != by_key_.end() && key->second == seq) by_key_.erase(key);
  }
}

std::vector<Seq> MarkIndex::amendments(Seq first, Seq last, Seq behind) const {
  std::vector<Seq> found;
  for (auto at = by_target_.lower_bound({first, Seq{}}); at != by_target_.end() && at->first <= last; ++at)
    if (at->second > behind) found.push_back(at->second);
  std::ranges::sort(found);
  return found;
}

/// Of each target the newest word counts.
std::vector<Seq> MarkIndex::pinned() const {
  std::vector<Seq> found;
  for (const auto& [target, seq] : by_target_) {
    const auto& marked = by_seq_.at(seq);
    if (marked.amends != proto::Amends::pin) continue;
    if (!found.empty() && found.back() == target) found.pop_back();
    if (!marked.undo) found.push_back(target);
  }
  return found;
}

}  // namespace hubbub::server
