#include "client/cli/exec.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/cli/a_message.hpp"

namespace hubbub::cli {
namespace {

TEST(Exec, TellsTheCommandAboutTheMessage) {
  auto message = a_message("body");
  message.headers.list = {{"content-type", "a b=c"}};
  EXPECT_THAT(exec_variables(message),
              testing::ElementsAre("HUBBUB_ROOM=ci.main", "HUBBUB_SEQ=7", "HUBBUB_TIME=2026-11-22T21:02:56.123456789Z",
                                   "HUBBUB_FROM=alice", "HUBBUB_VERIFIED=0", "HUBBUB_KIND=text",
                                   "HUBBUB_HEADER_CONTENT_TYPE=a b=c"));
}

TEST(Exec, SaysHowACommandEnded) {
  EXPECT_EQ(describe_end(0), "");
  EXPECT_EQ(describe_end(3 << 8), "exited with status 3");
  EXPECT_EQ(describe_end(9), "was killed by signal 9 (Killed)");
}

}  // namespace
}  // namespace hubbub::cli
