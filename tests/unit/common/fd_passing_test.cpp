#include "common/fd_passing.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <string>

#include "tests/unit/common/in_a_child.hpp"

namespace hubbub {
namespace {

struct SocketPair {
  Descriptor ours;
  Descriptor theirs;
  SocketPair() {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) throw std::runtime_error("no sockets");
    ours = Descriptor(ends[0]);
    theirs = Descriptor(ends[1]);
  }
  IoResult send(std::string_view bytes, std::span<const int> descriptors) const {
    return send_with_descriptors(ours.get(), bytes, descriptors);
  }
  [[nodiscard]] Received receive(std::size_t descriptors_max) {
    return receive_with_descriptors(theirs.get(), buffer, descriptors_max);
  }
  [[nodiscard]] std::string text(const Received& received) const { return {buffer.data(), received.io.bytes}; }

  std::array<char, 64> buffer{};
};

bool are_same_file(int one, int other) {
  struct stat first {};
  struct stat second {};
  return ::fstat(one, &first) == 0 && ::fstat(other, &second) == 0 && first.st_dev == second.st_dev &&
         first.st_ino == second.st_ino;
}

std::size_t open_descriptors() {
  const std::filesystem::directory_iterator all("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

const std::array<int, 3> three = {STDERR_FILENO, STDERR_FILENO, STDERR_FILENO};

TEST(DescriptorPassing, BringsBytesAndDescriptorsTogetherInOrder) {
  SocketPair pair;
  int pipe[2];
  ASSERT_EQ(::pipe2(pipe, O_CLOEXEC), 0);
  const Descriptor reads(pipe[0]);
  const Descriptor writes(pipe[1]);
  const std::array sent = {reads.get(), pair.ours.get()};
  EXPECT_EQ(pair.send("two things", sent).bytes, 10U);
  const auto received = pair.receive(2);
  EXPECT_EQ(pair.text(received), "two things");
  ASSERT_EQ(received.descriptors.size(), 2U);
  EXPECT_FALSE(received.refused);
  EXPECT_TRUE(are_same_file(received.descriptors[0].get(), reads.get()));
  EXPECT_TRUE(are_same_file(received.descriptors[1].get(), pair.ours.get()));
  for (const auto& descriptor : received.descriptors) EXPECT_EQ(::fcntl(descriptor.get(), F_GETFD), FD_CLOEXEC);
}

TEST(DescriptorPassing, BringsBytesAloneToo) {
  SocketPair pair;
  pair.send("only bytes", {});
  const auto received = pair.receive(2);
  EXPECT_EQ(pair.text(received), "only bytes");
  EXPECT_TRUE(received.descriptors.empty());
  EXPECT_FALSE(received.refused);
}

TEST(DescriptorPassing, KeepsTheDescriptorsOfTwoMessagesApart) {
  SocketPair pair;
  pair.send("one", std::span(three).first(1));
  pair.send("two", std::span(three).first(2));
  EXPECT_EQ(pair.receive(3).descriptors.size(), 1U);
  EXPECT_EQ(pair.receive(3).descriptors.size(), 2U);
}

TEST(DescriptorPassing, ClosesAllWhereMoreCameThanWereExpected) {
  for (const std::size_t expected : {0U, 1U, 2U}) {
    SocketPair pair;
    pair.send("gifts", three);
    const auto before = open_descriptors();
    const auto received = pair.receive(expected);
    EXPECT_TRUE(received.refused) << expected;
    EXPECT_TRUE(received.descriptors.empty()) << expected;
    EXPECT_EQ(pair.text(received), "gifts");
    EXPECT_EQ(open_descriptors(), before) << expected;
  }
}

TEST(DescriptorPassing, LeavesNothingBehindWithAReceiverThatExpectsNone) {
  SocketPair pair;
  pair.send("gifts", three);
  const auto before = open_descriptors();
  EXPECT_EQ(::recv(pair.theirs.get(), pair.buffer.data(), pair.buffer.size(), 0), 5);
  EXPECT_EQ(open_descriptors(), before);
}

TEST(DescriptorPassing, ClosesAllWhereThereIsNoRoomForSome) {
  EXPECT_EQ(in_a_child([](int) {
              SocketPair pair;
              pair.send("gifts", three);
              const int next = ::dup(STDERR_FILENO);
              ::close(next);
              const rlimit one_more{static_cast<rlim_t>(next) + 1, static_cast<rlim_t>(next) + 1};
              if (::setrlimit(RLIMIT_NOFILE, &one_more) != 0) ::_exit(1);
              const auto received = pair.receive(3);
              if (!received.refused || !received.descriptors.empty()) ::_exit(2);
              if (::dup(STDERR_FILENO) != next) ::_exit(3);
            }),
            "exit 0");
}

TEST(DescriptorPassing, SaysWhatHappenedInsteadOfWaiting) {
  SocketPair pair;
  EXPECT_EQ(pair.receive(1).io.status, IoStatus::would_block);
  const std::string much(1 << 16, 'x');
  while (pair.send(much, std::span(three).first(1)).status == IoStatus::done) continue;
  EXPECT_EQ(pair.send(much, std::span(three).first(1)).status, IoStatus::would_block);
  pair.theirs = Descriptor();
  SocketPair other;
  other.ours = Descriptor();
  EXPECT_EQ(other.receive(1).io.status, IoStatus::closed);
}

}  // namespace
}  // namespace hubbub
