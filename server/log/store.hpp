// Where durable rooms and everything else that outlives the hub are kept: the seam between cores, which never wait for
// a disk, and whoever does.
//   any core --append, change--> Store: group commit --committed--> that core
//            --read, find_time, search, find_answer, later--> Store --then--> that core
//
// Records are committed in the order in which they were given, whichever thread gave them. All callbacks run on the
// core that asked, in the order of its records; none runs before the call has returned. When a commit fails the store
// tries it again until it succeeds: what was given is never dropped and never acknowledged early. Meanwhile `trouble`
// says why.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "proto/methods/search.hpp"
#include "server/log/records.hpp"
#include "server/log/room_log.hpp"
#include "server/log/room_policy.hpp"

namespace hubbub::server {

/// What is searched for. The rooms are those that the asker may read.
struct SearchWish {
  std::string words;
  std::vector<RoomId> rooms;  ///< ascending
  std::string from;           ///< empty: anybody
  WallTime since, until;      ///< zero: no bound
  std::uint64_t before = 0;
  std::size_t limit = 0;
};
struct SearchFound {
  struct Hit {
    RoomId room;
    std::string delivery;  ///< a Delivery's payload
  };
  std::vector<Hit> hits;  ///< the newest first
  std::uint64_t more = 0;
  std::uint64_t unindexed = 0;
};

/// A place in the order of what is to be posted later.
struct LaterPlace {
  WallTime at;
  LaterId id;
  auto operator<=>(const LaterPlace&) const = default;
};
/// What is asked of that, in its order.
struct LaterWish {
  LaterPlace after;                                    ///< only what lies behind
  std::optional<WallTime> until;                       ///< only what is due then
  std::optional<Owner> owner;                          ///< only that one's
  LaterId only = {};                                   ///< no other; the rest means nothing
  std::size_t messages_max = 1, bytes_max = SIZE_MAX;  ///< at least one is given, if there is one
  std::size_t body_bytes_max = SIZE_MAX;               ///< of each body
};
struct LaterFound {
  std::vector<LaterAdded> messages;
  std::optional<WallTime> next = {};  ///< when the one behind them is due; nothing: there is none
};

/// How the store reaches the cores. Called on the store's own threads.
class StoreOutlet {
 public:
  virtual ~StoreOutlet() = default;
  /// Runs `task` on that core, after everything that was given here for it before.
  virtual void run_on(unsigned core, std::function<void()> task) = 0;
  /// The last commit failed, for that reason, and is tried again; or (empty) all is well again.
  virtual void trouble(const std::string& why) = 0;
  /// Retention has given up the room's messages before `first_kept`.
  virtual void trimmed(RoomId room, Seq first_kept) = 0;
  /// What that message said is gone (see proto/erase.hpp).
  virtual void erased(RoomId room, Seq seq) = 0;
};

class Store {
 public:
  virtual ~Store() = default;

  /// The batch's bytes are read later, on another thread: nobody may write there any more.
  virtual void append(unsigned core, Batch batch, std::function<void()> committed) = 0;
  virtual void change(unsigned core, Changes changes, std::function<void()> committed) = 0;

  /// As RoomLog::read. Fails with unavailable where the disk can't be read.
  virtual void read(unsigned core, RoomId room, Seq from, Seq until, std::size_t bytes_max,
                    std::function<void(Result<LogRead>)> then) = 0;
  /// The first message of that time or later; the one after the newest if there is none.
  virtual void find_time(unsigned core, RoomId room, WallTime time, std::function<void(Result<Seq>)> then) = 0;
  /// As RoomLog::amendments and RoomLog::pinned.
  virtual void amendments(unsigned core, RoomId room, AmendmentsWish wish,
                          std::function<void(Result<std::vector<std::string>>)> then) = 0;
  virtual void pinned(unsigned core, RoomId room, std::function<void(Result<std::vector<Seq>>)> then) = 0;
  virtual void search(unsigned core, SearchWish wish, std::function<void(Result<SearchFound>)> then) = 0;
  /// Answers in the order in which it was asked.
  virtual void later(unsigned core, LaterWish wish, std::function<void(Result<LaterFound>)> then) = 0;

  /// Of an exactly-once call. Nothing where it isn't answered.
  virtual void find_answer(unsigned core, ClientId client, CallId call,
                           std::function<void(Result<std::optional<KeptAnswer>>)> then) = 0;

  /// How long the room's messages are kept, from now on.
  virtual void keep(RoomId room, RoomPolicy policy) = 0;
};

}  // namespace hubbub::server
