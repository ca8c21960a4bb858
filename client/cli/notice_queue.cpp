#include "client/cli/notice_queue.hpp"

#include <fcntl.h>
#include <mqueue.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <vector>

namespace hubbub::cli {

namespace {

/// What every system allows without being asked (mq_overview(7): msg_max).
constexpr long messages_wanted = 10;

}  // namespace

Result<void> NoticeQueue::open() {
  const auto name = "/hubbub-" + std::to_string(::geteuid()) + "-notify-" + std::to_string(::getpid());
  mq_attr attributes{};
  attributes.mq_maxmsg = messages_wanted;
  attributes.mq_msgsize = notice_bytes_max;
  ::mq_unlink(name.c_str());
  for (; attributes.mq_maxmsg > 0; attributes.mq_maxmsg /= 2) {  // where msg_max is lower than by default
    queue_ = Descriptor(::mq_open(name.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NONBLOCK | O_CLOEXEC, 0600, &attributes));
    if (queue_.is_open() || errno != EINVAL) break;
  }
  if (!queue_.is_open())
    return fail(Status::unavailable, "can't make the message queue " + name + ": " + std::strerror(errno));
  ::mq_unlink(name.c_str());  // nobody else has business there; and a process that is killed leaves none behind
  if (::mq_getattr(queue_.get(), &attributes) == 0) messages_max_ = attributes.mq_maxmsg;
  return {};
}

bool NoticeQueue::offer(const Notice& notice) {
  if (send(notice)) return true;
  std::vector<Notice> all;
  while (auto one = take()) all.push_back(*std::move(one));
  if (!all.empty() && all.back().importance < notice.importance) all.back() = notice;
  for (const auto& one : all) send(one);
  return false;
}

bool NoticeQueue::send(const Notice& notice) {
  const auto bytes = encode(notice);
  return ::mq_send(queue_.get(), bytes.data(), bytes.size(), priority_of(notice.importance)) == 0;
}

std::optional<Notice> NoticeQueue::take() {
  std::array<char, notice_bytes_max> bytes{};
  ssize_t size = 0;
  const timespec past{};
  while ((size = ::mq_timedreceive(queue_.get(), bytes.data(), bytes.size(), nullptr, &past)) >= 0)
    if (auto notice = decode_notice({bytes.data(), static_cast<std::size_t>(size)})) return notice;
  return std::nullopt;
}

}  // namespace hubbub::cli
