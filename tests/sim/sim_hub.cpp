#include "tests/sim/sim_hub.hpp"

#include "proto/codec.hpp"
#include "server/log/sqlite/load.hpp"
#include "tests/sim/mutations.hpp"

namespace hubbub::sim {

using server::Kept;
using server::SessionRef;
using server::Slice;
using server::sqlite::Reader;
using server::sqlite::Writer;

namespace {

constexpr std::size_t read_bytes = 16 * 1024;
constexpr std::uint64_t pause_after_failed_read_us = 200'000;

/// Makes those rooms that aren't there yet.
Result<Kept> load_with_rooms(Writer& writer, const std::string& vfs, const std::vector<RoomPlan>& plans) {
  auto kept = server::sqlite::load(SimStore::path, vfs);
  if (!kept || kept->rooms.size() == plans.size()) return kept;
  server::Changes changes;
  for (std::uint32_t number = 1; number <= plans.size(); ++number)
    changes.list.emplace_back(server::RoomMade{RoomId{number}, plans[number - 1].key});
  const std::vector<server::Record> records{changes};
  if (auto made = writer.commit(records); !made) return tl::unexpected(made.error());
  return server::sqlite::load(SimStore::path, vfs);
}

}  // namespace

Result<std::unique_ptr<SimHub>> SimHub::start(const SimStore::Surroundings& surroundings,
                                              const std::vector<RoomPlan>& plans, std::function<void()> died) {
  const auto& vfs = surroundings.disk.vfs();
  Writer::Settings settings;
  settings.path = SimStore::path;
  settings.vfs = vfs;
  auto writer = Writer::open(settings);
  if (!writer) return tl::unexpected(writer.error());
  auto kept = load_with_rooms(**writer, vfs, plans);
  if (!kept) return tl::unexpected(kept.error());
  auto reader = Reader::open(SimStore::path, vfs);
  if (!reader) return tl::unexpected(reader.error());

  std::unique_ptr<SimHub> hub(new SimHub(surroundings));
  auto store = std::make_unique<SimStore>(surroundings, *std::move(writer), *std::move(reader), *hub, std::move(died));
  const bool betrays = surroundings.mutant == Mutant::acknowledges_before_commit ||
                       surroundings.mutant == Mutant::fans_out_before_commit;
  if (betrays) store->show_appended([&hub = *hub](const server::Batch& batch) { hub.betray(batch); });
  hub->store_ = std::move(store);
  hub->logs_ = std::make_unique<server::DurableLogs>(*hub->store_, 0);
  hub->open_rooms(as_found_by(surroundings.mutant, *std::move(kept)), plans);
  return hub;
}

void SimHub::open_rooms(const Kept& kept, const std::vector<RoomPlan>& plans) {
  for (const auto& room : kept.rooms) {
    const auto& policy = plans.at(room.id.value - 1).policy;
    const bool fsync = policy.durability == server::Durability::fsync;
    rooms_[room.id] = std::make_unique<server::Room>(room, fsync, 1, std::make_shared<server::RoomGauges>(), budget_,
                                                     producers_, *logs_, *this);
    store_->keep(room.id, policy);
    surroundings_.history.trimmed(room.id.value, room.first_kept.value);
  }
  for (const auto& registration : kept.registrations) registrations_[registration.client].epoch = registration.epoch;
}

SimHub::~SimHub() { rooms_.clear(); }

/// Clients hear of it as of any broken connection.
void SimHub::die() {
  life_.reset();
  for (auto& [ref, session] : sessions_) session.connection->close();
}

// ── sessions ─────────────────────────────────────────────────────────────────────────────────────────────────────────

std::shared_ptr<Connection> SimHub::connect(ClientEnd& client) {
  const SessionRef ref{0, ++slots_, 1};
  auto connection = std::make_shared<Connection>(surroundings_.world, client, *this, life_, ref);
  sessions_[ref].connection = connection;
  return connection;
}

SimHub::Session* SimHub::find(SessionRef ref) {
  const auto found = sessions_.find(ref);
  return found == sessions_.end() ? nullptr : &found->second;
}

void SimHub::end_session(SessionRef ref) {
  auto* const session = find(ref);
  if (session == nullptr) return;
  if (session->attached) room(session->reads).detach(ref, {});
  sessions_.erase(ref);
}

void SimHub::use_client_id(SessionRef ref, const ClientId& client) {
  if (auto* const session = find(ref)) session->client = client;
}

/// As the directory does it: the epoch is kept before anybody hears of it.
void SimHub::register_producer(SessionRef ref, const ClientId& client) {
  auto* const session = find(ref);
  if (session == nullptr) return;
  session->client = client;
  if (is_in_trouble()) return session->connection->close();
  auto& registration = registrations_[client];
  const auto before = std::exchange(registration.session, ref);
  if (before != ref) fence_later(before);
  const auto epoch = ++registration.epoch;
  server::Changes changes{{server::ProducerRegistered{client, OwnerKey{}, epoch}}, {}};
  store_->change(0, std::move(changes), [this, ref, epoch] {
    auto* const registered = find(ref);
    if (registered == nullptr) return;
    registered->epoch = epoch;
    registered->connection->down([epoch](ClientEnd& there) { there.on_registered(epoch); });
  });
}

/// On a core of its own, which may have other things to do first.
void SimHub::fence_later(SessionRef ref) {
  auto& dice = surroundings_.world.dice();
  surroundings_.world.in(dice.below(dice.one_in(2) ? 1'000 : 500'000), life_, [this, ref] {
    if (auto* const session = find(ref)) session->fenced = true;
  });
}

// ── publishing ───────────────────────────────────────────────────────────────────────────────────────────────────────

void SimHub::publish(SessionRef ref, RoomId id, PublishId publish, const std::string& body) {
  auto* const session = find(ref);
  if (session == nullptr) return;
  const auto mutant = surroundings_.mutant;
  if (session->fenced && mutant != Mutant::fences_nobody)
    return refuse(ref, {id, publish, publish, Status::permission_denied, {}, proto::Refusal::fenced});
  const bool knows_epochs = mutant != Mutant::fences_nobody && mutant != Mutant::fences_in_sessions_only;
  const server::Origin origin{ref, session->client, "somebody", false, knows_epochs ? session->epoch : 0};
  const proto::PublishView said{id, publish, 0, proto::Kind::data, {}, body};
  room(id).publish(origin, said, surroundings_.world.wall());
  need_tick();
}

void SimHub::need_tick() {
  if (std::exchange(tick_comes_, true)) return;
  surroundings_.world.in(surroundings_.world.dice().between(0, 300), life_, [this] { tick(); });
}

void SimHub::tick() {
  tick_comes_ = false;
  for (auto& [id, room] : rooms_)
    if (room->dirty()) room->flush();
}

/// What a hub does that doesn't wait for the commit.
void SimHub::betray(const server::Batch& batch) {
  if (surroundings_.mutant == Mutant::fans_out_before_commit) return fan_out({}, batch.frames);
  for (const auto& run : batch.runs)
    for (const auto& [ref, session] : sessions_)
      if (session.client == run.producer)
        acknowledge(ref, {batch.frames.room, PublishId{run.first.value + run.hashes.size() - 1},
                          Seq{run.at.value + run.hashes.size() - 1}});
}

void SimHub::acknowledge(SessionRef ref, const proto::Published& published) {
  if (auto* const session = find(ref))
    session->connection->down([published](ClientEnd& there) { there.on_published(published); });
}

void SimHub::refuse(SessionRef ref, const proto::PublishRefused& refused) {
  auto* const session = find(ref);
  if (session == nullptr) return;
  const proto::PublishRefused told{refused.room, refused.id, refused.expected, refused.status, {}, refused.why};
  session->connection->down([told](ClientEnd& there) { there.on_refused(told); });
}

// ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────────────

void SimHub::attach(SessionRef ref, RoomId id, Seq from) {
  auto* const session = find(ref);
  if (session == nullptr) return;
  session->reads = id;
  room(id).attach({ref, proto::From::seq, from, {}}, [this, ref](const server::AttachAnswer& answer) {
    auto* const reader = find(ref);
    if (reader == nullptr) return;
    reader->next = answer.next;
    reader->attached = true;
    reader->connection->down([next = answer.next](ClientEnd& there) { there.on_attached(next); });
    if (answer.next <= answer.last) catch_up(ref);
  });
}

void SimHub::fan_out(const std::vector<std::uint32_t>&, const Slice& slice) {
  for (auto& [ref, session] : sessions_) {
    if (!session.attached || session.behind || session.reads != slice.room || slice.last < session.next) continue;
    if (slice.first <= session.next)
      deliver(session, slice);
    else
      catch_up(ref);
  }
}

void SimHub::deliver(Session& session, const Slice& slice) {
  for_each_payload(
      slice.part(std::max(slice.first, session.next), slice.last, SIZE_MAX), [&](std::string_view payload) {
        const auto delivery = proto::decode_value<proto::Delivery>(payload);
        session.connection->down([seq = delivery->seq, body = std::string(delivery->body.bytes)](ClientEnd& there) {
          there.on_message(seq, body);
        });
      });
  session.next = slice.last.next();
}

/// Reads the log until the session has all there is.
void SimHub::catch_up(SessionRef ref) {
  auto& session = sessions_.at(ref);
  session.behind = true;
  room(session.reads).read(session.next, read_bytes, [this, ref](const server::CatchUp& caught) {
    if (auto* const reader = find(ref)) on_caught(ref, *reader, caught);
  });
}

void SimHub::on_caught(SessionRef ref, Session& reader, const server::CatchUp& caught) {
  if (caught.error)
    return surroundings_.world.in(pause_after_failed_read_us, life_, [this, ref] {
      if (find(ref) != nullptr) catch_up(ref);
    });
  if (caught.lost_first.value != 0) {
    reader.connection->down(
        [first = caught.lost_first, last = caught.lost_last](ClientEnd& there) { there.on_lost(first, last); });
    reader.next = caught.lost_last.next();
  }
  for (const auto& slice : caught.slices) deliver(reader, slice);
  reader.behind = false;
  if (reader.next <= room(reader.reads).last())
    surroundings_.world.in(0, life_, [this, ref] {
      if (auto* const still = find(ref); still != nullptr && !still->behind) catch_up(ref);
    });
}

bool SimHub::deliver_to(SessionRef, const GroupName&, const Slice&) { return false; }
void SimHub::reply(SessionRef, CallId, Status, std::string) {}
void SimHub::report_loss(SessionRef, const proto::Lost&) {}

void SimHub::serve_groups_later(RoomId) {}

// ── from the store ───────────────────────────────────────────────────────────────────────────────────────────────────

void SimHub::run_on(unsigned, std::function<void()> task) { task(); }

void SimHub::trouble(const std::string& why) {
  surroundings_.world.tell(why.empty() ? "the hub commits again" : "the hub can't commit: " + why);
  logs_->trouble = why;
  for (auto& [id, room] : rooms_) room->on_trouble();
}

void SimHub::erased(RoomId id, Seq seq) { room(id).erased(seq); }

void SimHub::trimmed(RoomId id, Seq first_kept) {
  surroundings_.history.trimmed(id.value, first_kept.value);
  room(id).trimmed(first_kept);
}

}  // namespace hubbub::sim
