// Methods about messages that were said already.
#include "proto/marks.hpp"
#include "server/dispatch/directory.hpp"

namespace hubbub::server {

tl::unexpected<Error> no_such_room(const RoomName& name) {
  return fail(Status::not_found, "there is no room " + display(name) + "; hubbub rooms lists those there are");
}

Result<PostedByCall> Directory::message_from(const PersonEntry& from, proto::Kind kind, bool retain,
                                             const proto::Headers& headers, std::string_view body) {
  if (const auto good = proto::check_outgoing(kind, headers, body); !good) return tl::unexpected(good.error());
  PostedByCall message{{}, 0, from.name, from.verified, kind, 0, {}, std::string(body)};
  proto::encode_value(headers, message.headers);
  message.headers.erase(0, sizeof(std::uint16_t));
  if (const auto good = proto::check_marks(message.headers, body.size()); !good) return tl::unexpected(good.error());
  const bool marked = proto::read_marks(message.headers)->any();
  message.flags = static_cast<std::uint8_t>((retain ? proto::flags::retain : 0) | (marked ? proto::flags::marked : 0));
  return message;
}

Directory::Outcome<proto::RoomRedact::Reply> Directory::handle(const Caller& caller, const proto::RoomRedact& call) {
  const auto* const room = find(call.room, caller.person);
  if (room == nullptr) return no_such_room(call.room);
  PostedByCall notice{caller.session.client, caller.question, caller.person.name, caller.person.verified};
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
