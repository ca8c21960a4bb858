#include "client/agent/attention.hpp"

#include <gtest/gtest.h>

namespace hubbub::agent {
namespace {

const auto ops = RoomName::literal("ops");
const auto alice = PersonName::literal("alice");
const auto bob = PersonName::literal("bob");

link::Message message(std::uint64_t seq, const PersonName& from, std::string body, const RoomName& room = ops) {
  link::Message one;
  one.room = room;
  one.seq = Seq{seq};
  one.from = from;
  one.body = std::move(body);
  return one;
}

class AttentionTest : public testing::Test {
 protected:
  void join(std::uint64_t read, std::uint64_t next) { attention.join(ops, Seq{read}, Seq{next}); }
  bool say(std::uint64_t seq, const PersonName& from, std::string body) {
    return attention.receive(message(seq, from, std::move(body)), alice);
  }
  std::uint64_t unread() { return attention.rooms().at(ops).unread; }
  std::uint64_t mentions() { return attention.rooms().at(ops).mentions; }
  Attention attention;
};

TEST_F(AttentionTest, CountsWhatOthersSayBehindTheCursor) {
  join(4, 5);
  EXPECT_TRUE(say(5, bob, "hello"));
  EXPECT_TRUE(say(6, bob, "alice: look"));
  EXPECT_FALSE(say(7, alice, "I see"));
  EXPECT_EQ(unread(), 2u);
  EXPECT_EQ(mentions(), 1u);
  EXPECT_EQ(attention.rooms().at(ops).last, Seq{7});
}

TEST_F(AttentionTest, CountsDownWhenTheCursorMoves) {
  join(0, 1);
  for (std::uint64_t seq = 1; seq <= 10; ++seq) say(seq, bob, seq == 3 ? "alice" : "x");
  attention.read(ops, Seq{2});
  EXPECT_EQ(unread(), 8u);
  EXPECT_EQ(mentions(), 1u);
  attention.read(ops, Seq{3});
  EXPECT_EQ(mentions(), 0u);
  attention.read(ops, Seq{1});  // a cursor doesn't move back
  EXPECT_EQ(unread(), 7u);
  attention.read(ops, Seq{10});
  EXPECT_EQ(unread(), 0u);
}

TEST_F(AttentionTest, CountsWhatItHasNeverSeenByItsNumber) {
  join(100, 601);  // 101 to 600 were said while the agent was away
  EXPECT_EQ(unread(), 500u);
  say(601, bob, "x");
  EXPECT_EQ(unread(), 501u);
  attention.read(ops, Seq{300});
  EXPECT_EQ(unread(), 301u);
  attention.read(ops, Seq{600});
  EXPECT_EQ(unread(), 1u);
}

TEST_F(AttentionTest, HoldsBoundedMemoryAndForgetsNoNumber) {
  join(0, 1);
  const auto count = Attention::remembered_max + 1000;
  for (std::uint64_t seq = 1; seq <= count; ++seq) say(seq, bob, seq % 2 == 0 ? "alice" : "x");
  EXPECT_EQ(unread(), count);
  EXPECT_EQ(mentions(), count / 2);
  attention.read(ops, Seq{count});
  EXPECT_EQ(unread(), 0u);
  EXPECT_EQ(mentions(), 0u);
}

TEST_F(AttentionTest, TakesAMessageOnceAndOnlyOfTheUsersRooms) {
  EXPECT_FALSE(say(1, bob, "x"));
  join(0, 1);
  say(1, bob, "x");
  EXPECT_FALSE(say(1, bob, "x"));
  EXPECT_EQ(unread(), 1u);
  attention.leave(ops);
  EXPECT_FALSE(attention.has(ops));
  EXPECT_TRUE(attention.rooms().empty());
}

TEST_F(AttentionTest, MessagesThatCanNotBeHadAreNotUnread) {
  join(0, 1);
  attention.skip(ops, Seq{10});
  EXPECT_EQ(unread(), 0u);
  EXPECT_FALSE(say(7, bob, "late"));
  EXPECT_TRUE(say(11, bob, "x"));
}

TEST(IsFor, WhatNamesTheUserOrIsSaidToTheUserAlone) {
  EXPECT_TRUE(is_for(message(1, bob, "hey Alice!"), alice));
  EXPECT_FALSE(is_for(message(1, bob, "malice"), alice));
  EXPECT_FALSE(is_for(message(1, alice, "alice"), alice));
  EXPECT_TRUE(is_for(message(1, bob, "hi", RoomName::literal("@bob")), alice));
  auto notice = message(1, bob, "alice");
  notice.kind = proto::Kind::notice;
  EXPECT_FALSE(is_for(notice, alice));
}

TEST(AttentionSum, IsOfAllRooms) {
  Attention attention;
  const auto other = RoomName::literal("ci");
  attention.join(ops, Seq{0}, Seq{4});
  attention.join(other, Seq{0}, Seq{1});
  attention.receive(message(1, bob, "alice", other), alice);
  EXPECT_EQ(attention.sum(), (Attention::Count{4, 1, Seq{}}));
}

TEST_F(AttentionTest, WhatIsSaidAboutAMessageOrErasedIsNothingToRead) {
  join(0, 1);
  say(1, bob, "hello");
  auto edit = message(2, bob, "hello alice");
  edit.kind = proto::Kind::notice;
  edit.headers.list = {{"edits", "1"}};
  edit.marked = true;
  EXPECT_FALSE(attention.receive(edit, alice));
  auto erased = message(3, bob, "     ");
  erased.erased = true;
  EXPECT_FALSE(attention.receive(erased, alice));
  EXPECT_EQ(unread(), 1u);
  EXPECT_EQ(attention.rooms().at(ops).last, Seq{3});
}

}  // namespace
}  // namespace hubbub::agent
