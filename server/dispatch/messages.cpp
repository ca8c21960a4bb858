// Methods about messages that were said already.
#include "server/dispatch/directory.hpp"

namespace hubbub::server {

Directory::Outcome<proto::RoomRedact::Reply> Directory::handle(const Caller&, const proto::RoomRedact&) {
  return fail(Status::unimplemented, "not yet");
}

Directory::Outcome<proto::RoomPins::Reply> Directory::handle(const Caller&, const proto::RoomPins&) {
  return fail(Status::unimplemented, "not yet");
}

}  // namespace hubbub::server
