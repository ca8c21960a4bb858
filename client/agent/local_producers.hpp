// What the clients at the agent's socket have published, so that a repetition is not said twice.
//   (client, room): ids 1, 2, 3 …  --accept--> next: say it | seen: it is acknowledged again | out of line: refused,
//   once
// Lives as long as the agent. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <unordered_map>

#include "proto/ids.hpp"

namespace hubbub::agent {

/// One client's publishes to one room.
struct LocalStream {
  PublishId last;          ///< accepted
  PublishId acknowledged;  ///< with the hub, or in the spool
  bool begun = false;
  bool refusing = false;  ///< one refusal answers the whole burst behind it

  enum class Verdict {
    next,     ///< say it, then accepted()
    again,    ///< known; whoever says it is to be told `acknowledged`, or will be
    gap,      ///< ids were skipped
    ignored,  ///< out of line, as was told already
  };
  /// The first id that comes is where it begins: a client may count on from an agent before this one, which has told it
  /// of all that it had taken, unless it was killed.
  Verdict look_at(PublishId id);
  void accepted(PublishId id);
};

class WireSession;

/// One client's.
struct LocalStreams {
  std::unordered_map<RoomId, LocalStream> rooms;
  std::weak_ptr<WireSession> speaker;  ///< the session that has greeted as this client last
};

class LocalProducers {
 public:
  /// Clients that are remembered though they have gone.
  static constexpr std::size_t remembered_max = 1024;

  /// Kept for as long as anybody holds it, and then until so many others have come.
  std::shared_ptr<LocalStreams> streams_of(const ClientId& client);

 private:
  struct Known {
    ClientId client;
    std::shared_ptr<LocalStreams> streams;
  };
  void forget_some();

  std::list<Known> known_;  ///< who came last is last
  std::unordered_map<ClientId, std::list<Known>::iterator> by_client_;
};

}  // namespace hubbub::agent
