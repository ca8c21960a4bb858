// Which publishes of each client a room has taken already, so that one sent again takes effect once (DESIGN, section
// 7).
//   (client, publish id) --admit--> next in line | seen already, as seq | out of line, expected …
// Pure: no sockets, clocks or threads.
#pragma once

#include <cstdint>
#include <list>
#include <unordered_map>
#include <vector>

#include "proto/ids.hpp"

namespace hubbub::server {

/// Clients whose last id a room remembers. By count, not by clock: the one that published longest ago is forgotten
/// first.
inline constexpr std::size_t producers_per_room_max = 1024;
/// Publishes of a client whose seqs are remembered; older ones are still known to be old.
inline constexpr std::size_t producer_window = 1024;

class Producers {
 public:
  enum class Verdict {
    next,         ///< call expect(), append it, then call taken()
    duplicate,    ///< acknowledge it again with `seq` (zero: too long ago to know)
    out_of_line,  ///< refuse it: `expected` has to come first
    repeated,     ///< out of line, and the client was told so already: stay silent
  };
  struct Admission {
    Verdict verdict;
    Seq seq;
    PublishId expected;
  };

  /// Changes nothing but which refusals were given: one per burst and `connection` (any number that tells connections
  /// of a client apart), so that a client that came back without hearing it is told again. REQUIRES: id is not zero.
  Admission admit(const ClientId& client, std::uint64_t connection, PublishId id);
  /// Makes place for what taken() will note, which then can't fail.
  void expect(const ClientId& client);
  /// `id`, just admitted as next, is in the room as `seq`. REQUIRES: expect().
  void taken(const ClientId& client, PublishId id, Seq seq);

  [[nodiscard]] std::size_t size() const { return by_client_.size(); }

 private:
  struct Producer {
    PublishId last;
    std::vector<Seq> recent;       // of publish id n at (n - 1) % producer_window: ids begin with 1
    std::uint64_t refused_on = 0;  // the connection that knows what is expected; zero: none
    std::list<ClientId>::iterator place;
  };
  Producer& find_or_add(const ClientId& client);

  std::unordered_map<ClientId, Producer> by_client_;
  std::list<ClientId> by_age_;  // the one that published longest ago first
};

}  // namespace hubbub::server
