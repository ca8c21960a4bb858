#include "client/cli/people_view.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>

#include "tests/unit/cli/a_message.hpp"

namespace hubbub::cli {
namespace {

class PeopleViewTest : public testing::Test {
 protected:
  PeopleViewTest() {
    setenv("TZ", "UTC", 1);
    tzset();
  }
  std::string shown(const link::Message& message) {
    std::string out;
    view_.append(message, out);
    return out;
  }
  PeopleView view_{PeopleView::Options{}};
};

TEST_F(PeopleViewTest, ShowsWhoSaidWhatAndWhen) {
  EXPECT_EQ(shown(a_message("hi")), "21:02:56 ~alice: hi\n");
  auto message = a_message("hi");
  message.verified = true;
  EXPECT_EQ(shown(message), "21:02:56 alice: hi\n");
}

TEST_F(PeopleViewTest, ShowsThroughWhichProgramSomethingWasSaid) {
  auto message = a_message("done");
  message.headers.list = {{"via", "backup.sh"}};
  EXPECT_EQ(shown(message), "21:02:56 ~alice via backup.sh: done\n");
  message.headers.list = {{"via", "\x1b[2J" + std::string(5000, 'x')}};
  EXPECT_LT(shown(message).size(), 200u);
  EXPECT_EQ(shown(message).find('\x1b'), std::string::npos);
}

TEST_F(PeopleViewTest, ShowsTheRoomWhereThereAreSeveral) {
  view_ = PeopleView({false, true});
  EXPECT_EQ(shown(a_message("hi")), "21:02:56 #ci.main ~alice: hi\n");
}

TEST_F(PeopleViewTest, TellsKindsApart) {
  auto message = a_message("waves");
  message.kind = proto::Kind::action;
  EXPECT_EQ(shown(message), "21:02:56 * ~alice waves\n");
  message.kind = proto::Kind::notice;
  EXPECT_EQ(shown(message), "21:02:56 -~alice- waves\n");
  message.kind = proto::Kind::data;
  message.body = "\xff\xfe";
  EXPECT_EQ(shown(message), "21:02:56 ~alice: (2 bytes of data)\n");
}

TEST_F(PeopleViewTest, MakesHostileTextHarmless) {
  EXPECT_EQ(shown(a_message("\x1b[31mred\r\x07 \xe2\x80\xaeoh")), "21:02:56 ~alice: \\x1b[31mred\\r\\x07 \\u202eoh\n");
}

TEST_F(PeopleViewTest, IndentsFurtherLinesSoThatNobodyCanForgeOne) {
  EXPECT_EQ(shown(a_message("one\n21:02:57 bob: two\n")), "21:02:56 ~alice: one\n  21:02:57 bob: two\n");
}

TEST_F(PeopleViewTest, ShowsWhatAReplyAnswers) {
  auto reply = a_message("at last");
  reply.seq = Seq{9};
  reply.headers.list = {{"reply-to", "7"}};
  EXPECT_EQ(shown(reply), "21:02:56 ~alice: [↳ 7] at last\n") << "as long as nobody has seen that one";
  shown(a_message("the build is green, finally, after all these hours\nand days"));
  EXPECT_EQ(shown(reply), "21:02:56 ~alice: [↳ 7 ~alice: the build is green, finally, after all t…] at last\n");
  reply.kind = proto::Kind::action;
  EXPECT_EQ(shown(reply), "21:02:56 * ~alice [↳ 7 ~alice: the build is green, finally, after all t…] at last\n");
  reply.room = RoomName::literal("other");
  EXPECT_EQ(shown(reply), "21:02:56 * ~alice [↳ 7] at last\n");
  reply.headers.list = {{"reply-to", "\x1b[2J"}};
  EXPECT_EQ(shown(reply), "21:02:56 * ~alice at last\n");
}

TEST_F(PeopleViewTest, ShowsNothingHarmfulOfWhatIsAnsweredAndCutsNoCodePoint) {
  shown(a_message("\x1b[2J" + std::string(35, 'x') + "é!"));
  auto reply = a_message("yes");
  reply.seq = Seq{9};
  reply.headers.list = {{"reply-to", "7"}};
  EXPECT_EQ(shown(reply), "21:02:56 ~alice: [↳ 7 ~alice: \\x1b[2J" + std::string(35, 'x') + "…] yes\n");
}

TEST_F(PeopleViewTest, RemembersABoundedNumberOfMessages) {
  Said said;
  auto message = a_message("hi");
  for (std::uint64_t seq = 1; seq <= Said::kept_max + 1; ++seq) {
    message.seq = Seq{seq};
    said.note(message);
  }
  EXPECT_EQ(said.beginning(message.room, Seq{1}), "");
  EXPECT_EQ(said.beginning(message.room, Seq{2}), "~alice: hi");
}

TEST_F(PeopleViewTest, LaysOutJsonThatIsLongerThanALine) {
  view_ = PeopleView({false, false, 10});
  auto message = a_message(R"({"level":"error","n":1.10})");
  EXPECT_EQ(shown(message), "21:02:56 ~alice: {\"level\":\"error\",\"n\":1.10}\n");
  message.headers.list = {{"content-type", "application/json"}};
  EXPECT_EQ(shown(message), "21:02:56 ~alice: {\n    \"level\": \"error\",\n    \"n\": 1.10\n  }\n");
  message.body = "[1,2,3]";
  EXPECT_EQ(shown(message), "21:02:56 ~alice: [1,2,3]\n");
  message.body = "{\"no json\": no json}";
  EXPECT_EQ(shown(message), "21:02:56 ~alice: {\"no json\": no json}\n");
}

TEST_F(PeopleViewTest, ShowsOnlySoManyLinesOfJsonAndHowManyMoreThereAre) {
  auto message = a_message("[0");
  for (int i = 0; i < 100; ++i) message.body += ",0";
  message.body += ']';
  message.headers.list = {{"content-type", "application/json"}};
  const auto out = shown(message);
  EXPECT_EQ(std::ranges::count(out, '\n'), 31);
  EXPECT_TRUE(out.ends_with("\n    0,\n  … 73 more lines\n")) << out;
}

TEST_F(PeopleViewTest, ColoursTheKeysOfJsonAndKeepsItHarmless) {
  view_ = PeopleView({true, false, 10});
  auto message = a_message("{\"a\x7f\":\"\xe2\x80\xae 12345\"}");
  message.headers.list = {{"content-type", "application/json"}};
  const auto out = shown(message);
  EXPECT_NE(out.find("\x1b[36m\"a\\x7f\"\x1b[0m: \"\\u202e 12345\""), std::string::npos) << out;
}

TEST_F(PeopleViewTest, SaysWhenTheDayChanges) {
  shown(a_message("today"));
  auto message = a_message("tomorrow");
  message.time.ns += 86'400'000'000'000;
  EXPECT_EQ(shown(message), "-- Monday, 23 November 2026 --\n21:02:56 ~alice: tomorrow\n");
}

TEST_F(PeopleViewTest, TellsEventsButNotWhoIsTyping) {
  link::Presence presence;
  presence.room = RoomName::literal("ops");
  presence.event.time = a_message("").time;
  presence.event.person.name = PersonName::literal("bob");
  std::string out;
  view_.append(presence, out);
  EXPECT_EQ(out, "21:02:56 -- ~bob has joined\n");
  presence.event.kind = proto::EventKind::typing;
  out.clear();
  view_.append(presence, out);
  EXPECT_EQ(out, "");
}

}  // namespace
}  // namespace hubbub::cli
