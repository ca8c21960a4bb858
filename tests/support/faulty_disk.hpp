// A disk that fails as disks do, under SQLite: a VFS whose files are in memory, and a seed that decides what is lost.
//   FaultyDisk disk(seed);   sqlite3_open_v2("hub.db", &db, flags, disk.vfs().c_str());
//   …   disk.cut_power();   …   close, open again: what is found is what such a disk may have kept
// After the program was killed or the power cut, everything that was open is dead: each operation on it fails, and only
// closing succeeds. Names, too, may be lost until they are synced, and a removed one may be back: as in SQLite's own
// VFS the folder is synced with the first sync of a journal or WAL. Any thread.
#pragma once

#include <sqlite3.h>

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "tests/support/faulty_file.hpp"

namespace hubbub::test {

class OpenFile;

/// One file, under whatever name: its bytes, who holds locks on it, and the memory that its openers share.
struct DiskFile {
  struct SharedMemory {
    struct Slot {
      int shared = 0;
      const OpenFile* exclusive = nullptr;
    };
    std::vector<std::unique_ptr<char[]>> regions;
    Slot slots[SQLITE_SHM_NLOCK];
  };
  FaultyFile bytes;
  int shared = 0;
  const OpenFile* reserved = nullptr;
  const OpenFile* pending = nullptr;
  std::weak_ptr<SharedMemory> memory;  // gone with the last who uses it
};

class FaultyDisk {
 public:
  enum class Operation { read, write, resize, sync, remove };

  explicit FaultyDisk(std::uint64_t seed);
  ~FaultyDisk();  ///< REQUIRES: nothing is open.
  FaultyDisk(const FaultyDisk&) = delete;
  FaultyDisk& operator=(const FaultyDisk&) = delete;

  /// The name for sqlite3_open_v2.
  [[nodiscard]] const std::string& vfs() const { return name_; }

  // How it ends for whoever has files open.
  void kill_program();  ///< kill -9: what was written is there
  void cut_power();     ///< what was written and not synced is lost, in part, or not
  enum class Ending { killed, power_cut };
  /// In the middle of the operation that changes something, that many of them from now on; 1: the next.
  void end_in(std::uint64_t operations, Ending how);
  /// Such an end was ordered and has not come yet.
  [[nodiscard]] bool end_is_planned() const;
  /// How often it has ended.
  [[nodiscard]] unsigned ends() const;

  // What goes wrong while it runs.
  void set_capacity(std::size_t bytes);  ///< of all files together; more is SQLITE_FULL
  void fail_syncs(unsigned count);       ///< the next ones, with EIO
  void ignore_syncs();                   ///< all of them succeed and do nothing, as with synchronous=OFF
  void set_read_only(bool read_only);    ///< what is open for writing fails to be written, as with EROFS
  /// Called before each operation, on the thread that does it: to wait there, as a slow disk does.
  void before_each(std::function<void(Operation)> hook);

  [[nodiscard]] bool exists(const std::string& file) const;
  [[nodiscard]] std::size_t bytes_used() const;
  /// The file is those bytes, on the platter.
  void put(const std::string& file, std::string_view bytes);
  [[nodiscard]] std::string get(const std::string& file) const;
  /// Operations so far that change something.
  [[nodiscard]] std::uint64_t operations() const;

 private:
  friend class OpenFile;
  friend struct FaultyVfs;
  using Names = std::map<std::string, std::shared_ptr<DiskFile>>;

  // For those who have taken lock_.
  std::shared_ptr<DiskFile> find(const std::string& file) const;
  void end_all_that_is_open();
  void end_now(Ending how);
  void lose_what_is_not_synced();
  bool ends_now();
  int remove(const std::string& file, bool synced);
  void sync_name(const std::shared_ptr<DiskFile>& file);
  [[nodiscard]] std::size_t used() const;
  void wait_for(Operation operation) const;

  const std::string name_;
  std::unique_ptr<sqlite3_vfs> vfs_;
  mutable std::mutex lock_;
  Dice dice_;
  Names seen_, platter_;
  unsigned life_ = 0;  // what was opened in an earlier one is dead
  int open_ = 0;
  std::uint64_t operations_ = 0;
  std::uint64_t end_at_ = 0;  // zero: no end is planned
  Ending planned_ = Ending::killed;
  std::size_t capacity_ = SIZE_MAX;
  unsigned syncs_to_fail_ = 0;
  bool read_only_ = false, ignores_syncs_ = false;
  std::function<void(Operation)> before_each_;
};

}  // namespace hubbub::test
