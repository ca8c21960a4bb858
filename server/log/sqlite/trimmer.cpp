#include "server/log/sqlite/trimmer.hpp"

#include "server/log/sqlite/retention.hpp"

namespace hubbub::server::sqlite {

namespace {

/// One step of trimming, as are step_rows_max: no commit waits long for it.
constexpr std::uint64_t step_bytes_max = 4 * 1024 * 1024;

/// Messages that a room publishes before its producers are folded: what a start has to read again of each room. A
/// producer's row is rewritten then, which costs as much as some hundreds of its publishes.
constexpr std::uint64_t fold_messages = 4096;

}  // namespace

Trimmer::Trimmer(Database& database, RoomStates& rooms, MarkTable& marks)
    : rooms_(rooms),
      marks_(marks),
      producers_(database),
      oldest_(database,
              "SELECT last, total, last_time FROM batches INDEXED BY batches_by_room WHERE room = ?1 ORDER BY first "
              "LIMIT ?2"),
      delete_(database, "DELETE FROM batches WHERE room = ?1 AND first <= ?2"),
      set_trimmed_(database, "UPDATE rooms SET trimmed = ?2, trimmed_time = ?3 WHERE id = ?1"),
      set_folded_(database, "UPDATE rooms SET folded = ?2 WHERE id = ?1") {
  for (auto& [room, state] : rooms_) note(room, state);
}

void Trimmer::keep(RoomId room, const RoomPolicy& policy) {
  if (is_bounded(policy))
    bounded_[room] = policy;
  else
    bounded_.erase(room);
}

void Trimmer::note(RoomId room, RoomState& state) {
  if (state.fold_due || state.unfolded() < fold_messages) return;
  state.fold_due = true;
  fold_due_.push_back(room);
}

bool Trimmer::is_due(RoomId room, const RoomPolicy& policy, WallTime now) const {
  const auto found = rooms_.find(room);
  return found != rooms_.end() && !found->second.is_empty() && may_go(found->second.oldest, policy, found->second, now);
}

std::optional<RoomId> Trimmer::next_to_trim(WallTime now) {
  auto at = bounded_.upper_bound(trimmed_last_);
  for (std::size_t i = 0; i < bounded_.size(); ++i, ++at) {
    if (at == bounded_.end()) at = bounded_.begin();
    if (is_due(at->first, at->second, now)) return trimmed_last_ = at->first;
  }
  return std::nullopt;
}

std::optional<RoomId> Trimmer::next_to_fold() {
  if (fold_due_.empty()) return std::nullopt;
  return fold_due_.back();
}

/// The end of the newest batch that may go in this step. Sets what is the oldest then.
Result<std::optional<BatchEnd>> Trimmer::choose(RoomId room, WallTime now, RoomState& after) {
  const auto& policy = bounded_.at(room);
  const auto begin = after.oldest;
  std::optional<BatchEnd> chosen;
  auto rows = oldest_.query(room, Trimmer::step_rows_max + 1);
  for (std::int64_t seen = 0; rows.next(); ++seen) {
    const BatchEnd batch{rows.seq(0), rows.number(1), rows.time(2)};
    after.oldest = batch;
    if (seen == step_rows_max || batch.total - begin.total > step_bytes_max || !may_go(batch, policy, after, now))
      return chosen;
    chosen = batch;
  }
  if (!rows.result()) return tl::unexpected(rows.result().error());
  return chosen;
}

Result<Trimmer::Step> Trimmer::trim(RoomId room, WallTime now) {
  Step step{room, rooms_.at(room)};
  const auto chosen = choose(room, now, step.after);
  if (!chosen) return tl::unexpected(chosen.error());
  if (!*chosen) return step;
  const auto& end = **chosen;
  Result<void> done;
  if (end.last > step.after.folded) done = fold(room, step.after);
  if (done) done = delete_.run(room, end.last);
  if (done) done = marks_.forget(room, end.last);
  if (done) done = set_trimmed_.run(room, end.last, end.time);
  if (!done) return tl::unexpected(done.error());
  step.after.trimmed = end.last;
  return step;
}

Result<Trimmer::Step> Trimmer::fold(RoomId room) {
  Step step{room, rooms_.at(room)};
  if (auto folded = fold(room, step.after); !folded) return tl::unexpected(folded.error());
  return step;
}

Result<void> Trimmer::fold(RoomId room, RoomState& after) {
  if (auto folded = producers_.fold(room, after.folded); !folded) return folded;
  after.folded = after.last;
  return set_folded_.run(room, after.folded);
}

void Trimmer::keep(const Step& step) {
  auto& state = rooms_.at(step.room) = step.after;
  if (!state.fold_due || state.unfolded() >= fold_messages) return;
  state.fold_due = false;
  std::erase(fold_due_, step.room);
}

}  // namespace hubbub::server::sqlite
