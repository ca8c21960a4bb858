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

void Outbox::append(const RoomName& room, std::string_view frames, std::uint64_t count) {
  auto& to = row(room);
  changed(to);
  insert_batch_.bind(1, to.id).bind(2, number(to.room.first) + static_cast<std::int64_t>(to.room.count));
  insert_batch_.bind(3, static_cast<std::int64_t>(count)).bind(4, now()).bind_blob(5, frames);
  check(insert_batch_.run());
  to.room.count += count;
  bytes_ += static_cast<std::int64_t>(frames.size());
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

void Outbox::drop(const RoomName& room, PublishId id) {
  auto& from = row(room);
  changed(from);
  find_batch_.bind(1, from.id).bind(2, number(id));
  const bool found = find_batch_.step();
  check(found);
  if (!found) return find_batch_.reset();
  const auto batch = find_batch_.number(0), first = find_batch_.number(1);
  std::string frames(find_batch_.bytes(3));
  find_batch_.reset();
  const auto at = bytes_of(frames, id.value - static_cast<std::uint64_t>(first)).value_or(frames.size());
  const auto bytes = bytes_of(std::string_view(frames).substr(at), 1).value_or(0);
  frames.erase(at, bytes);
  bytes_ -= static_cast<std::int64_t>(bytes);
  rewrite(batch, frames, first, -1);
  move(from, id, -1);
  --from.room.count;
  if (from.room.sent >= id) --from.room.sent.value;
}

/// The batch has these frames from now on, the first of which is `first`; none: it goes.
void Outbox::rewrite(std::int64_t batch, std::string_view frames, std::int64_t first, std::int64_t count_by) {
  const auto* sql = frames.empty() ? "DELETE FROM batches WHERE id = ?4"
                                   : "UPDATE batches SET count = count + ?1, first = ?2, frames = ?3 WHERE id = ?4";
  auto update = file_.prepare(sql);
  check(update.bind(1, count_by).bind(2, first).bind_blob(3, frames).bind(4, batch).run());
}

/// Cuts off what is acknowledged of the oldest batch.
void Outbox::trim(Row& row) {
  delete_acknowledged(row);
  find_batch_.bind(1, row.id).bind(2, number(row.room.first));
  const bool found = find_batch_.step();
  const auto batch = found ? find_batch_.number(0) : 0;
  const auto skipped = found ? number(row.room.first) - find_batch_.number(1) : 0;
  std::string frames(found ? find_batch_.bytes(3) : std::string_view());
  find_batch_.reset();
  if (skipped == 0) return;
  const auto bytes = bytes_of(frames, static_cast<std::uint64_t>(skipped)).value_or(0);
  bytes_ -= static_cast<std::int64_t>(bytes);
  rewrite(batch, frames.erase(0, bytes), number(row.room.first), -skipped);
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
  while (row(room).room.first.value < end) {
    const auto first = row(room).room.first;
    auto frames = read(room, first);
    if (!frames) return check(false);
    const auto taken = std::min(frames->count, end - first.value);
    frames->bytes.resize(*bytes_of(frames->bytes, taken));
    begin();
    auto insert = file_.prepare("INSERT INTO aside (room, count, said_at, why, frames) VALUES (?, ?, ?, ?, ?)");
    insert.bind_text(1, room.str()).bind(2, static_cast<std::int64_t>(taken)).bind(3, now());
    check(insert.bind_text(4, why).bind_blob(5, frames->bytes).run());
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
  check(file_.execute("DELETE FROM aside"));
}

// ── writing and reading ──────────────────────────────────────────────────────────────────────────────────────────────

Result<void> Outbox::commit() {
  if (!open_ && !failed_) return {};
  for (auto& [name, row] : rows_)
    if (std::exchange(row.changed, false)) write(row);
  if (!failed_) check(file_.execute("COMMIT"));
  open_ = false;
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
  while (delete_batches_.step()) bytes_ -= delete_batches_.number(0);
  delete_batches_.reset();
}

Result<Outbox::Frames> Outbox::read(const RoomName& room, PublishId from) {
  const auto& of = row(room);
  find_batch_.bind(1, of.id).bind(2, number(from));
  const bool found = find_batch_.step();
  const auto skipped = found ? number(from) - find_batch_.number(1) : 0;
  const auto count = found ? find_batch_.number(2) - skipped : 0;
  const auto all = found ? find_batch_.bytes(3) : std::string_view();
  const auto at = bytes_of(all, static_cast<std::uint64_t>(skipped));
  const auto bytes = at && count > 0 ? bytes_of(all.substr(*at), static_cast<std::uint64_t>(count)) : std::nullopt;
  Frames frames{bytes ? std::string(all.substr(*at, *bytes)) : "", static_cast<std::uint64_t>(count)};
  find_batch_.reset();
  if (!bytes)
    return fail(Status::data_loss,
                "the outbox " + path_ + " is damaged: messages of " + display(room) + " are missing");
  return frames;
}

}  // namespace hubbub::link
