#include "client/tui/view/thread_rows.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "client/tui/text/cells.hpp"
#include "client/tui/view/theme.hpp"
#include "client/tui/view/time_text.hpp"

namespace hubbub::tui {

namespace {

std::string news_text(const News& news) {
  if (news.answers == 0) return {};
  const auto mentions = news.mentions == 0   ? std::string()
                        : news.mentions == 1 ? ", 1 names you"
                                             : fmt::format(", {} name you", news.mentions);
  return fmt::format(" ({} new{})", news.answers, mentions);
}

std::string time_in_row(const State& state, WallTime time) {
  return (day_of(time) == day_of(state.now) ? "" : date_text(time) + " ") + clock_text(time);
}

}  // namespace

Run thread_row(const State& state, const Room& room, const Shown& shown, std::size_t at, int width) {
  if (room.thread) return {};
  const auto root = shown.index(at);
  const Entry* last = nullptr;
  std::size_t count = 0;
  bool mention = false;
  for (const auto index : shown.threads().answers_to(root)) {
    if (room.item(index).fate == Fate::failed) continue;
    last = &room.item(index);
    mention = mention || last->mention;
    ++count;
  }
  if (last == nullptr) return {};
  const auto news = news_of(room, shown.threads(), root, state.self.str());
  const auto text = fmt::format("  └ {} {}{}, last by {}{} {}{}", count, count == 1 ? "reply" : "replies",
                                news_text(news), last->verified ? "" : "~", last->from, time_in_row(state, last->time),
                                last->fate == Fate::sending ? " …" : "");
  auto style = mention ? theme::mention : theme::note;
  style.bold = style.bold || news.answers > 0;
  auto row = cells_of(text, style);
  const auto& entry = shown.item(at);
  if (entry.life == room.life) append(row, fmt::format(", /thread {}", entry.seq.value), theme::dim);
  return shorten(row, width);
}

std::string answer_mark(const Room& room, const Entry& entry) {
  if (!entry.reply || (room.thread && entry.reply->to == room.thread->root.seq)) return {};
  auto mark = fmt::format("↳ {} ", entry.reply->to.value);
  const auto answered = std::ranges::find_if(room.entries, [&](const Entry& other) {
    return other.is_numbered() && other.life == entry.life && other.seq == entry.reply->to;
  });
  if (answered != room.entries.end()) mark += (answered->verified ? "" : "~") + answered->from + ": ";
  return mark;
}

}  // namespace hubbub::tui
