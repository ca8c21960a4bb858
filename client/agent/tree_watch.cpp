#include "client/agent/tree_watch.hpp"

#include <sys/inotify.h>
#include <unistd.h>

#include <cstddef>
#include <cstring>
#include <utility>

namespace hubbub::agent {

TreeWatch::TreeWatch(asio::io_context& loop, std::function<void(int)> changed) : changed_(std::move(changed)) {
  const int fd = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  if (fd < 0) return;
  inotify_.emplace(loop, fd);
  wait();
}

int TreeWatch::add(const std::string& folder) {
  if (!inotify_) return none;
  constexpr auto events = IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF;
  return ::inotify_add_watch(inotify_->native_handle(), folder.c_str(), events | IN_ONLYDIR | IN_DONT_FOLLOW);
}

/// Of a folder that is gone, so is the watch: nothing to do.
void TreeWatch::remove(int id) {
  if (inotify_ && id != none) ::inotify_rm_watch(inotify_->native_handle(), id);
}

void TreeWatch::wait() {
  inotify_->async_wait(asio::posix::stream_descriptor::wait_read,
                       [this, alive = std::weak_ptr(alive_)](std::error_code error) {
                         if (error || alive.expired()) return;
                         take_all();
                         if (inotify_) wait();
                       });
}

void TreeWatch::take_all() {
  alignas(inotify_event) char buffer[4096];
  const auto got = ::read(inotify_->native_handle(), buffer, sizeof buffer);
  for (ssize_t at = 0; at < got;) {
    inotify_event event;
    std::memcpy(&event, buffer + at, sizeof event);
    at += static_cast<ssize_t>(sizeof event + event.len);
    changed_(event.wd);  // -1 with IN_Q_OVERFLOW
  }
}

}  // namespace hubbub::agent
