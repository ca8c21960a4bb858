#include "client/tui/state/amending.hpp"

#include <algorithm>
#include <utility>

#include "client/json/pretty.hpp"
#include "client/tui/state/reading.hpp"

namespace hubbub::tui {

namespace {

bool is_earlier(WallTime time, WallTime than) { return time.ns != 0 && (than.ns == 0 || time < than); }

void note_expiry(Room& room, WallTime expires) {
  if (is_earlier(expires, room.next_expiry)) room.next_expiry = expires;
}

/// The newest text in place of the first, or that again.
void show_text(Entry& entry, const link::View& view) {
  const bool is_edited = view.standing == link::Standing::shown && view.edited;
  if (is_edited && !entry.first_text) entry.first_text = {entry.text, entry.is_json, entry.bytes_left_out};
  if (!entry.first_text) return;
  std::tie(entry.text, entry.is_json, entry.bytes_left_out) =
      std::tie(entry.first_text->text, entry.first_text->is_json, entry.first_text->bytes_left_out);
  if (!is_edited) return entry.first_text.reset();
  entry.is_json = entry.is_json && json::check_json(view.text);
  put_text(entry, view.text);
}

/// Never of a life that isn't the room's: nobody amends that any more.
Entry* find_entry(Room& room, Seq seq) {
  const auto index = room.find_message(seq);
  return index ? &room.entries[*index] : nullptr;
}

bool changes_count(const Room& room, const Entry& entry, link::Standing before) {
  return entry.standing != before && entry.is_numbered() && room.is_unread(entry.position());
}

}  // namespace

std::string shown_name(const link::By& by) { return (by.verified ? "" : "~") + by.name.str(); }

std::string redacted_text(const link::View& view) {
  return "(redacted by " + shown_name(*view.redacted) + (view.reason.empty() ? "" : ": " + view.reason) + ")";
}

void show_as_known(const State& state, Room& room, Entry& entry) {
  entry.subject.seq = entry.seq;
  const auto view = room.amendments.view(entry.subject, state.now);
  show_text(entry, view);
  entry.standing = view.standing;
  entry.redacted = view.redacted ? redacted_text(view) : std::string();
  entry.pinned_by = view.pinned ? shown_name(*view.pinned) : std::string();
  entry.reactions.clear();
  for (const auto& [what, people] : view.reactions) {
    const bool own = std::ranges::find(people, state.self, &link::By::name) != people.end();
    entry.reactions.push_back({what, people.size(), own});
  }
  if (entry.standing == link::Standing::shown) note_expiry(room, entry.subject.expires);
}

void take_amendments(State& state, Room& room, const std::vector<link::Message>& messages) {
  bool recount = false;
  std::vector<Seq> affected;
  for (const auto& message : messages)
    for (const auto seq : room.amendments.take(message)) affected.push_back(seq);
  note_expiry(room, room.amendments.next_expiry());
  std::ranges::sort(affected);
  affected.erase(std::unique(affected.begin(), affected.end()), affected.end());
  for (const auto seq : affected) {
    auto* entry = find_entry(room, seq);
    if (entry == nullptr) continue;
    const auto before = entry->standing;
    show_as_known(state, room, *entry);
    recount = recount || changes_count(room, *entry, before);
  }
  if (recount) recount_unread(state, room);
}

void expire(State& state, Room& room) {
  if (room.next_expiry.ns == 0 || state.now < room.next_expiry) return;
  auto about = room.amendments.expire(state.now);
  std::ranges::sort(about);
  room.next_expiry = room.amendments.next_expiry();
  for (auto& entry : room.entries) {
    const auto expires = entry.subject.expires;
    const bool is_past = expires.ns != 0 && expires <= state.now;
    if (!is_past) note_expiry(room, expires);
    if (entry.life != room.life && is_past) entry.standing = link::Standing::gone;
    const bool changes = is_past || (entry.is_numbered() && std::ranges::binary_search(about, entry.seq));
    if (entry.life == room.life && changes) show_as_known(state, room, entry);
  }
  recount_unread(state, room);
}

}  // namespace hubbub::tui
