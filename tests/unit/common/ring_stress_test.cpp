// A ring between threads and between processes, under load and among deaths.
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <thread>

#include "tests/support/deadline.hpp"
#include "tests/unit/common/ring_fixture.hpp"

namespace hubbub {
namespace {

constexpr std::size_t words_max = 120;
constexpr std::uint64_t messages_in_all = 200'000;

/// Reads and checks until the last message. How many it got; throws where one is torn, out of order or unaccounted for.
std::uint64_t read_all(RingReader& reader, std::uint64_t first = 0) {
  NumberedMessages messages(words_max);
  std::uint64_t got = 0;
  for (auto expected = first; expected < messages_in_all;) {
    const auto polled = reader.poll(
        [&](auto message) {
          if (messages.number_in(message) != expected++) throw std::runtime_error("a wrong number");
        },
        64);
    if (!polled) throw std::runtime_error(polled.error().sentence);
    got += polled->messages;
    expected += polled->missed;
    if (polled->messages > 0 || polled->missed > 0) continue;
    if (reader.wait(test::patience) != RingReader::Wake::ready) throw std::runtime_error("not woken");
  }
  return got;
}

void write_all(RingWriter& writer) {
  NumberedMessages messages(words_max);
  for (std::uint64_t i = 0; i < messages_in_all; ++i) {
    if (!writer.put(messages.make(i))) throw std::runtime_error("refused");
    if (i % 7 == 0) writer.flush();
  }
  writer.flush();
}

/// A process that ends well if `act` doesn't throw.
pid_t fork_to(const std::function<void()>& act) {
  const auto pid = ::fork();
  if (pid != 0) return pid;
  ::alarm(120);
  try {
    act();
  } catch (const std::exception& error) {
    static_cast<void>(::write(STDERR_FILENO, error.what(), std::strlen(error.what())));
    ::_exit(1);
  }
  ::_exit(0);
}

bool ended_well(pid_t pid) {
  int status = 0;
  return ::waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/// A number that processes share.
struct SharedNumber {
  std::atomic<std::uint64_t>& value = *new (
      ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)) std::atomic<std::uint64_t>(0);
  ~SharedNumber() { ::munmap(&value, 4096); }
};

TEST(RingStress, ShowsThreadsNoTornMessageAndLosesNoneUnsaid) {
  auto writer = make_ring(4096);
  std::vector<RingReader> readers;
  for (int i = 0; i < 3; ++i) readers.push_back(add_reader(writer));
  std::vector<std::string> trouble(readers.size());
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < readers.size(); ++i)
    threads.emplace_back([&, i] {
      try {
        read_all(readers[i]);
      } catch (const std::exception& error) {
        trouble[i] = error.what();
      }
    });
  write_all(writer);
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(trouble, std::vector<std::string>(readers.size()));
}

TEST(RingStress, ShowsProcessesNoTornMessageAndLosesNoneUnsaid) {
  auto writer = make_ring(4096);
  std::vector<RingReader> readers;
  for (int i = 0; i < 3; ++i) readers.push_back(add_reader(writer));
  std::vector<pid_t> processes;
  for (auto& reader : readers) processes.push_back(fork_to([&] { read_all(reader); }));
  write_all(writer);
  for (const auto pid : processes) EXPECT_TRUE(ended_well(pid));
}

/// The writer puts a message just when the reader is about to sleep, at ever other moments of that.
TEST(RingStress, LosesNoWakeUp) {
  constexpr std::uint64_t rounds = 10'000;
  auto writer = make_ring(4096);
  auto reader = add_reader(writer);
  SharedNumber heard;
  const auto child = fork_to([&] {
    std::uint64_t expected = 0;
    while (expected < rounds) {
      if (reader.wait(test::patience) != RingReader::Wake::ready) throw std::runtime_error("a wake-up was lost");
      if (!reader.poll([&](auto) { heard.value = ++expected; }, 1)) throw std::runtime_error("broken");
    }
  });
  for (std::uint64_t round = 0; round < rounds; ++round) {
    const test::Deadline deadline;
    while (heard.value != round) {
      ASSERT_FALSE(deadline.passed()) << "asleep beside message " << round;
      if (round % 3 == 0 || std::thread::hardware_concurrency() < 2 || deadline.left_ms() < 59'000)
        std::this_thread::yield();
    }
    for (auto pause = round % 200; pause > 0; --pause) std::atomic_signal_fence(std::memory_order_seq_cst);
    ASSERT_TRUE(writer.publish(bytes_of("wake up")));
  }
  EXPECT_TRUE(ended_well(child));
}

TEST(RingStress, IsNotHarmedByReadersThatAreKilled) {
  auto writer = make_ring(1 << 16);
  auto witness = add_reader(writer);
  const auto child = fork_to([&] { read_all(witness); });
  NumberedMessages messages(words_max);
  std::uint64_t written = 0;
  for (int victims = 0; victims < 20; ++victims) {
    SharedNumber began;
    const auto first = written;
    auto victim = add_reader(writer);
    const auto pid = fork_to([&] {
      began.value = 1;
      read_all(victim, first);
    });
    { const auto ours = std::move(victim); }
    const test::Deadline deadline;
    while (began.value == 0) {
      ASSERT_FALSE(deadline.passed());
      std::this_thread::yield();
    }
    while (written < first + 1000) {
      ASSERT_TRUE(writer.publish(messages.make(written++)));
    }
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
    ASSERT_LT(written, messages_in_all);
  }
  while (written < messages_in_all) ASSERT_TRUE(writer.publish(messages.make(written++)));
  EXPECT_TRUE(ended_well(child));
  EXPECT_LE(writer.readers(), 21U);
}

TEST(RingStress, WakesASleeperWhenTheWriterIsKilled) {
  int ready[2];
  ASSERT_EQ(::pipe2(ready, O_CLOEXEC), 0);
  auto writer = std::make_optional(make_ring(4096));
  auto reader = add_reader(*writer);
  const auto child = fork_to([&] {
    if (!writer->put(bytes_of("half a bat"))) return;  // never flushed
    if (!writer->publish(bytes_of("last words"))) return;
    static_cast<void>(::write(ready[1], "x", 1));
    ::pause();
  });
  writer.reset();  // our copy of the bell's other end
  char byte = 0;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  EXPECT_EQ(hear(reader).messages.back(), "last words");
  EXPECT_EQ(reader.wait(test::patience), RingReader::Wake::closed);
  ::close(ready[0]);
  ::close(ready[1]);
}

}  // namespace
}  // namespace hubbub
