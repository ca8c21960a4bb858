#include "common/fd_passing.hpp"

#include <sys/socket.h>

#include <array>
#include <cassert>
#include <cstring>

namespace hubbub {

namespace {

/// Room for descriptors beside a message, aligned as the kernel wants it.
struct alignas(cmsghdr) Control {
  std::array<std::byte, CMSG_SPACE(sizeof(int) * passed_descriptors_max)> bytes{};
};

msghdr message_of(iovec& part, Control& control, std::size_t descriptors) {
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  if (descriptors == 0) return message;
  message.msg_control = control.bytes.data();
  message.msg_controllen = CMSG_LEN(sizeof(int) * descriptors);  // not CMSG_SPACE, which may have room for one more
  return message;
}

/// Whatever the kernel has opened here.
std::vector<Descriptor> take_descriptors(msghdr& message) {
  std::vector<Descriptor> taken;
  for (auto* part = CMSG_FIRSTHDR(&message); part != nullptr; part = CMSG_NXTHDR(&message, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
    const auto count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(part) + i * sizeof fd, sizeof fd);
      taken.emplace_back(fd);
    }
  }
  return taken;
}

}  // namespace

IoResult send_with_descriptors(int socket, std::span<const char> bytes, std::span<const int> descriptors) {
  assert(!bytes.empty() && descriptors.size() <= passed_descriptors_max);
  iovec part{const_cast<char*>(bytes.data()), bytes.size()};  // sendmsg(2) doesn't write to it
  Control control;
  auto message = message_of(part, control, descriptors.size());
  if (auto* const first = CMSG_FIRSTHDR(&message); first != nullptr) {
    first->cmsg_level = SOL_SOCKET;
    first->cmsg_type = SCM_RIGHTS;
    first->cmsg_len = CMSG_LEN(descriptors.size_bytes());
    std::memcpy(CMSG_DATA(first), descriptors.data(), descriptors.size_bytes());
  }
  return io_result_of(::sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT));
}

Received receive_with_descriptors(int socket, std::span<char> into, std::size_t descriptors_max) {
  assert(descriptors_max <= passed_descriptors_max);
  iovec part{into.data(), into.size()};
  Control control;
  auto message = message_of(part, control, descriptors_max);
  Received received;
  received.io = io_result_of(::recvmsg(socket, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT));
  if (received.io.status != IoStatus::done) return received;
  received.descriptors = take_descriptors(message);
  received.refused = (message.msg_flags & MSG_CTRUNC) != 0 || received.descriptors.size() > descriptors_max;
  if (received.refused) received.descriptors.clear();
  return received;
}

}  // namespace hubbub
