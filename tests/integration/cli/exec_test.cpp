// `hubbub sub --exec`: one process a message, one after another.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/integration/cli/shell.hpp"

namespace hubbub::test {
namespace {

using testing::HasSubstr;

class Exec : public testing::Test {
 protected:
  Shell shell;
};

TEST_F(Exec, GivesTheBodyAndWhatElseIsKnown) {
  shell.run("hubbub --name alice pub jobs -m 'the body' --header file-name='a b'");
  const auto ran = shell.run(
      R"(hubbub sub jobs --last -n 1 --exec 'echo "$HUBBUB_ROOM $HUBBUB_SEQ $HUBBUB_FROM $HUBBUB_KIND $HUBBUB_HEADER_FILE_NAME"; cat')");
  EXPECT_EQ(ran.out, "jobs 1 alice text a b\nthe body");
}

TEST_F(Exec, RunsOneAfterAnother) {
  shell.run("seq 20 | hubbub pub jobs");
  const auto ran = shell.run("hubbub sub jobs --from 1 -n 20 --exec 'mkdir busy || exit 1; cat; echo; rmdir busy'");
  EXPECT_EQ(ran.out, shell.run("seq 20").out);
  EXPECT_EQ(ran.err, "");
}

TEST_F(Exec, TellsFailuresAndGoesOn) {
  shell.run("seq 2 | hubbub pub jobs");
  const auto ran = shell.run("hubbub sub jobs --from 1 -n 2 --exec 'exit $HUBBUB_SEQ'");
  EXPECT_EQ(ran.code, 0);
  EXPECT_THAT(ran.err, HasSubstr("message 1 of #jobs exited with status 1"));
  EXPECT_THAT(ran.err, HasSubstr("message 2 of #jobs exited with status 2"));
}

TEST_F(Exec, CaresNotWhetherTheCommandReadsTheBody) {
  EXPECT_EQ(shell.run("head -c 1000000 /dev/zero | hubbub pub jobs --whole").code, 0);
  EXPECT_EQ(shell.run("hubbub sub jobs --last -n 1 --exec true").code, 0);
  EXPECT_EQ(shell.run("hubbub sub jobs --last -n 1 --exec 'wc -c'").out, "1000000\n");
}

TEST_F(Exec, LetsTheCommandTalkToTheSameHub) {
  shell.run("hubbub pub jobs -m question");
  shell.environment.erase("HUBBUB_URL");
  EXPECT_EQ(shell
                .run("hubbub --hub " + shell.hub().unix_url() +
                     " sub jobs --last -n 1 --exec 'hubbub pub answers && hubbub history answers -F {body}'")
                .out,
            "question\n");
}

TEST_F(Exec, KeepsItsConnectionToItself) {
  shell.run("hubbub pub jobs -m x");
  const Job cut =
      shell.start("hubbub sub jobs --last --exec 'setsid sleep 60 & echo $! > left; ls -l /proc/$!/fd; echo began'");
  cut.wait_for_out("began");
  EXPECT_EQ(cut.out().find("socket:"), std::string::npos) << cut.out();
  cut.signal(SIGKILL);
  wait_until("the hub has noticed", [&] { return shell.run("hubbub rooms jobs").out.find("jobs  0  0") == 0; });
  shell.run("kill $(cat left)");
}

TEST_F(Exec, EndsTheCommandWithItself) {
  shell.run("hubbub pub jobs -m x");
  Job sub = shell.start("exec hubbub sub jobs --last --exec 'echo $$; exec sleep 60'");
  sub.wait_for_out("\n");
  const auto command = "/proc/" + sub.out().substr(0, sub.out().find('\n')) + "/stat";
  ASSERT_THAT(read_file(command), HasSubstr(" (s"));
  sub.signal_alone(SIGTERM);
  EXPECT_EQ(sub.wait(), 143);
  wait_until("the command has ended, though nobody may have reaped it yet", [&] {
    const auto stat = read_file(command);
    return stat.empty() || stat.find(") Z ") != std::string::npos;
  });
}

}  // namespace
}  // namespace hubbub::test
