#include "server/core/lanes.hpp"

#include <algorithm>
#include <cstring>

#include "server/core/core.hpp"

namespace hubbub::server {

namespace {

/// Before the texts of each packed publish. Never leaves the process.
struct PackedHead {
  SessionRef session;
  ClientId client;
  RoomId room;
  PublishId id;
  std::uint32_t body_bytes;
  std::uint16_t headers_bytes;
  std::uint8_t from_bytes;
  std::uint8_t flags;
  proto::Kind kind;
  bool verified;
  bool local;
  std::uint64_t epoch;
  WallTime read_at;
};

std::string_view take(std::string_view& packed, std::size_t bytes) {
  const auto taken = packed.substr(0, bytes);
  packed.remove_prefix(bytes);
  return taken;
}

}  // namespace

void Lanes::put(unsigned to, const Origin& origin, const proto::PublishView& said) {
  const PackedHead head{origin.session,
                        origin.client,
                        said.room,
                        said.id,
                        static_cast<std::uint32_t>(said.body.size()),
                        static_cast<std::uint16_t>(said.headers.size()),
                        static_cast<std::uint8_t>(origin.from.size()),
                        said.flags,
                        said.kind,
                        origin.verified,
                        origin.local,
                        origin.epoch,
                        origin.read_at};
  auto& lane = lanes_[to].packed;
  // Nothing may fail between the head and its texts. Grows as append() would.
  const auto bytes = lane.size() + sizeof head + origin.from.size() + said.headers.size() + said.body.size();
  if (bytes > lane.capacity()) lane.reserve(std::max(bytes, 2 * lane.capacity()));
  lane.append(reinterpret_cast<const char*>(&head), sizeof head)
      .append(origin.from)
      .append(said.headers)
      .append(said.body);
  if (lane.size() > lane_waiting_bytes_max) blocked_ = true;
  core_.need_tick();
}

bool Lanes::blocked() const { return blocked_ || core_.home().is_log_full(); }

void Lanes::run_after(unsigned to, Task task) {
  lanes_[to].after.push_back(std::move(task));
  core_.need_tick();
}

void Lanes::flush() {
  blocked_ = false;
  for (unsigned to = 0; to < lanes_.size(); ++to) {
    if (!send(to))
      blocked_ = blocked_ || lanes_[to].packed.size() > lane_waiting_bytes_max;
    else if (!lanes_[to].after.empty())
      for (auto& task : std::exchange(lanes_[to].after, {})) core_.run_on(to, std::move(task));
  }
}

/// False if that core takes no more now: it will tell us when it does.
bool Lanes::send(unsigned to) {
  auto& lane = lanes_[to].packed;
  if (lane.empty()) return true;
  auto& there = *core_.hub().cores[to];
  if (there.backlog() > lane_bytes_max) {
    there.waiters().add(core_.index());
    if (there.backlog() > lane_bytes_max) return false;
  }
  const auto bytes = lane.size();
  core_.run_on(
      to, [packed = std::exchange(lane, {})](Core& home) { unpack_publishes(home, packed); }, bytes);
  return true;
}

void unpack_publishes(Core& core, std::string_view packed) {
  while (!packed.empty()) {
    PackedHead head;
    std::memcpy(&head, take(packed, sizeof head).data(), sizeof head);
    const auto from = take(packed, head.from_bytes);
    const auto headers = take(packed, head.headers_bytes);
    const auto body = take(packed, head.body_bytes);
    const Origin origin{head.session, head.client, from, head.verified, head.epoch, head.local, head.read_at};
    const proto::PublishView said{head.room, head.id, head.flags, head.kind, headers, body};
    if (auto* const room = core.home().find(head.room)) core.home().publish(*room, origin, said);
  }
}

}  // namespace hubbub::server
