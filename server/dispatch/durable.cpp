#include "server/dispatch/directory.hpp"
namespace hubbub::server {
namespace {
auto later() { return fail(Status::unimplemented, "not yet"); }
}  // namespace
Directory::Outcome<proto::RoomSearch::Reply> Directory::handle(const Caller&, const proto::RoomSearch&) {
  return later();
}
Directory::Outcome<proto::RoomLag::Reply> Directory::handle(const Caller&, const proto::RoomLag&) { return later(); }
Directory::Outcome<proto::CursorSet::Reply> Directory::handle(const Caller&, const proto::CursorSet&) {
  return later();
}
Directory::Outcome<proto::CursorList::Reply> Directory::handle(const Caller&, const proto::CursorList&) {
  return later();
}
Directory::Outcome<proto::Done> Directory::handle(const Caller&, const proto::CursorForget&) { return later(); }
Directory::Outcome<proto::ProducerRegister::Reply> Directory::handle(const Caller&, const proto::ProducerRegister&) {
  return later();
}
Directory::Outcome<proto::HubDump::Reply> Directory::handle(const Caller&, const proto::HubDump&) { return later(); }
}  // namespace hubbub::server
