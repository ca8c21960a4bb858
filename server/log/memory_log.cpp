#include "server/log/memory_log.hpp"

#include <algorithm>

namespace hubbub::server {

MemoryLog::~MemoryLog() { budget_.used_bytes -= bytes_; }

void MemoryLog::append(const Slice& batch) {
  last_ = batch.last;
  if (!slices_.empty() && slices_.back().continues_with(batch)) {
    slices_.back().extend_by(batch);
  } else {
    slices_.push_back(batch);
    bytes_ += batch.chunk->capacity();
    budget_.used_bytes += batch.chunk->capacity();
  }
  while (slices_.size() > 1 && over_bounds()) drop_oldest();
  committed_(last_);
}

Seq MemoryLog::first_kept() const { return slices_.empty() ? last_.next() : slices_.front().first; }

bool MemoryLog::over_bounds() const {
  const auto& bounds = budget_.bounds;
  const auto kept = last_.value - slices_.front().last.value;  // what would be left without the oldest chunk
  return bytes_ > bounds.bytes_max || kept >= bounds.messages_max || budget_.used_bytes > bounds.total_bytes_max;
}

void MemoryLog::drop_oldest() {
  bytes_ -= slices_.front().chunk->capacity();
  budget_.used_bytes -= slices_.front().chunk->capacity();
  slices_.pop_front();
}

void MemoryLog::read(Seq from, Seq until, std::size_t bytes_max, std::function<void(LogRead)> then) {
  LogRead found{first_kept(), {}};
  from = std::max(from, found.first_kept);
  const auto ends_before = [](const Slice& slice, Seq seq) { return slice.last < seq; };
  auto at = std::lower_bound(slices_.begin(), slices_.end(), from, ends_before);
  for (; at != slices_.end() && at->first <= until && bytes_max > 0; ++at) {
    found.slices.push_back(at->part(std::max(from, at->first), until, bytes_max));
    bytes_max -= std::min<std::size_t>(bytes_max, found.slices.back().bytes);
    if (found.slices.back().last < at->last) break;
  }
  then(std::move(found));
}

}  // namespace hubbub::server
