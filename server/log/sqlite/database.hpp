// One connection to a SQLite file, and its statements: what sqlite3.h does, with owners, types and sentences.
//   Database::open --> Statement::run(values…)                                    a change
//                      Statement::query(values…) --> Rows: next(), column(…) …    what is found
// A connection and its statements are used by one thread at a time. No clock and no threads in here; the disk is
// SQLite's VFS, which a test may replace.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "proto/ids.hpp"
#include "proto/status.hpp"

namespace hubbub::server::sqlite {

class Database {
 public:
  enum class Access {
    write,  ///< made if it isn't there; the one connection that writes and checkpoints
    read,   ///< must be there; never writes a page and never checkpoints, not when it is the last to close either
  };

  /// How long it waits for another program's lock before it says so.
  static constexpr int busy_ms = 1000;

  /// `vfs`: SQLite's name of the disk; empty: the system's. Touches nothing but the file's header.
  static Result<std::unique_ptr<Database>> open(const std::string& path, Access access, const std::string& vfs = {});

  /// One statement or several, whose rows nobody wants.
  Result<void> run(const std::string& sql);

  /// Fails unless it can be written. SQLite opens a file or a log that it may not write to read it only, and leaves it
  /// at that for as long as it is open, even if it may be written later.
  Result<void> check_writable();
  /// Writes the write-ahead log once more as it is seen, and synchronizes it. REQUIRES: the one that writes, between
  /// transactions, and something was read before.
  Result<void> rewrite_log();
  /// Where the file of the write-ahead log is shorter than `bytes`, fills it up with zeros, without synchronizing them.
  /// SQLite reads a log up to the first frame that isn't of its present generation. Returns how long the file is.
  /// REQUIRES: the one that writes, between transactions, and something was read before.
  std::int64_t lengthen_log(std::int64_t bytes);
  /// What is in the log is copied into the database when the last connection is closed, and the log removed. Or not.
  void checkpoint_at_close(bool wanted);

  [[nodiscard]] bool in_transaction() const { return sqlite3_get_autocommit(handle_.get()) == 0; }
  /// Rows that the last statement changed.
  [[nodiscard]] std::int64_t changes() const { return sqlite3_changes64(handle_.get()); }
  /// Why the last call failed, in a sentence with the file's name and what to do.
  [[nodiscard]] Error error() const;

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] sqlite3* handle() const { return handle_.get(); }

 private:
  struct Close {
    void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
  };
  /// SQLite's open file of the write-ahead log; nullptr where there is none.
  sqlite3_file* log_file();
  [[nodiscard]] Error disk_failed(int code) const;

  Database(std::string path, sqlite3* handle) : path_(std::move(path)), handle_(handle) {}
  std::string path_;
  std::unique_ptr<sqlite3, Close> handle_;
};

/// Bytes that aren't text.
struct Blob {
  std::string_view bytes;
};

class Rows;

/// Prepared when it is first used, and kept. What it is given must live until it has run, or until its Rows go.
class Statement {
 public:
  Statement(Database& database, std::string sql) : database_(database), sql_(std::move(sql)) {}

  template <class... Values>
  Result<void> run(const Values&... values);
  template <class... Values>
  Rows query(const Values&... values);

 private:
  friend class Rows;
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  template <class... Values>
  void start(const Values&... values);
  void prepare();
  int step();

  void bind(int at, std::int64_t value) { sqlite3_bind_int64(prepared_.get(), at, value); }
  void bind(int at, std::uint64_t value) { bind(at, static_cast<std::int64_t>(value)); }
  void bind(int at, std::uint32_t value) { bind(at, static_cast<std::int64_t>(value)); }
  void bind(int at, RoomId id) { bind(at, id.value); }
  void bind(int at, Seq seq) { bind(at, seq.value); }
  void bind(int at, CallId id) { bind(at, id.value); }
  void bind(int at, PublishId id) { bind(at, id.value); }
  void bind(int at, WallTime time) { bind(at, time.ns); }
  void bind(int at, std::nullptr_t) { sqlite3_bind_null(prepared_.get(), at); }
  void bind(int at, std::string_view text);
  void bind(int at, Blob blob);
  template <class Tag>
  void bind(int at, const Random128<Tag>& id) {
    bind(at, Blob{{reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size()}});
  }

  Database& database_;
  std::string sql_;
  std::unique_ptr<sqlite3_stmt, Finalize> prepared_;
};

/// What a query finds, row by row. Until it goes, it holds the connection's snapshot.
class Rows {
 public:
  explicit Rows(Statement& statement) : statement_(statement) {}
  ~Rows() { sqlite3_reset(statement_.prepared_.get()); }
  Rows(const Rows&) = delete;
  Rows& operator=(const Rows&) = delete;

  /// False at the end, and when it failed: see result().
  bool next();
  [[nodiscard]] const Result<void>& result() const { return result_; }

  [[nodiscard]] bool is_null(int column) const {
    return sqlite3_column_type(statement_.prepared_.get(), column) == SQLITE_NULL;
  }
  [[nodiscard]] std::int64_t integer(int column) const {
    return sqlite3_column_int64(statement_.prepared_.get(), column);
  }
  [[nodiscard]] std::uint64_t number(int column) const { return static_cast<std::uint64_t>(integer(column)); }
  [[nodiscard]] RoomId room(int column) const { return RoomId{static_cast<std::uint32_t>(integer(column))}; }
  [[nodiscard]] Seq seq(int column) const { return Seq{number(column)}; }
  [[nodiscard]] WallTime time(int column) const { return WallTime{number(column)}; }
  /// Valid until the next row.
  [[nodiscard]] std::string_view bytes(int column) const;
  [[nodiscard]] std::string text(int column) const { return std::string(bytes(column)); }
  /// Zero where the column has another size.
  template <class Id>
  [[nodiscard]] Id random128(int column) const;

 private:
  Statement& statement_;
  Result<void> result_;
};

/// A snapshot for several queries.
class ReadTransaction {
 public:
  explicit ReadTransaction(Database& database) : database_(database), begun_(database.run("BEGIN")) {}
  ~ReadTransaction() {
    if (database_.in_transaction()) (void)database_.run("COMMIT");
  }
  ReadTransaction(const ReadTransaction&) = delete;
  ReadTransaction& operator=(const ReadTransaction&) = delete;
  [[nodiscard]] const Result<void>& begun() const { return begun_; }

 private:
  Database& database_;
  Result<void> begun_;
};

template <class... Values>
void Statement::start(const Values&... values) {
  if (prepared_ == nullptr) prepare();
  int at = 0;
  (bind(++at, values), ...);
}

template <class... Values>
Result<void> Statement::run(const Values&... values) {
  auto rows = query(values...);
  while (rows.next()) {
  }
  return rows.result();
}

template <class... Values>
Rows Statement::query(const Values&... values) {
  start(values...);
  return Rows(*this);
}

template <class Id>
Id Rows::random128(int column) const {
  Id id;
  const auto found = bytes(column);
  if (found.size() == id.bytes.size()) std::copy(found.begin(), found.end(), id.bytes.begin());
  return id;
}

}  // namespace hubbub::server::sqlite
