#include "client/cli/past_thread.hpp"

#include <gtest/gtest.h>

#include "tests/unit/cli/a_message.hpp"

namespace hubbub::cli {
namespace {

link::Message said(std::uint64_t seq, proto::Headers headers = {}) {
  auto message = a_message("hi");
  message.seq = Seq{seq};
  message.headers = std::move(headers);
  return message;
}

TEST(ThreadFilter, TakesTheFirstMessageAndWhatAnswersIt) {
  ThreadFilter filter(Seq{7});
  EXPECT_TRUE(filter.takes(said(7)));
  EXPECT_FALSE(filter.takes(said(8)));
  EXPECT_TRUE(filter.takes(said(9, {{{"reply-to", "7"}}})));
  EXPECT_FALSE(filter.takes(said(10, {{{"reply-to", "8"}}})));
  EXPECT_TRUE(filter.takes(said(11, {{{"reply-to", "9"}, {"thread", "7"}}})));
}

TEST(ThreadFilter, TakesAnswersToAnswersThatDoNotNameTheThread) {
  ThreadFilter filter(Seq{7});
  filter.takes(said(7));
  EXPECT_TRUE(filter.takes(said(9, {{{"reply-to", "7"}}})));
  EXPECT_TRUE(filter.takes(said(10, {{{"reply-to", "9"}}})));
  EXPECT_TRUE(filter.takes(said(11, {{{"reply-to", "10"}, {"thread", "9"}}})));
  EXPECT_FALSE(filter.takes(said(12, {{{"reply-to", "8"}}})));
}

}  // namespace
}  // namespace hubbub::cli
