// The folder in which a hub keeps what outlives it, and the lock that says whose it is.
//   DIR/lock       held by the hub that serves from here, with its process id as text
//   DIR/hub.db     the database (with hub.db-wal and hub.db-shm beside it while it is open)
//   DIR/search.db  the index of words; made again from the database where it is missing
#pragma once

#include <string>

#include "common/descriptor.hpp"
#include "proto/status.hpp"

namespace hubbub::server::sqlite {

inline std::string database_in(const std::string& directory) { return directory + "/hub.db"; }
inline std::string search_index_in(const std::string& directory) { return directory + "/search.db"; }

class DataDirectory {
 public:
  /// Makes the folder (0700) and the files in it (0600) where they are missing, and locks it. Fails where another
  /// process has it, with that one's id.
  static Result<DataDirectory> open(const std::string& directory);

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::string database() const { return database_in(path_); }
  [[nodiscard]] std::string search_index() const { return search_index_in(path_); }

 private:
  DataDirectory(std::string path, Descriptor lock) : path_(std::move(path)), lock_(std::move(lock)) {}
  std::string path_;
  Descriptor lock_;  // closed, and so unlocked, with its owner, however that ends
};

/// That there is such a file and it isn't empty: to SQLite a file that is missing or empty is a new database.
Result<void> check_file(const std::string& path);

/// Makes the file if it isn't there, readable by its owner only: SQLite itself would ask the umask.
Result<void> make_private_file(const std::string& path);

}  // namespace hubbub::server::sqlite
