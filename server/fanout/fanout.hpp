// From a room's slices to the sessions of this core that receive it.
//   Home (any core) --deliver(slice)--> every Attachment of that room here --> Session's outbox
//
// An attachment knows which seq it wants next and takes no other. Where a slice begins later than that, or its
// session's outbox has grown over its bound, it is behind: it reads the room's log instead, a piece each time its
// outbox has drained, until it has reached the end (DESIGN, promise 5). New attachments that begin in the past, slow
// readers and readers that another core was too busy to be told about all go the same way.
//
// Members of queue groups don't read by themselves: the room's home gives each of them its messages, while it is ready.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "proto/ids.hpp"
#include "proto/text.hpp"
#include "server/fanout/chunk.hpp"
#include "server/rooms/room.hpp"

namespace hubbub::server {

class Core;
class Session;

/// A room to be attached to a session, under the name by which its person knows it.
struct RoomToAttach {
  RoomId id;
  RoomName name;
  AttachWish wish;
};

/// One room that one session receives. Owned by the session.
struct Attachment {
  enum class State : std::uint8_t {
    attaching,  ///< the room's home was asked
    live,       ///< takes slices as they come
    behind,     ///< will read the log when the outbox has drained
    reading,    ///< has asked the log
  };
  Session* session = nullptr;
  RoomId room;
  Seq next;
  std::uint64_t attempt = 0;  ///< tells it from others that the session had to this room before
  std::uint32_t place = 0;    ///< in its room's list on this core
  State state = State::attaching;
  bool ready = true;                 ///< in a group: may be given messages
  std::unique_ptr<GroupName> group;  ///< none: receives everything
};

class Fanout {
 public:
  explicit Fanout(Core& core) : core_(core) {}

  /// Begins to receive: asks the room's home where, tells the client Attached (and the retained message where it asked
  /// for it), and calls `done` here, in any case.
  void attach(Session& session, const RoomToAttach& wanted, std::function<void()> done);
  /// Ends it, here and at the room's home. What the session was not sent yet it doesn't get any more.
  void detach(Session& session, RoomId room);
  /// Ends all of a session that goes; what a group had given it and it was not sent goes to others. With `is_lost`
  /// nothing more is sent to it, not even the rest of a frame.
  void detach_all(Session& session, bool is_lost);

  /// Cost: one comparison and one reference per attachment; per slice, not per message.
  void deliver(const Slice& slice);
  /// From a queue group. Given back if the session is no member of it any more.
  void deliver_to(SessionRef session, const GroupName& group, const Slice& slice);
  /// From a queue group that acknowledges.
  void hand_to(const Handing& handing);
  /// The room's log ends at `last`; slices up to there may have been left out.
  void head_moved(RoomId room, Seq last);

  /// The session's outbox pins more than it may.
  void fall_behind(Session& session);
  /// The session's outbox is empty: readers that are behind go on.
  void drained(Session& session);
  void caught_up(Session& session, RoomId room, const CatchUp& caught);

 private:
  void hand(Attachment& attachment, const Slice& slice);
  void mark_behind(Attachment& attachment);
  void read_on(Attachment& attachment);
  void set_ready(Attachment& attachment, bool ready);
  void attached(const RoomToAttach& wanted, std::uint64_t attempt, const AttachAnswer& answer);
  void leave(Attachment& attachment, bool is_lost);
  struct Returned {
    RoomId room;
    GroupName group;
    Seq first, last;
  };
  std::vector<Returned> drop_queued(Session& session, RoomId only, bool spare_first = false);
  void give_back(const std::vector<Returned>& returned);

  Core& core_;
  std::uint64_t attempts_ = 0;
  std::vector<std::vector<Attachment*>> by_room_;  // by room id; members of groups aren't in it
};

}  // namespace hubbub::server
