#include "client/cli/ipc/stamp.hpp"

#include <gtest/gtest.h>

#include <array>

namespace hubbub::ipc {
namespace {

TEST(Stamp, IsReadAsItWasWritten) {
  std::array<std::byte, 128> message{};
  stamp(message, {Kind::tell, 123'456'789'012});
  EXPECT_EQ(read_stamp(message), (Stamp{Kind::tell, 123'456'789'012}));
}

TEST(Stamp, FitsIntoTheShortestMessage) {
  std::array<std::byte, message_bytes_min> message{};
  stamp(message, {Kind::end, 7});
  EXPECT_EQ(read_stamp(message), (Stamp{Kind::end, 7}));
}

TEST(Stamp, TellsWhereTheEndIsThatOfAnotherMessage) {
  std::array<std::byte, 32> message{};
  stamp(message, {Kind::ask, 6});
  const auto last = message;
  stamp(message, {Kind::ask, 7});
  std::copy(last.begin() + 16, last.end(), message.begin() + 16);
  EXPECT_EQ(read_stamp(message), std::nullopt);
}

}  // namespace
}  // namespace hubbub::ipc
