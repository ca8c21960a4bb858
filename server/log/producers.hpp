// Which publishes of each producer a room has taken already, so that one sent again takes effect once (DESIGN, section
// 7).
//   (client, epoch, publish id, hash) --admit--> next in line | seen already, as seq | refused, and why
// Pure: no sockets, clocks or threads.
#pragma once

#include <cstdint>
#include <list>
#include <unordered_map>
#include <vector>

#include "proto/hot.hpp"
#include "server/limits.hpp"
#include "server/log/records.hpp"

namespace hubbub::server {

/// Producers whose last id a room remembers. By count, not by clock: the one that published longest ago is forgotten
/// first.
inline constexpr std::size_t producers_per_room_max = 1024;
/// Publishes of a producer whose seqs are remembered; older ones are still known to be old.
inline constexpr std::size_t producer_window = 1024;

/// Tells whether what is said again is what was said before (XXH3, 64 bits).
[[nodiscard]] std::uint64_t hash_of(const proto::PublishView& said);

class Producers;

/// What the rooms of one core remember of producers together. Over a bound those give something up that were published
/// to longest ago: first the windows (without its seq a repetition is still known to be one), then whole producers.
class ProducerBudget {
 public:
  explicit ProducerBudget(std::size_t producers_max = bounds::producers_per_core_max,
                          std::size_t seqs_max = bounds::producer_seqs_per_core_max)
      : producers_max_(producers_max), seqs_max_(seqs_max) {}
  ProducerBudget(const ProducerBudget&) = delete;
  ProducerBudget& operator=(const ProducerBudget&) = delete;

  [[nodiscard]] std::size_t producers() const { return producers_; }
  [[nodiscard]] std::size_t seqs() const { return seqs_; }

 private:
  friend class Producers;
  void published_to(Producers& room);
  void leave(Producers& room);
  void make_room();

  const std::size_t producers_max_, seqs_max_;
  std::size_t producers_ = 0, seqs_ = 0, told_ = 0;
  std::list<Producers*> rooms_;  // that know producers; the one published to longest ago first
  std::list<Producers*>::iterator windows_from_ = rooms_.end();  // those before it have given up their windows
};
static_assert(bounds::producers_per_core_max >= 2 * producers_per_room_max);
static_assert(bounds::producer_seqs_per_core_max >= 2 * producers_per_room_max * producer_window);

class Producers {
 public:
  /// `kept`: as they were when the hub stopped; the one that published longest ago first.
  explicit Producers(ProducerBudget& budget, const std::vector<KeptProducer>& kept = {});
  ~Producers();
  Producers(const Producers&) = delete;
  Producers& operator=(const Producers&) = delete;

  enum class Verdict {
    next,         ///< call expect(), append it, then call taken()
    duplicate,    ///< acknowledge it again with `seq` (zero: too long ago to know), once `settled_by` is committed
    conflict,     ///< refuse it: `seq` had that id with another content
    out_of_line,  ///< refuse it: `expected` has to come first
    unknown,      ///< refuse it: the first that is heard of this producer, and not its first publish
    fenced,       ///< refuse it: a later epoch of this producer has published here
    repeated,     ///< out of line or unknown, and the client was told so already: stay silent
  };
  struct Admission {
    Verdict verdict;
    Seq seq;
    PublishId expected;
    Seq settled_by = {};  ///< of a duplicate: it is committed if this is
  };
  struct Publication {
    ClientId client;
    std::uint64_t epoch = 0;
    PublishId id;            ///< not zero
    std::uint64_t hash = 0;  ///< see hash_of(); always zero where nobody compares
  };

  /// Changes nothing but which refusals were given: one per burst and `connection` (any number that tells connections
  /// of a client apart), so that a client that came back without hearing it is told again.
  Admission admit(const Publication& publication, std::uint64_t connection);
  /// Makes place for what taken() will note, which then can't fail.
  void expect(const ClientId& client);
  /// `publication`, just admitted as next, is in the room as `seq`. REQUIRES: expect().
  void taken(const Publication& publication, Seq seq);

  [[nodiscard]] std::size_t size() const { return by_client_.size(); }

 private:
  friend class ProducerBudget;
  struct Producer {
    std::uint64_t epoch = 0;
    PublishId last;
    std::vector<KeptProducer::Taken> recent;  // a ring of those up to `last`
    std::size_t oldest = 0;                   // where it begins
    std::list<ClientId>::iterator place;
  };
  Admission seen(const Producer& producer, const Publication& publication) const;
  Admission refuse_once(const Publication& publication, std::uint64_t connection, Verdict why, PublishId expected);
  Producer& find_or_add(const ClientId& client);
  void forget_oldest();
  void forget_windows();
  void forget_told();

  ProducerBudget& budget_;
  std::list<Producers*> unlisted_{this};  // this room's place in the budget's list, while it isn't there
  const std::list<Producers*>::iterator place_ = unlisted_.begin();
  std::unordered_map<ClientId, Producer> by_client_;
  std::list<ClientId> by_age_;                        // the one that published longest ago first
  std::unordered_map<ClientId, std::uint64_t> told_;  // the connection of a client that knows what is expected
};

}  // namespace hubbub::server
