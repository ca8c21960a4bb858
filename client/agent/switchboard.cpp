#include "client/agent/switchboard.hpp"

#include <algorithm>
#include <utility>

#include "client/agent/surface.hpp"
#include "client/link/trace.hpp"

namespace hubbub::agent {

namespace {

/// How long the hub may take to answer what the agent asks on its own account.
const link::CallOptions patient{std::chrono::seconds(30)};

/// How long until the hub is asked again for what it didn't give.
constexpr std::chrono::seconds heal_interval{1};

bool wants(const std::vector<Switchboard::Wish>& wishes, const RoomName& room) {
  return std::ranges::any_of(wishes, [&](const auto& wish) { return matches(wish.pattern, room); });
}

/// As a hub has it: behind the end of a room is its end.
Seq first_of(const Switchboard::Wish& wish, Seq next) { return wish.from == Seq{} ? next : std::min(wish.from, next); }

}  // namespace

Switchboard::~Switchboard() { *alive_ = false; }

Switchboard::Station& Switchboard::station(const RoomName& name) {
  auto& found = stations_[name];
  if (found) return *found;
  found = std::make_unique<Station>();
  found->room.name = name;
  found->room.id = RoomId{next_id_++};
  by_id_[found->room.id] = found.get();
  return *found;
}

LocalRoom& Switchboard::room(const RoomName& name) { return station(name).room; }

const LocalRoom* Switchboard::find(RoomId id) const {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : &found->second->room;
}

std::size_t Switchboard::rooms_received() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(stations_, [](const auto& one) { return one.second->room.next != Seq{}; }));
}

// ── who wants what ───────────────────────────────────────────────────────────────────────────────────────────────────

Switchboard::Subscriber& Switchboard::subscriber(Reader& reader) {
  auto& found = readers_[&reader];
  if (found.number == 0) found.number = ++subscribers_;
  return found;
}

void Switchboard::subscribe(Reader& reader, const Wish& wish, Subscribed subscribed) {
  auto& subscriber = this->subscriber(reader);
  const auto number = subscriber.number;
  const bool again =
      std::ranges::any_of(subscriber.wishes, [&](const Wish& one) { return one.pattern == wish.pattern; });
  if (!again) subscriber.wishes.push_back(wish);
  if (!again) ++upstream_[wish.pattern].wanted_by;
  ask_hub(wish.pattern, [this, &reader, number, wish, then = std::move(subscribed)](const Result<void>& outcome) {
    this->subscribed(reader, number, wish, outcome, then);
  });
}

void Switchboard::subscribed(Reader& reader, std::uint64_t number, const Wish& wish, const Result<void>& outcome,
                             const Subscribed& then) {
  const auto found = readers_.find(&reader);
  const bool there = found != readers_.end() && found->second.number == number;
  const bool wanted =
      there && std::ranges::any_of(found->second.wishes, [&](const Wish& one) { return one.pattern == wish.pattern; });
  if (!outcome) {
    if (wanted) unsubscribe(reader, wish.pattern);
    return then(tl::unexpected(outcome.error()));
  }
  if (!wanted) return then(fail(Status::cancelled, "the subscription was ended before it began"));
  attach_existing(reader, wish);
  then(rooms_of(wish.pattern));
}

std::uint32_t Switchboard::rooms_of(const Pattern& pattern) const {
  return static_cast<std::uint32_t>(std::ranges::count_if(
      stations_, [&](const auto& one) { return one.second->room.next != Seq{} && matches(pattern, one.first); }));
}

/// `done` is called in this call where the hub has answered already, or is away.
void Switchboard::ask_hub(const Pattern& pattern, Done done) {
  auto& upstream = upstream_[pattern];
  if (upstream.answered) return done({});
  if (!link_.online()) return done(fail(Status::unavailable, "the hub is away, and this wasn't received before"));
  upstream.waiting.push_back(std::move(done));
  if (upstream.waiting.size() == 1) spawn_ask(pattern);
}

/// What is left takes its time at the hub: a room that is asked for before that is through would be lost with it.
void Switchboard::spawn_ask(const Pattern& pattern) {
  if (!leaving_.empty())
    return deferred_.push_back([this, pattern] {
      if (upstream_.contains(pattern)) spawn_ask(pattern);
    });
  asio::co_spawn(loop_, ask(*this, pattern, alive_), surface);
}

asio::awaitable<void> Switchboard::ask(Switchboard& self, Pattern pattern, Alive alive) {
  link::Subscription subscription;
  subscription.pattern = pattern;
  subscription.events = true;
  const auto reply = co_await self.link_.subscribe(std::move(subscription), patient);
  if (!*alive) co_return;
  self.take_events_();
  const auto outcome = reply ? Result<void>() : tl::unexpected(reply.error());
  self.answered(pattern, outcome);
}

void Switchboard::answered(const Pattern& pattern, const Result<void>& outcome) {
  const auto found = upstream_.find(pattern);
  if (found == upstream_.end()) return;  // nobody wants it any more
  found->second.answered = outcome.has_value();
  for (const auto& done : std::exchange(found->second.waiting, {})) done(outcome);
}

void Switchboard::offline() {
  deferred_.clear();
  std::vector<Pattern> waiting;
  for (const auto& [pattern, upstream] : upstream_)
    if (!upstream.waiting.empty()) waiting.push_back(pattern);
  for (const auto& pattern : waiting) answered(pattern, fail(Status::unavailable, "the hub is away"));
}

void Switchboard::renew(const Pattern& pattern) {
  if (const auto found = upstream_.find(pattern); found != upstream_.end()) spawn_ask(pattern);
}

bool Switchboard::unsubscribe(Reader& reader, const Pattern& pattern) {
  const auto found = readers_.find(&reader);
  if (found == readers_.end()) return false;
  auto& wishes = found->second.wishes;
  auto& attachments = found->second.attachments;
  if (std::erase_if(wishes, [&](const Wish& one) { return one.pattern == pattern; }) == 0) return false;
  std::erase_if(attachments, [&](const auto& attachment) {
    const bool gone = !wants(wishes, attachment->station->room.name);
    if (gone) reader.detached(attachment->station->room);
    if (gone) detach(*attachment);
    return gone;
  });
  if (wishes.empty()) readers_.erase(found);
  release(pattern);
  return true;
}

void Switchboard::remove(Reader& reader) {
  const auto found = readers_.find(&reader);
  if (found == readers_.end()) return;
  const auto gone = std::exchange(found->second, {});
  readers_.erase(found);
  for (const auto& attachment : gone.attachments) detach(*attachment);
  for (const auto& wish : gone.wishes) release(wish.pattern);
}

void Switchboard::release(const Pattern& pattern) {
  const auto found = upstream_.find(pattern);
  if (--found->second.wanted_by > 0) return;
  const auto waiting = std::move(found->second.waiting);
  upstream_.erase(found);
  leaving_.insert(pattern);
  asio::co_spawn(loop_, stop_asking(*this, pattern, alive_), surface);
  for (const auto& done : waiting) done(fail(Status::cancelled, "the subscription was ended before it began"));
}

/// The hub has been told.
void Switchboard::released(const Pattern& pattern) {
  take_events_();
  leaving_.erase(leaving_.find(pattern));
  for (auto& [name, station] : stations_)
    if (matches(pattern, name) && !is_received(name)) station->room.next = Seq{};
  if (!leaving_.empty()) return;
  for (const auto& ask : std::exchange(deferred_, {})) ask();
}

bool Switchboard::is_received(const RoomName& name) const {
  return std::ranges::any_of(upstream_, [&](const auto& one) { return matches(one.first, name); });
}

/// However long the hub is away: as long as it isn't told, it goes on sending.
asio::awaitable<void> Switchboard::stop_asking(Switchboard& self, Pattern pattern, Alive alive) {
  const link::CallOptions however_long{std::chrono::milliseconds(0)};
  if (!self.upstream_.contains(pattern)) co_await self.link_.unsubscribe(pattern, however_long);
  if (*alive) self.released(pattern);
}

// ── readers in rooms ─────────────────────────────────────────────────────────────────────────────────────────────────

void Switchboard::attach_existing(Reader& reader, const Wish& wish) {
  for (auto& [name, station] : stations_) {
    const bool there = station->room.next != Seq{} && matches(wish.pattern, name);
    if (!there) continue;
    auto& subscriber = readers_[&reader];
    attach(reader, subscriber, *station, first_of(wish, station->room.next));
    heal(subscriber.attachments.back());
  }
}

void Switchboard::attach(Reader& reader, Subscriber& subscriber, Station& station, Seq from) {
  const auto has_it = [&](const auto& one) { return one->station == &station; };
  if (std::ranges::any_of(subscriber.attachments, has_it)) return;
  auto attachment = std::make_shared<Attachment>();
  attachment->reader = &reader;
  attachment->station = &station;
  attachment->next = from;
  attachment->behind = from < station.room.next;
  subscriber.attachments.push_back(attachment);
  station.attachments.push_back(attachment);
  reader.attached(station.room, from);
}

void Switchboard::detach(Attachment& attachment) {
  std::erase_if(attachment.station->attachments, [&](const auto& one) { return one.get() == &attachment; });
  attachment.reader = nullptr;
}

void Switchboard::apply(const link::RoomAttached& attached) {
  auto& station = this->station(attached.room);
  const bool known = station.room.next != Seq{};
  const auto life = hub_ ? link::life_of(*hub_, attached.durable) : link::RoomLife{};
  const bool anew = known && (attached.next < station.room.next || link::is_other_life(life, station.room.life));
  station.room.next = attached.next;
  station.room.durable = attached.durable;
  station.room.life = life;
  for (const auto& attachment : station.attachments) {
    if (!anew) {
      fall_behind(attachment);
      continue;
    }
    attachment->next = attached.next;
    attachment->behind = false;
    ++attachment->life;
    attachment->reader->attached(station.room, attached.next);
  }
  for (auto& [reader, subscriber] : readers_) {
    const auto wish =
        std::ranges::find_if(subscriber.wishes, [&](const Wish& one) { return matches(one.pattern, attached.room); });
    if (known || wish == subscriber.wishes.end()) continue;
    attach(*reader, subscriber, station, first_of(*wish, attached.next));
    heal(subscriber.attachments.back());
  }
}

void Switchboard::apply(const link::Message& message) {
  if (message.retained || message.grouped) return;
  auto& station = this->station(message.room);
  if (station.room.next == Seq{}) return;
  station.room.next = message.seq.next();
  const LocalMessage local(station.room, message);
  for (const auto& attachment : station.attachments) attachment->behind ? heal(attachment) : deliver(attachment, local);
}

void Switchboard::apply(const link::Gap& gap) {
  auto& station = this->station(gap.room);
  if (station.room.next == Seq{}) return;
  station.room.next = gap.last.next();
  for (const auto& attachment : station.attachments)
    if (!attachment->behind) lose(*attachment, gap.first, gap.last);
}

/// Somebody has another name, and so has the direct conversation with them.
void Switchboard::rename(const RoomName& from, const RoomName& to) {
  const auto there = stations_.find(to);  // somebody who was called so before
  const bool in_use =
      there != stations_.end() && (there->second->room.next != Seq{} || !there->second->attachments.empty());
  if (in_use || !stations_.contains(from)) return;
  if (there != stations_.end()) by_id_.erase(there->second->room.id);
  if (there != stations_.end()) stations_.erase(there);
  auto renamed = stations_.extract(from);
  renamed.key() = to;
  renamed.mapped()->room.name = to;
  stations_.insert(std::move(renamed));
}

void Switchboard::apply(const link::Presence& presence) {
  const auto before = PersonName::parse(presence.event.text.str());
  if (presence.event.kind == proto::EventKind::renamed && before)
    rename(RoomName::literal('@' + before->str()), RoomName::literal('@' + presence.event.person.name.str()));
  const LocalRoom* room = nullptr;
  if (!presence.room.empty()) room = &station(presence.room).room;
  for (auto& [reader, subscriber] : readers_) {
    const bool wanted = std::ranges::any_of(subscriber.wishes, [&](const Wish& wish) {
      return wish.events && (room == nullptr || matches(wish.pattern, room->name));
    });
    if (wanted) reader->event(room, presence.event);
  }
}

void Switchboard::deliver(const std::shared_ptr<Attachment>& attachment, const LocalMessage& message) {
  const auto seq = message.message().seq;
  if (seq < attachment->next) return;
  if (seq > attachment->next || attachment->reader->is_full()) return fall_behind(attachment);
  attachment->next = seq.next();
  attachment->reader->receive(message);
}

/// If it is: what it misses is read.
void Switchboard::fall_behind(const std::shared_ptr<Attachment>& attachment) {
  attachment->behind = attachment->behind || attachment->next < attachment->station->room.next;
  heal(attachment);
}

void Switchboard::lose(Attachment& attachment, Seq first, Seq last) {
  if (last < attachment.next) return;
  attachment.reader->lost(attachment.station->room, std::max(first, attachment.next), last);
  attachment.next = last.next();
}

// ── what a reader has missed ─────────────────────────────────────────────────────────────────────────────────────────

void Switchboard::drained(Reader& reader) {
  const auto found = readers_.find(&reader);
  if (found == readers_.end()) return;
  for (const auto& attachment : found->second.attachments) heal(attachment);
}

void Switchboard::heal(const std::shared_ptr<Attachment>& attachment) {
  if (!attachment->behind || attachment->reader->is_full() || std::exchange(attachment->healing, true)) return;
  asio::co_spawn(loop_, read_history(*this, attachment, alive_), surface);
}

asio::awaitable<void> Switchboard::pause(Switchboard& self) {
  asio::steady_timer timer(self.loop_, heal_interval);
  co_await timer.async_wait(asio::use_awaitable);
}

/// Ends when the reader has caught up, is full, or has gone.
asio::awaitable<void> Switchboard::read_history(Switchboard& self, std::shared_ptr<Attachment> attachment,
                                                Alive alive) {
  Seq before;
  link::HistoryWindow window;
  while (*alive && attachment->reader != nullptr && attachment->behind && !attachment->reader->is_full()) {
    const auto& room = attachment->station->room;
    const auto life = attachment->life;
    const Seq page_end{attachment->next.value + window.messages()};
    if (before <= attachment->next || before > page_end) before = std::min(page_end, room.next);
    proto::RoomHistory question{room.name, before, static_cast<std::uint16_t>(before.value - attachment->next.value)};
    const auto page = co_await self.link_.call(std::move(question), patient);
    if (!*alive) co_return;
    if (!page) co_await pause(self);
    if (!*alive) co_return;
    if (attachment->reader == nullptr) break;
    if (attachment->life != life) before = Seq{};
    const Seq asked_from = attachment->next, asked_before = before;
    if (page && attachment->life == life) self.take_page(*attachment, *page, before, window);
    const bool is_stuck = page && attachment->life == life && attachment->reader != nullptr &&
                          attachment->next == asked_from && (before == Seq{} || before >= asked_before);
    if (!is_stuck) continue;
    lose(*attachment, asked_from, asked_before.previous());  // the hub says it has them, and has them not
    attachment->behind = attachment->next < attachment->station->room.next;
  }
  attachment->healing = false;
}

/// The page ends before `before`. Where it holds so much that it doesn't begin at what comes next, what comes before it
/// is asked for first.
void Switchboard::take_page(Attachment& attachment, const proto::RoomHistory::Reply& page, Seq& before,
                            link::HistoryWindow& window) {
  const auto& room = attachment.station->room;
  const auto oldest = page.first == Seq{} ? before : std::min(page.first, before);
  if (attachment.next < oldest) lose(attachment, attachment.next, Seq{oldest.value - 1});
  for (const auto& payload : page.messages) {
    auto message = link::decode_message(room.name, payload.bytes);
    if (message && message->traced)
      link::add_stamp(message->headers, {"agent", link::Stamp::Side::received, "history", link::stamp_time()});
    if (!message || message->seq < attachment.next) continue;
    if (message->seq > attachment.next) {
      before = message->seq;
      window.left_some_out(page);
      return;
    }
    attachment.next = attachment.next.next();
    attachment.reader->receive(LocalMessage(room, *message));
  }
  before = Seq{};
  window.held_all(page);
  attachment.behind = attachment.next < room.next;
}

}  // namespace hubbub::agent
