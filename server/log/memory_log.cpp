#include "server/log/memory_log.hpp"

#include <algorithm>
#include <cstring>

#include "proto/erase.hpp"

namespace hubbub::server {

MemoryLog::~MemoryLog() {
  budget_.used_bytes -= bytes_;
  if (!slices_.empty()) budget_.holders.erase(place_);
}

void MemoryLog::append(Batch batch) {
  append(batch.frames);
  for (const auto& marked : batch.marks) erase(marks_.note(marked));
}

void MemoryLog::append(const Slice& batch) {
  if (!slices_.empty() && slices_.back().continues_with(batch)) {
    slices_.back().extend_by(batch);
    budget_.holders.splice(budget_.holders.end(), budget_.holders, place_);
  } else {
    hold(batch);
  }
  last_ = batch.last;
  while (slices_.size() > 1 && over_bounds()) drop_oldest();
  make_room();
  committed_(last_);
}

void MemoryLog::hold(const Slice& batch) {
  const bool was_empty = slices_.empty();
  slices_.push_back(batch);
  if (was_empty)
    place_ = budget_.holders.insert(budget_.holders.end(), this);
  else
    budget_.holders.splice(budget_.holders.end(), budget_.holders, place_);
  bytes_ += batch.chunk->capacity();
  budget_.used_bytes += batch.chunk->capacity();
}

void MemoryLog::make_room() {
  while (budget_.is_over()) {
    auto* const from = giver();
    if (from == nullptr) return;
    from->drop_oldest();
  }
}

/// Who gives something up for this one. Nobody, if all there is to give is this one's newest chunk.
/// Cost: a look at each log, at worst, where this one holds less than its share and the quiet ones do too.
MemoryLog* MemoryLog::giver() {
  const auto share = budget_.share_bytes();
  if (slices_.size() > 1 && bytes_ > share) return this;
  const auto& holders = budget_.holders;
  const auto other = std::ranges::find_if(holders, [&](auto* log) { return log != this && log->bytes_ > share; });
  if (other != holders.end()) return *other;
  if (holders.front() != this) return holders.front();
  return slices_.size() > 1 ? this : nullptr;
}

Seq MemoryLog::first_kept() const { return slices_.empty() ? last_.next() : slices_.front().first; }

bool MemoryLog::over_bounds() const {
  const auto kept = last_.value - slices_.front().last.value;  // what would be left without the oldest chunk
  return bytes_ > std::min(bytes_max_, budget_.bounds.bytes_max) || kept >= budget_.bounds.messages_max;
}

void MemoryLog::drop_oldest() {
  bytes_ -= slices_.front().chunk->capacity();
  budget_.used_bytes -= slices_.front().chunk->capacity();
  slices_.pop_front();
  erased_.erase(erased_.begin(), erased_.lower_bound(first_kept()));
  marks_.forget_before(first_kept());
  if (!slices_.empty()) return;
  budget_.holders.erase(place_);
  emptied_();
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
  if (!erased_.empty())
    for (auto& slice : found.slices) slice = without_erased(slice);
  then(std::move(found));
}

void MemoryLog::erase(Seq seq) {
  if (seq >= first_kept()) erased_.insert(seq);
}

void MemoryLog::erase(const std::vector<Seq>& seqs) {
  for (const auto seq : seqs) {
    erase(seq);
    marks_.erased(seq);
    tell_erased(seq);
  }
}

/// The slice itself, or a copy in which those are blank.
Slice MemoryLog::without_erased(const Slice& slice) const {
  const auto first = erased_.lower_bound(slice.first);
  if (first == erased_.end() || *first > slice.last) return slice;
  auto copy = slice;
  copy.chunk = ChunkRef::make(slice.bytes);
  copy.offset = 0;
  std::memcpy(copy.chunk->data(), slice.view().data(), slice.bytes);
  auto seq = slice.first;
  for (std::size_t at = 0; at < slice.bytes; seq = seq.next()) {
    char* const frame = copy.chunk->data() + at;
    const auto bytes = proto::frame_header_bytes + proto::read_frame_header(frame).payload_bytes;
    if (erased_.contains(seq)) proto::erase_delivery(frame, bytes);
    at += bytes;
  }
  return copy;
}

std::optional<WallTime> MemoryLog::expire(WallTime now) {
  erase(marks_.expire(now));
  return marks_.next_due();
}

void MemoryLog::pinned(std::function<void(Result<std::vector<Seq>>)> then) {
  auto found = marks_.pinned();
  std::erase_if(found, [this](Seq seq) { return seq < first_kept(); });
  then(std::move(found));
}

void MemoryLog::amendments(AmendmentsWish wish, std::function<void(Result<std::vector<std::string>>)> then) {
  std::vector<Seq> seqs;
  for (const auto& [first, last] : wish.targets) {
    const auto about = marks_.amendments(first, last, wish.behind);
    seqs.insert(seqs.end(), about.begin(), about.end());
  }
  std::ranges::sort(seqs);
  if (seqs.size() > amendments_max) seqs.erase(seqs.begin(), seqs.end() - amendments_max);
  std::vector<std::string> found;
  std::size_t bytes = 0;
  const auto take = [&](std::string_view payload) {
    if (bytes + payload.size() > wish.bytes_max) return;
    bytes += payload.size();
    found.emplace_back(payload);
  };
  for (auto seq = seqs.rbegin(); seq != seqs.rend(); ++seq) {
    if (erased_.contains(*seq)) continue;
    read(*seq, *seq, 1, [&](const LogRead& one) {
      for (const auto& slice : one.slices) for_each_payload(slice, take);
    });
  }
  std::ranges::reverse(found);
  then(std::move(found));
}

namespace {

/// Of the first message in it.
WallTime begin_of(const Slice& slice) {
  return proto::time_of_delivery(slice.view().substr(proto::frame_header_bytes)).value_or(WallTime{});
}

}  // namespace

WallTime MemoryLog::first_time() const { return begin_of(slices_.front()); }

/// Times of a room never go back, so they can be searched like seqs.
void MemoryLog::find_time(WallTime time, std::function<void(Seq)> then) {
  const auto begins_before = [](const Slice& slice, WallTime asked) { return begin_of(slice) < asked; };
  const auto at = std::lower_bound(slices_.begin(), slices_.end(), time, begins_before);
  if (at == slices_.begin()) return then(first_kept());
  auto seq = std::prev(at)->first;
  for_each_payload(*std::prev(at), [&](std::string_view payload) {
    if (proto::time_of_delivery(payload).value_or(WallTime{}) < time) seq = seq.next();
  });
  then(seq);
}

const std::string& MemoryLog::trouble() const {
  static const std::string none;
  return none;
}

}  // namespace hubbub::server
