#include "tests/support/faulty_vfs.hpp"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <thread>

#include "tests/support/faulty_open_file.hpp"

namespace hubbub::test {

namespace {

struct FileOfSqlite {
  sqlite3_file base;
  OpenFile* open;
};

OpenFile& opened(sqlite3_file* file) { return *reinterpret_cast<FileOfSqlite*>(file)->open; }

int close(sqlite3_file* file) {
  delete reinterpret_cast<FileOfSqlite*>(file)->open;
  return SQLITE_OK;
}
int read(sqlite3_file* file, void* to, int bytes, sqlite3_int64 offset) {
  return opened(file).read(static_cast<char*>(to), static_cast<std::size_t>(bytes), static_cast<std::size_t>(offset));
}
int write(sqlite3_file* file, const void* from, int bytes, sqlite3_int64 offset) {
  return opened(file).write(static_cast<const char*>(from), static_cast<std::size_t>(bytes),
                            static_cast<std::size_t>(offset));
}
int truncate(sqlite3_file* file, sqlite3_int64 size) { return opened(file).resize(static_cast<std::size_t>(size)); }
int sync(sqlite3_file* file, int) { return opened(file).sync(); }
int file_size(sqlite3_file* file, sqlite3_int64* size) { return opened(file).size(size); }
int lock(sqlite3_file* file, int level) { return opened(file).lock(level); }
int unlock(sqlite3_file* file, int level) { return opened(file).unlock(level); }
int check_reserved_lock(sqlite3_file* file, int* reserved) { return opened(file).is_reserved(reserved); }
int file_control(sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; }
// As SQLite's own for an ordinary Linux file system.
int sector_size(sqlite3_file*) { return 4096; }
int device_characteristics(sqlite3_file*) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; }
int shm_map(sqlite3_file* file, int region, int bytes, int extend, void volatile** at) {
  return opened(file).map(static_cast<std::size_t>(region), static_cast<std::size_t>(bytes), extend != 0, at);
}
int shm_lock(sqlite3_file* file, int first, int count, int flags) {
  return opened(file).lock_memory(first, count, flags);
}
void shm_barrier(sqlite3_file*) { std::atomic_thread_fence(std::memory_order_seq_cst); }
int shm_unmap(sqlite3_file* file, int) { return opened(file).unmap(); }

constexpr sqlite3_io_methods file_methods = {2,
                                             close,
                                             read,
                                             write,
                                             truncate,
                                             sync,
                                             file_size,
                                             lock,
                                             unlock,
                                             check_reserved_lock,
                                             file_control,
                                             sector_size,
                                             device_characteristics,
                                             shm_map,
                                             shm_lock,
                                             shm_barrier,
                                             shm_unmap,
                                             nullptr,
                                             nullptr};

FaultyDisk& disk_of(sqlite3_vfs* vfs) { return *static_cast<FaultyDisk*>(vfs->pAppData); }

}  // namespace

/// The functions of the table, as a struct so that the disk can call it a friend.
struct FaultyVfs {
  using Guard = std::lock_guard<std::mutex>;

  static int open(sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags, int* out_flags) {
    auto& disk = disk_of(vfs);
    const Guard guard(disk.lock_);
    const std::string name = path == nullptr ? "" : path;  // without a name: one that nobody else can open
    file->pMethods = nullptr;
    auto found = disk.find(name);
    if (!found) {
      if (((flags & SQLITE_OPEN_CREATE) == 0 || disk.read_only_) && !name.empty()) return SQLITE_CANTOPEN;
      found = std::make_shared<DiskFile>();
      if (!name.empty()) disk.seen_[name] = found;
    }
    if (disk.read_only_) flags = (flags & ~(SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE)) | SQLITE_OPEN_READONLY;
    reinterpret_cast<FileOfSqlite*>(file)->open = new OpenFile(disk, name, found, flags);
    file->pMethods = &file_methods;
    if (out_flags != nullptr) *out_flags = flags;
    return SQLITE_OK;
  }

  static int remove(sqlite3_vfs* vfs, const char* path, int sync_folder) {
    auto& disk = disk_of(vfs);
    disk.wait_for(FaultyDisk::Operation::remove);
    const Guard guard(disk.lock_);
    return disk.remove(path, sync_folder != 0);
  }

  /// As SQLite's own: a file without a byte counts as none.
  static int access(sqlite3_vfs* vfs, const char* path, int what, int* answer) {
    auto& disk = disk_of(vfs);
    const Guard guard(disk.lock_);
    const auto found = disk.find(path);
    *answer = found && (what == SQLITE_ACCESS_EXISTS ? found->bytes.size() > 0 : !disk.read_only_) ? 1 : 0;
    return SQLITE_OK;
  }

  static int full_path(sqlite3_vfs*, const char* path, int bytes, char* out) {
    sqlite3_snprintf(bytes, out, "%s", path);
    return SQLITE_OK;
  }

  static int randomness(sqlite3_vfs* vfs, int bytes, char* out) {
    auto& disk = disk_of(vfs);
    const Guard guard(disk.lock_);
    std::generate_n(out, bytes, [&] { return static_cast<char>(disk.dice_.bits()); });
    return bytes;
  }

  static int sleep(sqlite3_vfs*, int microseconds) {
    std::this_thread::yield();
    return microseconds;
  }

  static int current_time(sqlite3_vfs*, sqlite3_int64* ms) {
    constexpr sqlite3_int64 julian_ms_of_2026 = 212'634'028'800'000;
    *ms = julian_ms_of_2026;
    return SQLITE_OK;
  }
};

std::unique_ptr<sqlite3_vfs> make_vfs(FaultyDisk& disk, const std::string& name) {
  auto vfs = std::make_unique<sqlite3_vfs>();
  vfs->iVersion = 2;
  vfs->szOsFile = sizeof(FileOfSqlite);
  vfs->mxPathname = 512;
  vfs->zName = name.c_str();
  vfs->pAppData = &disk;
  vfs->xOpen = FaultyVfs::open;
  vfs->xDelete = FaultyVfs::remove;
  vfs->xAccess = FaultyVfs::access;
  vfs->xFullPathname = FaultyVfs::full_path;
  vfs->xRandomness = FaultyVfs::randomness;
  vfs->xSleep = FaultyVfs::sleep;
  vfs->xCurrentTimeInt64 = FaultyVfs::current_time;
  return vfs;
}

}  // namespace hubbub::test
