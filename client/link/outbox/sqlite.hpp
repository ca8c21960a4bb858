// A SQLite file that one thread uses, as little of it as the outbox needs.
//   Sqlite::open(path) --prepare--> Statement: bind, step, column
// The only place of the client that knows sqlite3.h is sqlite.cpp.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "proto/status.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace hubbub::link {

class Statement {
 public:
  Statement() = default;

  /// Values by number, the first is 1. What they borrow has to live until reset().
  Statement& bind(int at, std::int64_t value);
  Statement& bind_text(int at, std::string_view text);
  Statement& bind_blob(int at, std::string_view bytes);

  /// True: there is a row. False: there is none (any more), or it failed, which the file remembers.
  bool step();
  /// For what gives no rows: step, then reset. False if it failed.
  bool run();
  /// Ready for other values.
  void reset();

  /// Columns of the row, the first is 0. What they borrow lives until the next step() or reset().
  [[nodiscard]] std::int64_t number(int at) const;
  [[nodiscard]] std::string_view bytes(int at) const;

 private:
  friend class Sqlite;
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

class Sqlite {
 public:
  enum class Mode { make, read };

  /// Fails with unavailable and a sentence that names the file.
  static Result<Sqlite> open(const std::string& path, Mode mode);

  bool execute(const char* sql);
  Statement prepare(std::string_view sql);
  /// Of one number; zero if there is no row.
  std::int64_t number(std::string_view sql);

  /// Rows that the newest statement changed.
  [[nodiscard]] std::int64_t changes() const;
  /// The newest failure, as a sentence that names the file.
  [[nodiscard]] Error error() const;

 private:
  struct Close {
    void operator()(sqlite3* file) const;
  };
  std::unique_ptr<sqlite3, Close> file_;
  std::string path_;
};

}  // namespace hubbub::link
