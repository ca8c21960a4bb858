#include "client/link/outbox/outbox.hpp"

#include <algorithm>
#include <utility>

#include "client/link/publish_frame.hpp"
#include "common/clock.hpp"

namespace hubbub::link {

namespace {

std::int64_t number(PublishId id) { return static_cast<std::int64_t>(id.value); }
PublishId id_of(std::int64_t value) { return PublishId{static_cast<std::uint64_t>(value)}; }
std::int64_t now() { return static_cast<std::int64_t>(SystemClock().wall_now().ns); }

/// Bytes of the first `count` frames; nothing if there aren't so many whole ones.
std::optional<std::size_t> bytes_of(std::string_view frames, std::uint64_t count) {
  std::size_t at = 0;
  for (; count > 0; --count) {
    if (frames.size() - at < publish_bytes_min) return std::nullopt;
    const auto bytes = frame_bytes_at(frames.data() + at);
    if (bytes < publish_bytes_min || bytes > frames.size() - at) return std::nullopt;
    at += bytes;
  }
  return at;
}

}  // namespace

Outbox::~Outbox() { static_cast<void>(commit()); }

std::vector<Outbox::Room> Outbox::rooms() const {
  std::vector<Room> rooms;
  for (const auto& [name, row] : rows_) rooms.push_back(row.room);
  std::ranges::sort(rooms, {}, &Room::name);
  return rooms;
}

std::uint64_t Outbox::count() const {
  std::uint64_t count = 0;
  for (const auto& [name, row] : rows_) count += row.room.count;
  return count;
}

// ── changes ──────────────────────────────────────────────────────────────────────────────────────────────────────────

void Outbox::check(bool done) {
  if (!done && !failed_) failed_ = file_.error();
}

void Outbox::begin() {
  if (!std::exchange(open_, true)) check(file_.execute("BEGIN IMMEDIATE"));
}

void Outbox::changed(Row& row) {
  begin();
  row.changed = true;
}

Outbox::Row& Outbox::row(const RoomName& name) {
  auto& row = rows_[name];
  if (row.id != 0) return row;
  begin();
  row.room.name = name;
  auto insert =
      file_.prepare("INSERT INTO rooms (name, first, count, sent, durable) VALUES (?, 1, 0, 0, 0) RETURNING id");
  check(insert.bind_text(1, name.str()).step());
  row.id = insert.number(0);
  return row;
}

/// Nothing if it failed, which commit() tells.
std::optional<Extent> Outbox::put(std::string_view frames) {
  auto extent = frames_.write(frames);
  if (extent) return *extent;
  if (!failed_) failed_ = extent.error();
  return std::nullopt;
}

void Outbox::append(const RoomName& room, std::string_view frames, std::uint64_t count) {
  auto& to = row(room);
  changed(to);
  const auto extent = put(frames).value_or(Extent{});
  insert_batch_.bind(1, to.id).bind(2, number(to.room.first) + static_cast<std::int64_t>(to.room.count));
  insert_batch_.bind(3, static_cast<std::int64_t>(count)).bind(4, now());
  check(insert_batch_.bind(5, extent.at).bind(6, extent.bytes).bind(7, extent.hash).run());
  to.room.count += count;
}

void Outbox::acknowledged(const RoomName& room, PublishId id) {
  auto& from = row(room);
  if (id < from.room.first || from.room.count == 0) return;
  changed(from);
  from.shrunk = true;
  const auto taken = std::min(id.value - from.room.first.value, from.room.count - 1) + 1;
  from.room.first.value += taken;
  from.room.count -= taken;
}

void Outbox::sending(const RoomName& room, PublishId id) {
  auto& of = row(room);
  if (id <= of.room.sent) return;
  changed(of);
  of.room.sent = id;
}

/// The ids of the batches that begin behind `from` change by `by`.
void Outbox::move(Row& row, PublishId from, std::int64_t by) {
  changed(row);
  check(move_batches_.bind(1, by).bind(2, row.id).bind(3, number(from)).run());
}

std::optional<Outbox::Batch> Outbox::find(const Row& row, PublishId id) {
  find_batch_.bind(1, row.id).bind(2, number(id));
  std::optional<Batch> batch;
  if (find_batch_.step())
    batch = Batch{find_batch_.number(0),
                  find_batch_.number(1),
                  find_batch_.number(2),
                  {find_batch_.number(3), find_batch_.number(4), find_batch_.number(5)}};
  find_batch_.reset();
  return batch;
}

/// Empty if they can't be read, which commit() tells.
std::string Outbox::frames_of(const Batch& batch) {
  auto frames = frames_.read(batch.extent);
  if (!frames && !failed_) failed_ = frames.error();
  return frames.value_or("");
}

void Outbox::drop(const RoomName& room, PublishId id) {
  auto& from = row(room);
  changed(from);
  const auto batch = find(from, id);
  check(batch.has_value());
  if (!batch) return;
  auto frames = frames_of(*batch);
  const auto at = bytes_of(frames, id.value - static_cast<std::uint64_t>(batch->first)).value_or(frames.size());
  frames.erase(at, bytes_of(std::string_view(frames).substr(at), 1).value_or(0));
  rewrite(*batch, frames, batch->first, batch->count - 1);
  move(from, id, -1);
  --from.room.count;
  if (from.room.sent >= id) --from.room.sent.value;
}

/// The batch has these frames from now on, the first of which is `first`; none: it goes.
void Outbox::rewrite(const Batch& batch, std::string_view frames, std::int64_t first, std::int64_t count) {
  frames_.release(batch.extent);
  if (frames.empty()) {
    auto remove = file_.prepare("DELETE FROM batches WHERE id = ?");
    return check(remove.bind(1, batch.id).run());
  }
  const auto extent = put(frames).value_or(Extent{});
  auto update = file_.prepare("UPDATE batches SET count = ?, first = ?, at = ?, bytes = ?, hash = ? WHERE id = ?");
  update.bind(1, count).bind(2, first).bind(3, extent.at).bind(4, extent.bytes).bind(5, extent.hash);
  check(update.bind(6, batch.id).run());
}

/// Cuts off what is acknowledged of the oldest batch.
void Outbox::trim(Row& row) {
  delete_acknowledged(row);
  const auto batch = find(row, row.room.first);
  const auto skipped = batch ? number(row.room.first) - batch->first : 0;
  if (skipped == 0) return;
  auto frames = frames_of(*batch);
  frames.erase(0, bytes_of(frames, static_cast<std::uint64_t>(skipped)).value_or(0));
  rewrite(*batch, frames, number(row.room.first), batch->count - skipped);
}

void Outbox::renumber(const RoomName& room, PublishId first) {
  auto& of = row(room);
  const auto by = number(first) - number(of.room.first);
  if (by == 0) return;
  move(of, id_of(INT64_MIN), by);
  of.room.sent = id_of(std::max<std::int64_t>(number(of.room.sent) + by, 0));
  of.room.first = first;
}

void Outbox::set_aside(const RoomName& room, std::uint64_t count, std::string_view why) {
  const auto end = row(room).room.first.value + std::min(count, row(room).room.count);
  while (!failed_ && row(room).room.first.value < end) {
    const auto first = row(room).room.first;
    auto frames = read(room, first);
    if (!frames) failed_ = frames.error();
    if (!frames) return;
    const auto taken = std::min(frames->count, end - first.value);
    frames->bytes.resize(*bytes_of(frames->bytes, taken));
    begin();
    const auto extent = put(frames->bytes).value_or(Extent{});
    auto insert =
        file_.prepare("INSERT INTO aside (room, count, said_at, why, at, bytes, hash) VALUES (?, ?, ?, ?, ?, ?, ?)");
    insert.bind_text(1, room.str()).bind(2, static_cast<std::int64_t>(taken)).bind(3, now()).bind_text(4, why);
    check(insert.bind(5, extent.at).bind(6, extent.bytes).bind(7, extent.hash).run());
    acknowledged(room, PublishId{first.value + taken - 1});
  }
}

void Outbox::rename(const RoomName& from, const RoomName& to) {
  if (!rows_.contains(from)) return;
  if (rows_.contains(to)) erase(to);
  auto node = rows_.extract(from);
  node.key() = to;
  node.mapped().room.name = to;
  changed(node.mapped());
  rows_.insert(std::move(node));
}

void Outbox::merge(const RoomName& from, const RoomName& into) {
  auto& source = row(from);
  auto& target = row(into);
  changed(source);
  changed(target);
  trim(source);
  const auto end = number(target.room.first) + static_cast<std::int64_t>(target.room.count);
  auto update = file_.prepare("UPDATE batches SET room = ?, first = first + ? WHERE room = ?");
  check(update.bind(1, target.id).bind(2, end - number(source.room.first)).bind(3, source.id).run());
  target.room.count += source.room.count;
  erase(from);
}

void Outbox::erase(const RoomName& room) {
  clear(room);
  delete_acknowledged(row(room));
  auto remove = file_.prepare("DELETE FROM rooms WHERE id = ?");
  check(remove.bind(1, row(room).id).run());
  rows_.erase(room);
}

void Outbox::set_durable(const RoomName& room, bool durable) {
  auto& of = row(room);
  if (of.room.durable == durable) return;
  changed(of);
  of.room.durable = durable;
}

void Outbox::discard() {
  begin();
  for (const auto& room : rooms()) clear(room.name);
  forget_aside();
}

void Outbox::forget_aside() {
  auto remove = file_.prepare("DELETE FROM aside RETURNING at, bytes");
  while (remove.step()) frames_.release({remove.number(0), remove.number(1)});
}

// ── writing and reading ──────────────────────────────────────────────────────────────────────────────────────────────

Result<void> Outbox::commit() {
  if (!open_ && !failed_) return {};
  for (auto& [name, row] : rows_)
    if (std::exchange(row.changed, false)) write(row);
  if (!failed_) check(file_.execute("COMMIT"));
  open_ = false;
  if (!failed_) frames_.settle();
  if (!failed_) return {};
  file_.execute("ROLLBACK");
  return tl::unexpected(*failed_);
}

void Outbox::write(Row& row) {
  if (std::exchange(row.shrunk, false)) delete_acknowledged(row);
  update_room_.bind_text(1, row.room.name.str()).bind(2, number(row.room.first));
  update_room_.bind(3, static_cast<std::int64_t>(row.room.count)).bind(4, number(row.room.sent));
  check(update_room_.bind(5, row.room.durable ? 1 : 0).bind(6, row.id).run());
}

/// Batches that lie before the oldest message that is left, whole.
void Outbox::delete_acknowledged(const Row& row) {
  begin();
  delete_batches_.bind(1, row.id).bind(2, number(row.room.first));
  while (delete_batches_.step()) frames_.release({delete_batches_.number(0), delete_batches_.number(1)});
  delete_batches_.reset();
}

Result<Outbox::Frames> Outbox::read(const RoomName& room, PublishId from) {
  const auto batch = find(row(room), from);
  const auto skipped = batch ? number(from) - batch->first : 0;
  const auto count = batch ? batch->count - skipped : 0;
  auto frames = batch ? frames_.read(batch->extent) : Result<std::string>("");
  if (!frames) return tl::unexpected(frames.error());
  const auto at = bytes_of(*frames, static_cast<std::uint64_t>(skipped));
  if (count <= 0 || !at || !bytes_of(std::string_view(*frames).substr(*at), static_cast<std::uint64_t>(count)))
    return fail(Status::data_loss,
                "the outbox " + path_ + " is damaged: messages of " + display(room) + " are missing");
  return Frames{frames->erase(0, *at), static_cast<std::uint64_t>(count)};
}

}  // namespace hubbub::link
