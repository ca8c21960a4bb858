#include "client/agent/lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
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
    if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
      return fail(Status::already_exists, "an agent for this hub is running already; hubbub agent status tells of it");
    if (is_same_file(file.get(), path)) return AgentLock(path, std::move(file));
  }
  return fail(Status::unavailable, path + " is removed again and again");
}

Result<void> AgentLock::write(const std::string& name) {
  const auto text = std::to_string(::getpid()) + "\n" + name + "\n";
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
