#include "client/cli/readiness.hpp"

#include <sys/epoll.h>

#include "common/descriptor.hpp"

namespace hubbub::cli {

Readiness::Readiness(asio::io_context& loop, int fd, std::uint32_t events) {
  Descriptor watch(::epoll_create1(EPOLL_CLOEXEC));
  epoll_event wanted{};
  wanted.events = events;
  if (::epoll_ctl(watch.get(), EPOLL_CTL_ADD, fd, &wanted) == 0) waiting_.emplace(loop, watch.release());
}

asio::awaitable<void> Readiness::ready() {
  if (waiting_) co_await waiting_->async_wait(asio::posix::stream_descriptor::wait_read, asio::use_awaitable);
}

}  // namespace hubbub::cli
