#include "client/cli/notice.hpp"

#include <gtest/gtest.h>
#include <mqueue.h>
#include <unistd.h>

#include <cerrno>

#include "client/cli/notice_queue.hpp"
#include "tests/unit/cli/a_message.hpp"

namespace hubbub::cli {
namespace {

const PersonName bob = PersonName::literal("bob");

link::Presence event(proto::EventKind kind, const std::string& who) {
  link::Presence presence;
  presence.room = RoomName::literal("ops");
  presence.event.kind = kind;
  presence.event.person.name = PersonName::literal(who);
  return presence;
}

TEST(Notice, OfAMessageMattersMoreIfItCallsOneOrIsForOneAlone) {
  EXPECT_EQ(notice_of(a_message("hello"), bob)->importance, Importance::message);
  EXPECT_EQ(notice_of(a_message("Bob: hello"), bob)->importance, Importance::mention);
  auto direct = a_message("psst");
  direct.room = RoomName::literal("@alice");
  EXPECT_EQ(notice_of(direct, bob)->importance, Importance::mention);
  auto data = a_message("bob");
  data.kind = proto::Kind::data;
  EXPECT_EQ(notice_of(data, bob)->importance, Importance::message);
}

TEST(Notice, IsNoneOfWhatOneSaysOrDoesOneself) {
  EXPECT_FALSE(notice_of(a_message("hello"), PersonName::literal("alice")));
  EXPECT_FALSE(notice_of(event(proto::EventKind::joined, "bob"), bob));
}

TEST(Notice, OfPresenceIsWhoComesAndGoes) {
  EXPECT_EQ(line_of(*notice_of(event(proto::EventKind::joined, "alice"), bob)), "#ops alice has joined");
  EXPECT_FALSE(notice_of(event(proto::EventKind::typing, "alice"), bob));
  auto away = event(proto::EventKind::presence, "alice");
  away.event.person.presence = proto::Presence::away;
  away.event.person.away = AwayText::literal("lunch");
  EXPECT_EQ(notice_of(away, bob)->text, "is away: lunch");
}

TEST(Notice, GoesThroughTheQueueAsItIsAndCutToItsSize) {
  auto notice = *notice_of(a_message("two\nlines"), bob);
  EXPECT_EQ(decode_notice(encode(notice)), notice);
  std::string much;
  for (int i = 0; i < 1000; ++i) much += "ä";
  notice.text = much;
  EXPECT_LE(encode(notice).size(), notice_bytes_max);
  const auto cut = decode_notice(encode(notice));
  ASSERT_TRUE(cut);
  EXPECT_TRUE(is_utf8(cut->text));
  EXPECT_TRUE(cut->text.ends_with("…"));
}

TEST(Notice, IsNotMadeOfGarbage) {
  for (const auto* bytes :
       {"", "mention", "mention\n#ops\nalice\n7", "murder\n#ops\nalice\n7\nx", "mention\n\n\nx7\nx"})
    EXPECT_FALSE(decode_notice(bytes)) << bytes;
}

TEST(Notice, IsHarmlessOnATerminal) {
  const auto line = line_of(*notice_of(a_message("a\x1b[2J\nb"), bob));
  EXPECT_EQ(line, "#ci.main alice: a\\x1b[2J\\nb");
}

TEST(NoticeQueue, GivesTheMostImportantFirstAndLosesTheLeastImportant) {
  NoticeQueue queue;
  ASSERT_TRUE(queue.open());
  ASSERT_EQ(queue.messages_max(), 10);
  auto notice = *notice_of(a_message("chatter"), bob);
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(queue.offer(notice));
  EXPECT_FALSE(queue.offer(notice)) << "it is full";
  EXPECT_FALSE(queue.offer(*notice_of(a_message("bob!"), bob))) << "and something has to go for this one";
  EXPECT_EQ(queue.take()->text, "bob!");
  for (int i = 0; i < 9; ++i) EXPECT_EQ(queue.take()->text, "chatter");
  EXPECT_FALSE(queue.take());
}

TEST(NoticeQueue, IsGoneWithItsProcessHoweverThatEnds) {
  NoticeQueue queue;
  ASSERT_TRUE(queue.open());
  const auto name = "/hubbub-" + std::to_string(::geteuid()) + "-notify-" + std::to_string(::getpid());
  EXPECT_EQ(::mq_unlink(name.c_str()), -1) << "it has a name, under which it would stay";
  EXPECT_EQ(errno, ENOENT);
  EXPECT_TRUE(queue.offer(*notice_of(a_message("chatter"), bob)));
}

TEST(Notice, IsNoneOfWhatIsSaidAboutAMessageAndOfWhatIsErased) {
  auto reaction = a_message("👍");
  reaction.kind = proto::Kind::notice;
  reaction.headers.list = {{"reacts", "3"}};
  reaction.marked = true;
  EXPECT_FALSE(notice_of(reaction, bob));
  auto erased = a_message("     ");
  erased.erased = true;
  EXPECT_FALSE(notice_of(erased, bob));
}

}  // namespace
}  // namespace hubbub::cli
