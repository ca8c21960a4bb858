#include "client/cli/readiness.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <cstdio>

#include "common/descriptor.hpp"

namespace hubbub::cli {
namespace {

struct Pipe {
  Pipe() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
    out = Descriptor(ends[0]);
    in = Descriptor(ends[1]);
  }
  Descriptor out, in;
};

TEST(Readiness, ComesWithTheFirstByteAndLeavesTheDescriptorBlocking) {
  asio::io_context loop;
  Pipe pipe;
  Readiness readable(loop, pipe.out.get(), EPOLLIN);
  bool ready = false;
  asio::co_spawn(loop, readable.ready(), [&](const std::exception_ptr&) { ready = true; });
  loop.poll();
  EXPECT_FALSE(ready);
  EXPECT_EQ(::fcntl(pipe.out.get(), F_GETFL) & O_NONBLOCK, 0);
  ASSERT_EQ(::write(pipe.in.get(), "x", 1), 1);
  loop.run();
  EXPECT_TRUE(ready);
}

TEST(Readiness, ComesAsOftenAsItIsAskedFor) {
  asio::io_context loop;
  Pipe pipe;
  Readiness writable(loop, pipe.in.get(), EPOLLOUT);
  for (int i = 0; i < 3; ++i) {
    bool ready = false;
    asio::co_spawn(loop, writable.ready(), [&](const std::exception_ptr&) { ready = true; });
    loop.restart();
    loop.run();
    EXPECT_TRUE(ready);
  }
}

TEST(Readiness, TellsThatTheReaderOfAPipeIsGone) {
  asio::io_context loop;
  Pipe pipe;
  Readiness reader_gone(loop, pipe.in.get(), 0);
  bool gone = false;
  reader_gone.when_ready([&] { gone = true; });
  loop.poll();
  EXPECT_FALSE(gone);
  pipe.out = Descriptor();
  loop.run();
  EXPECT_TRUE(gone);
}

TEST(Readiness, HasNothingToWaitForInARegularFile) {
  asio::io_context loop;
  std::FILE* const file = std::tmpfile();
  EXPECT_FALSE(Readiness(loop, ::fileno(file), EPOLLIN).can_wait());
  std::fclose(file);
}

}  // namespace
}  // namespace hubbub::cli
