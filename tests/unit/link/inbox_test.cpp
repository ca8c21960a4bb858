#include "client/link/inbox.hpp"

#include <gtest/gtest.h>

namespace hubbub::link {
namespace {

TEST(Inbox, CountsAllThatAMessageHolds) {
  Inbox inbox;
  const auto bytes_of = [&](const Message& message) {
    const auto before = inbox.bytes();
    inbox.push(message);
    return inbox.bytes() - before;
  };
  Message message;
  const auto bare = bytes_of(message);
  message.body = std::string(1000, 'b');
  EXPECT_EQ(bytes_of(message), bare + 1000);
  message.room = RoomName::literal("lobby");
  EXPECT_EQ(bytes_of(message), bare + 1005);
  message.headers.list = {{"key", std::string(500, 'v')}};
  EXPECT_GE(bytes_of(message), bare + 1508);
  while (inbox.take()) {
  }
  EXPECT_EQ(inbox.bytes(), 0u);
}

}  // namespace
}  // namespace hubbub::link
