// Judges what a hub did with durable rooms by what was seen from outside (DESIGN, sections 2 and 7).
//   History --check--> findings: none, or sentences that say which promise was broken, where and by whom
// Pure. Cost: some hundred nanoseconds a happening.
#pragma once

#include <string>
#include <vector>

#include "tests/support/history.hpp"

namespace hubbub::test {

/// What a hub can do wrong.
enum class Wrong {
  acknowledged_is_gone,  ///< acknowledged, and not in the room
  seen_is_gone,          ///< a subscriber got it, and it is not in the room
  never_sent,            ///< read or acknowledged, and nobody had said it there
  twice,                 ///< one publish id at two seqs
  hole,                  ///< the room has no message at a seq between its first and its last
  two_messages,          ///< one seq was one message for one and another for somebody else
  order_of_producer,     ///< a producer's ids don't follow one another in the room
  order_of_time,         ///< said after another was acknowledged or seen, and yet before it in the room
  unreported_gap,        ///< a reader got a later message than the next, and wasn't told
  repeated,              ///< a reader got an earlier message than the next
  trimmed_too_much,      ///< retention gave up what it has to leave
  false_loss,            ///< a reader was told that a message is gone, and it is there
  left_behind,           ///< a reader never got the last messages
  forgotten_producer,    ///< the hub doesn't know a producer that it has acknowledged, and need not have forgotten
};

struct Finding {
  Wrong wrong;
  std::string sentence;
};

/// At most `findings_max`: one bug breaks many promises many times. A room counts as read only if kept() says so.
std::vector<Finding> check(const History& history, std::size_t findings_max = 20);

/// As a list, a line each; what a test shows.
std::string as_text(const std::vector<Finding>& findings);

}  // namespace hubbub::test
