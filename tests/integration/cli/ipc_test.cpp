// hubbub ipc: figures that can be, reasons where there are none, and nothing left behind. Needs no hub.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <mqueue.h>
#include <sched.h>

#include <cerrno>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/integration/cli/shell.hpp"
#include "tests/support/terminal.hpp"

namespace hubbub::test {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

std::vector<json> rows_of(const std::string& out) {
  std::vector<json> rows;
  std::istringstream lines(out);
  for (std::string line; std::getline(lines, line);) rows.push_back(json::parse(line));
  return rows;
}

std::vector<std::string> mechanisms_of(const std::vector<json>& rows) {
  std::vector<std::string> names;
  for (const auto& row : rows) names.push_back(row.at("mechanism"));
  return names;
}

void expect_plausible(const json& row) {
  const double p50 = row.at("p50_us"), p99 = row.at("p99_us"), per_second = row.at("messages_per_second");
  EXPECT_GT(p50, 0.01) << row;
  EXPECT_GE(p99, p50) << row;
  EXPECT_LT(p99, 10e6) << row;
  EXPECT_GE(row.at("round_trips"), 100) << row;
  EXPECT_GT(row.at("messages"), 0) << row;
  EXPECT_LT(per_second, 1e9) << row;
  const double bytes = row.at("bytes"), megabytes = row.at("megabytes_per_second");
  EXPECT_NEAR(megabytes, per_second * bytes / 1e6, 0.001 + bytes / 1e6) << row;
}

std::vector<pid_t> children_of(pid_t pid) {
  std::istringstream text(read_file("/proc/" + std::to_string(pid) + "/task/" + std::to_string(pid) + "/children"));
  std::vector<pid_t> children;
  for (pid_t child = 0; text >> child;) children.push_back(child);
  return children;
}

/// One that has ended and that nobody collects doesn't.
bool runs(pid_t pid) {
  const auto stat = read_file("/proc/" + std::to_string(pid) + "/stat");
  return !stat.empty() && stat.find(") Z ") == std::string::npos;
}

std::vector<std::string> names_in(const std::string& folder) {
  std::vector<std::string> names;
  std::error_code missing;
  for (const auto& entry : std::filesystem::directory_iterator(folder, missing))
    names.push_back(entry.path().filename());
  return names;
}

class Ipc : public testing::Test {
 protected:
  Ipc() {
    std::filesystem::create_directory(shell.path("tmp"));
    shell.environment = {{"HUBBUB_URL", "unix:///nowhere"}, {"TMPDIR", shell.path("tmp")}, {"LC_ALL", "C"}};
  }

  /// Measures for long; returns once its two processes are there.
  Job start_measuring(const std::string& words) {
    Job job = shell.start("echo $$ > pid; exec hubbub ipc --json " + words);
    wait_until("it has told its process id", [&] { return read_file(shell.path("pid")).ends_with('\n'); });
    pid = std::stoi(read_file(shell.path("pid")));
    wait_until("two processes are at work", [&] { return (children = children_of(pid)).size() == 2; });
    return job;
  }

  void expect_nothing_left() {
    wait_until("its processes have ended", [&] { return !runs(children[0]) && !runs(children[1]); });
    EXPECT_THAT(names_in(shell.path("tmp")), IsEmpty());
    EXPECT_THAT(names_in("/dev/shm"), Not(testing::Contains(HasSubstr("hubbub-ipc"))));
    for (const auto* direction : {"there", "back"}) {
      const auto name = "/hubbub-ipc-" + std::to_string(pid) + "-" + direction;
      EXPECT_EQ(::mq_open(name.c_str(), O_RDONLY), -1) << name << " is still there";
    }
  }

  Shell shell;
  pid_t pid = -1;
  std::vector<pid_t> children;
};

TEST_F(Ipc, EveryMechanismHasPlausibleFiguresOrAReason) {
  const auto ran = shell.run("hubbub ipc --json --seconds 0.05");
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(ran.err, "");
  const auto rows = rows_of(ran.out);
  EXPECT_THAT(mechanisms_of(rows),
              ElementsAre("pipe", "fifo", "unix", "datagram", "tcp", "queue", "spin", "futex", "signal"));
  for (const auto& row : rows) {
    if (row.contains("error")) {
      EXPECT_EQ(row.at("status"), "unavailable") << row;
    } else {
      expect_plausible(row);
    }
  }
  for (const auto at : {0, 1, 2, 3, 4, 7}) EXPECT_FALSE(rows.at(at).contains("error")) << rows.at(at);
}

TEST_F(Ipc, MessagesAreAsLongAsIsAskedFor) {
  const auto rows = rows_of(shell.run("hubbub ipc pipe unix futex --json --seconds 0.05 --bytes 300000").out);
  EXPECT_THAT(mechanisms_of(rows), ElementsAre("pipe", "unix", "futex"));
  for (const auto& row : rows) {
    EXPECT_EQ(row.at("bytes"), 300'000);
    expect_plausible(row);
  }
}

TEST_F(Ipc, ADatagramIsAsLongAsTheSystemLetsItBe) {
  const auto ran = shell.run("hubbub ipc datagram --seconds 0.05 --bytes 1048576");
  const bool fits = 2 * std::stol(read_file("/proc/sys/net/core/wmem_max")) > 1'048'576 + 32;
  EXPECT_EQ(ran.code == 0, fits) << ran.out;
  EXPECT_EQ(ran.out.find("net.core.wmem_max") == std::string::npos, fits) << ran.out;
}

TEST_F(Ipc, APersonGetsATableBarsAndASentenceOnEach) {
  const auto ran = shell.run("hubbub ipc futex pipe --seconds 0.05");
  EXPECT_EQ(ran.code, 0);
  EXPECT_EQ(ran.err, "");
  EXPECT_THAT(ran.out, HasSubstr("Two processes, "));
  EXPECT_THAT(ran.out, HasSubstr("p50 us   p99 us   messages/s    MB/s"));
  EXPECT_THAT(ran.out, HasSubstr("#"));
  EXPECT_THAT(ran.out, HasSubstr("  pipe   One program's output is another's input"));
  EXPECT_THAT(ran.out, Not(HasSubstr("\x1b"))) << "not a terminal";
  EXPECT_LT(ran.out.find("\nfutex"), ran.out.find("\npipe")) << "in the order that is asked for";
}

TEST_F(Ipc, AnotherMechanismIsAMistakeThatNamesThoseThereAre) {
  const auto ran = shell.run("hubbub ipc pipe pigeon");
  EXPECT_EQ(ran.code, 64);
  EXPECT_EQ(ran.out, "");
  EXPECT_THAT(ran.err, HasSubstr("'pigeon' is not one of pipe, fifo, unix, datagram, tcp, queue, spin, futex, signal"));
}

TEST_F(Ipc, SoIsATimeOrALengthThatMakesNoSense) {
  EXPECT_THAT(shell.run("hubbub ipc --seconds 0").err, HasSubstr("from 0.01 to 600 seconds"));
  EXPECT_THAT(shell.run("hubbub ipc --bytes 7").err, HasSubstr("from 8 to 1048576"));
}

TEST_F(Ipc, WhatTheMachineRefusesIsARowAndTheOthersGoOn) {
  const auto ran = shell.run("bash -c 'ulimit -q 0; hubbub ipc queue pipe --json --seconds 0.05'");
  EXPECT_EQ(ran.code, 0);
  const auto rows = rows_of(ran.out);
  EXPECT_EQ(rows.at(0).at("status"), "unavailable");
  EXPECT_THAT(std::string(rows.at(0).at("error")), HasSubstr("queue"));
  expect_plausible(rows.at(1));
}

TEST_F(Ipc, WhereNothingCanBeMeasuredTheExitCodeSaysSo) {
  const auto ran = shell.run("bash -c 'ulimit -i 0; TMPDIR=/nowhere hubbub ipc fifo signal --seconds 0.05'");
  EXPECT_EQ(ran.code, 69);
  EXPECT_THAT(ran.out, HasSubstr("fifo      can't make a temporary folder: No such file or directory\n"));
  EXPECT_THAT(ran.out, HasSubstr("signal    no signal may queue (ulimit -i)\n"));
}

TEST_F(Ipc, OnASingleCpuNobodySpins) {
  cpu_set_t before, one;
  ASSERT_EQ(::sched_getaffinity(0, sizeof before, &before), 0);
  CPU_ZERO(&one);
  for (int cpu = 0; cpu < CPU_SETSIZE && CPU_COUNT(&one) == 0; ++cpu)
    if (CPU_ISSET(cpu, &before)) CPU_SET(cpu, &one);
  ASSERT_EQ(::sched_setaffinity(0, sizeof one, &one), 0);
  const auto ran = shell.run("hubbub ipc spin futex --json --seconds 0.05");
  ::sched_setaffinity(0, sizeof before, &before);
  const auto rows = rows_of(ran.out);
  EXPECT_THAT(std::string(rows.at(0).at("error")), HasSubstr("needs two CPUs"));
  EXPECT_EQ(rows.at(1).at("cpus"), 1);
  expect_plausible(rows.at(1));
}

TEST_F(Ipc, AProcessThatDiesIsAnErrorAndTheOthersGoOn) {
  for (const std::size_t which : {0, 1}) {
    Job job = start_measuring("futex fifo --seconds 4");
    ::kill(children.at(which), SIGKILL);
    EXPECT_EQ(job.wait(), 70) << job.out();
    const auto rows = rows_of(job.out());
    EXPECT_EQ(rows.at(0).at("status"), "internal");
    EXPECT_THAT(std::string(rows.at(0).at("error")), HasSubstr("process was killed by signal 9"));
    expect_plausible(rows.at(1));
    std::filesystem::remove(shell.path("pid"));
  }
}

TEST_F(Ipc, InterruptedItEndsAtOnceAndLeavesNothing) {
  for (const auto* mechanism : {"fifo", "queue", "futex", "signal", "tcp"}) {
    Job job = start_measuring(std::string(mechanism) + " --seconds 600");
    job.signal_alone(SIGINT);
    EXPECT_EQ(job.wait(), 130) << mechanism;
    EXPECT_EQ(job.out(), "");
    expect_nothing_left();
    std::filesystem::remove(shell.path("pid"));
  }
}

TEST_F(Ipc, ItsProcessesDontOutliveItHoweverItEnds) {
  Job job = start_measuring("fifo --seconds 600");
  job.signal_alone(SIGKILL);
  EXPECT_EQ(job.wait(), 137);
  expect_nothing_left();
}

TEST_F(Ipc, OnATerminalItSaysWhatItIsDoing) {
  TerminalProgram ipc({"hubbub", "ipc", "pipe", "futex", "--seconds", "2"}, {24, 100, {{"LC_ALL", "C.UTF-8"}}});
  ipc.wait_for("measuring pipe (1 of 2)");
  ipc.wait_for("measuring futex (2 of 2)");
  EXPECT_EQ(ipc.wait(), 0);
  ipc.wait_for("█");
  ipc.wait_until_gone("measuring");
}

TEST_F(Ipc, CtrlCOnATerminalEndsIt) {
  TerminalProgram ipc({"hubbub", "ipc", "--seconds", "600"});
  ipc.wait_for("measuring pipe (1 of 9)");
  ipc.type("\x03");
  EXPECT_EQ(ipc.wait(), 130);
}

}  // namespace
}  // namespace hubbub::test
