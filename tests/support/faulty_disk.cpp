#include "tests/support/faulty_disk.hpp"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>

#include "tests/support/faulty_vfs.hpp"

namespace hubbub::test {

namespace {

using Guard = std::lock_guard<std::mutex>;

std::string next_name() {
  static std::atomic<unsigned> made{0};
  return "faulty-" + std::to_string(++made);
}

}  // namespace

FaultyDisk::FaultyDisk(std::uint64_t seed) : name_(next_name()), vfs_(make_vfs(*this, name_)), dice_(seed) {
  sqlite3_vfs_register(vfs_.get(), 0);
}

FaultyDisk::~FaultyDisk() {
  if (open_ != 0) {
    std::fprintf(stderr, "a faulty disk ends while %d files are open on it\n", open_);
    std::abort();
  }
  sqlite3_vfs_unregister(vfs_.get());
}

// ── endings ──────────────────────────────────────────────────────────────────────────────────────────────────────────

void FaultyDisk::kill_program() {
  const Guard guard(lock_);
  end_now(Ending::killed);
}

void FaultyDisk::cut_power() {
  const Guard guard(lock_);
  end_now(Ending::power_cut);
}

void FaultyDisk::end_in(std::uint64_t operations, Ending how) {
  const Guard guard(lock_);
  end_at_ = operations_ + operations;
  planned_ = how;
}

bool FaultyDisk::end_is_planned() const {
  const Guard guard(lock_);
  return end_at_ != 0;
}

unsigned FaultyDisk::ends() const {
  const Guard guard(lock_);
  return life_;
}

void FaultyDisk::end_now(Ending how) {
  end_at_ = 0;
  end_all_that_is_open();
  if (how == Ending::power_cut) lose_what_is_not_synced();
}

void FaultyDisk::end_all_that_is_open() {
  ++life_;
  for (auto* const names : {&seen_, &platter_})
    for (auto& [name, file] : *names) {
      file->shared = 0;
      file->reserved = file->pending = nullptr;
      file->memory.reset();
    }
}

/// A name that was made, removed or given to another file since the folder was synced is as before or as it was seen.
void FaultyDisk::lose_what_is_not_synced() {
  auto names = platter_;
  names.insert(seen_.begin(), seen_.end());
  Names found;
  for (const auto& [name, any] : names) {
    const auto on_platter = platter_.find(name);
    const auto before = on_platter == platter_.end() ? nullptr : on_platter->second;
    const auto now = find(name);
    if (const auto file = before == now || dice_.one_in(2) ? now : before) found[name] = file;
  }
  for (auto& [name, file] : found) file->bytes.cut_power(dice_);
  seen_ = platter_ = std::move(found);
}

/// Counts one operation. True if the end came with it.
bool FaultyDisk::ends_now() {
  if (++operations_ < end_at_ || end_at_ == 0) return false;
  end_now(planned_);
  return true;
}

// ── faults ───────────────────────────────────────────────────────────────────────────────────────────────────────────

void FaultyDisk::set_capacity(std::size_t bytes) {
  const Guard guard(lock_);
  capacity_ = bytes;
}

void FaultyDisk::fail_syncs(unsigned count) {
  const Guard guard(lock_);
  syncs_to_fail_ = count;
}

void FaultyDisk::ignore_syncs() {
  const Guard guard(lock_);
  ignores_syncs_ = true;
}

void FaultyDisk::set_read_only(bool read_only) {
  const Guard guard(lock_);
  read_only_ = read_only;
}

void FaultyDisk::before_each(std::function<void(Operation)> hook) {
  const Guard guard(lock_);
  before_each_ = std::move(hook);
}

void FaultyDisk::wait_for(Operation operation) const {
  std::function<void(Operation)> hook;
  {
    const Guard guard(lock_);
    hook = before_each_;
  }
  if (hook) hook(operation);
}

// ── files ────────────────────────────────────────────────────────────────────────────────────────────────────────────

bool FaultyDisk::exists(const std::string& file) const {
  const Guard guard(lock_);
  return find(file) != nullptr;
}

std::size_t FaultyDisk::bytes_used() const {
  const Guard guard(lock_);
  return used();
}

std::uint64_t FaultyDisk::operations() const {
  const Guard guard(lock_);
  return operations_;
}

void FaultyDisk::put(const std::string& file, std::string_view bytes) {
  const Guard guard(lock_);
  const auto made = std::make_shared<DiskFile>();
  made->bytes.write(0, bytes);
  made->bytes.sync();
  seen_[file] = platter_[file] = made;
}

std::string FaultyDisk::get(const std::string& file) const {
  const Guard guard(lock_);
  const auto found = find(file);
  std::string bytes(found ? found->bytes.size() : 0, '\0');
  if (found) found->bytes.read(0, bytes.data(), bytes.size());
  return bytes;
}

std::shared_ptr<DiskFile> FaultyDisk::find(const std::string& file) const {
  const auto found = seen_.find(file);
  return found == seen_.end() ? nullptr : found->second;
}

int FaultyDisk::remove(const std::string& file, bool synced) {
  if (read_only_) return SQLITE_READONLY;
  if (seen_.erase(file) == 0) return SQLITE_IOERR_DELETE_NOENT;
  if (synced) platter_.erase(file);
  return ends_now() ? SQLITE_IOERR_DELETE : SQLITE_OK;
}

void FaultyDisk::sync_name(const std::shared_ptr<DiskFile>& file) {
  for (const auto& [name, seen] : seen_)
    if (seen == file) platter_[name] = file;
}

std::size_t FaultyDisk::used() const {
  std::size_t bytes = 0;
  for (const auto& [name, file] : seen_) bytes += file->bytes.size();
  return bytes;
}

}  // namespace hubbub::test
