#include "client/agent/tree_folder.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <system_error>

namespace hubbub::agent {

namespace {

/// What `name` itself is, a symlink too.
std::optional<struct stat> look_at(int at, const std::string& name) {
  struct stat about {};
  if (::fstatat(at, name.c_str(), &about, AT_SYMLINK_NOFOLLOW) != 0) return std::nullopt;
  return about;
}

FileId id_of(const struct stat& about) { return {about.st_dev, about.st_ino}; }

/// Of that type, and nobody has a hand in it but us.
bool is_ours(const struct stat& about, mode_t type) {
  return (about.st_mode & S_IFMT) == type && about.st_uid == ::geteuid() && (type == S_IFDIR || about.st_nlink == 1);
}

std::string kind_of(const struct stat& about) {
  switch (about.st_mode & S_IFMT) {
    case S_IFLNK: return "a symlink";
    case S_IFDIR: return "a folder";
    case S_IFREG: return "a file";
    case S_IFIFO: return "a FIFO";
    default: return "something else";
  }
}

/// Opened as what it is now, which may be something else than a moment ago.
Result<Descriptor> checked(Descriptor descriptor, mode_t type, const std::string& path) {
  if (!descriptor.is_open()) return cannot_in_tree("open " + path);
  struct stat about {};
  if (::fstat(descriptor.get(), &about) != 0) return cannot_in_tree("look at " + path);
  if (!is_ours(about, type))
    return fail(Status::failed_precondition, path + " is " + kind_of(about) + " that the agent didn't make; remove it");
  const mode_t mode = type == S_IFDIR ? 0700 : 0600;
  if ((about.st_mode & 07777) != mode && ::fchmod(descriptor.get(), mode) != 0)
    return cannot_in_tree("keep others out of " + path);
  return descriptor;
}

}  // namespace

FileId file_id(int fd) {
  struct stat about {};
  return ::fstat(fd, &about) == 0 ? id_of(about) : FileId{};
}

tl::unexpected<Error> cannot_in_tree(const std::string& do_what) {
  const int number = errno;
  return fail(number == ENOSPC || number == EMFILE || number == ENFILE ? Status::resource_exhausted
                                                                       : Status::failed_precondition,
              "can't " + do_what + ": " + std::generic_category().message(number));
}

Result<TreeFolder> TreeFolder::open(int at, const std::string& name, std::string path) {
  if (::mkdirat(at, name.c_str(), 0700) != 0 && errno != EEXIST) return cannot_in_tree("make " + path);
  const auto about = look_at(at, name);
  if (about && !is_ours(*about, S_IFDIR))
    return fail(Status::failed_precondition,
                path + " is " +
                    (S_ISDIR(about->st_mode) ? "another user's folder" : kind_of(*about) + " and not a folder") +
                    "; remove it, the agent makes its own");
  auto folder =
      checked(Descriptor(::openat(at, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)), S_IFDIR, path);
  if (!folder) return tl::unexpected(folder.error());
  return TreeFolder(*std::move(folder), std::move(path));
}

bool TreeFolder::is_at(int at, const std::string& name) const {
  const auto about = look_at(at, name);
  return about && id_of(*about) == file_id(fd());
}

bool TreeFolder::holds(const std::string& name, FileId file) const {
  const auto about = look_at(fd(), name);
  return about && id_of(*about) == file;
}

/// Returns a sentence if something had to be moved.
Result<std::string> TreeFolder::clear_the_way(const std::string& name, mode_t type) {
  const auto about = look_at(fd(), name);
  if (!about || is_ours(*about, type)) return std::string();
  const auto aside = name + '~';
  if (::renameat(fd(), name.c_str(), fd(), aside.c_str()) != 0)
    return cannot_in_tree("move " + kind_of(*about) + " out of the way of " + path_ + '/' + name);
  return kind_of(*about) + " was in the way of " + name + "; it is " + aside + " now";
}

Result<TreeFolder::Opened> TreeFolder::open_fifo(const std::string& name, int flags) {
  auto moved = clear_the_way(name, S_IFIFO);
  if (!moved) return tl::unexpected(moved.error());
  if (::mkfifoat(fd(), name.c_str(), 0600) != 0 && errno != EEXIST) return cannot_in_tree("make " + path_ + '/' + name);
  auto fifo = checked(Descriptor(::openat(fd(), name.c_str(), flags | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC)), S_IFIFO,
                      path_ + '/' + name);
  if (!fifo) return tl::unexpected(fifo.error());
  return Opened{*std::move(fifo), *std::move(moved)};
}

/// Non-blocking because of a FIFO that may have come in the way: that open(2) would wait for a reader.
Result<TreeFolder::Opened> TreeFolder::open_file(const std::string& name) {
  auto moved = clear_the_way(name, S_IFREG);
  if (!moved) return tl::unexpected(moved.error());
  constexpr int flags = O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
  auto file = checked(Descriptor(::openat(fd(), name.c_str(), flags, 0600)), S_IFREG, path_ + '/' + name);
  if (!file) return tl::unexpected(file.error());
  return Opened{*std::move(file), *std::move(moved)};
}

/// A new one, whatever had that name.
Result<Descriptor> TreeFolder::make_file(const std::string& name) {
  ::unlinkat(fd(), name.c_str(), 0);  // if it can't be removed, the next line fails
  constexpr int flags = O_WRONLY | O_APPEND | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
  return checked(Descriptor(::openat(fd(), name.c_str(), flags, 0600)), S_IFREG, path_ + '/' + name);
}

Result<TreeFolder::Replaced> TreeFolder::replace(const std::string& name, std::string_view text) {
  auto moved = clear_the_way(name, S_IFREG);
  if (!moved) return tl::unexpected(moved.error());
  const auto unfinished = '.' + name;
  const auto file = make_file(unfinished);
  if (!file) return tl::unexpected(file.error());
  const auto wrote = ::write(file->get(), text.data(), text.size());
  const bool is_whole = wrote == static_cast<ssize_t>(text.size());
  if (wrote >= 0 && !is_whole) errno = ENOSPC;
  if (!is_whole || ::renameat(fd(), unfinished.c_str(), fd(), name.c_str()) != 0) {
    auto why = cannot_in_tree("write " + path_ + '/' + name);
    ::unlinkat(fd(), unfinished.c_str(), 0);
    return why;
  }
  return Replaced{file_id(file->get()), *std::move(moved)};
}

Result<Descriptor> TreeFolder::rotate(const std::string& name, const std::string& older) {
  const auto next = '.' + name;
  auto file = make_file(next);
  if (!file) return file;
  const bool exchanged = ::renameat2(fd(), next.c_str(), fd(), name.c_str(), RENAME_EXCHANGE) == 0;
  const auto& old = exchanged ? next : name;
  bool done = ::renameat(fd(), old.c_str(), fd(), older.c_str()) == 0;
  if (!exchanged) done = done && ::renameat(fd(), next.c_str(), fd(), name.c_str()) == 0;
  if (!done) return cannot_in_tree("rotate " + path_ + '/' + name);
  return file;
}

void TreeFolder::remove(const std::string& name, FileId file) {
  if (holds(name, file)) ::unlinkat(fd(), name.c_str(), 0);
}

void TreeFolder::remove_ours(const std::string& name) {
  const auto about = look_at(fd(), name);
  if (about && (is_ours(*about, S_IFREG) || is_ours(*about, S_IFIFO))) ::unlinkat(fd(), name.c_str(), 0);
}

}  // namespace hubbub::agent
