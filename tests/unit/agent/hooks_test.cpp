#include "client/agent/hooks.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <vector>

#include "tests/support/loop.hpp"

namespace hubbub::agent {
namespace {

using test::run_until;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

link::Message message(const std::string& room, const std::string& from, std::string body) {
  link::Message message;
  message.room = RoomName::literal(room);
  message.seq = Seq{7};
  message.from = PersonName::literal(from);
  message.body = std::move(body);
  return message;
}

HookRule rule(HookOn on, const std::string& command) {
  HookRule rule;
  rule.on = on;
  rule.run = {"sh", "-c", command};
  return rule;
}

const PersonName alice = PersonName::literal("alice");

TEST(HookRule, WantsNothingThatIsErasedOrOnlyAmends) {
  auto erased = message("@alice", "bob", "     ");
  erased.erased = true;
  auto edit = message("@alice", "bob", "Alice: look");
  edit.kind = proto::Kind::notice;
  edit.headers.list = {{"edits", "3"}};
  edit.marked = true;
  for (const auto on : {HookOn::mention, HookOn::direct, HookOn::message}) {
    EXPECT_FALSE(applies(rule(on, "true"), erased, alice));
    EXPECT_FALSE(applies(rule(on, "true"), edit, alice));
  }
}

TEST(HookRule, OfAMentionWantsTheNameOutOfSomebodyElsesMouth) {
  const auto mention = rule(HookOn::mention, "true");
  EXPECT_TRUE(applies(mention, message("lobby", "bob", "Alice: look"), alice));
  EXPECT_FALSE(applies(mention, message("lobby", "bob", "malice"), alice));
  EXPECT_FALSE(applies(mention, message("lobby", "alice", "I am alice"), alice));
  auto data = message("lobby", "bob", "alice");
  data.kind = proto::Kind::notice;
  EXPECT_FALSE(applies(mention, data, alice));
}

TEST(HookRule, OfADirectMessageWantsOneThatIsForOneAlone) {
  const auto direct = rule(HookOn::direct, "true");
  EXPECT_TRUE(applies(direct, message("@bob", "bob", "psst"), alice));
  EXPECT_FALSE(applies(direct, message("@bob", "alice", "what?"), alice));
  EXPECT_FALSE(applies(direct, message("lobby", "bob", "psst"), alice));
}

TEST(HookRule, OfAMessageWantsAnyButOwnNoticesSinceTheyMayBeItsOwn) {
  const auto any = rule(HookOn::message, "true");
  EXPECT_TRUE(applies(any, message("lobby", "bob", "x"), alice));
  auto own = message("lobby", "alice", "x");
  EXPECT_TRUE(applies(any, own, alice));
  own.kind = proto::Kind::notice;
  EXPECT_FALSE(applies(any, own, alice));
}

TEST(HookRule, IsOnlyForItsRooms) {
  auto ci = rule(HookOn::message, "true");
  ci.rooms = Pattern::literal("ci.>");
  EXPECT_TRUE(applies(ci, message("ci.main", "bob", "x"), alice));
  EXPECT_FALSE(applies(ci, message("lobby", "bob", "x"), alice));
}

class HooksTest : public testing::Test {
 protected:
  HooksTest() {
    std::signal(SIGPIPE, SIG_IGN);
    limits.waits = {std::chrono::milliseconds(5), std::chrono::milliseconds(20), std::chrono::milliseconds(60'000)};
  }

  void has(std::vector<HookRule> rules) {
    Hooks::Outlet outlet;
    outlet.reply = [this](const RoomName& room, const std::string& text) {
      replies.push_back(room.str() + ": " + text);
    };
    outlet.json_line = [](const link::Message& message) { return "{\"text\":\"" + message.body + "\"}\n"; };
    outlet.line = [this](std::string_view, std::string_view line) { lines.emplace_back(line); };
    outlet.note = [this](const std::string& sentence) { notes.push_back(sentence); };
    hooks.emplace(loop, std::vector<std::string>{"HUBBUB_URL=unix:///hub"}, std::move(outlet), limits);
    hooks->set_rules(std::move(rules));
  }
  void hears(std::string body) { hooks->on_message(message("lobby", "bob", std::move(body)), alice); }
  bool until(const std::function<bool()>& condition) { return run_until(loop, condition); }
  bool says(std::size_t count) {
    return until([=, this] { return lines.size() >= count; });
  }

  asio::io_context loop;
  HookLimits limits;
  std::vector<std::string> lines, notes, replies;
  std::optional<Hooks> hooks;
};

TEST_F(HooksTest, RunWithTheMessageInTheEnvironmentAndItsBodyOnStdin) {
  has({rule(HookOn::mention, "echo $HUBBUB_ROOM $HUBBUB_FROM $HUBBUB_SEQ $HUBBUB_KIND $HUBBUB_URL; cat")});
  hears("nobody here");
  hears("alice: look");
  ASSERT_TRUE(until([this] { return hooks->running() == 0; }));
  EXPECT_THAT(lines, ElementsAre("lobby bob 7 text unix:///hub", "alice: look"));
  EXPECT_THAT(notes, SizeIs(0));
}

TEST_F(HooksTest, GetTheLargestBodyAndNeedNotReadIt) {
  has({rule(HookOn::message, "wc -c"), rule(HookOn::message, "echo unread")});
  hears(std::string(1024 * 1024, 'x'));
  ASSERT_TRUE(until([this] { return hooks->running() == 0; }));
  EXPECT_THAT(lines, testing::UnorderedElementsAre("1048576", "unread"));
}

TEST_F(HooksTest, RunSoManyAtOnceWhileSoManyWaitAndTheRestIsLeftOut) {
  limits.running_max = 2;
  limits.queued_max = 3;
  auto waits = rule(HookOn::message, "read -r line; until [ -e \"$line\" ]; do sleep 0.01; done; echo $line");
  const auto go = testing::TempDir() + "hooks_go." + std::to_string(::getpid());
  has({waits});
  for (int i = 0; i < 10; ++i) hears(go);
  EXPECT_EQ(hooks->running(), 2u);
  EXPECT_EQ(hooks->queued(), 3u);
  EXPECT_EQ(hooks->left_out(), 5u);
  EXPECT_THAT(notes, ElementsAre("too many hooks wait to be run: sh is left out for message 7 of #lobby"));
  std::fclose(std::fopen(go.c_str(), "w"));
  ASSERT_TRUE(says(5));
  hears(go);
  ASSERT_TRUE(says(6));
  EXPECT_THAT(notes, testing::Contains("5 hooks were left out"));
  ::unlink(go.c_str());
}

TEST_F(HooksTest, HoldNoMoreBytesOfWaitingMessagesThanTheirLimit) {
  limits.running_max = 1;
  limits.queued_bytes_max = 1000;
  has({rule(HookOn::message, "sleep 1000")});
  for (int i = 0; i < 5; ++i) hears(std::string(400, 'x'));
  EXPECT_EQ(hooks->queued(), 2u);
  EXPECT_EQ(hooks->left_out(), 2u);
}

TEST_F(HooksTest, ThatHangAreEndedAtTheirLimitWithAllThatTheyStarted) {
  auto hangs = rule(HookOn::message, "trap '' TERM; sleep 1000 & echo $!; wait; wait");
  hangs.limit = std::chrono::seconds(1);
  limits.grace = std::chrono::milliseconds(50);
  has({hangs});
  hears("x");
  ASSERT_TRUE(until([this] { return hooks->running() == 0; }));
  EXPECT_THAT(notes, ElementsAre("the hook sh took more than 1 s and was ended"));
}

TEST_F(HooksTest, ThatForkAndExitHaveEnded) {
  has({rule(HookOn::message, "sleep 1000 & echo $!")});
  hears("x");
  ASSERT_TRUE(until([this] { return hooks->running() == 0; }));
  ASSERT_THAT(lines, SizeIs(1));
  ::kill(std::stoi(lines.front()), SIGKILL);
}

TEST_F(HooksTest, AreSaidToHaveFailed) {
  auto missing = rule(HookOn::message, "");
  missing.run = {"/nowhere/hook"};
  has({rule(HookOn::message, "exit 3"), missing});
  hears("x");
  ASSERT_TRUE(until([this] { return hooks->running() == 0; }));
  EXPECT_THAT(notes, ElementsAre("the hook /nowhere/hook can't be started: No such file or directory",
                                 "the hook sh exited with status 3"));
}

TEST_F(HooksTest, ReplyWithWhatTheyWriteIfTheySucceed) {
  auto well = rule(HookOn::message, "echo one; echo two");
  auto badly = rule(HookOn::message, "echo broken; exit 1");
  well.reply = badly.reply = true;
  has({well, badly});
  hears("x");
  ASSERT_TRUE(until([this] { return hooks->running() == 0; }));
  EXPECT_THAT(replies, ElementsAre("lobby: one\ntwo"));
  EXPECT_THAT(lines, ElementsAre("broken"));
}

TEST_F(HooksTest, ThatAreKeptGetALineForEachMessage) {
  auto kept = rule(HookOn::message, "cat");
  kept.keep = true;
  has({kept});
  hears("one");
  hears("two");
  ASSERT_TRUE(says(2));
  EXPECT_THAT(lines, ElementsAre(R"({"text":"one"})", R"({"text":"two"})"));
  EXPECT_EQ(hooks->running(), 0u);
}

TEST_F(HooksTest, ThatAreKeptEndWithTheRuleThatWantedThem) {
  auto kept = rule(HookOn::message, "trap 'echo ended; exit' TERM; echo began; while :; do sleep 0.01; done");
  kept.keep = true;
  has({kept});
  ASSERT_TRUE(says(1));
  hooks->set_rules({});
  // A shell may also say that its sleep was terminated with it.
  EXPECT_TRUE(until([this] { return !lines.empty() && lines.back() == "ended"; }));
}

TEST_F(HooksTest, FollowTheNewRulesOnceThoseAreSet) {
  has({rule(HookOn::message, "echo old")});
  hears("x");
  hooks->set_rules({rule(HookOn::message, "echo new")});
  hears("x");
  ASSERT_TRUE(says(2));
  EXPECT_THAT(lines, testing::UnorderedElementsAre("old", "new"));
}

TEST_F(HooksTest, StopWhenAllHaveEnded) {
  auto kept = rule(HookOn::message, "echo kept; exec sleep 1000");
  kept.keep = true;
  limits.running_max = 1;
  has({rule(HookOn::message, "echo began; exec sleep 1000"), kept});
  hears("x");
  hears("x");
  ASSERT_TRUE(says(2));
  bool stopped = false;
  hooks->stop([&] { stopped = true; });
  hears("x");
  ASSERT_TRUE(until([&] { return stopped; }));
  EXPECT_EQ(hooks->running(), 0u);
  EXPECT_EQ(hooks->queued(), 0u);
}

TEST_F(HooksTest, StopAtOnceIfNothingRuns) {
  has({});
  bool stopped = false;
  hooks->stop([&] { stopped = true; });
  EXPECT_TRUE(until([&] { return stopped; }));
}

TEST_F(HooksTest, LeaveNothingRunningWhenTheyAreGone) {
  has({rule(HookOn::message, "echo $$; exec sleep 1000")});
  hears("x");
  ASSERT_TRUE(says(1));
  hooks.reset();
  const auto pid = std::stoi(lines.front());
  EXPECT_TRUE(until([&] { return ::kill(pid, 0) != 0; }));
}

}  // namespace
}  // namespace hubbub::agent
