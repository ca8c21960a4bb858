// Methods about messages that were said already.
#include "server/dispatch/directory.hpp"

namespace hubbub::server {

tl::unexpected<Error> no_such_room(const RoomName& name) {
  return fail(Status::not_found, "there is no room " + display(name) + "; hubbub rooms lists those there are");
}

Directory::Outcome<proto::RoomRedact::Reply> Directory::handle(const Caller& caller, const proto::RoomRedact& call) {
  const auto* const room = find(call.room, caller.person);
  if (room == nullptr) return no_such_room(call.room);
  auto notice = posted_by(caller);
  notice.kind = proto::Kind::notice;
  notice.body = call.reason.str();
  outlet_.redact(caller.ref, caller.call, room->id, {call.seq, room->owner == &caller.person, call.reason.str()},
                 std::move(notice));
  return Later{};
}

Directory::Outcome<proto::RoomPins::Reply> Directory::handle(const Caller& caller, const proto::RoomPins& call) {
  const auto* const room = find(call.room, caller.person);
  if (room == nullptr) return no_such_room(call.room);
  outlet_.pins(caller.ref, caller.call, room->id);
  return Later{};
}

}  // namespace hubbub::server
