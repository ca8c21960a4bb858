// When `hubbub sub` begins, what it writes, and when it ends.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/integration/cli/shell.hpp"

namespace hubbub::test {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;

class Sub : public testing::Test {
 protected:
  Shell shell;
};

TEST_F(Sub, WritesEachBodyAsItComes) {
  Job sub = shell.start_sub("lobby");
  shell.run("hubbub pub lobby -m one");
  sub.wait_for_out("one\n");
  shell.run("hubbub pub lobby -m two");
  sub.wait_for_out("one\ntwo\n");
}

TEST_F(Sub, ReceivesAllRoomsOfItsPatterns) {
  Job sub = shell.start_sub("'ci.*' 'ops.>' -n 3 -F '{room} {body}'");
  shell.run(
      "hubbub pub ci.main -m a; hubbub pub ci.main.x -m no; hubbub pub ops.a.b -m b; hubbub pub lobby -m no; hubbub "
      "pub ci.b -m c");
  EXPECT_EQ(sub.wait(), 0);
  EXPECT_EQ(sub.out(), "ci.main a\nops.a.b b\nci.b c\n");
}

TEST_F(Sub, KeepsOrderAndLosesNothingWhenMuchComesAtOnce) {
  write_file(shell.path("expected"), shell.run("seq 50000").out);
  Job sub = shell.start_sub("lobby -n 50000");
  EXPECT_EQ(shell.run("hubbub pub lobby < expected").code, 0);
  EXPECT_EQ(sub.wait(), 0);
  EXPECT_EQ(sub.out(), read_file(shell.path("expected"))) << sub.err();
}

TEST_F(Sub, ShowsWhereWhenAndWho) {
  shell.run("hubbub --name alice pub lobby -m hi");
  EXPECT_THAT(shell.run("hubbub sub lobby --last -n 1 -v").out,
              MatchesRegex("lobby 1 [0-9]+-[0-9]+-[0-9]+T[0-9:.]+Z ~alice hi\n"));
}

TEST_F(Sub, WritesJsonForPrograms) {
  shell.run("hubbub --name alice pub lobby -m hi --header a=b");
  EXPECT_THAT(shell.run("hubbub sub lobby --last -n 1 --json").out,
              MatchesRegex(R"(\{"room":"lobby","seq":1,"time":"[^"]+","from":"alice","verified":false,"kind":"text",)"
                           R"("headers":\{"a":"b"\},"text":"hi"\}.)"));
}

TEST_F(Sub, EndsEachMessageAsItIsTold) {
  shell.run("seq 2 | hubbub pub lobby");
  for (const auto* how : {"", " -F '{body}'", " -F '{json}'", " --json", " -v"}) {
    const auto ends = [&](const std::string& end) {
      return shell.run("hubbub sub lobby --from 1 -n 2 " + end + how + " | tr -cd '\\0\\n' | tr '\\0\\n' '0n'").out;
    };
    EXPECT_EQ(ends(""), "nn") << how;
    EXPECT_EQ(ends("-0"), "00") << how;
    EXPECT_EQ(ends("-N"), "") << how;
  }
}

TEST_F(Sub, BeginsWhereItIsTold) {
  shell.run("seq 5 | hubbub pub lobby");
  EXPECT_EQ(shell.run("hubbub sub lobby --from 3 -n 2").out, "3\n4\n");
  EXPECT_EQ(shell.run("hubbub sub lobby --last -n 1").out, "5\n");
}

TEST_F(Sub, EndsAfterATimeOrASilence) {
  EXPECT_EQ(shell.run("hubbub sub lobby --for 100ms").code, 0);
  EXPECT_EQ(shell.run("hubbub sub lobby --until-idle 100ms").code, 0);
  shell.run("seq 3 | hubbub pub lobby");
  EXPECT_EQ(shell.run("hubbub sub lobby --from 1 --until-idle 2s").out, "1\n2\n3\n");
}

TEST_F(Sub, FailsWithTheCodeOfTimeoutWhenTooFewCame) {
  EXPECT_EQ(shell.run("hubbub sub lobby -n 1 --for 100ms").code, 124);
  EXPECT_EQ(shell.run("hubbub sub lobby -n 1 --until-idle 100ms").code, 124);
}

TEST_F(Sub, SharesTheMessagesOfAGroup) {
  Job first = shell.start_sub("jobs --group workers");
  Job second = shell.start_sub("jobs --group workers");
  shell.run("seq 100 | hubbub pub jobs");
  const auto lines = [](const std::string& text) { return std::count(text.begin(), text.end(), '\n'); };
  wait_until("all came", [&] { return lines(first.out()) + lines(second.out()) >= 100; });
  EXPECT_EQ(lines(first.out()) + lines(second.out()), 100);
  EXPECT_GT(lines(first.out()), 0);
  EXPECT_GT(lines(second.out()), 0);
}

TEST_F(Sub, TellsWhichMessagesAreGone) {
  HubOptions options;
  options.flags = {"--tail-messages", "10"};
  Shell small(options);
  small.run("seq 50 | hubbub pub lobby");
  const auto kept = small.run("hubbub history lobby --all -F '{body}'").out;
  const auto first = std::stoi(kept);
  EXPECT_GT(first, 1);
  const auto ran = small.run("hubbub sub lobby --from 1 -n " + std::to_string(50 - first + 1));
  EXPECT_THAT(ran.err, HasSubstr("lost: messages 1 to " + std::to_string(first - 1) + " "));
  EXPECT_EQ(ran.out, kept);
}

TEST_F(Sub, RefusesWhatMakesNoSense) {
  EXPECT_EQ(shell.run("hubbub sub").code, 64);
  EXPECT_EQ(shell.run("hubbub sub lobby -n 0").code, 64);
  EXPECT_EQ(shell.run("hubbub sub lobby --json -v").code, 64);
  EXPECT_EQ(shell.run("hubbub sub lobby --from 1 --last").code, 64);
  EXPECT_EQ(shell.run("hubbub sub lobby --format '{nothing}'").code, 64);
  EXPECT_EQ(shell.run("hubbub sub lobby --for soon").code, 64);
  EXPECT_EQ(shell.run("hubbub sub 'a..b'").code, 64);
  EXPECT_EQ(shell.run("hubbub sub lobby --group ''").code, 64);
  EXPECT_EQ(shell.run("hubbub sub lobby --timeout 0").code, 64);
  EXPECT_EQ(shell.run("hubbub rooms --names --json").code, 64);
}

}  // namespace
}  // namespace hubbub::test
