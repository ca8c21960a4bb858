// What is to be posted later, and last wills.
#include "server/dispatch/directory.hpp"

namespace hubbub::server {

Directory::Outcome<proto::LaterPost::Reply> Directory::handle(const Caller&, const proto::LaterPost&) {
  return fail(Status::unimplemented, "not yet");
}

Directory::Outcome<proto::LaterList::Reply> Directory::handle(const Caller&, const proto::LaterList&) {
  return fail(Status::unimplemented, "not yet");
}

Directory::Outcome<proto::Done> Directory::handle(const Caller&, const proto::LaterCancel&) {
  return fail(Status::unimplemented, "not yet");
}

Directory::Outcome<proto::Done> Directory::handle(const Caller&, const proto::SessionWill&) {
  return fail(Status::unimplemented, "not yet");
}

}  // namespace hubbub::server
