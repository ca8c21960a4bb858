// What is to be posted later.
//   later.post --Change--> the store .. its time .. --LaterPlan: read--> post_later --> the room's home --posted--> ┘
// A durable room's home has the store forget it in the transaction that keeps the message: a crash neither loses it nor
// says it twice.
#include <algorithm>

#include "common/log.hpp"
#include "server/dispatch/directory.hpp"

namespace hubbub::server {

namespace {

constexpr std::uint64_t ns_per_ms = 1'000'000;
constexpr std::chrono::milliseconds look_wait(bounds::later_look_ms);

/// By the hub's clock; nothing that lies behind it.
Result<WallTime> time_of(const proto::LaterPost& call, WallTime now) {
  if (call.at != WallTime{} && call.delay_ms != 0)
    return fail(Status::invalid_argument, "a time and a delay exclude each other");
  constexpr auto ahead_ns_max = bounds::later_ahead_ms_max * ns_per_ms;
  const bool too_far = call.delay_ms > bounds::later_ahead_ms_max || call.at.ns > now.ns + ahead_ns_max;
  if (too_far) return fail(Status::invalid_argument, "that is more than ten years ahead, and nothing waits so long");
  return std::max(now, call.at != WallTime{} ? call.at : WallTime{now.ns + call.delay_ms * ns_per_ms});
}

proto::Headers headers_of(const std::string& bytes) {
  const auto size = static_cast<std::uint16_t>(bytes.size());
  std::string whole(sizeof size, '\0');
  proto::detail::store(whole.data(), size);
  whole += bytes;
  return proto::decode_value<proto::Headers>(whole).value_or(proto::Headers{});
}

/// The names of the two whose direct room has that key: see Directory::direct_key().
std::pair<std::string, std::string> names_in(std::string_view key) {
  key.remove_prefix(1);
  const auto plus = std::min(key.find('+'), key.size());
  const auto second = key.substr(std::min(plus + 1, key.size()));
  return {std::string(key.substr(0, plus)), std::string(second.substr(0, second.find('\'')))};
}

}  // namespace

// ── calls ────────────────────────────────────────────────────────────────────────────────────────────────────────────

Directory::Outcome<proto::LaterPost::Reply> Directory::handle(const Caller& caller, const proto::LaterPost& call) {
  if (!keeps_)
    return fail(Status::failed_precondition,
                "this hub keeps nothing on a disk (hub.data), so nothing can be posted later; say it when it is time");
  const auto at = time_of(call, caller.now);
  if (!at) return tl::unexpected(at.error());
  auto message = message_from(caller.person, call.kind, call.retain, call.headers, call.body.bytes);
  if (!message) return tl::unexpected(message.error());
  const auto& owner = caller.person.owner;
  if (const auto had = later_count_.find(owner);
      had != later_count_.end() && had->second >= bounds::later_per_person_max)
    return fail(Status::resource_exhausted, std::to_string(had->second) +
                                                " messages of yours wait for their time already, as many as the hub "
                                                "allows; hubbub later cancel takes one back");
  const auto room = open(call.room, caller.person);
  if (!room) return tl::unexpected(room.error());
  const LaterPlace place{*at, LaterId{++last_later_.value}};
  ++later_count_[owner];
  note(LaterAdded{place.id, place.at, (*room)->key, owner, message->from.str(), message->verified,
                  static_cast<std::uint8_t>(message->kind), message->flags, std::move(message->headers),
                  std::move(message->body)});
  hold([this, place] {
    if (later_.added(place)) look_later_soon();
  });
  return proto::LaterPost::Reply{place.id, place.at};
}

Directory::Outcome<proto::LaterList::Reply> Directory::handle(const Caller& caller, const proto::LaterList& call) {
  if (!keeps_) return proto::LaterList::Reply{};
  LaterWish wish;
  wish.after = {call.after_at, call.after};
  wish.owner = caller.person.owner;
  wish.messages_max = std::clamp<std::size_t>(call.limit, 1, bounds::later_per_reply_max);
  wish.bytes_max = limits::history_page_bytes_max / 2;  // the rest: names, and what stands around it
  wish.body_bytes_max = limits::later_shown_bytes_max;
  later_.asked();
  outlet_.later(std::move(wish), [this, ref = caller.ref, id = caller.call](Result<LaterFound> found) {
    if (found)
      list_later(ref, id, *std::move(found));
    else
      finished(ref, id, {Status::unavailable, found.error().sentence});
    later_.answered();
  });
  return Later{};
}

void Directory::list_later(SessionRef ref, CallId call, LaterFound found) {
  const auto session = sessions_.find(ref);
  if (session == sessions_.end()) return;
  proto::LaterList::Reply list;
  list.more = found.next.has_value();
  for (const auto& message : found.messages)
    if (!later_.is_gone(message.id)) list.messages.push_back(show_later(message, *session->second.person));
  StoredReply reply;
  proto::encode_value(list, reply.result);
  finished(ref, call, std::move(reply));
}

proto::LaterMessage Directory::show_later(const LaterAdded& message, const PersonEntry& who) const {
  proto::LaterMessage shown;
  shown.id = message.id;
  shown.at = message.at;
  shown.kind = static_cast<proto::Kind>(message.kind);
  shown.headers = headers_of(message.headers);
  shown.body.bytes = message.body;
  shown.body_bytes = static_cast<std::uint32_t>(message.body_bytes);
  if (const auto room = rooms_.find(message.room); room != rooms_.end()) {
    shown.room = name_for(*room->second, who);
  } else if (!message.room.starts_with('@')) {
    shown.room = RoomName::literal(message.room);
  } else {
    const auto [one, other] = names_in(message.room);
    shown.room = RoomName::literal('@' + (one == message.from ? other : one));
  }
  return shown;
}

Directory::Outcome<proto::Done> Directory::handle(const Caller& caller, const proto::LaterCancel& call) {
  if (!keeps_) return fail(Status::not_found, "this hub keeps nothing on a disk, so nothing waits here for its time");
  LaterWish wish;
  wish.only = call.id;
  KeptReply reply{caller.session.client, caller.call, Status::ok, {}, caller.question};
  proto::encode_value(proto::Done{}, reply.result);
  later_.asked();
  outlet_.later(std::move(wish), [this, ref = caller.ref, reply = std::move(reply),
                                  owner = caller.person.owner](Result<LaterFound> found) {
    if (found)
      cancel_later(ref, reply, owner, *found);
    else
      finished(ref, reply.call, {Status::unavailable, found.error().sentence});
    later_.answered();
  });
  return Later{};
}

/// Once nobody may post it any more, and before the store's answer is forgotten: what is on its way into its room is
/// there no longer.
void Directory::cancel_later(SessionRef ref, const KeptReply& reply, const Owner& owner, const LaterFound& found) {
  const auto* const message = found.messages.empty() ? nullptr : &found.messages.front();
  if (message == nullptr || message->owner != owner || later_.is_gone(message->id))
    return finished(ref, reply.call,
                    {Status::not_found,
                     "nothing of yours waits under this number: it was posted, or cancelled; hubbub later lists what "
                     "does"});
  later_.cancelled(*message);
  outlet_.change({{LaterRemoved{message->id}}, reply}, [this, ref, reply, id = message->id] {
    settled_later(id);
    finished(ref, reply.call, {reply.status, reply.result});
  });
}

// ── posting what is due ──────────────────────────────────────────────────────────────────────────────────────────────

void Directory::look_later_soon() {
  if (std::exchange(later_look_is_soon_, true)) return;
  outlet_.after(std::chrono::milliseconds(0), [this](WallTime now) {
    later_look_is_soon_ = false;
    look_later(now);
  });
}

/// Reads what is due, or waits for that; not for longer than a moment, since a clock may be set.
void Directory::look_later(WallTime now) {
  if (stopping_) return;
  const bool trouble = !outlet_.trouble().empty();
  if (auto wish = trouble ? std::nullopt : later_.read(now))
    return outlet_.later(*std::move(wish), [this](Result<LaterFound> found) { found_later(std::move(found)); });
  const auto due = later_.wake_at();
  if (!due) return;
  auto wait = look_wait;
  if (!trouble && due->ns < now.ns + bounds::later_look_ms * ns_per_ms)
    wait = std::chrono::milliseconds((due->ns - std::min(due->ns, now.ns) + ns_per_ms - 1) / ns_per_ms);
  outlet_.after(wait, [this, look = ++later_look_](WallTime then) {
    if (look == later_look_) look_later(then);
  });
}

void Directory::found_later(Result<LaterFound> found) {
  if (stopping_) return;
  if (!found) {
    log::error("what is to be posted now can't be read", {{"reason", found.error().sentence}});
    later_.read_failed();
    return look_later_again();
  }
  for (auto& message : later_.found(*std::move(found))) post_later(std::move(message));
  look_later_soon();
}

void Directory::post_later(LaterAdded message) {
  const auto* const room = room_for_later(message);
  if (room == nullptr) return posted(message.id, LaterOutcome::refused);
  PostedByCall said{{},
                    0,
                    PersonName::literal(message.from),
                    message.verified,
                    static_cast<proto::Kind>(message.kind),
                    message.flags,
                    std::move(message.headers),
                    std::move(message.body)};
  outlet_.post_later(room->id, message.id, std::move(said));
}

/// One that lived in memory may have gone with an earlier life of the hub. Nothing: there are as many as may be.
Directory::RoomEntry* Directory::room_for_later(const LaterAdded& message) {
  if (const auto known = rooms_.find(message.room); known != rooms_.end()) return known->second.get();
  if (rooms_.size() >= limits_.rooms) return nullptr;
  if (message.room.starts_with('@')) {
    const auto [one, other] = names_in(message.room);
    const auto first = people_.find(one);
    if (first == people_.end() || !people_.contains(other)) return &add_room(message.room, nullptr);  // nobody hears it
    const auto opened = open(RoomName::literal('@' + other), *first->second);
    commit();
    return opened ? *opened : nullptr;
  }
  auto& room = add_room(message.room, nullptr);
  attach_existing_patterns(room);
  return &room;
}

void Directory::posted(LaterId later, LaterOutcome outcome) {
  if (vanished_.contains(later.value)) return posted_will(later, outcome);
  switch (outcome) {
    case LaterOutcome::kept: return settled_later(later);
    case LaterOutcome::said:
      return outlet_.change({{LaterRemoved{later}}, {}}, [this, later] { settled_later(later); });
    case LaterOutcome::refused: later_.refused(later); return look_later_again();
  }
}

void Directory::settled_later(LaterId later) {
  const bool waited = !later_.wake_at();
  const auto owner = later_.settled(later);
  if (const auto count = later_count_.find(owner); count != later_count_.end() && --count->second == 0)
    later_count_.erase(count);
  if (waited && later_.wake_at()) look_later_soon();
}

/// After a while, in which a disk may come round.
void Directory::look_later_again() {
  if (std::exchange(later_waits_, true)) return;
  outlet_.after(look_wait, [this](WallTime now) {
    later_waits_ = false;
    later_.resume();
    look_later(now);
  });
}

void Directory::stop() { stopping_ = true; }

}  // namespace hubbub::server
