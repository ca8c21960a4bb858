#include "server/log/durable_log.hpp"

#include <algorithm>
#include <utility>

#include "common/log.hpp"

namespace hubbub::server {

namespace {

/// The disk is quick to read for those who are further behind than this.
constexpr std::size_t tail_bytes_max = 1u << 20;

}  // namespace

DurableLog::DurableLog(DurableLogs& shared, TailBudget& budget, RoomId room, Seq last, Seq first_kept,
                       Committed committed, std::function<void()> emptied)
    : shared_(shared),
      room_(room),
      committed_(std::move(committed)),
      tail_(
          budget, [](Seq) {}, std::move(emptied), tail_bytes_max),
      last_(last),
      first_kept_(first_kept) {}

void DurableLog::append(Batch batch) {
  uncommitted_.push_back(batch.frames);
  shared_.uncommitted_bytes.fetch_add(batch.frames.bytes);
  shared_.store.append(shared_.core, std::move(batch), [this] { committed_one(); });
}

void DurableLog::committed_one() {
  const auto batch = std::move(uncommitted_.front());
  uncommitted_.pop_front();
  shared_.uncommitted_bytes.fetch_sub(batch.bytes);
  tail_.append(batch);
  last_ = batch.last;
  committed_(last_);
}

void DurableLog::trimmed(Seq first_kept) { first_kept_ = std::max(first_kept_, first_kept); }

void DurableLog::erased(Seq seq) {
  const bool is_held = !tail_.empty() && seq >= tail_.first_kept();
  if (is_held || seq > last_) tail_.erase(seq);
  tell_erased(seq);
}

void DurableLog::amendments(AmendmentsWish wish, std::function<void(Result<std::vector<std::string>>)> then) {
  shared_.store.amendments(shared_.core, room_, std::move(wish), std::move(then));
}

void DurableLog::pinned(std::function<void(Result<std::vector<Seq>>)> then) {
  shared_.store.pinned(shared_.core, room_, std::move(then));
}

void DurableLog::read(Seq from, Seq until, std::size_t bytes_max, std::function<void(LogRead)> then) {
  from = std::max(from, first_kept_);
  until = std::min(until, last_);
  LogRead nothing{first_kept_, {}};
  if (from > until) return then(std::move(nothing));
  if (!tail_.empty() && from >= tail_.first_kept()) {
    append_tail(from, until, bytes_max, nothing);
    return then(std::move(nothing));
  }
  const auto stored = tail_.empty() ? until : std::min(until, tail_.first_kept().previous());
  shared_.store.read(shared_.core, room_, from, stored, bytes_max,
                     [this, until, bytes_max, then = std::move(then)](Result<LogRead> found) {
                       if (!found) return then(unreadable(found.error()));
                       if (!found->slices.empty())
                         append_tail(found->slices.back().last.next(), until, bytes_max, *found);
                       then(*std::move(found));
                     });
}

LogRead DurableLog::unreadable(const Error& error) const {
  log::error("a room can't be read", {{"room", room_.value}, {"reason", error.sentence}});
  return {first_kept_, {}, error};
}

/// What the tail has of `from` to `until`, as far as `found` has not reached `bytes_max`. Nothing if the tail begins
/// later by now: a reader asks again.
void DurableLog::append_tail(Seq from, Seq until, std::size_t bytes_max, LogRead& found) {
  for (const auto& slice : found.slices) bytes_max -= std::min<std::size_t>(bytes_max, slice.bytes);
  if (bytes_max == 0 || from > until || tail_.empty() || from < tail_.first_kept()) return;
  tail_.read(from, until, bytes_max, [&](const LogRead& more) {
    found.slices.insert(found.slices.end(), more.slices.begin(), more.slices.end());
  });
}

void DurableLog::find_time(WallTime time, std::function<void(Seq)> then) {
  if (!tail_.empty() && tail_.first_time() < time) return tail_.find_time(time, std::move(then));
  shared_.store.find_time(shared_.core, room_, time, [this, then = std::move(then)](Result<Seq> found) {
    if (!found)
      log::error("a room can't be searched by time", {{"room", room_.value}, {"reason", found.error().sentence}});
    then(found.value_or(first_kept_));  // and the reading that follows tells the reader
  });
}

}  // namespace hubbub::server
