#include "tests/sim/sim_producer.hpp"

#include <algorithm>

#include "tests/sim/body.hpp"

namespace hubbub::sim {

namespace {
/// How long it waits for an answer, and before it says again what was refused for now.
constexpr std::uint64_t patience_us = 3'000'000;
constexpr std::uint64_t pause_after_refusal_us = 150'000;
}  // namespace

SimProducer::SimProducer(World& world, Address& address, test::History& history, Plan plan)
    : SimClient(world, address), history_(history), plan_(std::move(plan)) {
  for (const auto room : plan_.rooms) outbox_[room];
}

void SimProducer::start() {
  connect();
  act();
}

bool SimProducer::is_done() const {
  return !gave_up_.empty() || std::ranges::all_of(outbox_, [](const auto& box) { return box.second.waiting.empty(); });
}

ClientId SimProducer::client() const {
  ClientId id;
  id.bytes[0] = static_cast<std::uint8_t>(plan_.number);
  return id;
}

bool SimProducer::has_published_after(RoomId room, std::uint64_t epoch) const {
  return outbox_.at(room).epoch_there > epoch;
}

// ── what it does ─────────────────────────────────────────────────────────────────────────────────────────────────────

void SimProducer::act() {
  if (!gave_up_.empty() || finishes_) return;
  do_something();
  world_.in(world_.dice().between(10, plan_.pause_us_max), life_, [this] { act(); });
}

void SimProducer::do_something() {
  auto& dice = world_.dice();
  const auto room = plan_.rooms[dice.below(plan_.rooms.size())];
  const auto what = dice.below(100);
  if (what < 85)
    for (auto count = dice.one_in(5) ? dice.between(1, 20) : 1; count > 0; --count) say(room);
  else if (what < 90)
    repeat_something(room);
  else if (what < 93)
    send_all(room);
  else if (what < 95)
    break_off();
  else if (what < 96)
    crash();
}

void SimProducer::say(RoomId room) {
  auto& box = outbox_[room];
  if (box.waiting.size() >= 200) return;
  const auto id = ++box.said;
  box.waiting.push_back({id, make_body(plan_.number, id, world_.dice().below(plan_.filling_bytes_max))});
  if (may_publish_) send_one(room, box.waiting.back());
}

/// From its outbox, in whatever state; a client may do so at any time.
void SimProducer::repeat_something(RoomId room) {
  const auto& waiting = outbox_[room].waiting;
  if (may_publish_ && !waiting.empty()) send_one(room, waiting[world_.dice().below(waiting.size())]);
}

void SimProducer::crash() {
  world_.tell("producer " + std::to_string(plan_.number) + " crashes");
  may_publish_ = false;
  break_off();
}

void SimProducer::on_connected() {
  may_publish_ = false;
  if (plan_.registers)
    return send(
        [session = connection_->session(), client = client()](SimHub& hub) { hub.register_producer(session, client); });
  send([session = connection_->session(), client = client()](SimHub& hub) { hub.use_client_id(session, client); });
  on_registered(0);
}

void SimProducer::on_registered(std::uint64_t epoch) {
  may_publish_ = true;
  epoch_ = epoch;
  for (auto& [room, box] : outbox_) box.said_before = box.said;
  for (const auto room : plan_.rooms) send_all(room);
}

void SimProducer::send_all(RoomId room) {
  if (!may_publish_ || !is_connected()) return;
  for (const auto& one : outbox_[room].waiting) send_one(room, one);
}

void SimProducer::send_one(RoomId room, const Waiting& one) {
  if (!is_connected()) return;
  history_.sent(room.value, {plan_.number, one.id, content_of(one.body)});
  look_after(room);
  auto copies = finishes_ ? 1 : world_.dice().one_in(60) ? 0 : world_.dice().one_in(60) ? 2 : 1;
  for (; copies > 0; --copies)
    send([session = connection_->session(), room, id = PublishId{one.id}, body = one.body](SimHub& hub) {
      hub.publish(session, room, id, body);
    });
}

/// What isn't answered in time is sent again, perhaps on a new connection.
void SimProducer::look_after(RoomId room) {
  if (std::exchange(looked_after_[room], true)) return;
  world_.in(patience_us, life_, [this, room, before = outbox_[room].acknowledged] {
    looked_after_[room] = false;
    auto& box = outbox_[room];
    if (box.waiting.empty() || !gave_up_.empty()) return;
    if (box.acknowledged == before && world_.dice().one_in(3)) break_off();
    send_all(room);
    look_after(room);
  });
}

// ── what it hears ────────────────────────────────────────────────────────────────────────────────────────────────────

/// All before it are taken too, wherever.
void SimProducer::on_published(const proto::Published& published) {
  auto& box = outbox_[published.room];
  const auto id = published.id.value;
  for (; !box.waiting.empty() && box.waiting.front().id <= id; box.waiting.pop_front()) {
    ++acknowledged_;
    box.acknowledged = box.waiting.front().id;
    if (box.acknowledged < id) history_.acknowledged(published.room.value, plan_.number, box.acknowledged, 0);
  }
  if (id > box.said_before) box.epoch_there = epoch_;
  history_.acknowledged(published.room.value, plan_.number, id, published.seq.value);
}

void SimProducer::on_refused(const proto::PublishRefused& refused) {
  using proto::Refusal;
  ++refusals_[refused.why];
  const auto& box = outbox_[refused.room];
  switch (refused.why) {
    case Refusal::conflict: return give_up("was told of a conflict");
    case Refusal::fenced: return break_off();  // by a connection of its own, which it has broken off, or by a rival
    case Refusal::unknown_producer:
      history_.forgotten(refused.room.value, plan_.number);
      if (box.acknowledged > 0) return give_up("was forgotten");
      return send_all(refused.room);
    case Refusal::gap:
      if (refused.expected.value <= box.acknowledged)
        return give_up("is to say again what was acknowledged: " + std::to_string(refused.expected.value) + " of " +
                       std::to_string(box.acknowledged));
      if (refused.expected.value > box.said + 1) return give_up("is to go on with what it hasn't said yet");
      return send_all(refused.room);
    case Refusal::other:
    case Refusal::unknown_outcome: break;
  }
  say_again_later(refused.room);
}

void SimProducer::say_again_later(RoomId room) {
  if (std::exchange(will_say_again_[room], true)) return;
  world_.in(pause_after_refusal_us, life_, [this, room] {
    will_say_again_[room] = false;
    send_all(room);
  });
}

void SimProducer::give_up(const std::string& why) {
  gave_up_ = "producer " + std::to_string(plan_.number) + ' ' + why;
  world_.tell(gave_up_);
}

}  // namespace hubbub::sim
