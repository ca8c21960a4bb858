#include "server/log/sqlite/backup.hpp"

#include <fcntl.h>
#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "common/descriptor.hpp"
#include "server/log/sqlite/data_directory.hpp"

namespace hubbub::server::sqlite {

namespace {

namespace fs = std::filesystem;

tl::unexpected<Error> cannot(const std::string& what, const std::string& path, int error) {
  return fail(error == ENOSPC ? Status::resource_exhausted : Status::permission_denied,
              fmt::format("can't {} {}: {}", what, path, std::strerror(error)));
}

/// A file, or the names in a folder.
Result<void> synchronize(const std::string& path) {
  const Descriptor opened(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!opened.is_open() || ::fsync(opened.get()) != 0) return cannot("bring to the disk", path, errno);
  return {};
}

std::string folder_of(const std::string& path) {
  const auto parent = fs::path(path).parent_path().string();
  return parent.empty() ? "." : parent;
}

/// Under its name only once it is whole and on the disk.
Result<void> put_in_place(const std::string& part, const std::string& path) {
  if (auto there = synchronize(part); !there) return there;
  if (std::rename(part.c_str(), path.c_str()) != 0) return cannot("write", path, errno);
  return synchronize(folder_of(path));
}

/// Nothing is replaced unawares, and nothing but a file; the hub's own files never.
Result<void> check_target(const std::string& file, const std::string& directory, bool replace) {
  std::error_code missing;
  if (fs::equivalent(folder_of(file), directory, missing))
    return fail(Status::failed_precondition,
                fmt::format("{} lies among the hub's own files; name one elsewhere", file));
  const auto status = fs::symlink_status(file, missing);
  if (!fs::exists(status)) return {};
  if (!fs::is_regular_file(status))
    return fail(Status::failed_precondition, fmt::format("{} is there and no file; name another", file));
  if (replace) return {};
  return fail(Status::already_exists,
              fmt::format("{} is there already; say --replace to give that up, or name another file", file));
}

/// In what fails the source is named, but what is full is the disk of the copy.
Error of_copy(const Error& error, const std::string& to) {
  if (error.status != Status::resource_exhausted) return error;
  return {error.status, fmt::format("the disk that holds {} has no room for the copy; make some, or name another", to)};
}

/// Packs the database at `from` into the new file `to`.
Result<void> copy(const std::string& from, const std::string& to) {
  if (auto readable = check_file(from); !readable) return readable;
  auto database = Database::open(from, Database::Access::read);
  if (!database) return tl::unexpected(database.error());
  if (auto ours = check_schema(**database); !ours) return ours;
  if (auto made = make_private_file(to); !made) return made;
  Statement vacuum(**database, "VACUUM INTO ?1");
  return vacuum.run(to);
}

/// A leftover of a copy that was cut short, or what a database that is replaced would leave behind.
void remove(const std::string& path) { ::unlink(path.c_str()); }

/// Its own, in the copy that is about to take the place of the database.
Result<void> rename_store(const std::string& path, StoreId id) {
  auto database = Database::open(path, Database::Access::write);
  if (!database) return tl::unexpected(database.error());
  Statement set(**database, "UPDATE meta SET value = ?1 WHERE key = 'store'");
  return set.run(id);
}

/// Brings what the write-ahead log has into the database, and takes it away.
Result<void> fold_log(const std::string& path) {
  auto database = Database::open(path, Database::Access::write);
  if (!database) return tl::unexpected(database.error());
  return (*database)->run("PRAGMA journal_mode = DELETE");
}

/// Before another database comes to `path`: the log of this one would be taken for that one's. And until then this one
/// must stay whole, which it isn't without its log. Unless it is damaged already: that is what backups are for.
Result<void> make_way(const std::string& path) {
  auto folded = fold_log(path);
  const bool damaged =
      !folded && (folded.error().status == Status::data_loss || folded.error().status == Status::failed_precondition);
  if (!folded && !damaged) return folded;
  for (const auto* const beside : {"-wal", "-shm", "-journal"}) remove(path + beside);
  return {};
}

bool holds_something(const std::string& path) {
  std::error_code missing;
  const auto bytes = fs::file_size(path, missing);
  return !missing && bytes > 0;
}

}  // namespace

Result<void> back_up(const std::string& directory, const std::string& file, bool replace) {
  if (auto free = check_target(file, directory, replace); !free) return free;
  const auto part = file + ".part";
  remove(part);
  auto done = copy(database_in(directory), part);
  if (done) done = put_in_place(part, file);
  if (done) return done;
  remove(part);
  return tl::unexpected(of_copy(done.error(), file));
}

namespace {

Result<void> restore_into(const DataDirectory& owned, const std::string& file, StoreId id) {
  const auto path = owned.database();
  const auto part = path + ".part";
  remove(part);
  auto done = copy(file, part);
  if (done) done = rename_store(part, id);
  if (done) done = synchronize(part);
  if (done) done = make_way(path);
  if (done) remove(owned.search_index());
  if (done) done = put_in_place(part, path);
  if (done) return done;
  for (const auto* const beside : {"", "-journal"}) remove(part + beside);
  return tl::unexpected(of_copy(done.error(), path));
}

}  // namespace

Result<void> restore(const std::string& file, const std::string& directory, bool replace, StoreId id) {
  if (auto readable = check_file(file); !readable) return readable;
  std::error_code ignored;
  const bool was_there = fs::exists(directory, ignored);
  return DataDirectory::open(directory).and_then([&](const DataDirectory& owned) -> Result<void> {
    if (!replace && holds_something(owned.database()))
      return fail(Status::already_exists, fmt::format("{} holds a hub's data; say --replace to give that up, or name "
                                                      "another folder",
                                                      directory));
    auto done = restore_into(owned, file, id);
    if (!done && !was_there) fs::remove_all(directory, ignored);  // nobody else can have it: it is locked
    return done;
  });
}

}  // namespace hubbub::server::sqlite
