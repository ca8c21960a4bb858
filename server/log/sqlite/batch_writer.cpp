#include "server/log/sqlite/batch_writer.hpp"

#include <cassert>

#include "server/log/sqlite/publish_runs.hpp"
#include "server/log/sqlite/schema.hpp"

namespace hubbub::server::sqlite {

namespace {

/// A row grows no further than this. A page of history reads a row whole; retention gives up whole rows.
constexpr std::size_t row_bytes_max = 256 * 1024;
/// Places of a group that keep their memory for the next group.
constexpr std::size_t pending_kept_max = 64;

}  // namespace

BatchWriter::Pending& BatchWriter::pending_of(RoomId room) {
  const auto found = rooms_.find(room);
  assert(found != rooms_.end() && "a room is made before its first batch");
  auto& state = found->second;
  if (state.pending != 0) return pending_[state.pending - 1];
  if (pending_count_ == pending_.size()) pending_.emplace_back();
  auto& pending = pending_[pending_count_];
  state.pending = ++pending_count_;
  pending.room = room;
  pending.state = &state;
  pending.last = state.last;
  pending.first = state.last.next();
  pending.total = state.is_empty() ? 0 : state.total;
  pending.oldest = {};
  pending.retained = nullptr;
  pending.runs.clear();
  pending.frames.clear();
  return pending;
}

Result<void> BatchWriter::add(const Batch& batch) {
  auto& pending = pending_of(batch.frames.room);
  assert(batch.frames.first == pending.last.next() && batch.frames.first <= batch.frames.last);
  if (!pending.frames.empty() && pending.frames.size() + batch.frames.bytes > row_bytes_max)
    if (auto written = write(pending); !written) return written;
  if (pending.frames.empty()) pending.first_time = batch.first_time;
  pending.last = batch.frames.last;
  pending.last_time = batch.last_time;
  pending.total += batch.frames.bytes;
  pending.frames += batch.frames.view();
  append_runs(pending.runs, batch.runs);
  if (batch.retained) pending.retained = &*batch.retained;
  return {};
}

Result<void> BatchWriter::write(Pending& pending) {
  auto written = insert_.run(next_id_, pending.room, pending.first, pending.last, pending.first_time, pending.last_time,
                             pending.total, frames_format, Blob{pending.runs}, Blob{pending.frames});
  ++next_id_;
  if (pending.oldest.last == Seq{}) pending.oldest = {pending.last, pending.total, pending.last_time};
  pending.first = pending.last.next();
  pending.runs.clear();
  pending.frames.clear();
  return written;
}

Result<void> BatchWriter::retain(const Pending& pending) {
  if (!pending.retained->chunk) return retain_.run(pending.room, nullptr);
  return retain_.run(pending.room, Blob{pending.retained->view()});
}

Result<void> BatchWriter::write_rest() {
  for (std::size_t i = 0; i < pending_count_; ++i) {
    auto& pending = pending_[i];
    if (auto written = write(pending); !written) return written;
    if (pending.retained != nullptr)
      if (auto retained = retain(pending); !retained) return retained;
  }
  return {};
}

void BatchWriter::drop() {
  next_id_ = kept_next_id_;
  clear();
}

void BatchWriter::clear() {
  for (std::size_t i = 0; i < pending_count_; ++i) pending_[i].state->pending = 0;
  pending_count_ = 0;
  if (pending_.size() > pending_kept_max) pending_.resize(pending_kept_max);
}

}  // namespace hubbub::server::sqlite
