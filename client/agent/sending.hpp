// What local programs say, on its way to the hub.
//   door --say--> Link, and its outbox on the disk (the spool) --> hub --> acknowledged: Said{seq}
//                    while the hub is away: Said{queued}, at once; the spool sends it when the hub is back
// A program never waits because the network does: what it said is either with the hub or in the spool when it is told
// so. Lives on the Link's thread.
#pragma once

#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <vector>

#include "client/link/link.hpp"

namespace hubbub::agent {

struct Said {
  Seq seq;              ///< zero where the hub told it of a later one only, or where it is queued
  bool queued = false;  ///< it is in the spool; the hub is away
};

class Sending {
 public:
  using Answered = std::function<void(Result<Said>)>;

  /// REQUIRES: `link` outlives it and has an outbox.
  Sending(asio::io_context& loop, link::Link& link) : loop_(loop), link_(link) {}
  ~Sending();
  Sending(const Sending&) = delete;
  Sending& operator=(const Sending&) = delete;

  /// `answered` is called once, maybe before this returns. False: no room now, nothing was taken, and `answered` is
  /// never called; wait with when_writable(). Fails, likewise, with what is wrong with the message, or with
  /// resource_exhausted where the spool is full and no hub is there to empty it.
  Result<bool> say(const link::Outgoing& message, Answered answered);
  /// Calls `then` once, when there may be room again. From the loop.
  void when_writable(std::function<void()> then);

  /// The hub is away: everybody who waits is told that it is queued.
  void offline();

  [[nodiscard]] std::uint64_t accepted() const { return accepted_; }  ///< messages since the start
  /// Of them, those that the hub refused after their program had been told that they were taken.
  [[nodiscard]] std::uint64_t refused_late() const { return refused_late_; }
  /// Logs and counts one of those.
  void tell_refused_late(const Error& why);

 private:
  struct Waiting;
  using WaitingList = std::list<std::shared_ptr<Waiting>>;
  struct Waiting {
    Answered answered;                           ///< empty once it was told
    std::optional<WaitingList::iterator> place;  ///< among those that wait for the hub
  };
  void settle(Waiting& waiting, Result<link::Receipt> receipt);
  void tell_queued(WaitingList waiting);
  static asio::awaitable<void> wait_until_writable(Sending& self, std::shared_ptr<bool> alive);

  asio::io_context& loop_;
  link::Link& link_;
  WaitingList waiting_;  ///< for the hub
  std::vector<std::function<void()>> blocked_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  std::uint64_t accepted_ = 0;
  std::uint64_t refused_late_ = 0;
};

}  // namespace hubbub::agent
