// What SQLite has open on a FaultyDisk: the methods of a sqlite3_file, in C++. All give SQLite's codes.
#pragma once

#include "tests/support/faulty_disk.hpp"

namespace hubbub::test {

class OpenFile {
 public:
  /// `flags` are SQLite's, with which it was really opened.
  OpenFile(FaultyDisk& disk, std::string name, std::shared_ptr<DiskFile> file, int flags);
  ~OpenFile();
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;

  int read(char* to, std::size_t bytes, std::size_t offset);
  int write(const char* from, std::size_t bytes, std::size_t offset);
  int resize(std::size_t size);
  int sync();
  int size(sqlite3_int64* size) const;

  int lock(int level);
  int unlock(int level);
  int is_reserved(int* reserved) const;

  int map(std::size_t region, std::size_t bytes, bool extend, volatile void** at);
  int lock_memory(int first, int count, int flags);
  int unmap();

 private:
  using Operation = FaultyDisk::Operation;
  [[nodiscard]] bool dead() const { return life_ != disk_.life_; }
  int write_as_it_fits(const char* from, std::size_t bytes, std::size_t offset);
  int lock_exclusively();
  int lock_slots(int first, int count, bool shared);
  void unlock_slots(int first, int count);

  FaultyDisk& disk_;
  const std::string name_;
  const std::shared_ptr<DiskFile> file_;
  const unsigned life_;
  const bool writable_, remove_at_close_;
  bool syncs_folder_;  // with its first sync
  int level_ = SQLITE_LOCK_NONE;
  std::shared_ptr<DiskFile::SharedMemory> memory_;
  bool holds_shared_[SQLITE_SHM_NLOCK] = {};
};

}  // namespace hubbub::test
