// Which of the messages that are to be posted later are read from the store, and when. Those that wait are on the disk;
// here is only when the next one is due, and what is on its way into its room.
//   added --> LaterPlan --wake_at--> [timer] --read--> the store --found--> their rooms --settled, refused--> ┘
// What is on its way, or was cancelled, may be found again until the store is known not to have it any more: it isn't
// posted again. Pure: no clock, no store. Used on core 0.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "server/log/store.hpp"

namespace hubbub::server {

class LaterPlan {
 public:
  /// Of what is on its way at once, and of what is read at once.
  struct Bounds {
    std::size_t messages, bytes, messages_at_once;
  };
  explicit LaterPlan(Bounds bounds) : bounds_(bounds) {}

  /// The store has it. True if it is due before everything else that waits: wake_at() has changed.
  bool added(LaterPlace place);
  /// When there is something to read; nothing: not before something else happens here.
  [[nodiscard]] std::optional<WallTime> wake_at() const;
  /// Begins to read what is due. Nothing if there is nothing to read now.
  std::optional<LaterWish> read(WallTime now);
  /// What the read has found. Returns those that are to be posted: they are on their way now.
  std::vector<LaterAdded> found(LaterFound found);
  void read_failed();

  /// Anything else is asked of the store. REQUIRES: it answers everything, reads too, in the order in which it was
  /// asked.
  void asked() { ++asked_; }
  void answered();
  /// True if it is on its way, or was cancelled: it isn't there any more, whatever an answer of the store says.
  [[nodiscard]] bool is_gone(LaterId id) const { return gone_.contains(id.value); }
  /// It won't be posted. REQUIRES: the store had it in an answer, and it isn't gone.
  void cancelled(const LaterAdded& message);

  /// The store hasn't got it any more. Returns whose it was.
  Owner settled(LaterId id);
  /// It couldn't be posted, and is to be read again. Nothing is read until resume().
  void refused(LaterId id);
  void resume() { paused_ = false; }

  [[nodiscard]] std::size_t under_way() const { return under_way_; }

 private:
  struct Gone {
    WallTime at;
    Owner owner;
    std::size_t bytes = 0;
    bool posting = false;  // else cancelled
  };
  static constexpr LaterPlace never{WallTime{UINT64_MAX}, {}};
  void arrived(Gone& gone);
  void forget_settled();

  const Bounds bounds_;
  LaterPlace read_to_;        // all that was there up to here, when it was read, is gone or was refused
  LaterPlace added_ = never;  // the first that was added since the last read began
  WallTime next_ = never.at;  // when the first behind read_to_ is due
  bool reading_ = false, paused_ = false;
  std::size_t under_way_ = 0, under_way_bytes_ = 0;
  std::unordered_map<std::uint64_t, Gone> gone_;  // by id
  std::uint64_t asked_ = 0, answered_ = 0;
  std::deque<std::pair<std::uint64_t, LaterId>> settled_;  // may be in an answer up to that one
};

}  // namespace hubbub::server
