#include "client/agent/ring_door.hpp"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <span>
#include <utility>

#include "proto/codec.hpp"

namespace hubbub::agent {

namespace {

static_assert(proto::frame_header_bytes + limits::body_bytes_max + limits::headers_bytes_max +
                      limits::person_name_bytes_max + 64 <=
                  ring::message_bytes_max(RingDoor::capacity_bytes),
              "the largest message fits into the ring");

bool matches_any(const std::vector<Pattern>& patterns, const RoomName& room) {
  return std::ranges::any_of(patterns, [&](const Pattern& pattern) { return matches(pattern, room); });
}

/// Each of them sent whenever the program's socket takes it, so none may be the writer's own.
Result<std::vector<Descriptor>> taken_along(RingWriter::Admission admission) {
  Descriptor ring(::fcntl(admission.ring, F_DUPFD_CLOEXEC, 0));
  if (!ring.is_open())
    return fail(Status::resource_exhausted,
                std::string("the agent has no descriptor left for a reader: ") + std::strerror(errno));
  std::vector<Descriptor> descriptors;
  descriptors.push_back(std::move(ring));
  descriptors.push_back(std::move(admission.seat));
  descriptors.push_back(std::move(admission.bell));
  return descriptors;
}

}  // namespace

// ── who reads ────────────────────────────────────────────────────────────────────────────────────────────────────────

void RingDoor::admit(Owner owner, const std::vector<Pattern>& patterns, Admitted admitted) {
  if (waiting_.contains(owner))
    return admitted(fail(Status::failed_precondition, "it has asked for a seat already; the answer comes"));
  const auto request = std::make_shared<Request>(Request{owner, patterns, std::move(admitted), patterns.size(), {}});
  waiting_[owner] = request;
  for (const auto& pattern : patterns) ++wanted_by_[pattern];
  for (const auto& pattern : patterns)
    switchboard_.subscribe(*this, {pattern, {}, true}, [this, request](const Result<std::uint32_t>& rooms) {
      if (!rooms) request->refused = rooms.error();
      if (--request->unanswered == 0) finish(request);
    });
}

void RingDoor::finish(const std::shared_ptr<Request>& request) {
  if (request->owner == nullptr) return request->admitted(fail(Status::cancelled, "the program has gone"));
  waiting_.erase(request->owner);
  auto admission = request->refused ? tl::unexpected(*request->refused) : seat(*request);
  if (!admission) release(request->patterns);
  close_if_unused();
  request->admitted(std::move(admission));
}

/// What was put before is flushed first: a reader that finds it in the ring would take it for what comes after.
Result<RingDoor::Admission> RingDoor::seat(const Request& request) {
  const auto before = unseat(request.owner);
  if (!writer_) {
    auto made = RingWriter::make(capacity_bytes);
    if (!made) return tl::unexpected(std::move(made.error()));
    writer_ = *std::move(made);
  }
  writer_->flush();
  auto admission = writer_->add_reader();
  if (!admission) return tl::unexpected(std::move(admission.error()));
  const auto id = admission->id;
  auto descriptors = taken_along(*std::move(admission));
  if (!descriptors) {
    writer_->remove_reader(id);
    return tl::unexpected(std::move(descriptors.error()));
  }
  auto& seated = seated_[request.owner] = {id, request.patterns, {}};
  if (before && before->patterns == request.patterns) seated.rooms = before->rooms;
  auto rooms = places(seated);
  for (const auto& place : rooms) seated.rooms.insert(place.id);
  return Admission{*std::move(descriptors), std::move(rooms)};
}

std::vector<RingDoor::Place> RingDoor::places(const Seated& seated) const {
  std::vector<Place> places;
  for (const auto& [id, stream] : streams_)
    if (seated.rooms.contains(id) || matches_any(seated.patterns, stream.room->name))
      places.push_back({stream.room->name, id, stream.next, stream.room->life, stream.room->durable});
  std::ranges::sort(places, {}, &Place::room);
  return places;
}

void RingDoor::remove(Owner owner) {
  if (const auto waiting = waiting_.extract(owner)) {
    waiting.mapped()->owner = nullptr;
    release(waiting.mapped()->patterns);
  }
  unseat(owner);
  close_if_unused();
}

std::optional<RingDoor::Seated> RingDoor::unseat(Owner owner) {
  auto gone = seated_.extract(owner);
  if (gone.empty()) return std::nullopt;
  writer_->remove_reader(gone.mapped().id);
  release(gone.mapped().patterns);
  return std::move(gone.mapped());
}

void RingDoor::release(const std::vector<Pattern>& patterns) {
  for (const auto& pattern : patterns) {
    const auto found = wanted_by_.find(pattern);
    if (--found->second > 0) continue;
    wanted_by_.erase(found);
    switchboard_.unsubscribe(*this, pattern);
  }
}

void RingDoor::close_if_unused() {
  if (seated_.empty()) writer_.reset();
}

// ── what they read ───────────────────────────────────────────────────────────────────────────────────────────────────

/// A message that doesn't fit, which no hub of ours lets in, is a hole that readers fill from the hub.
void RingDoor::put(std::string_view frame) {
  if (!writer_ || !writer_->put(std::as_bytes(std::span(frame)))) return;
  if (std::exchange(flush_posted_, true)) return;
  asio::post(loop_, [this] {
    flush_posted_ = false;
    if (writer_) writer_->flush();
  });
}

/// A Welcome before it says of which life the room's numbers are.
void RingDoor::attached(const LocalRoom& room, Seq next) {
  streams_[room.id] = {&room, next};
  for (auto& [owner, seated] : seated_)
    if (matches_any(seated.patterns, room.name)) seated.rooms.insert(room.id);
  proto::Welcome hub;
  hub.life.bytes = hub.store.bytes = room.life;
  put(proto::encoded(hub));
  put(proto::encoded(attached_to(room, next)));
}

void RingDoor::receive(const LocalMessage& message) {
  streams_.at(message.room().id).next = message.message().seq.next();
  put(message.frame());
}

void RingDoor::lost(const LocalRoom& room, Seq first, Seq last) {
  streams_.at(room.id).next = last.next();
  put(proto::encoded(proto::Lost{room.id, first, last}));
}

/// A direct conversation has another name where its other side has.
void RingDoor::event(const LocalRoom*, const proto::Event& event) {
  if (event.kind == proto::EventKind::renamed) put(proto::encoded(event));
}

}  // namespace hubbub::agent
