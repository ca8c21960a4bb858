#include "common/pipe.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

namespace hubbub {

tl::expected<PipeEnds, std::error_code> open_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return tl::unexpected(std::error_code(errno, std::generic_category()));
  return PipeEnds{Descriptor(ends[0]), Descriptor(ends[1])};
}

int without_blocking(Descriptor& end) {
  ::fcntl(end.get(), F_SETFL, O_NONBLOCK);
  return end.release();
}

}  // namespace hubbub
