// Rooms at memory speed: the agent of this host puts what it receives into shared memory, and this reads it there.
//
//   hub --> agent --> ring --> RingSubscription --> next(): messages, gaps, and how it stands with the agent
//                       hole? --> room.history, by the caller's Link
//
// What was overwritten before it was read, or went by while there was no agent, is read from the hub: messages of a
// room come in order, each once, and what can't be had any more comes as Gap. While it is read, only numbers are kept
// of what else comes for that room. Where the ring has lapped this reader, or its agent has ended, another seat is
// asked for, which says how far each room is and of which life of the hub; so a room of which nothing comes any more
// heals too, one that was made meanwhile is found, and one that has begun anew is told by RoomAttached and read from
// its first message. A room that the hub can't give now waits by itself. The first Offline says why there is no agent,
// and Online that one is back.
//
// Runs on the Link's thread; BlockingLink::wait(ring.next()) is the form for a thread that may wait.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <vector>

#include "client/link/link.hpp"

namespace hubbub::link {

class RingSubscription {
 public:
  struct Options {
    Address hub;  ///< the hub's, by which its agent is found
    std::vector<Pattern> patterns;
    Seq from;                    ///< the first message of each room that exists now; zero: what is said from now on
    std::string hop = "client";  ///< what the stamps of traced messages call this end
  };

  /// Does nothing yet. REQUIRES: `link` is connected, as a rule to the agent, and outlives this.
  RingSubscription(Link& link, Options options);
  ~RingSubscription();
  RingSubscription(const RingSubscription&) = delete;
  RingSubscription& operator=(const RingSubscription&) = delete;

  /// Takes a seat: from then on everything is received. Fails with unavailable where no agent runs for that hub, or the
  /// hub is away; with resource_exhausted where all seats are taken; with deadline_exceeded; or as the agent refuses.
  asio::awaitable<Result<void>> open(std::chrono::milliseconds patience);

  /// The next event; waits for one. Closed where history is needed and the Link has ended; who waits for what comes
  /// isn't told: whoever reads Link::next() beside this sees it there. One caller at a time. A cancelled coroutine gets
  /// Asio's operation_aborted thrown, and no event is lost by it. REQUIRES: open() has succeeded.
  asio::awaitable<Incoming> next();
  /// The same without waiting. Nothing also while a room is to be read from the hub, and now and then under load, so
  /// that others have their turn: next() goes on.
  std::optional<Incoming> try_next();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace hubbub::link
