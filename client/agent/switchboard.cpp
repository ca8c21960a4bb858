#include "client/agent/switchboard.hpp"

#include <algorithm>
#include <utility>

namespace hubbub::agent {

namespace {

/// How long the hub may take to answer what the agent asks on its own account.
const link::CallOptions patient{std::chrono::seconds(30)};

bool wants(const std::vector<Switchboard::Wish>& wishes, const RoomName& room) {
  return std::ranges::any_of(wishes, [&](const auto& wish) { return matches(wish.pattern, room); });
}

}  // namespace

Switchboard::~Switchboard() { *alive_ = false; }

Switchboard::Station& Switchboard::station(const RoomName& name) {
  auto& found = stations_[name];
  if (found) return *found;
  found = std::make_unique<Station>();
  found->room.name = name;
  found->room.id = RoomId{static_cast<std::uint32_t>(stations_.size())};
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
  ask_hub(wish.pattern,
          [this, &reader, number, wish, subscribed = std::move(subscribed)](const Result<std::uint32_t>& rooms) {
            const auto found = readers_.find(&reader);
            if (found == readers_.end() || found->second.number != number) return;
            if (rooms)
              attach_existing(reader, wish);
            else
              unsubscribe(reader, wish.pattern);
            subscribed(rooms);
          });
}

/// `done` is called in this call where the hub has answered already, or is away.
void Switchboard::ask_hub(const Pattern& pattern, Done done) {
  auto& upstream = upstream_[pattern];
  if (upstream.answered) return done(upstream.rooms);
  if (!link_.online()) return done(fail(Status::unavailable, "the hub is away, and this wasn't received before"));
  upstream.waiting.push_back(std::move(done));
  if (upstream.waiting.size() == 1) asio::co_spawn(loop_, ask(*this, pattern, alive_), asio::detached);
}

asio::awaitable<void> Switchboard::ask(Switchboard& self, Pattern pattern, Alive alive) {
  link::Subscription subscription;
  subscription.pattern = pattern;
  subscription.events = true;
  const auto reply = co_await self.link_.subscribe(std::move(subscription), patient);
  if (!*alive) co_return;
  self.take_events_();
  const auto rooms = reply ? Result<std::uint32_t>(reply->rooms) : tl::unexpected(reply.error());
  self.answered(pattern, rooms);
}

void Switchboard::answered(const Pattern& pattern, const Result<std::uint32_t>& rooms) {
  const auto found = upstream_.find(pattern);
  if (found == upstream_.end()) return;  // nobody wants it any more
  found->second.answered = rooms.has_value();
  found->second.rooms = rooms.value_or(0);
  for (const auto& done : std::exchange(found->second.waiting, {})) done(rooms);
}

bool Switchboard::unsubscribe(Reader& reader, const Pattern& pattern) {
  const auto found = readers_.find(&reader);
  if (found == readers_.end()) return false;
  auto& wishes = found->second.wishes;
  auto& attachments = found->second.attachments;
  if (std::erase_if(wishes, [&](const Wish& one) { return one.pattern == pattern; }) == 0) return false;
  std::erase_if(attachments, [&](const auto& attachment) {
    const bool gone = !wants(wishes, attachment->station->room.name);
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
  upstream_.erase(found);
  for (auto& [name, station] : stations_)
    if (matches(pattern, name) && !is_received(name)) station->room.next = Seq{};
  asio::co_spawn(loop_, stop_asking(*this, pattern, alive_), asio::detached);
}

bool Switchboard::is_received(const RoomName& name) const {
  return std::ranges::any_of(upstream_, [&](const auto& one) { return matches(one.first, name); });
}

asio::awaitable<void> Switchboard::stop_asking(Switchboard& self, Pattern pattern, Alive alive) {
  if (!*alive || self.upstream_.contains(pattern)) co_return;
  co_await self.link_.unsubscribe(std::move(pattern), patient);
}

// ── readers in rooms ─────────────────────────────────────────────────────────────────────────────────────────────────

void Switchboard::attach_existing(Reader& reader, const Wish& wish) {
  for (auto& [name, station] : stations_) {
    const bool there = station->room.next != Seq{} && matches(wish.pattern, name);
    if (!there) continue;
    auto& subscriber = readers_[&reader];
    attach(reader, subscriber, *station, wish.from == Seq{} ? station->room.next : wish.from);
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
  const bool anew = known && attached.next < station.room.next;
  station.room.next = attached.next;
  station.room.durable = attached.durable;
  for (const auto& attachment : station.attachments) {
    if (!anew) break;
    attachment->next = attached.next;
    attachment->behind = false;
    attachment->reader->attached(station.room, attached.next);
  }
  for (const auto& attachment : station.attachments) heal(attachment);
  for (auto& [reader, subscriber] : readers_) {
    const auto wish =
        std::ranges::find_if(subscriber.wishes, [&](const Wish& one) { return matches(one.pattern, attached.room); });
    if (known || wish == subscriber.wishes.end()) continue;
    attach(*reader, subscriber, station, wish->from == Seq{} ? attached.next : wish->from);
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

void Switchboard::apply(const link::Presence& presence) {
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
  if (message.message().seq != attachment->next) return;
  if (attachment->reader->is_full()) {
    attachment->behind = true;
    return;
  }
  attachment->next = attachment->next.next();
  attachment->reader->receive(message);
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
  asio::co_spawn(loop_, read_history(*this, attachment, alive_), asio::detached);
}

/// Ends when the reader has caught up, is full, or has gone; or when the hub doesn't answer: then the next message, or
/// the next connection, tries again.
asio::awaitable<void> Switchboard::read_history(Switchboard& self, std::shared_ptr<Attachment> attachment,
                                                Alive alive) {
  Seq before;
  while (*alive && attachment->reader != nullptr && attachment->behind && !attachment->reader->is_full()) {
    const auto& room = attachment->station->room;
    const Seq page_end{attachment->next.value + limits::history_page_messages_max};
    if (before == Seq{}) before = std::min(page_end, room.next);
    proto::RoomHistory question{room.name, before, static_cast<std::uint16_t>(before.value - attachment->next.value)};
    const auto page = co_await self.link_.call(std::move(question), patient);
    if (!*alive || attachment->reader == nullptr || !page) break;
    self.take_page(*attachment, *page, before);
  }
  attachment->healing = false;
}

/// The page ends before `before`. Where it holds so much that it doesn't begin at what comes next, what comes before it
/// is asked for first.
void Switchboard::take_page(Attachment& attachment, const proto::RoomHistory::Reply& page, Seq& before) {
  const auto& room = attachment.station->room;
  const auto oldest = page.first == Seq{} ? before : std::min(page.first, before);
  if (attachment.next < oldest) lose(attachment, attachment.next, Seq{oldest.value - 1});
  for (const auto& payload : page.messages) {
    const auto message = link::decode_message(room.name, payload.bytes);
    if (!message || message->seq < attachment.next) continue;
    if (message->seq > attachment.next) {
      before = message->seq;
      return;
    }
    attachment.next = attachment.next.next();
    attachment.reader->receive(LocalMessage(room, *message));
  }
  before = Seq{};
  attachment.behind = attachment.next < room.next;
}

}  // namespace hubbub::agent
