// The outbox's file: its tables, its lock, its beginning, and what a person wants to know of it.
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <utility>

#include "client/link/outbox/outbox.hpp"
#include "common/random.hpp"

namespace hubbub::link {

namespace {

constexpr std::int64_t application = 0x68756262;  // "hubb"
constexpr std::int64_t version = 1;

constexpr const char* tables = R"(
  CREATE TABLE meta (key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
  CREATE TABLE rooms (id INTEGER PRIMARY KEY, name TEXT NOT NULL, first INTEGER NOT NULL, count INTEGER NOT NULL,
                      sent INTEGER NOT NULL, durable INTEGER NOT NULL);
  CREATE TABLE batches (id INTEGER PRIMARY KEY, room INTEGER NOT NULL, first INTEGER NOT NULL, count INTEGER NOT NULL,
                        said_at INTEGER NOT NULL, at INTEGER NOT NULL, bytes INTEGER NOT NULL, hash INTEGER NOT NULL);
  CREATE INDEX batches_by_room ON batches (room, first, count);
  CREATE TABLE aside (id INTEGER PRIMARY KEY, room TEXT NOT NULL, count INTEGER NOT NULL, said_at INTEGER NOT NULL,
                      why TEXT NOT NULL, at INTEGER NOT NULL, bytes INTEGER NOT NULL, hash INTEGER NOT NULL);
  PRAGMA application_id = 1752523362;
  PRAGMA user_version = 1;
)";
static_assert(application == 1752523362);

std::string lock_path(const std::string& path) { return path + ".lock"; }
std::string frames_path(const std::string& path) { return path + "-frames"; }
std::int64_t number_of(PublishId id) { return static_cast<std::int64_t>(id.value); }

/// Which start of the machine this is.
std::string boot() {
  std::ifstream file("/proc/sys/kernel/random/boot_id");
  std::string id;
  std::getline(file, id);
  return id;
}

std::string_view bytes_of(const auto& id) { return {reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size()}; }

template <class Id>
Id id_of(std::string_view bytes) {
  Id id;
  if (bytes.size() == id.bytes.size()) std::memcpy(id.bytes.data(), bytes.data(), bytes.size());
  return id;
}

}  // namespace

Result<std::shared_ptr<Outbox>> Outbox::open(const std::string& path) {
  const std::shared_ptr<Outbox> outbox(new Outbox(path));
  outbox->lock_ = Descriptor(::open(lock_path(path).c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  const bool locked = outbox->lock_.is_open() && ::flock(outbox->lock_.get(), LOCK_EX | LOCK_NB) == 0;
  if (!locked && errno == EWOULDBLOCK) return fail(Status::already_exists, "another program has the outbox " + path);
  if (!locked) return fail(Status::unavailable, "the outbox " + path + " can't be used: " + std::strerror(errno));
  auto file = Sqlite::open(path, Sqlite::Mode::make);
  if (!file) return tl::unexpected(file.error());
  outbox->file_ = *std::move(file);
  auto frames = FrameFile::open(frames_path(path));
  if (!frames) return tl::unexpected(frames.error());
  outbox->frames_ = *std::move(frames);
  if (auto started = outbox->start(); !started) return tl::unexpected(started.error());
  return outbox;
}

Result<void> Outbox::start() {
  if (auto checked = check_kind(); !checked) return checked;
  insert_batch_ =
      file_.prepare("INSERT INTO batches (room, first, count, said_at, at, bytes, hash) VALUES (?, ?, ?, ?, ?, ?, ?)");
  update_room_ = file_.prepare("UPDATE rooms SET name = ?, first = ?, count = ?, sent = ?, durable = ? WHERE id = ?");
  delete_batches_ =
      file_.prepare("DELETE FROM batches WHERE room = ?1 AND first < ?2 AND first + count <= ?2 RETURNING at, bytes");
  find_batch_ = file_.prepare(
      "SELECT id, first, count, at, bytes, hash FROM batches WHERE room = ? AND first <= ? ORDER BY first DESC LIMIT "
      "1");
  move_batches_ = file_.prepare("UPDATE batches SET first = first + ? WHERE room = ? AND first > ?");
  load();
  know_place();
  return commit();
}

/// Makes the tables in an empty file. Leaves alone what isn't ours.
Result<void> Outbox::check_kind() {
  check(file_.execute("PRAGMA locking_mode = EXCLUSIVE"));  // without shared memory: it works on NFS, too
  const bool empty = file_.number("SELECT count(*) FROM sqlite_schema") == 0;
  if (empty) {
    check(file_.execute("PRAGMA journal_mode = WAL; BEGIN IMMEDIATE") && file_.execute(tables) &&
          file_.execute("COMMIT"));
  } else if (file_.number("PRAGMA application_id") != application || file_.number("PRAGMA user_version") != version) {
    return fail(Status::data_loss, path_ + " is no outbox that this program knows; move it away to get a new one");
  }
  check(file_.execute("PRAGMA synchronous = NORMAL"));
  if (failed_) return tl::unexpected(*failed_);
  return {};
}

void Outbox::load() {
  client_ = id_of<ClientId>(meta("client"));
  torn_ = std::strtoull(meta("torn").c_str(), nullptr, 10);
  life_ = id_of<HubLife>(meta("life"));
  if (const auto text = meta("registrations"); !text.empty()) registrations_ = std::strtoull(text.c_str(), nullptr, 10);
  if (const auto store = meta("store"); !store.empty()) store_ = id_of<StoreId>(store);
  for (const auto* table : {"SELECT at, bytes FROM batches", "SELECT at, bytes FROM aside"}) {
    auto held = file_.prepare(table);
    while (held.step()) frames_.hold({held.number(0), held.number(1)});
  }
  auto select = file_.prepare("SELECT id, name, first, count, sent, durable FROM rooms");
  while (select.step()) {
    const auto name = RoomName::parse(select.bytes(1));
    if (!name) continue;
    auto& row = rows_[*name];
    row.id = select.number(0);
    row.room = {*name, PublishId{static_cast<std::uint64_t>(select.number(2))},
                static_cast<std::uint64_t>(select.number(3)), PublishId{static_cast<std::uint64_t>(select.number(4))},
                select.number(5) != 0};
  }
}

/// Which file this is, and since when the machine has run.
std::string Outbox::place() const {
  struct stat about {};
  ::stat(path_.c_str(), &about);
  return boot() + " " + std::to_string(about.st_dev) + ":" + std::to_string(about.st_ino);
}

/// Elsewhere than last time, ids that the hub has seen may be missing here.
void Outbox::know_place() {
  may_grow_ = meta("place") == place();
  if (!may_grow_) drop_torn();
  const bool remembers_much = rows_.size() >= rooms_max / 2;
  if (count() > 0 || (may_grow_ && !remembers_much)) return;
  if (remembers_much) forget_rooms();
  renew();
}

/// Only as another producer: their next ids go with them.
void Outbox::forget_rooms() {
  begin();
  check(file_.execute("DELETE FROM batches; DELETE FROM rooms"));
  rows_.clear();
}

/// What the tables know of and a loss of power has taken. Those behind move up: the hub will say if it has seen them.
void Outbox::drop_torn() {
  std::vector<std::pair<RoomName, Batch>> all;
  auto select = file_.prepare(
      "SELECT name, batches.id, batches.first, batches.count, at, bytes, hash FROM batches "
      "JOIN rooms ON rooms.id = batches.room ORDER BY batches.first DESC");
  while (select.step())
    if (const auto room = RoomName::parse(select.bytes(0)))
      all.push_back({*room,
                     {select.number(1),
                      select.number(2),
                      select.number(3),
                      {select.number(4), select.number(5), select.number(6)}}});
  for (const auto& [room, batch] : all) {
    if (!is_torn(batch.extent)) continue;
    auto& from = row(room);
    const auto left = std::min<std::int64_t>(batch.count, batch.first + batch.count - number_of(from.room.first));
    rewrite(batch, "", 0, 0);
    move(from, PublishId{static_cast<std::uint64_t>(batch.first)}, -left);
    from.room.count -= static_cast<std::uint64_t>(left);
    torn_ += static_cast<std::uint64_t>(left);
  }
  drop_torn_aside();
}

void Outbox::drop_torn_aside() {
  std::vector<std::int64_t> torn;
  auto select = file_.prepare("SELECT id, count, at, bytes, hash FROM aside");
  while (select.step()) {
    const Extent extent{select.number(2), select.number(3), select.number(4)};
    if (!is_torn(extent)) continue;
    torn.push_back(select.number(0));
    torn_ += static_cast<std::uint64_t>(select.number(1));
    frames_.release(extent);
  }
  select.reset();
  begin();
  auto remove = file_.prepare("DELETE FROM aside WHERE id = ?");
  for (const auto id : torn) check(remove.bind(1, id).run());
  set_meta("torn", std::to_string(torn_));
}

/// A disk that can't be read now may be read later.
bool Outbox::is_torn(const Extent& extent) const {
  const auto frames = frames_.read(extent);
  return !frames && frames.error().status == Status::data_loss;
}

void Outbox::told_torn() {
  if (std::exchange(torn_, 0) > 0) set_meta("torn", "0");
}

void Outbox::renew() {
  client_ = random128<ClientIdTag>();
  set_meta("client", bytes_of(client_));
  set_meta("place", place());
  set_registrations(0);
  may_grow_ = true;
  for (auto& [name, row] : rows_) {
    renumber(name, PublishId{1});
    changed(row);
    row.room.sent = PublishId{};
  }
}

void Outbox::set_life(const HubLife& life) {
  if (life == life_) return;
  life_ = life;
  set_meta("life", bytes_of(life_));
}

void Outbox::set_store(const StoreId& store) {
  if (store == store_) return;
  store_ = store;
  set_meta("store", bytes_of(store));
}

void Outbox::set_registrations(std::uint64_t count) {
  registrations_ = count;
  set_meta("registrations", std::to_string(count));
}

void Outbox::registering() {
  if (registrations_) set_registrations(*registrations_ + 1);
}

/// After a loss of power some that were begun may be missing here; then nothing grows here anyway.
bool Outbox::registered(std::uint64_t epoch) {
  const bool is_newest = !may_grow_ || !registrations_ || epoch <= *registrations_;
  if (is_newest) set_registrations(epoch);
  return is_newest;
}

void Outbox::resend() {
  drop_torn_aside();
  auto select = file_.prepare("SELECT room, count, at, bytes, hash FROM aside ORDER BY id");
  while (select.step()) {
    const auto room = RoomName::parse(select.bytes(0));
    const auto frames = frames_.read({select.number(2), select.number(3), select.number(4)});
    if (!frames && !failed_) failed_ = frames.error();
    if (room && frames) append(*room, *frames, static_cast<std::uint64_t>(select.number(1)));
  }
  select.reset();
  forget_aside();
}

std::string Outbox::meta(const char* key) {
  auto select = file_.prepare("SELECT value FROM meta WHERE key = ?");
  return select.bind_text(1, key).step() ? std::string(select.bytes(0)) : "";
}

void Outbox::set_meta(const char* key, std::string_view value) {
  begin();
  auto insert = file_.prepare("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)");
  check(insert.bind_text(1, key).bind_blob(2, value).run());
}

std::vector<Outbox::Waiting> Outbox::waiting() {
  auto select = file_.prepare(
      "SELECT rooms.name, rooms.count, min(batches.said_at), '' FROM rooms JOIN batches ON batches.room = rooms.id "
      "WHERE rooms.count > 0 GROUP BY rooms.id "
      "UNION ALL SELECT room, sum(count), min(said_at), why FROM aside GROUP BY room, why ORDER BY 4, 1");
  std::vector<Waiting> list;
  while (select.step())
    list.push_back({std::string(select.bytes(0)), static_cast<std::uint64_t>(select.number(1)),
                    WallTime{static_cast<std::uint64_t>(select.number(2))}, std::string(select.bytes(3))});
  return list;
}

}  // namespace hubbub::link
