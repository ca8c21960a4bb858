#include "client/agent/board_memory.hpp"

#include <fmt/format.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>

#include "client/agent/board_name.hpp"

namespace hubbub::agent {

namespace {

/// '~' is in no name of a board.
std::string unfinished(const std::string& name) { return name + "~"; }

tl::unexpected<Error> cannot(Status status, const std::string& name, std::string_view why) {
  return fail(status, fmt::format("can't make the board {}: {}", board_path(name), why));
}

/// rename(2) would leave alone only what the system doesn't let us replace, and root is let do everything.
Result<void> look_what_is_in_the_way(const std::string& name) {
  struct stat there {};
  if (::lstat(board_path(name).c_str(), &there) != 0) return {};
  if (!S_ISREG(there.st_mode)) return cannot(Status::permission_denied, name, "what is there is no file; remove it");
  if (there.st_uid != ::geteuid())
    return cannot(Status::permission_denied, name, fmt::format("it belongs to user {}; have it removed", there.st_uid));
  return {};
}

Result<Descriptor> create(const std::string& name) {
  ::shm_unlink(
      ("/" + name).c_str());  // of an agent that was killed while it made one; what can't be removed is told below
  Descriptor file(::shm_open(("/" + name).c_str(), O_RDWR | O_CREAT | O_EXCL, 0600));
  if (!file.is_open() || ::fchmod(file.get(), 0600) != 0)
    return cannot(errno == EEXIST || errno == EACCES ? Status::permission_denied : Status::unavailable, name,
                  std::strerror(errno));
  return file;
}

std::uint64_t now_ns() {
  return static_cast<std::uint64_t>(
      std::chrono::nanoseconds(std::chrono::steady_clock::now().time_since_epoch()).count());
}

/// Another one for each board: the time, which no two of a user's agents for a hub share.
std::uint64_t new_generation() {
  return static_cast<std::uint64_t>(
      std::chrono::nanoseconds(std::chrono::system_clock::now().time_since_epoch()).count());
}

}  // namespace

void BoardMemory::Unmap::operator()(hubbub_page* page) const { ::munmap(page, sizeof *page); }

BoardMemory::BoardMemory(std::string name, Descriptor file) : name_(std::move(name)), file_(std::move(file)) {}

BoardMemory::~BoardMemory() {
  if (is_in_place()) ::shm_unlink(("/" + name_).c_str());
}

Result<BoardMemory> BoardMemory::make(const std::string& name) {
  const auto free = look_what_is_in_the_way(name);
  if (!free) return tl::unexpected(free.error());
  const auto temporary = unfinished(name);
  auto file = create(temporary);
  if (!file) return tl::unexpected(file.error());
  BoardMemory memory(temporary, *std::move(file));
  const auto filled = memory.fill(name);
  if (!filled) return tl::unexpected(filled.error());
  if (::rename(board_path(temporary).c_str(), board_path(name).c_str()) != 0)
    return cannot(Status::permission_denied, name, std::strerror(errno));
  memory.name_ = name;
  return memory;
}

Result<void> BoardMemory::fill(const std::string& name) {
  int error = EINTR;
  while (error == EINTR) error = ::posix_fallocate(file_.get(), 0, sizeof(hubbub_page));
  if (error != 0)
    return cannot(Status::resource_exhausted, name,
                  fmt::format("{}; it needs {} KiB in /dev/shm", std::strerror(error), sizeof(hubbub_page) / 1024 + 1));
  void* const at = ::mmap(nullptr, sizeof(hubbub_page), PROT_READ | PROT_WRITE, MAP_SHARED, file_.get(), 0);
  if (at == MAP_FAILED) return cannot(Status::resource_exhausted, name, std::strerror(errno));
  page_.reset(static_cast<hubbub_page*>(at));
  write_head();
  return {};
}

void BoardMemory::write_head() const {
  page_->magic = HUBBUB_MAGIC;
  page_->layout = HUBBUB_LAYOUT;
  page_->size = sizeof(hubbub_page);
  page_->generation = new_generation();
  page_->agent_pid = static_cast<std::uint64_t>(::getpid());
  page_->heartbeat = now_ns();
}

bool BoardMemory::is_whole() const {
  struct stat own {};
  return file_.is_open() && ::fstat(file_.get(), &own) == 0 && own.st_size >= static_cast<off_t>(sizeof(hubbub_page));
}

bool BoardMemory::is_in_place() const {
  struct stat own {
  }, there{};
  return file_.is_open() && ::fstat(file_.get(), &own) == 0 && ::lstat(board_path(name_).c_str(), &there) == 0 &&
         own.st_ino == there.st_ino && own.st_dev == there.st_dev;
}

}  // namespace hubbub::agent
