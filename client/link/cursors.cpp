#include "client/link/cursors.hpp"

#include <algorithm>

namespace hubbub::link {

std::optional<Gap> Cursors::skip_to(Room& room, Seq next) {
  if (next <= room.next) return std::nullopt;
  const Gap gap{room.name, room.next, next.previous()};
  room.next = next;
  return gap;
}

std::optional<Gap> Cursors::attach(const proto::Attached& attached) {
  Room room{attached.name, attached.group, attached.next, attached.durable};
  std::optional<Gap> gap;
  if (const auto kept = kept_.find(attached.name); kept != kept_.end()) {
    // A hub that has lost what it had delivered, with its power or by a restored backup, gives the seqs out again.
    const bool is_older = kept->second.of_other_life && attached.last.next() < kept->second.next;
    if (!is_older) room.next = kept->second.next;
    kept_.erase(kept);
    gap = skip_to(room, attached.next);
    if (!room.group.empty()) gap.reset();
  }
  attached_[attached.room] = std::move(room);
  return gap;
}

Cursors::Step Cursors::deliver(RoomId id, Seq seq) {
  const auto found = attached_.find(id);
  if (found == attached_.end()) return {};
  auto& room = found->second;
  if (!room.group.empty()) {
    room.next = std::max(room.next, seq.next());
    return {&room, std::nullopt};
  }
  if (seq < room.next) return {};
  auto gap = skip_to(room, seq);
  room.next = seq.next();
  return {&room, std::move(gap)};
}

std::optional<Gap> Cursors::lose(const proto::Lost& lost) {
  const auto found = attached_.find(lost.room);
  if (found == attached_.end() || !found->second.group.empty()) return std::nullopt;
  return skip_to(found->second, lost.last.next());
}

void Cursors::rename(const RoomName& from, const RoomName& to) {
  for (auto& [id, room] : attached_)
    if (room.name == from) room.name = to;
}

void Cursors::detach(RoomId id) { attached_.erase(id); }

const Cursors::Room* Cursors::find(RoomId id) const {
  const auto found = attached_.find(id);
  return found == attached_.end() ? nullptr : &found->second;
}

void Cursors::disconnected() {
  for (const auto& [id, room] : attached_) kept_[room.name] = {room.name, room.next, room.group, room.durable};
  attached_.clear();
}

void Cursors::forget() {
  attached_.clear();
  kept_.clear();
}

void Cursors::forget_transient() {
  std::erase_if(kept_, [](const auto& kept) { return !kept.second.durable; });
  for (auto& [name, kept] : kept_) kept.of_other_life = true;
}

std::vector<Cursors::Known> Cursors::known() const {
  std::vector<Known> all;
  for (const auto& [name, known] : kept_) all.push_back(known);
  for (const auto& [id, room] : attached_) all.push_back({room.name, room.next, room.group, room.durable});
  std::ranges::sort(all, {}, &Known::name);
  return all;
}

}  // namespace hubbub::link
