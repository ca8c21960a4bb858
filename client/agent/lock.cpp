#include "client/agent/lock.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace hubbub::agent {

namespace {

/// Two who remove and make the file at the same time may each lock another one: they look again.
constexpr int tries = 100;

bool is_same_file(int descriptor, const std::string& path) {
  struct stat ours {
  }, there{};
  return ::fstat(descriptor, &ours) == 0 && ::lstat(path.c_str(), &there) == 0 && ours.st_ino == there.st_ino &&
         ours.st_dev == there.st_dev;
}

}  // namespace

Result<AgentLock> AgentLock::take(const std::string& path) {
  for (int i = 0; i < tries; ++i) {
    Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!file.is_open()) return fail(Status::unavailable, "can't open " + path + ": " + std::strerror(errno));
    struct flock whole {};
    whole.l_type = F_WRLCK;
    whole.l_whence = SEEK_SET;
    const bool locked = ::fcntl(file.get(), F_OFD_SETLK, &whole) == 0;
    if (!locked && errno != EAGAIN && errno != EACCES)
      return fail(Status::unavailable, "can't lock " + path + ": " + std::strerror(errno));
    if (!locked)
      return fail(Status::already_exists, "an agent for this hub is running already; hubbub agent status tells of it");
    if (!is_same_file(file.get(), path)) continue;
    AgentLock lock(path, std::move(file));
    if (auto cleared = lock.clear(); !cleared) return tl::unexpected(cleared.error());
    return lock;
  }
  return fail(Status::unavailable, path + " is removed again and again");
}

Result<void> AgentLock::clear() { return write_text(""); }

Result<void> AgentLock::write(const std::string& name, const std::string& hub) {
  return write_text(std::to_string(::getpid()) + "\n" + name + "\n" + hub + "\n");
}

Result<void> AgentLock::write_text(const std::string& text) {
  const bool written = ::ftruncate(file_.get(), 0) == 0 &&
                       ::pwrite(file_.get(), text.data(), text.size(), 0) == static_cast<ssize_t>(text.size());
  if (!written) return fail(Status::unavailable, "can't write " + path_ + ": " + std::strerror(errno));
  return {};
}

bool AgentLock::is_in_place() const { return is_same_file(file_.get(), path_); }

void AgentLock::remove() {
  if (is_in_place()) ::unlink(path_.c_str());
}

}  // namespace hubbub::agent
