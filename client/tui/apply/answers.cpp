// What the hub answered to what the effects asked.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "client/tui/apply/handlers.hpp"
#include "client/tui/input/found.hpp"
#include "client/tui/input/threading.hpp"
#include "client/tui/state/amending.hpp"
#include "client/tui/state/reading.hpp"
#include "client/tui/view/scrolling.hpp"
#include "client/tui/view/time_text.hpp"

namespace hubbub::tui {

namespace {

std::string who_row(const State& state, const proto::Person& person) {
  auto row = fmt::format("{}{}", person.verified ? "" : "~", person.name.str());
  row.resize(std::max<std::size_t>(row.size() + 1, 20), ' ');
  row += proto::name_of(person.presence);
  if (!person.away.empty()) row += ": " + person.away.str();
  const bool is_idle = person.idle_since.ns > 0 && state.now > person.idle_since;
  const auto idle_s = is_idle ? (state.now.ns - person.idle_since.ns) / 1'000'000'000 : 0;
  if (idle_s >= 60) row += fmt::format(", idle for {} min", idle_s / 60);
  return row;
}

std::string room_row(const proto::RoomInfo& room) {
  auto row = display(room.name);
  row.resize(std::max<std::size_t>(row.size() + 1, 20), ' ');
  row += fmt::format("{} member{}", room.members, room.members == 1 ? "" : "s");
  if (!room.topic.empty()) row += "  " + room.topic.str();
  return row;
}

std::string pin_row(const link::Message& message, const link::View& view) {
  const auto entry = entry_of(message);
  auto row = fmt::format("pinned: {} {} {} {}{}: {}", entry.seq.value, date_text(entry.time), clock_text(entry.time),
                         entry.verified ? "" : "~", entry.from, entry.text.substr(0, entry.text.find('\n')));
  if (view.pinned) row += " (by " + shown_name(*view.pinned) + ")";
  return row;
}

auto find_unsent(Room& room, EntryId id) {
  return std::find_if(room.unsent.begin(), room.unsent.end(), [&](const Entry& entry) { return entry.id == id; });
}

// The newest page reaches back to the unread line, and further, if that can be.
std::uint16_t first_page(const Room& room) {
  constexpr std::size_t read_before = 50;
  return static_cast<std::uint16_t>(
      std::clamp<std::size_t>(room.unread + read_before, AskHistory{}.limit, limits::history_page_messages_max));
}

// Whoever is new in a room begins with all of it read. In a room that has begun anew everybody is new, but whoever was
// there before hasn't read it.
bool knows_better(const Room& room) { return room.read && room.read->life < room.life && !room.durable; }

// Failures that another try may not meet.
bool is_passing(Status status) {
  return status == Status::unavailable || status == Status::deadline_exceeded || status == Status::cancelled;
}

}  // namespace

void on(State& state, const HearDirectFailed& failed) {
  state.hears_direct = false;
  trouble(state, active_room(state), "direct messages don't come yet: " + failed.why.sentence);
}

void on(State& state, const JoinEnded& ended) {
  auto* room = find_room(state, ended.room);
  if (room == nullptr) return;
  if (!ended.reply) {
    room->receiving = room->joined = false;
    return trouble(state, *room, "could not join: " + ended.reply.error().sentence);
  }
  room->joined = true;
  effect(state, AskMembers{room->name, room->member_changes});
  room->topic = ended.reply->topic;
  room->last = std::max(room->last, ended.reply->last);
  if (!knows_better(*room)) learn_cursor(state, *room, ended.reply->read);
  if (room->history_asked) return;
  room->history_asked = true;
  room->pages_to_unread = room->pages_to_fill = 0;
  effect(state, AskHistory{room->name, {}, room->life, first_page(*room)});
}

/// What has changed since the question may be missing in the answer, and be in the room already: then it is asked
/// again.
void on(State& state, const MembersCame& came) {
  auto* room = find_room(state, came.room);
  if (room == nullptr) return;
  room->members = came.members;
  std::sort(room->members.begin(), room->members.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  if (came.changes != room->member_changes) effect(state, AskMembers{room->name, room->member_changes});
}

void on(State& state, const HistoryCame& came) {
  auto* room = find_room(state, came.asked.room);
  if (room == nullptr || room->life != came.asked.life) return;
  const auto& asked = came.asked;
  if (asked.goal == Seq{}) room->history_asked = false;
  if (!came.page) return trouble(state, *room, "could not fetch what was said before: " + came.page.error().sentence);
  const auto& messages = came.page->messages;
  take_amendments(state, *room, came.page->amendments);
  take_amendments(state, *room, messages);
  for (auto message = messages.rbegin(); message != messages.rend(); ++message) {
    auto entry = entry_of(state, *room, *message);
    show_as_known(state, *room, entry);
    room->insert(std::move(entry), Room::Source::history);
  }
  if (!messages.empty())
    room->note_page(messages.front().seq, messages.back().seq, came.page->first);
  else if (asked.before != Seq{})
    room->fill_holes(Seq{1}, asked.before.previous());
  const auto oldest = room->oldest();
  const bool none_older = messages.empty() && (asked.before == Seq{} || asked.before <= oldest);
  room->history_complete = none_older || oldest.value == 0 || oldest <= came.page->first;
  room->first = came.page->first;
  recount_unread(state, *room);
  fetch_to_unread(state, *room);
  fetch_thread(state, *room);
  fill_view(state, *room);
  if (asked.thread) return show_thread(state, *room, asked.goal, true);
  if (asked.goal != Seq{}) return look_at(state, *room, asked.goal);
  if (room == &active_room(state)) settle_scroll(state, *room);
}

void on(State& state, const PinsCame& came) {
  auto* room = find_room(state, came.room);
  if (room == nullptr) return;
  link::Amendments amendments;
  for (const auto& message : came.page.amendments) amendments.take(message);
  for (const auto& message : came.page.messages) amendments.take(message);
  bool any = false;
  for (const auto& message : came.page.messages) {
    const auto view = amendments.view(message, state.now);
    if (view.standing != link::Standing::shown) continue;
    any = true;
    note(state, *room, pin_row(link::shown_as(message, view), view));
  }
  if (!any) note(state, *room, "nothing is pinned here; /pin N pins message N");
}

void on(State& state, const CursorSet& set) {
  auto* room = find_room(state, set.asked.room);
  if (room == nullptr || room->life != set.asked.life) return;
  room->told.asking = false;
  if (set.seq || !is_passing(set.seq.error().status)) room->told.seq = std::max(room->told.seq, set.asked.seq);
}

void on(State& state, const SearchCame& came) {
  if (!came.page) return trouble(state, active_room(state), "could not search: " + came.page.error().sentence);
  const auto& page = *came.page;
  if (page.messages.empty())
    return note(state, active_room(state), "nothing found: " + came.asked.words.str() + unindexed_text(page.unindexed));
  Found found;
  found.words = came.asked.words.str();
  found.more = page.more;
  found.unindexed = page.unindexed;
  for (const auto& message : page.messages) found.hits.push_back({message.room, entry_of(message)});
  show_found(state, std::move(found));
}

// Acknowledged with its seq: it stands in the room, even if its delivery is still on the way. Without: it waits for
// that.
void on(State& state, const SayEnded& ended) {
  const auto room = std::find_if(state.rooms.begin(), state.rooms.end(), [&](Room& one) {
    return find_unsent(one, ended.said.id) != one.unsent.end();  // not by its name, which may be another by now
  });
  if (room == state.rooms.end()) return;  // its delivery came first
  const auto unsent = find_unsent(*room, ended.said.id);
  unsent->fate = ended.seq ? Fate::told : Fate::failed;
  if (ended.seq && ended.seq->value == 0) return;
  auto entry = std::move(*unsent);
  room->unsent.erase(unsent);
  if (ended.seq) {
    entry.seq = *ended.seq;
    entry.subject.from = state.self;
    entry.subject.verified = state.verified;
    show_as_known(state, *room, entry);
    room->insert(std::move(entry));
  } else {
    entry.failure = ended.seq.error().sentence;
    if (&*room != &active_room(state))
      trouble(state, active_room(state), "not sent to " + display(room->name) + ": " + entry.failure);
    room->add(std::move(entry));
  }
}

void on(State& state, const TopicCame& came) {
  auto* room = find_room(state, came.room);
  if (room == nullptr) return;
  room->topic = came.topic.topic;
  if (came.topic.topic.empty()) return note(state, *room, "no topic is set; /topic TEXT sets one");
  note(state, *room,
       fmt::format("topic: {} (by {}, {})", came.topic.topic.str(), came.topic.by.str(), day_text(came.topic.at)));
}

void on(State& state, const WhoCame& came) {
  auto& room = active_room(state);
  if (came.people.empty()) return note(state, room, "nobody of that name is known here");
  for (const auto& person : came.people) note(state, room, who_row(state, person));
}

void on(State& state, const RoomsCame& came) {
  for (const auto& info : came.rooms) {
    const auto shown = display(info.name);
    auto& known = state.known_rooms;
    if (std::find(known.begin(), known.end(), shown) == known.end()) known.push_back(shown);
  }
  if (came.quiet) return;
  auto& room = active_room(state);
  if (came.rooms.empty()) return note(state, room, "no room matches");
  for (const auto& info : came.rooms) note(state, room, room_row(info));
  if (came.more) note(state, room, "… and more; /list PATTERN asks for fewer");
}

void on(State& state, const Refused& refused) { trouble(state, active_room(state), refused.why.sentence); }

void on(State& state, const Renamed& renamed) {
  state.self = renamed.to;
  note(state, active_room(state), "you are now called " + renamed.to.str());
}

void on(State& state, const AwaySet& set) {
  state.away = set.text;
  note(state, active_room(state), set.text.empty() ? "you are back" : "you are away: " + set.text.str());
}

void on(State& state, const LaterAnswered& answered) {
  auto* const asked_in = find_room(state, answered.room);
  auto& room = asked_in != nullptr ? *asked_in : active_room(state);
  for (const auto& line : answered.lines) note(state, room, line);
}

void on(State& state, const ServiceCalled& called) {
  auto* const asked_in = find_room(state, called.room);
  auto& room = asked_in != nullptr ? *asked_in : active_room(state);
  if (called.failed) return trouble(state, room, called.receipt);
  for (const auto& line : called.result) note(state, room, line);
  note(state, room, called.receipt);
}

}  // namespace hubbub::tui
