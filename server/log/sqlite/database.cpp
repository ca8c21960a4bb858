#include "server/log/sqlite/database.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace hubbub::server::sqlite {

namespace {

constexpr int open_flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE | SQLITE_OPEN_EXRESCODE;
/// What is read or written at once without SQLite's own code, whose VFS takes less than 128 KiB.
constexpr sqlite3_int64 transfer_bytes = 64 * 1024;

Error full(const std::string& path) {
  return {Status::resource_exhausted, fmt::format("the disk that holds {} is full; make room there", path)};
}

/// Some file systems find out that they are full only when they are asked to bring it to the disk.
Error io_failure(sqlite3* handle, const std::string& path) {
  const int system = sqlite3_system_errno(handle);
  if (system == ENOSPC || system == EDQUOT) return full(path);
  return {Status::unavailable,
          fmt::format("the disk that holds {} fails: {} ({}); see what the kernel says of it (dmesg)", path,
                      sqlite3_errstr(sqlite3_extended_errcode(handle)),
                      system != 0 ? std::strerror(system) : "no reason given")};
}

std::string unwritable(sqlite3* handle, const std::string& path) {
  return fmt::format("can't open or write {}: {}; is its folder there, and may this user write in it?", path,
                     sqlite3_errmsg(handle));
}

}  // namespace

Error Database::error() const {
  sqlite3* const handle = handle_.get();
  const auto said = std::string(sqlite3_errmsg(handle));
  switch (sqlite3_errcode(handle) & 0xff) {
    case SQLITE_FULL: return full(path_);
    case SQLITE_NOMEM: return {Status::resource_exhausted, fmt::format("no memory left for {}", path_)};
    case SQLITE_IOERR: return io_failure(handle, path_);
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return {Status::unavailable, fmt::format("another program has locked {}; end it", path_)};
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM: return {Status::permission_denied, unwritable(handle, path_)};
    case SQLITE_CORRUPT:
      return {Status::data_loss, fmt::format("{} is damaged ({}); restore a backup of it", path_, said)};
    case SQLITE_NOTADB:
      return {Status::failed_precondition,
              fmt::format("{} is no database; name another folder, or restore a backup", path_)};
    default: return {Status::internal, fmt::format("{}: {}", path_, said)};
  }
}

Result<std::unique_ptr<Database>> Database::open(const std::string& path, Access access, const std::string& vfs) {
  const int flags =
      open_flags | (access == Access::write ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY);
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &handle, flags, vfs.empty() ? nullptr : vfs.c_str());
  if (handle == nullptr) return fail(Status::resource_exhausted, "no memory left to open " + path);
  std::unique_ptr<Database> database(new Database(path, handle));
  if (code != SQLITE_OK) return tl::unexpected(database->error());
  sqlite3_busy_timeout(handle, busy_ms);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  if (access == Access::read) database->checkpoint_at_close(false);
  return database;
}

Result<void> Database::run(const std::string& sql) {
  if (sqlite3_exec(handle_.get(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) return tl::unexpected(error());
  return {};
}

Result<void> Database::check_writable() {
  if (sqlite3_db_readonly(handle(), "main") == 0) return run("BEGIN IMMEDIATE; ROLLBACK");
  return fail(Status::permission_denied,
              fmt::format("can't write {}: its disk is read-only, or this user may not write there", path_));
}

Result<void> Database::rewrite_log() {
  auto* const log = log_file();
  if (log == nullptr) return {};
  sqlite3_int64 size = 0;
  int code = log->pMethods->xFileSize(log, &size);
  std::string part;
  for (sqlite3_int64 at = 0; at < size && code == SQLITE_OK; at += static_cast<sqlite3_int64>(part.size())) {
    part.resize(static_cast<std::size_t>(std::min(transfer_bytes, size - at)));
    code = log->pMethods->xRead(log, part.data(), static_cast<int>(part.size()), at);
    if (code == SQLITE_OK) code = log->pMethods->xWrite(log, part.data(), static_cast<int>(part.size()), at);
  }
  if (code == SQLITE_OK) code = log->pMethods->xSync(log, SQLITE_SYNC_NORMAL);
  return code == SQLITE_OK ? Result<void>{} : tl::unexpected(disk_failed(code));
}

std::int64_t Database::lengthen_log(std::int64_t bytes) {
  static constexpr std::array<char, transfer_bytes> zeros{};
  auto* const log = log_file();
  sqlite3_int64 size = 0;
  if (log == nullptr || log->pMethods->xFileSize(log, &size) != SQLITE_OK) return 0;
  while (size < bytes) {
    const auto part = std::min(transfer_bytes, bytes - size);
    if (log->pMethods->xWrite(log, zeros.data(), static_cast<int>(part), size) != SQLITE_OK) break;
    size += part;
  }
  return size;
}

sqlite3_file* Database::log_file() {
  sqlite3_file* log = nullptr;
  sqlite3_file_control(handle(), "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);
  return log == nullptr || log->pMethods == nullptr ? nullptr : log;
}

Error Database::disk_failed(int code) const {
  return {Status::unavailable, fmt::format("the disk that holds {} fails: {}; see what the kernel says of it (dmesg)",
                                           path_, sqlite3_errstr(code))};
}

void Database::checkpoint_at_close(bool wanted) {
  sqlite3_db_config(handle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, wanted ? 0 : 1, nullptr);
}

/// Where it can't be prepared, because the schema can't be read, step() says so: all else does nothing without it.
void Statement::prepare() {
  sqlite3_stmt* made = nullptr;
  sqlite3_prepare_v3(database_.handle(), sql_.data(), static_cast<int>(sql_.size()), SQLITE_PREPARE_PERSISTENT, &made,
                     nullptr);
  prepared_.reset(made);
}

int Statement::step() {
  return prepared_ == nullptr ? sqlite3_errcode(database_.handle()) : sqlite3_step(prepared_.get());
}

void Statement::bind(int at, std::string_view text) {
  sqlite3_bind_text64(prepared_.get(), at, text.data() == nullptr ? "" : text.data(), text.size(), SQLITE_STATIC,
                      SQLITE_UTF8);
}

void Statement::bind(int at, Blob blob) {
  sqlite3_bind_blob64(prepared_.get(), at, blob.bytes.data() == nullptr ? "" : blob.bytes.data(), blob.bytes.size(),
                      SQLITE_STATIC);
}

bool Rows::next() {
  const int code = statement_.step();
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) result_ = tl::unexpected(statement_.database_.error());
  return false;
}

std::string_view Rows::bytes(int column) const {
  // The blob first: asking for the size first may convert it.
  const void* const data = sqlite3_column_blob(statement_.prepared_.get(), column);
  const auto size = sqlite3_column_bytes(statement_.prepared_.get(), column);
  return {static_cast<const char*>(data), static_cast<std::size_t>(size)};
}

}  // namespace hubbub::server::sqlite
