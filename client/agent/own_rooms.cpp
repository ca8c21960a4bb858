#include "client/agent/own_rooms.hpp"

#include <algorithm>
#include <utility>

#include "client/agent/surface.hpp"

namespace hubbub::agent {

namespace {

/// How long the hub may take to answer what the agent asks on its own account.
const link::CallOptions patient{std::chrono::seconds(30)};
/// How long a room that was joined elsewhere may stay unknown here.
constexpr std::chrono::seconds ask_interval{10};
/// Unread messages of a room that are read when the agent starts; older ones are only counted.
constexpr std::uint64_t caught_up_max = 512;
/// What comes together is one question.
constexpr std::chrono::milliseconds gather{20};

bool has_same_rooms(const std::map<RoomName, Seq>& one, const std::map<RoomName, Seq>& other) {
  return std::ranges::equal(
      one, other, {}, [](const auto& entry) { return entry.first; }, [](const auto& entry) { return entry.first; });
}

Pattern exactly(const RoomName& room) { return Pattern::literal(room.str()); }

}  // namespace

OwnRooms::OwnRooms(asio::io_context& loop, link::Link& link, Switchboard& switchboard)
    : loop_(loop), link_(link), switchboard_(switchboard), timer_(loop) {}

OwnRooms::~OwnRooms() {
  *alive_ = false;
  switchboard_.remove(*this);
}

// ── which rooms ──────────────────────────────────────────────────────────────────────────────────────────────────────

void OwnRooms::refresh() {
  ask_again_ = true;
  timer_.expires_after(gather);
  ask_later();
}

void OwnRooms::ask_later() {
  timer_.async_wait([this](std::error_code stopped) {
    if (stopped || asking_) return;
    asking_ = true;
    asio::co_spawn(loop_, ask(*this, alive_), surface);
  });
}

void OwnRooms::reconnected() {
  reconcile_ = true;
  refresh();
}

/// Whoever joins a room has a cursor there: as long as those are the same, nothing was joined elsewhere. That costs
/// less than a list of all rooms of the hub. (Who leaves elsewhere is told by an event.)
asio::awaitable<void> OwnRooms::ask(OwnRooms& self, Alive alive) {
  Cursors cursors;
  bool whole = self.link_.online();
  if (whole) whole = co_await list_cursors(self, Pattern::literal(">"), cursors);
  if (*alive && whole) whole = co_await list_cursors(self, Pattern::literal("@*"), cursors);
  if (*alive && whole && (self.ask_again_ || !has_same_rooms(cursors, self.cursors_))) {
    self.ask_again_ = false;
    whole = co_await list_all(self, alive);
    if (*alive && whole) self.cursors_ = std::move(cursors);
  }
  if (!*alive) co_return;
  self.asking_ = false;
  self.timer_.expires_after(self.ask_again_ && whole ? gather : std::chrono::milliseconds(ask_interval));
  self.ask_later();
}

asio::awaitable<bool> OwnRooms::list_all(OwnRooms& self, Alive alive) {
  std::map<RoomName, proto::RoomInfo> rooms;
  bool whole = co_await list(self, Pattern::literal(">"), rooms);
  if (*alive && whole) whole = co_await list(self, Pattern::literal("@*"), rooms);
  if (*alive && whole) self.take(rooms);
  if (*alive && !whole) self.ask_again_ = true;
  co_return whole;
}

asio::awaitable<bool> OwnRooms::list_cursors(OwnRooms& self, Pattern pattern, Cursors& cursors) {
  const auto alive = self.alive_;
  proto::CursorList page;
  page.pattern = std::move(pattern);
  while (true) {
    const auto reply = co_await self.link_.call(page, patient);
    if (!*alive || !reply) co_return false;
    for (const auto& cursor : reply->cursors) cursors[cursor.room] = cursor.seq;
    if (!reply->more || reply->cursors.empty()) co_return true;
    page.after = Text::literal(reply->cursors.back().room.str());
  }
}

asio::awaitable<bool> OwnRooms::list(OwnRooms& self, Pattern pattern, std::map<RoomName, proto::RoomInfo>& rooms) {
  const auto alive = self.alive_;
  proto::RoomList page;
  page.pattern = std::move(pattern);
  while (true) {
    const auto reply = co_await self.link_.call(page, patient);
    if (!*alive || !reply) co_return false;
    for (const auto& room : reply->rooms) {
      const bool kept = std::ranges::find(self.kept_, room.name) != self.kept_.end();
      if (room.joined || kept || is_direct(room.name)) rooms[room.name] = room;
    }
    if (!reply->more || reply->rooms.empty()) co_return true;
    page.after = Text::literal(reply->rooms.back().name.str());
  }
}

void OwnRooms::take(const std::map<RoomName, proto::RoomInfo>& rooms) {
  std::vector<RoomName> gone;
  for (const auto& [name, own] : rooms_)
    if (!rooms.contains(name)) gone.push_back(name);
  for (const auto& name : gone) leave(name);
  const bool reconcile = std::exchange(reconcile_, false);
  for (const auto& [name, room] : rooms) {
    if (!rooms_.contains(name)) {
      join(room);
    } else if (reconcile) {
      tell([&, topic = room.topic, known = name](Outlet& outlet) { outlet.topic(known, topic); });
      if (room.joined) attention_.read(name, room.read);
      tell_counts(name);
      want_members(name);
    }
  }
  tell([](Outlet& outlet) { outlet.listed(); });
  if (listed_) listed_();
}

void OwnRooms::join(const proto::RoomInfo& room) {
  rooms_[room.name].old = room.last;
  const Seq read = room.joined || is_direct(room.name) ? room.read : room.last;  // who is no member has no cursor
  const auto unread = room.last > read ? room.last.value - read.value : 0;
  const Seq from{room.last.value + 1 - std::min(unread, caught_up_max)};
  attention_.join(room.name, read, from);
  tell([&](Outlet& outlet) { outlet.joined(room.name); });
  tell([&](Outlet& outlet) { outlet.topic(room.name, room.topic); });
  tell_counts(room.name);
  switchboard_.subscribe(*this, {exactly(room.name), from, true}, [this, name = room.name](Result<std::uint32_t> done) {
    if (!done) rooms_.contains(name) ? leave(name) : void();  // it is joined again with the next list
  });
  want_members(room.name);
}

void OwnRooms::left(std::string_view leave_arguments) {
  if (const auto leave = proto::decode_value<proto::RoomLeave>(leave_arguments))
    switchboard_.renew(exactly(leave->room));
}

void OwnRooms::leave(const RoomName& room) {
  const auto people = std::move(rooms_[room].people);
  rooms_.erase(room);
  switchboard_.unsubscribe(*this, exactly(room));
  attention_.leave(room);
  for (const auto& [name, person] : people)
    if (!is_anywhere(name)) tell([&, gone = name](Outlet& outlet) { outlet.person_left(gone); });
  tell([&](Outlet& outlet) { outlet.left(room); });
}

void OwnRooms::called(const MethodName& method, std::string_view arguments, std::string_view reply) {
  const auto& name = method.str();
  if (name == proto::RoomJoin::name || name == proto::RoomLeave::name) refresh();
  if (name != proto::CursorSet::name) return;
  const auto call = proto::decode_value<proto::CursorSet>(arguments);
  const auto answer = proto::decode_value<proto::CursorSet::Reply>(reply);
  if (!call || !answer || !call->consumer.empty()) return;
  attention_.read(call->room, answer->seq);
  tell_counts(call->room);
}

// ── what is said ─────────────────────────────────────────────────────────────────────────────────────────────────────

/// Also after the hub was restarted and the room has begun again.
void OwnRooms::attached(const LocalRoom& room, Seq next) {
  if (rooms_.contains(room.name) && next <= attention_.rooms().at(room.name).last) {
    attention_.join(room.name, next.previous(), next);
    rooms_[room.name].old = next.previous();
    tell_counts(room.name);
  }
  if (rooms_.contains(room.name)) want_members(room.name);
}

void OwnRooms::receive(const LocalMessage& message) {
  attention_.receive(message.message(), self_);
  const auto own = rooms_.find(message.room().name);
  const bool fresh = own != rooms_.end() && message.message().seq > own->second.old;
  tell([&](Outlet& outlet) { outlet.message(message, fresh); });
  tell_counts(message.room().name);
}

void OwnRooms::lost(const LocalRoom& room, Seq first, Seq last) {
  attention_.skip(room.name, last);
  tell([&](Outlet& outlet) { outlet.lost(room.name, first, last); });
}

void OwnRooms::tell_counts(const RoomName& room) {
  const auto found = attention_.rooms().find(room);
  if (found != attention_.rooms().end()) tell([&](Outlet& outlet) { outlet.counted(room, found->second); });
}

// ── who is there ─────────────────────────────────────────────────────────────────────────────────────────────────────

void OwnRooms::want_members(const RoomName& room) {
  if (std::ranges::find(members_wanted_, room) == members_wanted_.end()) members_wanted_.push_back(room);
  if (!std::exchange(asking_members_, true)) asio::co_spawn(loop_, ask_members(*this, alive_), surface);
}

/// One room after the other: a hub bounds the calls of a session.
asio::awaitable<void> OwnRooms::ask_members(OwnRooms& self, Alive alive) {
  while (*alive && !self.members_wanted_.empty()) {
    const auto room = self.members_wanted_.front();
    self.members_wanted_.pop_front();
    proto::RoomMembers question{room};
    const auto reply = co_await self.link_.call(std::move(question), patient);
    if (*alive && reply && self.rooms_.contains(room)) self.set_members(room, reply->members);
  }
  if (*alive) self.asking_members_ = false;
}

void OwnRooms::set_members(const RoomName& room, const std::vector<proto::Person>& members) {
  auto& people = rooms_[room].people;
  auto before = std::exchange(people, {});
  for (const auto& person : members) {
    people[person.name] = person;
    before.erase(person.name);
    tell([&](Outlet& outlet) { outlet.person(person); });
  }
  for (const auto& [name, person] : before)
    if (!is_anywhere(name)) tell([&, gone = name](Outlet& outlet) { outlet.person_left(gone); });
  tell_members(room);
}

void OwnRooms::tell_members(const RoomName& room) {
  std::vector<proto::Person> members;
  for (const auto& [name, person] : rooms_[room].people) members.push_back(person);
  tell([&](Outlet& outlet) { outlet.members(room, members); });
}

bool OwnRooms::is_anywhere(const PersonName& name) const {
  return std::ranges::any_of(rooms_, [&](const auto& room) { return room.second.people.contains(name); });
}

void OwnRooms::put_person(const RoomName& room, const proto::Person& person) {
  rooms_[room].people[person.name] = person;
  tell([&](Outlet& outlet) { outlet.person(person); });
  tell_members(room);
}

void OwnRooms::remove_person(const RoomName& room, const PersonName& name) {
  if (rooms_[room].people.erase(name) == 0) return;
  if (!is_anywhere(name)) tell([&](Outlet& outlet) { outlet.person_left(name); });
  tell_members(room);
}

void OwnRooms::event(const LocalRoom* room, const proto::Event& event) {
  if (room != nullptr && rooms_.contains(room->name)) return change(room->name, event);
  if (room != nullptr) return;
  const auto before = PersonName::parse(event.text.str());
  const bool renamed = event.kind == proto::EventKind::renamed && before;
  if (renamed && *before == self_) self_ = event.person.name;
  for (auto& [name, own] : rooms_) {
    if (renamed && own.people.contains(*before)) {
      remove_person(name, *before);
      put_person(name, event.person);
    } else if (own.people.contains(event.person.name)) {
      put_person(name, event.person);
    }
  }
}

void OwnRooms::change(const RoomName& room, const proto::Event& event) {
  switch (event.kind) {
    case proto::EventKind::joined:
    case proto::EventKind::presence: put_person(room, event.person); break;
    case proto::EventKind::left:
      remove_person(room, event.person.name);
      if (event.person.name == self_) refresh();
      break;
    case proto::EventKind::topic: tell([&](Outlet& outlet) { outlet.topic(room, event.text); }); break;
    case proto::EventKind::read:
      attention_.read(room, event.seq);
      tell_counts(room);
      break;
    case proto::EventKind::renamed:
    case proto::EventKind::typing: break;
  }
}

}  // namespace hubbub::agent
