// What a reader can't do to a ring, and what a forged ring can't do to a reader.
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <random>
#include <thread>

#include "tests/unit/common/in_a_child.hpp"
#include "tests/unit/common/ring_fixture.hpp"

namespace hubbub {
namespace {

using namespace std::chrono_literals;
using ring::Mapping;

constexpr std::size_t capacity = 4096;
constexpr std::size_t ring_bytes = ring::head_bytes + capacity;

TEST(RingMemory, CannotBeWrittenOrResizedByAReader) {
  auto writer = make_ring(capacity);
  const auto admission = writer.add_reader();
  const int memory = admission->ring;
  const auto mapped = [&](int protection) { return ::mmap(nullptr, ring_bytes, protection, MAP_SHARED, memory, 0); };
  EXPECT_EQ(::ftruncate(memory, 0), -1);
  EXPECT_EQ(::ftruncate(memory, 1 << 20), -1);
  EXPECT_EQ(::pwrite(memory, "x", 1, 0), -1);
  EXPECT_EQ(::fallocate(memory, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, ring_bytes), -1);
  EXPECT_EQ(mapped(PROT_READ | PROT_WRITE), MAP_FAILED);
  void* const readable = mapped(PROT_READ);
  ASSERT_NE(readable, MAP_FAILED);
  EXPECT_EQ(::mprotect(readable, ring_bytes, PROT_READ | PROT_WRITE), -1);
  EXPECT_EQ(::madvise(readable, ring_bytes, MADV_REMOVE), -1);
  ::munmap(readable, ring_bytes);
  EXPECT_EQ(::ftruncate(admission->seat.get(), 0), -1);
}

/// What a forger hands over: good in all but what a test changes.
struct Shape {
  std::size_t bytes = ring_bytes;
  int seals = ring::seals_of_ring;
  std::uint64_t magic = ring::magic;
  std::uint64_t capacity_bytes = capacity;
  std::size_t seat_bytes = ring::seat_bytes;
  int seat_seals = ring::seals_of_size;
  std::uint64_t first_position = 0;
};

/// Memory that its forger can still write, sealed as it may be.
Mapping forge_memory(std::vector<Descriptor>& descriptors, std::size_t bytes, int seals) {
  auto memory = *ring::make_memory("forged", bytes);
  auto mapping = *Mapping::map(memory, bytes, Mapping::Access::read_and_write);
  EXPECT_EQ(::fcntl(memory.get(), F_ADD_SEALS, seals), 0);
  descriptors.push_back(std::move(memory));
  return mapping;
}

struct Forgery {
  explicit Forgery(const Shape& shape = Shape())
      : ring_memory(forge_memory(descriptors, shape.bytes, shape.seals)),
        seat_memory(forge_memory(descriptors, shape.seat_bytes, shape.seat_seals)) {
    head()->magic = shape.magic;
    head()->capacity_bytes = shape.capacity_bytes;
    reinterpret_cast<ring::Seat*>(seat_memory.data())->first_position = shape.first_position;
    int pipe[2];
    EXPECT_EQ(::pipe2(pipe, O_CLOEXEC), 0);
    descriptors.emplace_back(pipe[0]);
    bell = Descriptor(pipe[1]);
  }
  [[nodiscard]] ring::Head* head() const { return reinterpret_cast<ring::Head*>(ring_memory.data()); }
  [[nodiscard]] ring::Word* words() const {
    return reinterpret_cast<ring::Word*>(ring_memory.data() + ring::head_bytes);
  }

  std::vector<Descriptor> descriptors;  ///< for the reader
  Mapping ring_memory;
  Mapping seat_memory;
  Descriptor bell;  ///< its writing end
};

void expect_refused(const Shape& shape, const char* why) {
  Forgery forgery(shape);
  const auto reader = RingReader::open(std::move(forgery.descriptors));
  ASSERT_FALSE(reader) << why;
  EXPECT_EQ(reader.error().status, Status::failed_precondition) << why;
}

TEST(RingReader, AcceptsAForgeryInWhichNothingIsWrong) {
  Forgery forgery;
  EXPECT_TRUE(RingReader::open(std::move(forgery.descriptors)));
}

TEST(RingReader, RefusesMemoryThatSomebodyCanStillResizeOrWrite) {
  for (const int seal : {F_SEAL_SHRINK, F_SEAL_GROW, F_SEAL_SEAL, F_SEAL_FUTURE_WRITE})
    expect_refused({.seals = ring::seals_of_ring & ~seal}, "a ring without a seal");
  for (const int seal : {F_SEAL_SHRINK, F_SEAL_GROW, F_SEAL_SEAL})
    expect_refused({.seat_seals = ring::seals_of_size & ~seal}, "a seat without a seal");
}

TEST(RingReader, RefusesMemoryOfAWrongSizeOrKind) {
  expect_refused({.bytes = 1000}, "too small");
  expect_refused({.bytes = ring_bytes - 4096}, "shrunk to its head");
  expect_refused({.bytes = ring_bytes - 1}, "a byte less");
  expect_refused({.bytes = ring_bytes + 2 * capacity, .capacity_bytes = 3 * capacity}, "no power of two");
  expect_refused({.capacity_bytes = 2 * capacity}, "more said than there is");
  expect_refused({.magic = ring::magic + 1}, "another magic");
  expect_refused({.seat_bytes = 64}, "a seat too small");
  expect_refused({.first_position = 8}, "a place where no record can begin");
}

TEST(RingReader, RefusesWhatIsNoMemoryAtAll) {
  for (std::size_t which = 0; which < ring::descriptor_count; ++which) {
    for (const int other : {::open("/dev/zero", O_RDWR | O_CLOEXEC), -1}) {
      Forgery forgery;
      forgery.descriptors[which] = Descriptor(other);
      EXPECT_FALSE(RingReader::open(std::move(forgery.descriptors))) << which;
    }
  }
  EXPECT_FALSE(RingReader::open({}));
}

TEST(RingReader, FailsCleanlyWhateverAForgerWritesMeanwhile) {
  std::mt19937_64 dice(7);
  const auto some = [&] { return dice() >> (dice() % 64); };
  int broken = 0;
  for (int round = 0; round < 2000; ++round) {
    Forgery forgery({.first_position = round % 2 == 1 ? dice() & ~std::uint64_t{15} : 0});
    auto reader = open_reader(std::move(forgery.descriptors));
    for (int step = 0; step < 20; ++step) {
      for (int i = 0; i < 8; ++i) forgery.words()[i] = some();
      forgery.head()->published = some();
      forgery.head()->claimed = some();
      forgery.head()->waypoint = some();
      const auto polled = reader.poll([](auto message) { ASSERT_LE(message.size(), capacity); }, 100);
      static_cast<void>(reader.wait(0ms));
      if (polled) continue;
      EXPECT_EQ(polled.error().status, Status::data_loss);
      ++broken;
      break;
    }
  }
  EXPECT_GT(broken, 1000);
}

TEST(RingReader, DoesNotStayForEverInARingThatIsAlwaysOverwritten) {
  Forgery forgery;
  auto reader = open_reader(std::move(forgery.descriptors));
  forgery.head()->published = 64;
  forgery.head()->claimed = std::uint64_t{1} << 40;
  const auto polled = reader.poll([](auto) {}, 1);
  ASSERT_FALSE(polled);
  EXPECT_EQ(polled.error().status, Status::data_loss);
}

TEST(RingWriter, IsNotImpressedByWhatAReaderWritesIntoItsSeat) {
  auto writer = make_ring(capacity);
  const auto admission = writer.add_reader();
  auto other = add_reader(writer);
  const auto seat = *Mapping::map(admission->seat, ring::seat_bytes, Mapping::Access::read_and_write);
  std::atomic<bool> stop{false};
  std::thread vandal([&] {
    std::mt19937 dice(3);
    auto* const words = reinterpret_cast<std::atomic<std::uint32_t>*>(seat.data());
    while (!stop) words[dice() % (ring::seat_bytes / sizeof *words)] = static_cast<std::uint32_t>(dice());
  });
  std::size_t heard = 0;
  for (int i = 0; i < 100'000; ++i) {
    ASSERT_TRUE(writer.publish(bytes_of("message")));
    if (i % 16 == 0) heard += hear(other).messages.size();
  }
  stop = true;
  vandal.join();
  EXPECT_EQ(heard + hear(other).messages.size(), 100'000U);
  EXPECT_EQ(writer.readers(), 2U);
}

TEST(RingWriter, IsNotHeldUpByABellThatIsFullAndBlocks) {
  EXPECT_EQ(in_a_child([](int) {  // which an alarm ends
              auto writer = make_ring(capacity);
              const auto admission = writer.add_reader();
              auto reader = open_reader(copies_of(*admission));
              const int bell = reader.wake_descriptor();
              const auto same_pipe = "/proc/self/fd/" + std::to_string(bell);
              const int rings = ::open(same_pipe.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC);
              std::string noise(4096, 'x');
              while (::write(rings, noise.data(), noise.size()) > 0) continue;
              if (rings < 0 || errno != EAGAIN) ::_exit(1);
              ::fcntl(rings, F_SETFL, 0);
              ::fcntl(bell, F_SETFL, 0);
              if (!reader.prepare_to_sleep()) ::_exit(2);
              if (!writer.publish(bytes_of("one"))) ::_exit(3);
              if (reader.wait(60s) != RingReader::Wake::ready) ::_exit(4);
            }),
            "exit 0");
}

}  // namespace
}  // namespace hubbub
