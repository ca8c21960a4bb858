#include "client/link/replies.hpp"

#include <gtest/gtest.h>

namespace hubbub::link {
namespace {

Message with(proto::Headers headers, std::uint64_t seq = 100) {
  Message message;
  message.seq = Seq{seq};
  message.headers = std::move(headers);
  return message;
}

TEST(Replies, SayWhatTheyAnswerAndWhereTheirThreadBegan) {
  EXPECT_EQ(reply_of(with({})), std::nullopt);
  EXPECT_EQ(reply_of(with({{{"reply-to", "42"}}})), (Reply{Seq{42}, Seq{42}}));
  EXPECT_EQ(reply_of(with({{{"reply-to", "42"}, {"thread", "7"}}})), (Reply{Seq{42}, Seq{7}}));
  EXPECT_EQ(reply_of(with({{{"thread", "7"}}})), std::nullopt);
}

TEST(Replies, AreNoneWhereTheHeaderHoldsAnythingButAnEarlierSeq) {
  for (const auto* value : {"", "0", "007", "+5", "-5", " 5", "5 ", "5a", "0x5", "5.0", "18446744073709551616",
                            "99999999999999999999999", "\xff", "100", "101", "18446744073709551615"})
    EXPECT_EQ(reply_of(with({{{"reply-to", value}}})), std::nullopt) << value;
}

TEST(Replies, BeginTheirThreadWithWhatTheyAnswerWhereTheOtherHeaderIsNoEarlierOne) {
  for (const auto* value : {"", "x", "0", "42", "43", "99", "100"})
    EXPECT_EQ(reply_of(with({{{"reply-to", "42"}, {"thread", value}}})), (Reply{Seq{42}, Seq{42}})) << value;
}

TEST(Replies, GoByTheFirstHeaderOfAKey) {
  EXPECT_EQ(reply_of(with({{{"reply-to", "1"}, {"reply-to", "2"}}})), (Reply{Seq{1}, Seq{1}}));
  EXPECT_EQ(reply_of(with({{{"reply-to", "no"}, {"reply-to", "2"}}})), std::nullopt);
}

TEST(Replies, ToRepliesBelongToTheThreadOfTheFirst) {
  const auto root = with({}, 7);
  auto answer = with({}, 42);
  put(reply_to(root), answer.headers);
  EXPECT_EQ(answer.headers, (proto::Headers{{{"reply-to", "7"}}}));
  auto next = with({{{"host", "web1"}, {"reply-to", "3"}, {"thread", "2"}}}, 50);
  put(reply_to(answer), next.headers);
  EXPECT_EQ(next.headers, (proto::Headers{{{"host", "web1"}, {"reply-to", "42"}, {"thread", "7"}}}));
  EXPECT_EQ(reply_to(next), (Reply{Seq{50}, Seq{7}}));
}

}  // namespace
}  // namespace hubbub::link
