// What the messages of a transient room mean for earlier ones: the part of a log's memory that a durable room has on
// disk.
//   message with marks --note--> seqs that are erased by it        time --expire--> seqs that are
//   targets --amendments--> seqs of what was said about them       pinned() --> seqs
// Bounded by the messages that the log holds: forget_before(). Pure.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "server/log/records.hpp"

namespace hubbub::server {

class MarkIndex {
 public:
  /// Returns what has to be erased now.
  std::vector<Seq> note(const Marked& marked);
  /// What has expired by now, and is forgotten as such.
  std::vector<Seq> expire(WallTime now);
  /// When the next message expires.
  [[nodiscard]] std::optional<WallTime> next_due() const;
  /// What that message said is gone, and what it meant: a pin whose message is erased pins no more.
  void erased(Seq seq);
  /// The log has nothing before that any more.
  void forget_before(Seq first_kept);

  /// What was said after `behind` about messages `first` to `last`, in the order of seqs.
  [[nodiscard]] std::vector<Seq> amendments(Seq first, Seq last, Seq behind) const;
  [[nodiscard]] std::vector<Seq> pinned() const;
  [[nodiscard]] bool empty() const { return by_seq_.empty(); }

 private:
  std::map<Seq, Marked> by_seq_;
  std::unordered_map<std::string, Seq> by_key_;  // the newest message of each
  std::set<std::pair<Seq, Seq>> by_target_;      // target, amendment
  std::set<std::pair<WallTime, Seq>> by_due_;
};

}  // namespace hubbub::server
