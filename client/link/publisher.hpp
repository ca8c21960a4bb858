// What this client has said to one room and the hub has not acknowledged yet.
//   push --> [ sent | not sent ] --take_unsent--> the connection
//                   ^ Published drops from the front; PublishRefused and a reconnect move this line back
// The hub counts publish ids 1, 2, 3 … per client and room, so an id is a place in this queue: when a message is
// refused for good, those behind it move up. Only Published takes a message for delivered, never what a refusal lets
// guess. Pure: no socket, no clock. Frames lie one after the other in one buffer: no allocation per message.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "client/link/publish_frame.hpp"

namespace hubbub::link {

class Publisher {
 public:
  /// A message's number in the order of push(): 1, 2, 3 … Moves up by one when an earlier one is refused for good.
  using Ticket = std::uint64_t;

  /// REQUIRES: proto::check_outgoing() accepts the message.
  Ticket push(const Outgoing& message);
  /// The same of `count` frames that lie one after the other, each as append_publish() made it.
  void push_frames(std::string_view frames, std::size_t count);

  /// Appends unsent frames to `out` until that has at least `out_bytes` or none is left.
  void take_unsent(RoomId room, std::string& out, std::size_t out_bytes);

  [[nodiscard]] bool has_unsent() const { return unsent_ > 0; }
  [[nodiscard]] std::size_t count() const { return count_; }                   ///< unacknowledged, sent or not
  [[nodiscard]] std::size_t bytes() const { return frames_.size() - front_; }  ///< theirs
  [[nodiscard]] std::string_view frames() const { return std::string_view(frames_).substr(front_); }
  [[nodiscard]] std::size_t memory_bytes() const { return frames_.capacity(); }
  [[nodiscard]] Ticket settled() const { return settled_; }  ///< up to and with this: no longer here
  [[nodiscard]] PublishId first() const { return first_; }   ///< of the oldest here, or the next one
  [[nodiscard]] PublishId end() const { return PublishId{first_.value + count_}; }  ///< behind the newest here

  /// The `count` oldest may have been sent.
  void doubt(std::uint64_t count) { sent_ = std::max(sent_, PublishId{first_.value + count - 1}); }
  /// As it was left in an outbox: nothing is here yet, `first` comes next, and up to `sent` they may have been sent.
  void start_at(PublishId first, PublishId sent);

  /// The hub has everything up to and with `id`. False if that was known.
  bool acknowledge(PublishId id);

  enum class Verdict {
    resend,        ///< the hub had missed some: take_unsent() gives them again
    resend_later,  ///< the same, but the hub is busy: wait before
    refused,       ///< the message with that ticket was refused for good and is dropped; those behind move up
    ended,         ///< this producer is another program's now: nothing can be sent under its name
    conflict,      ///< the hub knows another message under that id: ids of this producer mean nothing here
    forgotten,     ///< the hub knows nothing of what it had acknowledged: see of_unknown_outcome()
    nothing,       ///< nothing new: it answers what was sent again since, or nothing of ours
  };
  struct Refusal {
    Verdict verdict;
    Ticket ticket = 0;
  };
  /// The hub didn't take `id`, and waits for `expected`. A `durable` room forgets only producers, never messages.
  Refusal refuse(PublishId id, PublishId expected, Status status, proto::Refusal why = proto::Refusal::other,
                 bool durable = false);
  /// How many of the oldest were sent on an earlier connection, so that a hub that has forgotten this client may have
  /// them. More than count() where an outbox holds the rest.
  [[nodiscard]] std::uint64_t of_unknown_outcome() const;
  /// How many of the oldest were sent at all, likewise.
  [[nodiscard]] std::uint64_t sent() const;
  /// Drops the `count` oldest ones, as if they were acknowledged, and all that is left is to be sent again.
  void forget(std::uint64_t count);

  /// A new connection to the same life of the hub: everything is to be sent again under its old id.
  void rewind();
  /// The hub knows nothing of us and waits for `first`: everything is to be sent again from there on.
  void renumber(PublishId first);
  /// The same for a hub that never heard of us, under a client id that is new.
  void begin_anew();
  /// Lets go of the frames: they are all in an outbox, and come back by push_frames().
  void unload();
  /// Drops everything, and the `more` ids behind it.
  void clear(std::uint64_t more = 0);
  /// Takes over what `other` holds, behind its own. What had there the ticket t has here the ticket t + the returned.
  /// REQUIRES: nothing of `other` was sent to this room.
  Ticket append(const Publisher& other);

 private:
  void unsend();
  void rewind_to(PublishId id);
  Ticket drop(PublishId id);
  void drop_front();
  void compact();

  std::string frames_;
  std::size_t front_ = 0;        ///< where the oldest frame begins
  std::size_t unsent_from_ = 0;  ///< where the first unsent frame begins
  std::size_t count_ = 0;
  std::size_t unsent_ = 0;
  PublishId first_{1};
  Ticket settled_ = 0;
  PublishId sent_;           ///< up to this one they were sent once
  PublishId sent_before_;    ///< the same, on an earlier connection
  bool recovering_ = false;  ///< sent again after a refusal, and nothing acknowledged since
};

}  // namespace hubbub::link
