#include "common/process.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cerrno>
#include <csignal>
#include <fstream>

#include "tests/unit/common/in_a_child.hpp"

namespace hubbub {
namespace {

using testing::HasSubstr;
using testing::Not;

struct Ran {
  std::string out;
  int status = -1;
};

/// What it writes to stdout, and how it ends.
Ran run(Program program) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return {"no pipe"};
  Descriptor from(ends[0]), to(ends[1]);
  program.output = to.get();
  const auto process = start_process(program);
  if (!process) return {process.error().message()};
  ::close(to.release());
  Ran ran;
  char buffer[4096];
  for (ssize_t size; (size = ::read(from.get(), buffer, sizeof buffer)) > 0;)
    ran.out.append(buffer, static_cast<std::size_t>(size));
  ::waitpid(process->pid, &ran.status, 0);
  return ran;
}

Program shell(std::string command) {
  Program program;
  program.words = {"sh", "-c", std::move(command)};
  return program;
}

TEST(Process, IsFoundByPathAndGetsItsWords) {
  Program program;
  program.words = {"printf", "%s,", "a b", ""};
  EXPECT_EQ(run(program).out, "a b,,");
}

TEST(Process, ThatIsNotThereIsSaidAtOnce) {
  Program program;
  program.words = {"/nowhere/at all"};
  const auto process = start_process(program);
  ASSERT_FALSE(process);
  EXPECT_EQ(process.error().value(), ENOENT);
  EXPECT_EQ(process.error().message(), "No such file or directory");
}

TEST(Process, TellsByItsDescriptorThatItHasEnded) {
  const auto process = start_process(shell("exit 3"));
  ASSERT_TRUE(process);
  ASSERT_TRUE(process->handle.is_open());
  pollfd ended{process->handle.get(), POLLIN, 0};
  EXPECT_EQ(::poll(&ended, 1, 60'000), 1);
  int status = 0;
  EXPECT_EQ(::waitpid(process->pid, &status, WNOHANG), process->pid);
  EXPECT_EQ(describe_end(status), "exited with status 3");
}

TEST(Process, WithoutAStreamReadsNothingAndWritesNowhere) {
  auto program = shell("cat; echo lost >&2; readlink /proc/self/fd/0 /proc/$$/fd/2");
  program.input = program.error = no_stream;
  EXPECT_EQ(run(program).out, "/dev/null\n/dev/null\n");
}

TEST(Process, GetsStreamsThatStandInEachOthersPlaces) {
  EXPECT_EQ(in_a_child([](int pipe) {
              ::dup2(pipe, STDOUT_FILENO);
              ::dup2(pipe, STDERR_FILENO);
              const int nothing = ::open("/dev/null", O_RDWR | O_CLOEXEC);
              auto program = shell("echo out; echo err >&2; readlink /proc/$$/fd/2");
              program.output = STDERR_FILENO;
              ::dup2(nothing, STDOUT_FILENO);
              program.error = STDOUT_FILENO;
              const auto process = start_process(program);
              if (process) ::waitpid(process->pid, nullptr, 0);
            }),
            "out\n/dev/null\nexit 0");
}

TEST(Process, HasNoDescriptorButItsStreamsUnlessItIsToInheritThem) {
  const Descriptor stray(::open("/dev/zero", O_RDONLY));  // not O_CLOEXEC
  auto program = shell("ls -l /proc/$$/fd");
  EXPECT_THAT(run(program).out, Not(HasSubstr("/dev/zero")));
  program.keeps_inherited = true;
  EXPECT_THAT(run(program).out, HasSubstr("/dev/zero"));
}

TEST(Process, LeadsAGroupOfItsOwnOrIsInOurs) {
  auto program = shell("echo $(ps -o pgid= -p $$) $$");
  const auto alone = run(program).out;
  const auto space = alone.find(' ');
  EXPECT_EQ(alone.substr(0, space) + '\n', alone.substr(space + 1));
  program.own_group = false;
  EXPECT_THAT(run(program).out, testing::StartsWith(std::to_string(::getpgrp()) + ' '));
}

TEST(Process, OfASessionOfItsOwnHasNoTerminal) {
  auto program = shell("echo $(cut -d' ' -f6,7 /proc/$$/stat) $$");
  program.own_session = true;
  EXPECT_THAT(run(program).out, testing::MatchesRegex("([0-9]+) 0 [0-9]+\n"));
  program.words.back() = "[ $(cut -d' ' -f6 /proc/$$/stat) = $$ ] && echo leads";
  EXPECT_EQ(run(program).out, "leads\n");
}

/// The masks of /proc/PID/status as the program has them: "SigBlk:…", "SigIgn:…".
Program show_masks() {
  Program program;
  program.words = {"grep", "-E", "SigBlk|SigIgn", "/proc/self/status"};
  return program;
}

TEST(Process, HasNoSignalBlockedOrIgnored) {
  EXPECT_EQ(in_a_child([](int pipe) {
              block_signals({SIGTERM, SIGCHLD, SIGUSR1});  // and ignores SIGPIPE
              for (const int number : {SIGHUP, SIGINT, SIGQUIT}) std::signal(number, SIG_DFL);
              tell(pipe, run(show_masks()).out);
            }),
            "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n\nexit 0");
}

TEST(Process, LeavesIgnoredWhatNohupAndScriptsIgnore) {
  EXPECT_EQ(in_a_child([](int pipe) {
              for (const int number : {SIGHUP, SIGINT, SIGQUIT}) std::signal(number, SIG_IGN);
              tell(pipe, run(show_masks()).out);
            }),
            "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000007\n\nexit 0");
}

TEST(Process, OfAFileWithoutAnInterpreterIsTheShells) {
  const auto script = testing::TempDir() + "no_interpreter." + std::to_string(::getpid());
  std::ofstream(script) << "echo \"script $1\"\n";
  ::chmod(script.c_str(), 0700);
  Program program;
  program.words = {script, "a b"};
  EXPECT_EQ(run(program).out, "script a b\n");
  ::unlink(script.c_str());
}

TEST(Process, GetsOurEnvironmentWithWhatIsAddedToIt) {
  EXPECT_EQ(in_a_child([](int pipe) {
              ::setenv("HUBBUB_A", "old", 1);
              ::setenv("HUBBUB_AB", "kept", 1);
              ::setenv("HUBBUB_HEADER_X", "stale", 1);
              auto program = shell("echo $HUBBUB_A $HUBBUB_AB $HUBBUB_HEADER_X $HUBBUB_HEADER_Y");
              program.environment = environment_with({"HUBBUB_A=new", "HUBBUB_HEADER_Y=y"}, "HUBBUB_HEADER_");
              tell(pipe, run(program).out);
            }),
            "new kept y\n\nexit 0");
}

TEST(Process, IsSaidToHaveEndedAsItDid) {
  EXPECT_EQ(describe_end(0), "");
  EXPECT_EQ(describe_end(3 << 8), "exited with status 3");
  EXPECT_EQ(describe_end(9), "was killed by signal 9 (Killed)");
}

}  // namespace
}  // namespace hubbub
