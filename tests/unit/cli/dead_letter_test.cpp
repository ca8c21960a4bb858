// What is read from a message among the dead, and what is said again; what a command's end means for its message.
#include "client/cli/dead_letter.hpp"

#include <gtest/gtest.h>

#include "client/cli/workers.hpp"

namespace hubbub::cli {
namespace {

const auto jobs = RoomName::literal("jobs");

link::Message dead(bool by_hub = true, bool erased = false) {
  link::Message message;
  message.room = RoomName::literal("jobs.dead");
  message.seq = Seq{4};
  message.kind = proto::Kind::data;
  message.by_hub = by_hub;
  message.erased = erased;
  message.headers.list = {{"color", "red"},    {"retried-from", "2"},  {"dead-room", "jobs"},  {"dead-from", "alice"},
                          {"dead-group", "g"}, {"dead-attempts", "5"}, {"dead-reason", "why"}, {"dead-stderr", "end"}};
  message.body = "body";
  return message;
}

TEST(DeadLetter, SaysWhatBecameOfTheMessage) {
  const auto message = dead();
  const auto letter = read_dead_letter(message, jobs);
  ASSERT_TRUE(letter);
  EXPECT_EQ(letter->from, "alice");
  EXPECT_EQ(letter->group, "g");
  EXPECT_EQ(letter->attempts, "5");
  EXPECT_EQ(letter->reason, "why");
  EXPECT_EQ(letter->error, "end");
}

TEST(DeadLetter, IsNoneThatTheHubDoesNotVouchForOrThatIsGoneOrAnothers) {
  EXPECT_FALSE(read_dead_letter(dead(false), jobs));
  EXPECT_FALSE(read_dead_letter(dead(true, true), jobs));
  EXPECT_FALSE(read_dead_letter(dead(), RoomName::literal("other")));
}

TEST(DeadLetter, IsSaidAgainAsItWasWithWhereItComesFrom) {
  const auto post = again(dead(), jobs);
  EXPECT_EQ(post.room, jobs);
  EXPECT_EQ(post.kind, proto::Kind::data);
  EXPECT_EQ(post.body.bytes, "body");
  EXPECT_EQ(post.headers.list, (std::vector<proto::Header>{{"color", "red"}, {"retried-from", "4"}}));
}

TEST(DeadLetter, GetsItsTimeAndItsKeyBackAndIsAboutNoOtherMessage) {
  auto message = dead();
  message.headers.list = {{"original-ttl", "5000"},
                          {"original-key", "main"},
                          {"original-edits", "3"},
                          {"original-undo", "1"},
                          {"original-seq", "9"},
                          {"undo", "1"},
                          {"pins", "2"},
                          {"dead-room", "jobs"}};
  EXPECT_EQ(
      again(message, jobs).headers.list,
      (std::vector<proto::Header>{{"ttl", "5000"}, {"key", "main"}, {"original-seq", "9"}, {"retried-from", "4"}}));
}

TEST(DeadLetter, OfARoomLieBesideIt) {
  EXPECT_EQ(room_of_dead(jobs)->str(), "jobs.dead");
  EXPECT_FALSE(room_of_dead(RoomName::literal("@alice")));
  EXPECT_FALSE(room_of_dead(RoomName::literal(std::string(124, 'x'))));
}

TEST(ACommandsEnd, SaysWhatBecomesOfItsMessage) {
  using proto::Verdict;
  const auto exited = [](int code) { return handled_by_end(code << 8); };
  EXPECT_EQ(exited(0).verdict, Verdict::done);
  EXPECT_EQ(exited(65).verdict, Verdict::dead);
  EXPECT_EQ(exited(3).verdict, Verdict::again);
  EXPECT_EQ(exited(3).reason, "exit code 3");
  EXPECT_EQ(handled_by_end(9).verdict, Verdict::again);
  EXPECT_EQ(handled_by_end(9).reason, "signal 9");
}

}  // namespace
}  // namespace hubbub::cli
