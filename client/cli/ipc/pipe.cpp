// Two pipes, one for each direction.
#include <fcntl.h>

#include "client/cli/ipc/stream_end.hpp"

namespace hubbub::ipc {

namespace {

struct Pipe {
  Descriptor read, write;
};

Result<Pipe> make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return cannot("make a pipe");
  return Pipe{Descriptor(ends[0]), Descriptor(ends[1])};
}

Result<Ends> open_pipes(std::size_t) {
  auto there = make_pipe();
  if (!there) return tl::unexpected(there.error());
  auto back = make_pipe();
  if (!back) return tl::unexpected(back.error());
  return Ends{stream_end(std::move(there->write), std::move(back->read)),
              stream_end(std::move(back->write), std::move(there->read))};
}

}  // namespace

extern const Mechanism pipe_mechanism;
const Mechanism pipe_mechanism = {
    "pipe",
    "One program's output is another's input: between a parent and what it starts, and in every shell.",
    "`make | hubbub pub ci.main`, `hubbub sub ci.main | grep error`",
    message_bytes_max,
    open_pipes,
};

}  // namespace hubbub::ipc
