// What programs write into a room's `in`.
#include <sys/stat.h>

#include <map>

#include "tests/unit/agent/tree_fixture.hpp"

namespace hubbub::agent {
namespace {

using Strings = std::vector<std::string>;

class TreeInTest : public TreeTest {};

TEST_F(TreeInTest, SaysEachLineOfAWriter) {
  start_with("ops");
  EXPECT_EQ(run("echo hi > ops/in; printf 'a\\nb\\n' > ops/in"), 0);
  run_until_said(3);
  EXPECT_EQ(outlet.said, (Strings{"ops: hi", "ops: a", "ops: b"}));
}

TEST_F(TreeInTest, SaysEmptyLinesAndALastLineWithoutNewlineAsPubDoes) {
  start_with("ops");
  EXPECT_EQ(run("printf '\\nlast' > ops/in"), 0);
  run_until_said(2);
  EXPECT_EQ(outlet.said, (Strings{"ops: ", "ops: last"}));
  EXPECT_EQ(read("ops/errors"), "");  // that it was the last line was seen at once
}

TEST_F(TreeInTest, TakesDirectRoomsUnderTheirName) {
  start_with("@alice");
  EXPECT_EQ(run("echo hi > @alice/in"), 0);
  run_until_said(1);
  EXPECT_EQ(outlet.said, Strings{"@alice: hi"});
}

TEST_F(TreeInTest, PassesBinaryBytesOnAsTheyAre) {
  start_with("ops");
  EXPECT_EQ(run("printf 'a\\000\\377\\033b\\n' > ops/in"), 0);
  run_until_said(1);
  EXPECT_EQ(outlet.said, Strings{std::string("ops: a\0\xff\x1b"
                                             "b",
                                             10)});
}

TEST_F(TreeInTest, StaysOpenOverWritersThatComeAndGo) {
  start_with("ops");
  EXPECT_EQ(run("i=0; while [ $i -lt 300 ]; do echo $i > ops/in || exit 1; i=$((i + 1)); done"), 0);
  run_until_said(300);
  for (int i = 0; i < 300; ++i) EXPECT_EQ(outlet.said[i], "ops: " + std::to_string(i));
}

TEST_F(TreeInTest, HasNothingToDoWhileNobodyWrites) {
  start_with("ops");
  EXPECT_EQ(run("echo hi > ops/in"), 0);
  run_until_said(1);
  // After its last writer a FIFO is readable for ever, unless it is opened anew.
  loop.restart();
  while (loop.poll() > 0) loop.restart();
  loop.restart();
  EXPECT_EQ(loop.poll(), 0u);
}

TEST_F(TreeInTest, NeverMixesTheLinesOfManyWriters) {
  start_with("ops");
  constexpr int writers = 20, lines = 500;
  const std::string filler(100, 'x');
  std::vector<ShellProcess> shells;
  for (int writer = 0; writer < writers; ++writer)
    shells.push_back(shell("i=0; while [ $i -lt 500 ]; do echo \"" + std::to_string(writer) + " $i " + filler +
                           "\"; i=$((i + 1)); done > ops/in"));
  run_until_said(writers * lines);
  std::map<int, int> next;
  for (const auto& body : outlet.said) {
    int writer = -1, number = -1;
    char end[256] = "";
    ASSERT_EQ(std::sscanf(body.c_str(), "ops: %d %d %255s", &writer, &number, end), 3) << body;
    ASSERT_EQ(end, filler);
    ASSERT_EQ(number, next[writer]++) << "of writer " << writer;
  }
  EXPECT_EQ(outlet.said.size(), static_cast<std::size_t>(writers * lines));
  for (auto& shell : shells) run_until("a writer ends", [&] { return shell.has_ended(); });
  for (auto& shell : shells) EXPECT_EQ(shell.code(), 0);
}

TEST_F(TreeInTest, PutsALongLineTogether) {
  start_with("ops");
  EXPECT_EQ(run("head -c 1000000 /dev/zero | tr '\\000' x > ops/in"), 0);
  run_until_said(1);
  EXPECT_EQ(outlet.said, Strings{"ops: " + std::string(1000000, 'x')});
}

TEST_F(TreeInTest, RefusesAHundredMegabytesWithoutANewlineAndGoesOn) {
  start_with("ops");
  EXPECT_EQ(run("head -c 104857600 /dev/zero > ops/in"), 0);
  run_until("it is noted", [&] { return !read("ops/errors").empty(); });
  EXPECT_NE(read("ops/errors").find("a line of 104857600 bytes was not said"), std::string::npos);
  EXPECT_EQ(run("echo after > ops/in"), 0);
  run_until_said(1);
  EXPECT_EQ(outlet.said, Strings{"ops: after"});
}

TEST_F(TreeInTest, NeverGluesWhatAKilledWriterLeftToTheNextWritersLine) {
  start_with("ops");
  auto writer = shell("exec 3> ops/in; printf half >&3; : > written; exec sleep 600");
  run_until("it has written", [&] { return exists("written"); });
  writer.signal(SIGKILL);
  run_until("it is gone", [&] { return writer.has_ended(); });
  run_until_said(1);
  EXPECT_EQ(run("echo whole > ops/in"), 0);
  run_until_said(2);
  EXPECT_EQ(outlet.said, (Strings{"ops: half", "ops: whole"}));
  EXPECT_EQ(read("ops/errors"), "");
}

TEST_F(TreeInTest, SaysALineWithoutEndAfterAWhileEvenIfAnotherHasItOpen) {
  TreeLimits limits;
  limits.unfinished_max = std::chrono::milliseconds(50);
  start_with("ops", limits);
  auto other = shell("exec 3> ops/in; : > open; exec sleep 600");
  run_until("the other has it open", [&] { return exists("open"); });
  EXPECT_EQ(run("printf half > ops/in"), 0);
  run_until_said(1);
  EXPECT_EQ(run("echo whole > ops/in"), 0);
  run_until_said(2);
  EXPECT_EQ(outlet.said, (Strings{"ops: half", "ops: whole"}));
  EXPECT_NE(read("ops/errors").find("had no end for 50 ms"), std::string::npos);
}

TEST_F(TreeInTest, LetsWritersWaitAfterNotNowAndLosesNothing) {
  start_with("ops");
  outlet.accepts = 2;
  constexpr int lines = 60000;  // more than a pipe and a read of one take
  auto writer = shell("seq 1 60000 > ops/in");
  run_until_said(2);
  for (int i = 0; i < 20; ++i) {
    loop.restart();
    loop.run_for(std::chrono::milliseconds(3));
  }
  EXPECT_FALSE(writer.has_ended());
  EXPECT_EQ(outlet.count, 2u);
  while (outlet.count < lines) {
    outlet.accepts = 5000;
    tree->go_on();
    run_until("it says not now again", [&] { return outlet.accepts == 0 || outlet.count == lines; });
  }
  run_until("the writer ends", [&] { return writer.has_ended(); });
  for (int i = 0; i < lines; ++i) ASSERT_EQ(outlet.said[i], "ops: " + std::to_string(i + 1));
}

TEST_F(TreeInTest, NotesWhatWasRefusedAndGoesOn) {
  start_with("ops");
  outlet.refusal = "alice may not speak here";
  EXPECT_EQ(run("echo hi > ops/in"), 0);
  run_until("it is noted", [&] { return !read("ops/errors").empty(); });
  EXPECT_NE(read("ops/errors").find("Z not said: alice may not speak here\n"), std::string::npos);
  outlet.refusal.clear();
  EXPECT_EQ(run("echo hi > ops/in"), 0);
  run_until_said(1);
}

TEST_F(TreeInTest, KeepsItsErrorsSmallHoweverManyThereAre) {
  start_with("ops");
  outlet.refusal = "no";
  EXPECT_EQ(run("yes | head -n 200000 > ops/in"), 0);
  outlet.refusal.clear();
  EXPECT_EQ(run("echo done > ops/in"), 0);
  run_until_said(1);
  EXPECT_LT(read("ops/errors").size() + read("ops/errors.1").size(), 3u * 16 * 1024);
}

TEST_F(TreeInTest, LetsOneRoomsFloodNotStarveAnother) {
  start_with("ops");
  ASSERT_TRUE(tree->join(RoomName::literal("ci.main")));
  outlet.keeps = false;
  auto flood = shell("exec yes > ops/in");
  run_until_said(10000);
  auto other = shell("echo hi > ci.main/in");
  run_until("the other is heard", [&] { return outlet.counts["ci.main"] == 1; });
}

TEST_F(TreeInTest, SaysWhatLiesInItBeforeTheRoomIsLeft) {
  start_with("ops");
  auto writer = shell("printf 'a\\nb' > ops/in");
  test::wait_until("it has written", [&] { return writer.has_ended(); });
  tree->leave(RoomName::literal("ops"));
  EXPECT_EQ(outlet.said, (Strings{"ops: a", "ops: b"}));
}

}  // namespace
}  // namespace hubbub::agent
