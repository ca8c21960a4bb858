// The queue groups with acknowledgements of one room, at its home.
//
//   log --read--> a message --Handed--> RoomOutlet::hand_to --> a member's session
//   Settle --settle()--> AckedGroup --> gone | again later | RoomOutlet::bury --> directory --> the dead --buried()-->
//   gone
//
// In a durable room a group outlives its members and the hub: take_moved() is what has changed since the last time and
// is to be kept. What wasn't kept before a crash is handed out again. In a room of memory it ends with the hub.
// Pure but for the log: no sockets or threads, the clock is the outlet's. Used on the room's home core.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "proto/methods/groups.hpp"
#include "server/dump/json_writer.hpp"
#include "server/log/room_log.hpp"
#include "server/rooms/acked_group.hpp"
#include "server/rooms/dead_letter.hpp"
#include "server/rooms/read_ahead.hpp"

namespace hubbub::server {

class RoomOutlet;

/// How a member leaves its group.
struct Leaving {
  bool lost = false;  ///< with what it had: attempts that failed
  Worker worker;
};

/// What a member says about a message that it was handed.
struct Settlement {
  Seq seq;
  proto::Verdict verdict = proto::Verdict::done;
  Failure why = {};
};

/// One message for one member.
struct Handing {
  SessionRef session;
  RoomId room;
  GroupName group;
  Seq seq;
  Slice frame;  ///< a whole Handed, for nobody else
};

class AckedGroups {
 public:
  using Time = AckedGroup::Time;

  /// The log may be made later than this, before anything else is done here.
  AckedGroups(RoomId room, const std::unique_ptr<RoomLog>& log, RoomOutlet& outlet)
      : room_(room), log_(log), outlet_(outlet) {}

  /// As they were kept. One that can't be understood begins anew where its unsettled ones could lie: they are handed
  /// out again.
  void restore(const std::vector<KeptGroup>& groups);

  /// Makes the group, if it is new, with the first message that it hands out. Returns which that is. The member is
  /// given messages from set_ready() on.
  Seq attach(SessionRef session, const GroupName& name, const Acks& acks, Seq first);
  /// False if it is no member of such a group.
  bool detach(SessionRef session, const GroupName& name, const Leaving& leaving);
  void set_ready(SessionRef session, const GroupName& name, bool ready);
  void settle(SessionRef session, const GroupName& name, Settlement settlement);
  /// What was handed to a member didn't reach it.
  void give_back(SessionRef session, const GroupName& name, Seq seq);
  /// What became of RoomOutlet::bury(): it is kept among the dead, or has to be tried again.
  void buried(const GroupName& name, Seq seq, bool is_kept);
  void serve();
  /// What that message said is gone: nobody is handed it any more.
  void erased(Seq seq);

  /// What is to be kept. Each comes again only after kept() was told of it, unless `all` of it is wanted now.
  std::vector<GroupMoved> take_moved(bool all = false);
  void kept(const GroupName& name);
  /// False if there is no such group.
  bool forget(const GroupName& name);
  [[nodiscard]] std::vector<proto::GroupInfo> list() const;
  /// As elements of a list that is open.
  void dump(JsonWriter& json) const;

 private:
  struct Group {
    explicit Group(AckedGroup made) : state(std::move(made)) {}
    AckedGroup state;
    ReadAhead ahead, again;  // from next() on; one that waited
    bool reading = false;    // the log was asked and hasn't answered
    bool serving = false;    // is being served: who calls back meanwhile needn't
    std::map<Seq, Failure> dying;
    std::optional<Seq> burying;   // on its way to the dead
    bool burying_erased = false;  // and erased before it was read
    Time bury_after;              // it didn't get there
    bool moved = false;           // since take_moved()
    bool keeping = false;         // take_moved() was called, kept() wasn't
    std::uint64_t done = 0, failed = 0, dead = 0;
  };
  Group* find(const GroupName& name);
  void move(Group& group);
  void serve(const GroupName& name, Group& group);
  bool serve_one(const GroupName& name, Group& group, Time now);
  bool read(const GroupName& name, Group& group, Seq seq);
  void found(const GroupName& name, Seq seq, const LogRead& read);
  void lose(Group& group, Seq first_kept);
  bool hand_out(const GroupName& name, Group& group, const Slice& one, Time now);
  bool bury_next(const GroupName& name, Group& group, Time now);
  void found_dying(const GroupName& name, Seq seq, const LogRead& read);
  void plan(const Group& group, Time now);

  const RoomId room_;
  const std::unique_ptr<RoomLog>& log_;
  RoomOutlet& outlet_;
  std::map<GroupName, Group> groups_;
};

}  // namespace hubbub::server
