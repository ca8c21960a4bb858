// What goes between Publishing and its outbox.
#include "client/link/publishing.hpp"

namespace hubbub::link {

Publishing::Publishing(Outbox& outbox, std::size_t window_bytes) : outbox_(&outbox), window_bytes_(window_bytes) {
  for (const auto& kept : outbox.rooms()) {
    auto& room = this->room(kept.name);
    room.queue.start_at(kept.first, kept.sent);
    room.durable = kept.durable;
    room.in_outbox = room.kept = kept.count;
    count_ += kept.count;
    if (kept.count > 0) list(room);
  }
}

/// It has ids from now on.
void Publishing::move_to_outbox(Room& room) {
  if (room.unkept_count == 0) return;
  const Change change(*this, room);
  outbox_->append(room.name, room.unkept, room.unkept_count);
  if (room.in_outbox == 0 && room.queue.bytes() < window_bytes_)
    room.queue.push_frames(room.unkept, room.unkept_count);
  else
    room.in_outbox += room.unkept_count;
  room.unkept.clear();
  room.unkept_count = 0;
  std::erase(unkept_, &room);
}

Result<void> Publishing::take_back(Room& room) {
  while (room.in_outbox > 0 && room.queue.bytes() < window_bytes_) {
    auto frames = outbox_->read(room.name, room.queue.end());
    if (!frames) return tl::unexpected(frames.error());
    const Change change(*this, room);
    room.queue.push_frames(frames->bytes, frames->count);
    room.in_outbox -= frames->count;
  }
  return {};
}

Result<void> Publishing::keep(bool sends) {
  if (outbox_ == nullptr) return {};
  while (!unkept_.empty()) {
    auto& room = *unkept_.back();
    move_to_outbox(room);
    list(room);
  }
  for (auto* room : ready_) {
    if (!sends) break;
    if (auto taken = take_back(*room); !taken) return taken;
    outbox_->sending(room->name, PublishId{room->queue.end().value - 1});
  }
  return outbox_->commit();
}

}  // namespace hubbub::link
