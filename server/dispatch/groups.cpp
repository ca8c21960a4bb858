// Queue groups with acknowledgements, as the directory sees them.
#include "server/dispatch/directory.hpp"

namespace hubbub::server {

Directory::Outcome<proto::GroupList::Reply> Directory::handle(const Caller&, const proto::GroupList&) {
  return fail(Status::unimplemented, "not yet");
}

Directory::Outcome<proto::Done> Directory::handle(const Caller&, const proto::GroupForget&) {
  return fail(Status::unimplemented, "not yet");
}

}  // namespace hubbub::server
