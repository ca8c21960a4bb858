#include "tests/support/faulty_open_file.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace hubbub::test {

namespace {
using Guard = std::lock_guard<std::mutex>;
}  // namespace

OpenFile::OpenFile(FaultyDisk& disk, std::string name, std::shared_ptr<DiskFile> file, int flags)
    : disk_(disk),
      name_(std::move(name)),
      file_(std::move(file)),
      life_(disk.life_),
      writable_((flags & SQLITE_OPEN_READWRITE) != 0),
      remove_at_close_((flags & SQLITE_OPEN_DELETEONCLOSE) != 0),
      syncs_folder_((flags & SQLITE_OPEN_CREATE) != 0 && (flags & (SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_WAL)) != 0) {
  ++disk_.open_;
}

OpenFile::~OpenFile() {
  unlock(SQLITE_LOCK_NONE);
  unmap();
  const Guard guard(disk_.lock_);
  if (remove_at_close_ && !name_.empty() && !dead()) disk_.remove(name_, false);
  --disk_.open_;
}

// ── bytes ────────────────────────────────────────────────────────────────────────────────────────────────────────────

/// SQLite wants zeros where the file is shorter.
int OpenFile::read(char* to, std::size_t bytes, std::size_t offset) {
  disk_.wait_for(Operation::read);
  const Guard guard(disk_.lock_);
  if (dead()) return SQLITE_IOERR_READ;
  const auto count = file_->bytes.read(offset, to, bytes);
  if (count == bytes) return SQLITE_OK;
  std::memset(to + count, 0, bytes - count);
  return SQLITE_IOERR_SHORT_READ;
}

int OpenFile::write(const char* from, std::size_t bytes, std::size_t offset) {
  disk_.wait_for(Operation::write);
  const Guard guard(disk_.lock_);
  if (dead()) return SQLITE_IOERR_WRITE;
  if (disk_.read_only_ || !writable_) return SQLITE_IOERR_WRITE;
  const int code = write_as_it_fits(from, bytes, offset);
  return disk_.ends_now() ? SQLITE_IOERR_WRITE : code;
}

int OpenFile::write_as_it_fits(const char* from, std::size_t bytes, std::size_t offset) {
  const auto growth = offset + bytes > file_->bytes.size() ? offset + bytes - file_->bytes.size() : 0;
  const auto used = disk_.used();
  const auto left = disk_.capacity_ > used ? disk_.capacity_ - used : 0;
  const auto missing = growth > left ? std::min(growth - left, bytes) : 0;
  file_->bytes.write(offset, {from, bytes - missing});
  return missing > 0 ? SQLITE_FULL : SQLITE_OK;
}

int OpenFile::resize(std::size_t size) {
  disk_.wait_for(Operation::resize);
  const Guard guard(disk_.lock_);
  if (dead()) return SQLITE_IOERR_TRUNCATE;
  if (disk_.read_only_ || !writable_) return SQLITE_IOERR_TRUNCATE;
  file_->bytes.resize(size);
  return disk_.ends_now() ? SQLITE_IOERR_TRUNCATE : SQLITE_OK;
}

/// Where the power goes in the middle of it, it had succeeded or not, and nobody knows.
int OpenFile::sync() {
  disk_.wait_for(Operation::sync);
  const Guard guard(disk_.lock_);
  if (dead()) return SQLITE_IOERR_FSYNC;
  if (disk_.ignores_syncs_) return SQLITE_OK;
  if (disk_.syncs_to_fail_ > 0) {
    --disk_.syncs_to_fail_;
    file_->bytes.fail_to_sync(disk_.dice_);
    return SQLITE_IOERR_FSYNC;
  }
  if (disk_.dice_.one_in(2) && disk_.ends_now()) return SQLITE_IOERR_FSYNC;
  file_->bytes.sync();
  disk_.sync_name(file_);
  if (std::exchange(syncs_folder_, false)) disk_.platter_ = disk_.seen_;
  return disk_.ends_now() ? SQLITE_IOERR_FSYNC : SQLITE_OK;
}

int OpenFile::size(sqlite3_int64* size) const {
  const Guard guard(disk_.lock_);
  if (dead()) return SQLITE_IOERR_FSTAT;
  *size = static_cast<sqlite3_int64>(file_->bytes.size());
  return SQLITE_OK;
}

// ── locks of the file ────────────────────────────────────────────────────────────────────────────────────────────────

int OpenFile::lock(int level) {
  const Guard guard(disk_.lock_);
  if (dead()) return SQLITE_IOERR_LOCK;
  if (level_ >= level) return SQLITE_OK;
  if (level == SQLITE_LOCK_EXCLUSIVE) return lock_exclusively();
  if (level == SQLITE_LOCK_SHARED) {
    if (file_->pending != nullptr) return SQLITE_BUSY;
    ++file_->shared;
  } else {
    if (file_->reserved != nullptr) return SQLITE_BUSY;
    file_->reserved = this;
  }
  level_ = level;
  return SQLITE_OK;
}

int OpenFile::lock_exclusively() {
  const auto is_others = [this](const OpenFile* holder) { return holder != nullptr && holder != this; };
  if (is_others(file_->pending) || is_others(file_->reserved)) return SQLITE_BUSY;
  file_->pending = this;  // no new readers
  level_ = file_->shared > 1 ? SQLITE_LOCK_PENDING : SQLITE_LOCK_EXCLUSIVE;
  return level_ == SQLITE_LOCK_EXCLUSIVE ? SQLITE_OK : SQLITE_BUSY;
}

int OpenFile::unlock(int level) {
  const Guard guard(disk_.lock_);
  if (dead() || level_ <= level) return SQLITE_OK;
  if (file_->reserved == this) file_->reserved = nullptr;
  if (file_->pending == this) file_->pending = nullptr;
  if (level == SQLITE_LOCK_NONE) --file_->shared;
  level_ = level;
  return SQLITE_OK;
}

int OpenFile::is_reserved(int* reserved) const {
  const Guard guard(disk_.lock_);
  if (dead()) return SQLITE_IOERR_CHECKRESERVEDLOCK;
  *reserved = file_->reserved != nullptr || file_->pending != nullptr ? 1 : 0;
  return SQLITE_OK;
}

// ── shared memory, and its locks ─────────────────────────────────────────────────────────────────────────────────────

int OpenFile::map(std::size_t region, std::size_t bytes, bool extend, volatile void** at) {
  const Guard guard(disk_.lock_);
  *at = nullptr;
  if (dead()) return SQLITE_IOERR_SHMMAP;
  if (!memory_) {
    memory_ = file_->memory.lock();
    if (!memory_) memory_ = std::make_shared<DiskFile::SharedMemory>();
    file_->memory = memory_;
  }
  auto& regions = memory_->regions;
  while (regions.size() <= region && extend) {
    regions.push_back(std::make_unique<char[]>(bytes));
  }
  if (region < regions.size()) *at = regions[region].get();
  return SQLITE_OK;
}

int OpenFile::lock_memory(int first, int count, int flags) {
  const Guard guard(disk_.lock_);
  if (dead() || !memory_) return SQLITE_IOERR_SHMLOCK;
  if ((flags & SQLITE_SHM_LOCK) != 0) return lock_slots(first, count, (flags & SQLITE_SHM_SHARED) != 0);
  unlock_slots(first, count);
  return SQLITE_OK;
}

int OpenFile::lock_slots(int first, int count, bool shared) {
  for (int slot = first; slot < first + count; ++slot) {
    const auto& held = memory_->slots[slot];
    const bool by_another = held.exclusive != nullptr && held.exclusive != this;
    const bool read_by_another = held.shared > (holds_shared_[slot] ? 1 : 0);
    if (by_another || (!shared && read_by_another)) return SQLITE_BUSY;
  }
  for (int slot = first; slot < first + count; ++slot) {
    if (!shared) memory_->slots[slot].exclusive = this;
    if (shared && !std::exchange(holds_shared_[slot], true)) ++memory_->slots[slot].shared;
  }
  return SQLITE_OK;
}

void OpenFile::unlock_slots(int first, int count) {
  for (int slot = first; slot < first + count; ++slot) {
    auto& held = memory_->slots[slot];
    if (held.exclusive == this) held.exclusive = nullptr;
    if (std::exchange(holds_shared_[slot], false)) --held.shared;
  }
}

int OpenFile::unmap() {
  const Guard guard(disk_.lock_);
  if (!memory_) return SQLITE_OK;
  unlock_slots(0, SQLITE_SHM_NLOCK);
  memory_.reset();
  return SQLITE_OK;
}

}  // namespace hubbub::test
