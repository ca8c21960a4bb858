#include "client/cli/ipc/ring.hpp"

#include <gtest/gtest.h>

#include <array>
#include <stdexcept>

namespace hubbub::ipc {
namespace {

/// Where a process would have to wait, there is none to wait for.
struct Impatient {
  static std::uint32_t until_not(const std::atomic<std::uint32_t>& word, std::uint32_t seen) {
    if (word == seen) throw std::logic_error("would wait");
    return word;
  }
  static void move(std::atomic<std::uint32_t>& word, std::uint32_t to) { word = to; }
};

class RingTest : public testing::Test {
 protected:
  static constexpr std::size_t bytes = 100;  // no power of two
  void push(int value) {
    message.fill(static_cast<std::byte>(value));
    writer.push(message);
  }
  int pop() {
    reader.pop(message);
    EXPECT_EQ(message.front(), message.back());
    return static_cast<int>(message.front());
  }
  SharedMemory memory = SharedMemory::map(ring_bytes(bytes)).value();
  Ring<Impatient> writer{memory.data(), bytes}, reader{memory.data(), bytes};
  std::array<std::byte, bytes> message{};
};

TEST_F(RingTest, KeepsTheOrderAroundItsEnd) {
  for (int i = 0; i < 3 * static_cast<int>(ring_slots(bytes)); ++i) {
    push(i % 251);
    EXPECT_EQ(pop(), i % 251);
  }
}

TEST_F(RingTest, TakesAsManyAsItHasSlotsAndThenWaits) {
  for (std::uint32_t i = 0; i < ring_slots(bytes); ++i) push(1);
  EXPECT_THROW(push(1), std::logic_error);
  pop();
  push(1);
  EXPECT_THROW(push(1), std::logic_error);
}

TEST_F(RingTest, WaitsWhereItIsEmpty) {
  EXPECT_THROW(pop(), std::logic_error);
  push(1);
  pop();
  EXPECT_THROW(pop(), std::logic_error);
}

TEST(RingSize, IsThatOfAPipeButNeverLessThanFourMessages) {
  EXPECT_EQ(ring_slots(128), 512U);
  EXPECT_EQ(ring_slots(100), 512U) << "a power of two";
  EXPECT_EQ(ring_slots(message_bytes_max), 4U);
  EXPECT_EQ(ring_bytes(100) % 64, 0U) << "the next ring begins on a cache line";
}

}  // namespace
}  // namespace hubbub::ipc
