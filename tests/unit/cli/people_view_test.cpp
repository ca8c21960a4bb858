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

link::By by(const char* name, std::uint64_t seq) { return {PersonName::literal(name), false, Seq{seq}, {}}; }

TEST_F(PeopleViewTest, ShowsWhatHasBecomeOfAMessage) {
  link::View view;
  view.edited = by("alice", 8);
  view.text = "hello";
  view.pinned = by("bob", 9);
  view.reactions = {{"👍", {by("bob", 10), by("carol", 11)}}, {"+1", {by("bob", 12)}}};
  std::string out;
  view_.append(a_message("hi"), view, out);
  EXPECT_EQ(out, "21:02:56 ~alice: hello (edited) (pinned by ~bob)\n  👍 2 · +1 1\n");
}

TEST_F(PeopleViewTest, ShowsThatAMessageWasRedactedAndNothingOfOneThatIsGone) {
  link::View view;
  view.standing = link::Standing::redacted;
  view.redacted = by("bob", 8);
  view.reason = "spam\x1b";
  std::string out;
  view_.append(a_message("buy"), view, out);
  EXPECT_EQ(out, "21:02:56 ~alice: (redacted by ~bob: spam\\x1b)\n");
  for (const auto standing : {link::Standing::gone, link::Standing::amendment}) {
    view = {};
    view.standing = standing;
    out.clear();
    view_.append(a_message("buy"), view, out);
    EXPECT_EQ(out, "");
  }
}

TEST_F(PeopleViewTest, ALiveAmendmentSaysWhatItAmends) {
  const auto live = [&](const char* key, const std::string& body, bool undo = false) {
    auto message = a_message(body);
    message.kind = proto::Kind::notice;
    message.by_hub = message.marked = true;
    message.headers.list = {{key, "3"}};
    if (undo) message.headers.list.push_back({"undo", "1"});
    std::string out;
    view_.append_live(message, message.time, out);
    return out;
  };
  EXPECT_EQ(live("edits", "new text\nin two lines"), "21:02:56 * ~alice edited 3: new text\n  in two lines\n");
  EXPECT_EQ(live("reacts", "👍"), "21:02:56 * ~alice reacted to 3 with 👍\n");
  EXPECT_EQ(live("reacts", "👍", true), "21:02:56 * ~alice took back 👍 from 3\n");
  EXPECT_EQ(live("pins", "pinned message 3"), "21:02:56 * ~alice pinned 3\n");
  EXPECT_EQ(live("pins", "unpinned message 3", true), "21:02:56 * ~alice unpinned 3\n");
  EXPECT_EQ(live("redacts", "spam"), "21:02:56 * ~alice redacted 3: spam\n");
  EXPECT_EQ(live("redacts", ""), "21:02:56 * ~alice redacted 3\n");
}

TEST_F(PeopleViewTest, AReplyQuotesTheNewestTextOfItsAuthorAndNothingThatWasRedacted) {
  std::string out;
  const auto live = [&](std::uint64_t seq, const char* from, const char* key, const std::string& body) {
    auto message = a_message(body);
    message.seq = Seq{seq};
    message.from = PersonName::literal(from);
    message.headers.list = {{key, "7"}};
    message.by_hub = message.marked = std::string_view(key) != "reply-to";
    message.kind = message.marked ? proto::Kind::notice : proto::Kind::text;
    out.clear();
    view_.append_live(message, message.time, out);
    return out;
  };
  view_.append_live(a_message("at 15:00"), a_message("").time, out);
  live(8, "alice", "edits", "at 16:00");
  live(9, "bob", "edits", "never");
  EXPECT_EQ(live(10, "bob", "reply-to", "fine"), "21:02:56 ~bob: [↳ 7 ~alice: at 16:00] fine\n");
  live(11, "alice", "redacts", "");
  live(12, "alice", "edits", "at 17:00");
  EXPECT_EQ(live(13, "bob", "reply-to", "fine"), "21:02:56 ~bob: [↳ 7] fine\n");
}

TEST_F(PeopleViewTest, WhatIsErasedOrHasExpiredDoesNotComeLive) {
  auto message = a_message("hi");
  message.headers.list = {{"ttl", "1000"}};
  message.marked = true;
  std::string out;
  view_.append_live(message, WallTime{message.time.ns + 1'000'000'000}, out);
  message = a_message("  ");
  message.erased = true;
  view_.append_live(message, message.time, out);
  EXPECT_EQ(out, "");
  EXPECT_EQ(shown(message), "21:02:56 ~alice: (erased)\n");
}

}  // namespace
}  // namespace hubbub::cli
