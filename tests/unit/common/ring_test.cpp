// What one process sees of a ring. What several do to each other: ring_stress_test.cpp.
#include <gtest/gtest.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include <chrono>
#include <random>

#include "common/fd_passing.hpp"
#include "proto/limits.hpp"
#include "tests/unit/common/ring_fixture.hpp"

namespace hubbub {
namespace {

using namespace std::chrono_literals;

int rings_waiting(const RingReader& reader) {
  int bytes = 0;
  ::ioctl(reader.wake_descriptor(), FIONREAD, &bytes);
  return bytes;
}

TEST(Ring, GivesMessagesOfEveryLengthInOrder) {
  auto writer = make_ring(4096);
  auto reader = add_reader(writer);
  for (std::size_t length = 0; length <= writer.message_bytes_max(); ++length) {
    const std::string message(length, static_cast<char>('a' + length % 26));
    ASSERT_TRUE(writer.publish(bytes_of(message)));
    ASSERT_EQ(hear(reader).messages, std::vector{message});
  }
}

TEST(Ring, GivesNothingBeforeTheFlush) {
  auto writer = make_ring(4096);
  auto reader = add_reader(writer);
  ASSERT_TRUE(writer.put(bytes_of("one")));
  ASSERT_TRUE(writer.put(bytes_of("two")));
  EXPECT_TRUE(hear(reader).messages.empty());
  writer.flush();
  EXPECT_EQ(hear(reader).messages, (std::vector<std::string>{"one", "two"}));
}

TEST(Ring, FlushesByItselfBeforeWhatIsPutFillsIt) {
  auto writer = make_ring(4096);
  auto reader = add_reader(writer);
  for (int i = 0; i < 1000; ++i) ASSERT_TRUE(writer.put(bytes_of("0123456789abcdef")));
  const auto heard = hear(reader);
  EXPECT_GT(heard.missed, 0U);
  EXPECT_GT(heard.messages.size(), 0U);
}

TEST(Ring, BeginsForAReaderWithTheFirstFlushAfterItCame) {
  auto writer = make_ring(4096);
  ASSERT_TRUE(writer.publish(bytes_of("before")));
  ASSERT_TRUE(writer.put(bytes_of("put")));
  auto reader = add_reader(writer);
  writer.flush();
  ASSERT_TRUE(writer.publish(bytes_of("after")));
  EXPECT_EQ(hear(reader).messages, (std::vector<std::string>{"put", "after"}));
}

TEST(Ring, HandsOutNoMoreThanWasAskedFor) {
  auto writer = make_ring(4096);
  auto reader = add_reader(writer);
  for (const auto* text : {"one", "two", "three"}) ASSERT_TRUE(writer.publish(bytes_of(text)));
  const auto nothing_more = [](auto) {};
  EXPECT_EQ(reader.poll(nothing_more, 2)->messages, 2U);
  EXPECT_EQ(hear(reader).messages, std::vector<std::string>{"three"});
}

TEST(Ring, RefusesAMessageThatIsTooLargeAndGoesOn) {
  auto writer = make_ring(4096);
  auto reader = add_reader(writer);
  const std::string too_large(writer.message_bytes_max() + 1, 'x');
  const auto refused = writer.publish(bytes_of(too_large));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().status, Status::out_of_range);
  ASSERT_TRUE(writer.publish(bytes_of("small")));
  EXPECT_EQ(hear(reader).messages, std::vector<std::string>{"small"});
}

TEST(Ring, OfFourMebibytesTakesEveryDelivery) {
  using namespace limits;
  EXPECT_GE(ring::message_bytes_max(4 << 20), body_bytes_max + headers_bytes_max + person_name_bytes_max + 64);
}

TEST(Ring, HasACapacityWithinItsBounds) {
  for (const std::size_t capacity : {0UL, 2048UL, 4097UL, 3UL << 20, 1UL << 31})
    EXPECT_FALSE(RingWriter::make(capacity)) << capacity;
}

TEST(Ring, TellsALappedReaderExactlyHowManyMessagesItMissed) {
  constexpr std::size_t words_max = 100;
  auto writer = make_ring(4096);
  auto reader = add_reader(writer);
  NumberedMessages messages(words_max);
  std::mt19937 dice(1);
  std::uint64_t written = 0;
  std::uint64_t expected = 0;
  std::uint64_t missed = 0;
  for (int round = 0; round < 3000; ++round) {
    for (auto batch = dice() % 40; batch > 0; --batch) ASSERT_TRUE(writer.publish(messages.make(written++)));
    while (true) {
      const auto polled =
          reader.poll([&](auto message) { ASSERT_EQ(messages.number_in(message), expected++); }, 1 + dice() % 8);
      ASSERT_TRUE(polled) << polled.error().sentence;
      ASSERT_TRUE(polled->messages == 0 || polled->missed == 0);
      expected += polled->missed;
      missed += polled->missed;
      if (polled->messages == 0 && polled->missed == 0) break;
    }
    ASSERT_EQ(expected, written);
  }
  EXPECT_GT(missed, 1000U);
  EXPECT_GT(written - missed, 1000U);
}

TEST(Ring, LetsALappedReaderGoOnWhereItIsNotLappedAgainAtOnce) {
  constexpr std::size_t capacity = 1 << 16;
  auto writer = make_ring(capacity);
  for (std::size_t lag = 0; lag < capacity; lag += 1000) {
    auto reader = add_reader(writer);
    const std::string message(84, 'x');  // 100 bytes as a record
    const auto record = ring::record_bytes(message.size());
    for (std::size_t put = 0; put < 2 * capacity + lag; put += record) ASSERT_TRUE(writer.publish(bytes_of(message)));
    const auto skipped = reader.poll([](auto) {}, 1);
    ASSERT_GT(skipped->missed, capacity / record);
    for (std::size_t put = 0; put < capacity / 2; put += record) ASSERT_TRUE(writer.publish(bytes_of(message)));
    EXPECT_EQ(reader.poll([](auto) {}, 1)->messages, 1U);
  }
}

TEST(Ring, RingsOnlyForAReaderThatSleepsAndOnceForAFlush) {
  auto writer = make_ring(4096);
  auto awake = add_reader(writer);
  auto asleep = add_reader(writer);
  ASSERT_TRUE(asleep.prepare_to_sleep());
  ASSERT_TRUE(writer.put(bytes_of("one")));
  EXPECT_EQ(rings_waiting(asleep), 0);
  ASSERT_TRUE(writer.put(bytes_of("two")));
  writer.flush();
  EXPECT_EQ(rings_waiting(asleep), 1);
  ASSERT_TRUE(writer.publish(bytes_of("three")));
  EXPECT_EQ(rings_waiting(asleep), 1);
  EXPECT_EQ(rings_waiting(awake), 0);
  EXPECT_TRUE(asleep.wake_up());
  EXPECT_EQ(rings_waiting(asleep), 0);
  EXPECT_EQ(hear(asleep).messages.size(), 3U);
}

TEST(Ring, SendsNobodyToSleepWhoHasSomethingToRead) {
  auto writer = make_ring(4096);
  auto reader = add_reader(writer);
  EXPECT_EQ(reader.wait(0ms), RingReader::Wake::timed_out);
  ASSERT_TRUE(writer.publish(bytes_of("one")));
  EXPECT_FALSE(reader.prepare_to_sleep());
  EXPECT_EQ(reader.wait(60s), RingReader::Wake::ready);
  EXPECT_EQ(hear(reader).messages.size(), 1U);
}

TEST(Ring, ThatEndsGivesWhatIsLeftAndThenSaysSo) {
  std::optional<RingReader> reader;
  {
    auto writer = make_ring(4096);
    reader = add_reader(writer);
    ASSERT_TRUE(writer.publish(bytes_of("last words")));
  }
  EXPECT_EQ(reader->wait(60s), RingReader::Wake::ready);
  EXPECT_EQ(hear(*reader).messages, std::vector<std::string>{"last words"});
  EXPECT_EQ(reader->wait(60s), RingReader::Wake::closed);
}

TEST(Ring, TellsAReaderThatIsRemovedAndNoOther) {
  auto writer = make_ring(4096);
  auto admission = writer.add_reader();
  auto removed = open_reader(copies_of(*admission));
  auto other = add_reader(writer);
  writer.remove_reader(admission->id);
  writer.remove_reader(admission->id);
  EXPECT_EQ(removed.wait(60s), RingReader::Wake::closed);
  ASSERT_TRUE(writer.publish(bytes_of("one")));
  EXPECT_EQ(hear(other).messages.size(), 1U);
  EXPECT_EQ(writer.readers(), 1U);
}

TEST(Ring, LetsGoOfASleeperThatIsGone) {
  auto writer = make_ring(4096);
  {
    auto reader = add_reader(writer);
    ASSERT_TRUE(reader.prepare_to_sleep());
  }
  EXPECT_EQ(writer.readers(), 1U);
  ASSERT_TRUE(writer.publish(bytes_of("is anybody there?")));
  EXPECT_EQ(writer.readers(), 0U);
}

TEST(Ring, HasABoundOfReaders) {
  auto writer = make_ring(4096);
  while (writer.readers() < RingWriter::readers_max) ASSERT_TRUE(writer.add_reader());
  const auto refused = writer.add_reader();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().status, Status::resource_exhausted);
}

TEST(Ring, GoesThroughASocket) {
  int ends[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
  const Descriptor ours(ends[0]);
  const Descriptor theirs(ends[1]);
  auto writer = make_ring(4096);
  {
    const auto admission = writer.add_reader();
    const std::string_view line = "here is your seat\n";
    EXPECT_EQ(send_with_descriptors(ours.get(), line, admission->descriptors()).bytes, line.size());
  }
  char line[64];
  auto received = receive_with_descriptors(theirs.get(), line, ring::descriptor_count);
  auto reader = open_reader(std::move(received.descriptors));
  ASSERT_TRUE(writer.publish(bytes_of("hello")));
  EXPECT_EQ(hear(reader).messages, std::vector<std::string>{"hello"});
}

}  // namespace
}  // namespace hubbub
