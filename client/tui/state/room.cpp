#include "client/tui/state/room.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace hubbub::tui {

namespace {

constexpr std::size_t speakers_max = 50;

struct Spot {
  std::size_t index;
  bool taken = false;
};

// From the end upwards, since nearly everything is new. A message goes before every later message. One from history
// goes before the client's own notes of a later time, too, so that a page comes to stand above "alice joined"; a live
// one doesn't, since the hub's clock may be behind this one.
Spot spot_for(const std::deque<Entry>& entries, const Entry& entry, Room::Source source) {
  std::size_t spot = entries.size();
  for (std::size_t i = entries.size(); i-- > 0;) {
    const auto& other = entries[i];
    if (other.life < entry.life) break;
    if (other.seq.value == 0) {
      if (source == Room::Source::history && other.time > entry.time && spot == i + 1) spot = i;
      continue;
    }
    if (other.seq == entry.seq) return {i, true};
    if (other.seq < entry.seq) break;
    spot = i;
  }
  return {spot};
}

// Without what is in `first` to `last`.
std::vector<Hole> without(const std::vector<Hole>& holes, Seq first, Seq last) {
  std::vector<Hole> left;
  for (const auto& hole : holes) {
    if (hole.first < first) left.push_back({hole.first, std::min(hole.last, first.previous())});
    if (hole.last > last) left.push_back({std::max(hole.first, last.next()), hole.last});
  }
  return left;
}

bool has(const std::vector<Hole>& holes, Seq seq) {
  return std::ranges::any_of(holes, [&](const Hole& hole) { return hole.first <= seq && seq <= hole.last; });
}

}  // namespace

bool Room::insert(Entry entry, Source source) {
  entry.life = life;
  const auto spot = spot_for(entries, entry, source);
  if (spot.taken) return false;
  if (!holes.empty() && entry.seq.value != 0) fill_holes(entry.seq, entry.seq);
  entries.insert(entries.begin() + static_cast<std::ptrdiff_t>(spot.index), std::move(entry));
  return true;
}

void Room::add(Entry entry) {
  entry.life = life;
  entries.push_back(std::move(entry));
}

bool Room::has(Seq seq) const {
  Entry probe;
  probe.life = life;
  probe.seq = seq;
  return spot_for(entries, probe, Source::live).taken;
}

std::optional<std::size_t> Room::find_message(Seq seq) const {
  for (std::size_t i = entries.size(); i-- > 0 && entries[i].life == life;)
    if (entries[i].seq == seq) return i;
  return std::nullopt;
}

void Room::note_page(Seq from, Seq to, Seq first_kept) {
  fill_holes(from, to);
  Seq below, above;
  for (const auto& entry : entries) {
    if (entry.life != life || entry.seq.value == 0) continue;
    if (entry.seq < from) below = entry.seq;
    if (entry.seq > to && above.value == 0) above = entry.seq;
  }
  if (below.value != 0 && below.next() < from && !tui::has(holes, below.next()))
    holes.push_back({below.next(), from.previous()});
  if (above > to.next() && !tui::has(holes, to.next())) holes.push_back({to.next(), above.previous()});
  for (auto& hole : holes) hole.first = std::max(hole.first, first_kept);
  std::erase_if(holes, [](const Hole& hole) { return hole.first > hole.last; });
}

void Room::fill_holes(Seq from, Seq to) { holes = without(holes, from, to); }

const Hole* Room::hole_before(std::size_t index) const {
  if (holes.empty() || index == 0 || index >= entries.size()) return nullptr;
  const auto& entry = entries[index];
  if (entry.life != life || entry.seq.value == 0) return nullptr;
  const auto found = std::ranges::find(holes, entry.seq.previous(), &Hole::last);
  return found == holes.end() ? nullptr : &*found;
}

void Room::settle_acknowledged() {
  for (auto entry = unsent.begin(); entry != unsent.end();) {
    if (entry->fate == Fate::told) {
      add(std::move(*entry));
      entry = unsent.erase(entry);
    } else {
      ++entry;
    }
  }
}

void Room::begin_new_life() {
  ++life;
  holes.clear();
  amendments = link::Amendments();
  history_asked = false;
  history_complete = false;
  first = last = {};
  told = {};
  if (!thread) return;
  if (!thread->line_of_room.empty()) input = std::move(thread->line_of_room);
  thread.reset();
}

void Room::follow(Room older) {
  const auto put_first = [](auto& here, auto& there) {
    here.insert(here.begin(), std::make_move_iterator(there.begin()), std::make_move_iterator(there.end()));
  };
  for (auto& entry : entries) entry.life += older.life + 1;
  for (auto* position : {&read, &line, &answers_new_from})
    if (*position) (*position)->life += older.life + 1;
  if (thread) thread->root.life += older.life + 1;
  auto looked_at_here = std::exchange(answers_read, std::move(older.answers_read));
  for (const auto& [root, seq] : looked_at_here) answers_read[{root.life + older.life + 1, root.seq}] = seq;
  life += older.life + 1;
  put_first(entries, older.entries);
  put_first(unsent, older.unsent);
  if (older.next_expiry.ns != 0 && (next_expiry.ns == 0 || older.next_expiry < next_expiry))
    next_expiry = older.next_expiry;
  unread += older.unread;
  mentions += older.mentions;
  if (older.unread > 0) read = older.read;
  if (input.empty()) input = std::move(older.input);
}

Seq Room::oldest() const {
  for (const auto& entry : entries)
    if (entry.life == life && entry.seq.value > 0) return entry.seq;
  return {};
}

Seq Room::newest() const {
  for (auto entry = entries.rbegin(); entry != entries.rend() && entry->life == life; ++entry)
    if (entry->seq.value > 0) return entry->seq;
  return {};
}

std::optional<Position> Room::newest_position() const {
  const auto newest =
      std::find_if(entries.rbegin(), entries.rend(), [](const Entry& one) { return one.is_numbered(); });
  if (newest == entries.rend()) return std::nullopt;
  return newest->position();
}

std::optional<std::size_t> Room::find(EntryId id) const {
  for (std::size_t i = items(); i-- > 0;)
    if (item(i).id == id) return i;
  return std::nullopt;
}

namespace {

auto place_of(auto& members, std::string_view who) {
  const auto before = [](const proto::Person& person, std::string_view name) {
    return std::string_view(person.name.str()) < name;
  };
  return std::lower_bound(members.begin(), members.end(), who, before);
}

}  // namespace

const proto::Person* Room::member(std::string_view who) const {
  const auto found = place_of(members, who);
  return found != members.end() && found->name.str() == who ? &*found : nullptr;
}

std::string Room::signed_name(std::string_view who) const {
  const auto* person = member(who);
  return (person != nullptr && person->verified ? "" : "~") + std::string(who);
}

void Room::put_member(const proto::Person& person) {
  const auto found = place_of(members, person.name.str());
  if (found != members.end() && found->name == person.name) {
    *found = person;
  } else {
    members.insert(found, person);
  }
}

void Room::remove_member(std::string_view who) {
  const auto found = place_of(members, who);
  if (found != members.end() && found->name.str() == who) members.erase(found);
  typing.erase(std::string(who));
}

void Room::spoke(const std::string& who) {
  std::erase(speakers, who);
  speakers.push_back(who);
  if (speakers.size() > speakers_max) speakers.erase(speakers.begin());
}

void Room::trim(std::size_t entries_kept) {
  if (entries.size() <= entries_kept) return erase_old_holes();
  for (; entries.size() > entries_kept; entries.pop_front()) history_complete = false;
  amendments.forget_before(oldest());
  erase_old_holes();
}

void Room::erase_old_holes() {
  std::erase_if(holes, [oldest = oldest()](const Hole& hole) { return hole.last < oldest; });
}

}  // namespace hubbub::tui
