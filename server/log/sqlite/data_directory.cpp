#include "server/log/sqlite/data_directory.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

namespace hubbub::server::sqlite {

namespace {

tl::unexpected<Error> cannot(const std::string& what, const std::string& path, int error) {
  const bool full = error == ENOSPC;
  return fail(full ? Status::resource_exhausted : Status::permission_denied,
              fmt::format("can't {} {}: {}; {}", what, path, std::strerror(error),
                          full ? "make room there" : "name another folder, or let this user write there"));
}

/// With its parents, which get what the umask says: they may be everybody's.
Result<void> make_directory(const std::string& path) {
  std::error_code failed;
  const auto parent = std::filesystem::path(path).lexically_normal().parent_path();
  if (!parent.empty()) std::filesystem::create_directories(parent, failed);
  if (failed) return cannot("make", parent.string(), failed.value());
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return cannot("make", path, errno);
  return {};
}

std::string holder_of(int lock) {
  char pid[32];
  const auto bytes = ::pread(lock, pid, sizeof pid, 0);
  const std::string text(pid, bytes > 0 ? static_cast<std::size_t>(bytes) : 0);
  const auto end = text.find_first_not_of("0123456789");
  return end == 0 || text.empty() ? "another process" : "process " + text.substr(0, end);
}

Result<void> write_pid(int lock, const std::string& path) {
  const auto pid = fmt::format("{}\n", ::getpid());
  if (::ftruncate(lock, 0) != 0 || ::pwrite(lock, pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size()))
    return cannot("write", path, errno);
  return {};
}

}  // namespace

Result<void> make_private_file(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!file.is_open()) return cannot("open", path, errno);
  return {};
}

Result<void> check_file(const std::string& path) {
  std::error_code missing;
  const auto status = std::filesystem::status(path, missing);
  const auto why = !std::filesystem::exists(status)            ? "it isn't there"
                   : !std::filesystem::is_regular_file(status) ? "it is no file"
                   : std::filesystem::is_empty(path, missing)  ? "it is empty"
                                                               : nullptr;
  if (why == nullptr) return {};
  return fail(Status::failed_precondition,
              fmt::format("can't read {}: {}; name what a hub or a backup has written", path, why));
}

Result<DataDirectory> DataDirectory::open(const std::string& directory) {
  if (auto made = make_directory(directory); !made) return tl::unexpected(made.error());
  const auto path = directory + "/lock";
  Descriptor lock(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!lock.is_open()) return cannot("open", path, errno);
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0)
    return fail(Status::unavailable, fmt::format("{} is in use by {}; end that one, or name another folder", directory,
                                                 holder_of(lock.get())));
  if (auto written = write_pid(lock.get(), path); !written) return tl::unexpected(written.error());
  for (const auto& file : {database_in(directory), search_index_in(directory)})
    if (auto made = make_private_file(file); !made) return tl::unexpected(made.error());
  return DataDirectory(directory, std::move(lock));
}

}  // namespace hubbub::server::sqlite
