#include "server/log/sqlite/commit_thread.hpp"

#include <algorithm>
#include <map>

#include "common/log.hpp"

namespace hubbub::server::sqlite {

namespace {

using std::chrono::milliseconds;

/// What one transaction holds at most. Larger ones gain nothing, and make everybody in them wait.
constexpr std::size_t group_bytes_max = 4 * 1024 * 1024;
constexpr std::size_t group_records_max = 8192;
/// What a message that erases another counts as in it: that one's row is read, and some pages of it are written.
constexpr std::size_t erasing_bytes = 16 * 1024;

/// Until a failed commit is tried again: at first, and after many failures.
constexpr milliseconds pause_min{100}, pause_max{1000};

/// How often the database is tended while commits wait, after there was nothing to do, and after a failure.
constexpr milliseconds tend_busy{20}, tend_idle{1000};

/// Of what may be long.
std::size_t bytes_of(const Change& change) {
  if (const auto* const given = std::get_if<CallGiven>(&change)) return given->arguments.size();
  if (const auto* const answered = std::get_if<CallAnswered>(&change)) return answered->result.size();
  if (const auto* const moved = std::get_if<GroupMoved>(&change)) return moved->state.size();
  return 0;
}

bool erases(const Marked& marked) { return !marked.key.empty() || marked.amends == proto::Amends::redaction; }

std::size_t bytes_of(const Record& record) {
  if (const auto* const batch = std::get_if<Batch>(&record))
    return batch->frames.bytes + erasing_bytes * static_cast<std::size_t>(std::ranges::count_if(batch->marks, erases));
  std::size_t bytes = 0;
  for (const auto& change : std::get<Changes>(record).list) bytes += bytes_of(change);
  return bytes;
}

/// How many of the records are one group.
std::size_t group_size(std::span<const Record> records) {
  std::size_t size = 0, bytes = 0;
  while (size < std::min(records.size(), group_records_max) && (size == 0 || bytes < group_bytes_max))
    bytes += bytes_of(records[size++]);
  return size;
}

/// What somebody might miss: messages, and calls that change something.
std::size_t effects_of(std::span<const Record> records) {
  std::size_t count = 0;
  for (const auto& record : records) {
    if (const auto* const batch = std::get_if<Batch>(&record))
      count += batch->frames.messages();
    else if (!std::get<Changes>(record).list.empty())
      ++count;
  }
  return count;
}

}  // namespace

CommitThread::CommitThread(std::unique_ptr<Writer> writer, StoreOutlet& outlet, const Clock& clock,
                           std::function<void()> after_commit)
    : writer_(std::move(writer)),
      outlet_(outlet),
      clock_(clock),
      after_commit_(std::move(after_commit)),
      thread_([this] { run(); }) {}

CommitThread::~CommitThread() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_one();
  thread_.join();
  if (const auto lost = given_up_ + effects_of(given_.records); lost > 0)
    log::error("the disk hasn't taken everything: messages and calls that nobody was told were kept are given up",
               {{"given_up", lost}});
  if (const auto emptied = writer_->empty_log(); !emptied) note_failure(emptied.error());
}

void CommitThread::give(unsigned core, Record record, std::function<void()> committed) {
  bool wake = false;
  {
    const std::lock_guard lock(mutex_);
    wake = given_.is_empty();
    given_.records.push_back(std::move(record));
    given_.waiting.push_back({core, std::move(committed)});
  }
  if (wake) changed_.notify_one();
}

void CommitThread::keep(RoomId room, const RoomPolicy& policy) {
  {
    const std::lock_guard lock(mutex_);
    given_.policies.emplace_back(room, policy);
  }
  changed_.notify_one();
}

void CommitThread::run() {
  Given taken;
  while (take(taken)) {
    if (!commit(taken)) return;
    look_after();
  }
}

/// False once it ends and nothing is left.
bool CommitThread::take(Given& taken) {
  taken.records.clear();
  taken.waiting.clear();
  taken.policies.clear();
  std::unique_lock lock(mutex_);
  const auto anything = [this] { return ending_ || !given_.is_empty(); };
  if (writer_->has_bounds() && !more_to_tend_)
    changed_.wait_until(lock, next_tend_, anything);
  else if (!more_to_tend_)
    changed_.wait(lock, anything);
  std::swap(taken, given_);
  return !taken.is_empty() || !ending_;
}

bool CommitThread::commit(Given& taken) {
  const std::span<const Record> records(taken.records);
  const std::span<Waiting> waiting(taken.waiting);
  for (std::size_t begin = 0; begin < records.size();) {
    const auto size = group_size(records.subspan(begin));
    if (!commit(records.subspan(begin, size))) {
      given_up_ = effects_of(records.subspan(begin));
      return false;
    }
    tell_erased();
    answer(waiting.subspan(begin, size));
    after_commit_();
    begin += size;
  }
  for (const auto& [room, policy] : taken.policies) writer_->keep(room, policy);
  return true;
}

/// Until it has succeeded. False if the end came first.
bool CommitThread::commit(std::span<const Record> group) {
  std::string told;
  auto pause = pause_min;
  for (;;) {
    const auto done = writer_->commit(group);
    if (done) {
      if (!told.empty()) outlet_.trouble({});
      return true;
    }
    if (done.error().sentence != told) outlet_.trouble(told = done.error().sentence);
    if (!wait_to_try_again(pause)) return false;
    pause = std::min(pause * 2, pause_max);
  }
}

bool CommitThread::wait_to_try_again(milliseconds how_long) {
  std::unique_lock lock(mutex_);
  return !changed_.wait_for(lock, how_long, [this] { return ending_; });
}

/// One task for each core, with everything that it waited for.
void CommitThread::answer(std::span<Waiting> group) {
  std::map<unsigned, std::vector<std::function<void()>>> by_core;
  for (auto& waiting : group) by_core[waiting.core].push_back(std::move(waiting.committed));
  for (auto& [core, callbacks] : by_core)
    outlet_.run_on(core, [callbacks = std::move(callbacks)] {
      for (const auto& committed : callbacks) committed();
    });
}

/// Before anybody hears of the commit that caused it.
void CommitThread::tell_erased() {
  for (const auto& [room, seq] : writer_->take_erased()) outlet_.erased(room, seq);
}

void CommitThread::look_after() {
  const bool idle = !somebody_waits();
  if (const auto shortened = writer_->shorten_log(idle); !shortened) note_failure(shortened.error());
  if (Steady::now() >= next_tend_ || (idle && failure_.empty())) tend(idle);
  while (writer_->owes_a_step() && failure_.empty()) tend(idle);
}

void CommitThread::tend(bool idle) {
  const auto tended = writer_->tend(clock_.wall_now());
  more_to_tend_ = tended && tended->worked && idle;
  if (!tended) {
    next_tend_ = Steady::now() + tend_idle;
    return note_failure(tended.error());
  }
  failure_.clear();
  tell_erased();
  next_tend_ = Steady::now() + (tended->worked ? tend_busy : tend_idle);
  if (tended->trimmed != RoomId{}) outlet_.trimmed(tended->trimmed, tended->first_kept);
}

void CommitThread::note_failure(const Error& error) {
  if (error.sentence == failure_) return;
  failure_ = error.sentence;
  log::warn("the database can't be tended", {{"reason", failure_}});
}

bool CommitThread::somebody_waits() {
  const std::lock_guard lock(mutex_);
  return ending_ || !given_.is_empty();
}

}  // namespace hubbub::server::sqlite
