#include "client/link/message_variables.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hubbub::link {
namespace {

TEST(MessageVariables, TellAProgramEverythingButTheBody) {
  Message message;
  message.room = RoomName::literal("ci.main");
  message.seq = Seq{7};
  message.time = WallTime{1795381376'123456789};
  message.from = PersonName::literal("alice");
  message.headers.list = {{"content-type", "a b=c"}};
  EXPECT_THAT(message_variables(message),
              testing::ElementsAre("HUBBUB_ROOM=ci.main", "HUBBUB_SEQ=7", "HUBBUB_TIME=2026-11-22T21:02:56.123456789Z",
                                   "HUBBUB_FROM=alice", "HUBBUB_VERIFIED=0", "HUBBUB_KIND=text",
                                   "HUBBUB_HEADER_CONTENT_TYPE=a b=c"));
}

}  // namespace
}  // namespace hubbub::link
