#include "client/tui/state/threads.hpp"

#include <algorithm>

namespace hubbub::tui {

namespace {

struct Answer {
  std::size_t index;
  Position root;  ///< as its headers have it
};

std::vector<Answer> answers_in(const Room& room) {
  std::vector<Answer> answers;
  for (std::size_t i = 0; i < room.items(); ++i)
    if (const auto& reply = room.item(i).reply; reply && room.item(i).is_shown())
      answers.push_back({i, {position_of(room, i).life, reply->root}});
  return answers;
}

/// Those of these messages that are here.
std::map<Position, std::size_t> find_all(const Room& room, const std::vector<Answer>& answers) {
  std::map<Position, std::size_t> found;
  std::vector<Position> wanted;
  for (const auto& answer : answers) wanted.push_back(answer.root);
  std::ranges::sort(wanted);
  auto next = wanted.begin();
  for (std::size_t i = 0; i < room.entries.size() && next != wanted.end(); ++i) {
    const auto& entry = room.entries[i];
    if (!entry.is_numbered() || !entry.is_shown()) continue;
    while (next != wanted.end() && *next < entry.position()) ++next;
    if (next != wanted.end() && *next == entry.position()) found.emplace(*next, i);
  }
  return found;
}

std::optional<std::size_t> index_of(const Room& room, Position position) {
  const auto found = std::ranges::find_if(room.entries, [&](const Entry& entry) {
    return entry.is_numbered() && entry.is_shown() && entry.position() == position;
  });
  if (found == room.entries.end()) return std::nullopt;
  return static_cast<std::size_t>(found - room.entries.begin());
}

}  // namespace

Position position_of(const Room& room, std::size_t index) {
  return {index < room.entries.size() ? room.entries[index].life : room.life, room.item(index).seq};
}

// An answer comes behind what it answers, so that one, if it is folded itself, is known to be by then.
Threads::Threads(const Room& room) {
  const auto answers = answers_in(room);
  if (answers.empty()) return;
  const auto here = find_all(room, answers);
  for (const auto& answer : answers) {
    const auto found = here.find(answer.root);
    if (found == here.end()) continue;
    const auto root = root_of(found->second).value_or(found->second);
    answers_[root].push_back(answer.index);
    if (room.item(answer.index).fate != Fate::failed) folded_.push_back({answer.index, root});
  }
}

std::optional<std::size_t> Threads::root_of(std::size_t index) const {
  const auto found = std::ranges::lower_bound(folded_, index, {}, &Folded::index);
  if (found == folded_.end() || found->index != index) return std::nullopt;
  return found->root;
}

const std::vector<std::size_t>& Threads::answers_to(std::size_t root) const {
  static const std::vector<std::size_t> none;
  const auto found = answers_.find(root);
  return found == answers_.end() ? none : found->second;
}

Shown::Shown(const Room& room) : room_(room), threads_(room) {
  const auto first = room.thread ? index_of(room, room.thread->root) : std::nullopt;
  for (std::size_t i = 0; i < room.items(); ++i)
    if (room.item(i).is_shown() && (room.thread ? is_in_thread(i, first) : !threads_.root_of(i))) items_.push_back(i);
}

// Where its first message isn't here, answers are known by their headers.
bool Shown::is_in_thread(std::size_t index, std::optional<std::size_t> first) const {
  const auto& entry = room_.item(index);
  const bool is_note = entry.kind == EntryKind::note || entry.kind == EntryKind::trouble;
  if (is_note) return entry.id > room_.thread->opened_after;
  if (first) return index == first || std::ranges::binary_search(threads_.answers_to(*first), index);
  return entry.reply && Position{position_of(room_, index).life, entry.reply->root} == room_.thread->root;
}

std::size_t Shown::place(std::size_t index) const {
  const auto behind = std::ranges::upper_bound(items_, index);
  return behind == items_.begin() ? 0 : static_cast<std::size_t>(behind - items_.begin()) - 1;
}

const Hole* Shown::hole_before(std::size_t at) const {
  if (room_.holes.empty() || at == 0 || at >= size()) return nullptr;
  for (auto index = items_[at]; index > items_[at - 1]; --index)
    if (const auto* hole = room_.hole_before(index)) return hole;
  return nullptr;
}

News news_of(const Room& room, const Threads& threads, std::size_t root, std::string_view self) {
  News news;
  if (!room.answers_new_from) return news;
  const auto looked_at = room.answers_read.find(position_of(room, root));
  const auto read = looked_at == room.answers_read.end() ? Seq{} : looked_at->second;
  for (const auto index : threads.answers_to(root)) {
    const auto& entry = room.item(index);
    const bool is_new = entry.is_numbered() && entry.from != self && entry.seq > read;
    if (!is_new || entry.position() <= *room.answers_new_from) continue;
    ++news.answers;
    if (entry.mention) ++news.mentions;
  }
  return news;
}

News news_of(const Room& room, std::string_view self) {
  News sum;
  const Threads threads(room);
  for (const auto& [root, answers] : threads.all()) {
    const auto news = news_of(room, threads, root, self);
    sum.answers += news.answers;
    sum.mentions += news.mentions;
  }
  return sum;
}

}  // namespace hubbub::tui
