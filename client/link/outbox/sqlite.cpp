#include "client/link/outbox/sqlite.hpp"

#include <sqlite3.h>

namespace hubbub::link {

void Statement::Finalize::operator()(sqlite3_stmt* statement) const { ::sqlite3_finalize(statement); }
void Sqlite::Close::operator()(sqlite3* file) const { ::sqlite3_close_v2(file); }

Statement& Statement::bind(int at, std::int64_t value) {
  ::sqlite3_bind_int64(statement_.get(), at, value);
  return *this;
}

Statement& Statement::bind_text(int at, std::string_view text) {
  ::sqlite3_bind_text64(statement_.get(), at, text.data(), text.size(), SQLITE_STATIC, SQLITE_UTF8);
  return *this;
}

Statement& Statement::bind_blob(int at, std::string_view bytes) {
  ::sqlite3_bind_blob64(statement_.get(), at, bytes.data(), bytes.size(), SQLITE_STATIC);
  return *this;
}

bool Statement::step() { return statement_ != nullptr && ::sqlite3_step(statement_.get()) == SQLITE_ROW; }

bool Statement::run() {
  const bool done = statement_ != nullptr && ::sqlite3_step(statement_.get()) == SQLITE_DONE;
  reset();
  return done;
}

void Statement::reset() { ::sqlite3_reset(statement_.get()); }

std::int64_t Statement::number(int at) const { return ::sqlite3_column_int64(statement_.get(), at); }

std::string_view Statement::bytes(int at) const {
  const auto* bytes = static_cast<const char*>(::sqlite3_column_blob(statement_.get(), at));
  const auto size = static_cast<std::size_t>(::sqlite3_column_bytes(statement_.get(), at));
  return bytes == nullptr ? std::string_view() : std::string_view(bytes, size);
}

Result<Sqlite> Sqlite::open(const std::string& path, Mode mode) {
  const int flags = mode == Mode::make ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY;
  Sqlite opened;
  opened.path_ = path;
  sqlite3* file = nullptr;
  const int code = ::sqlite3_open_v2(path.c_str(), &file, flags | SQLITE_OPEN_NOMUTEX, nullptr);
  opened.file_.reset(file);
  if (code != SQLITE_OK) return tl::unexpected(opened.error());
  constexpr int patience_ms = 2000;  // somebody may be reading it just now
  ::sqlite3_busy_timeout(file, patience_ms);
  return opened;
}

bool Sqlite::execute(const char* sql) {
  return ::sqlite3_exec(file_.get(), sql, nullptr, nullptr, nullptr) == SQLITE_OK;
}

Statement Sqlite::prepare(std::string_view sql) {
  Statement made;
  sqlite3_stmt* statement = nullptr;
  ::sqlite3_prepare_v3(file_.get(), sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT, &statement,
                       nullptr);
  made.statement_.reset(statement);
  return made;
}

std::int64_t Sqlite::number(std::string_view sql) {
  auto statement = prepare(sql);
  return statement.step() ? statement.number(0) : 0;
}

std::int64_t Sqlite::changes() const { return ::sqlite3_changes64(file_.get()); }

Error Sqlite::error() const {
  const auto* why = file_ == nullptr ? "out of memory" : ::sqlite3_errmsg(file_.get());
  return {Status::unavailable, "the outbox " + path_ + " can't be used: " + why};
}

}  // namespace hubbub::link
