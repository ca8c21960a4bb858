#include "client/cli/run_report.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <csignal>

namespace hubbub::cli {
namespace {

using std::chrono::milliseconds;
using testing::EndsWith;

const RunSubject subject{"abc", "make all", "build1", 4711};
constexpr RunEnd::How killed = RunEnd::How::killed, not_started = RunEnd::How::not_started;

std::string header(const link::Outgoing& message, std::string_view key) {
  for (const auto& header : message.headers.list)
    if (header.key == key) return header.value;
  return "none";
}

TEST(RunReport, TellsThatItHasVanished) {
  const auto message = tell_vanished(subject);
  EXPECT_EQ(message.body, "vanished: make all (pid 4711 on build1); nobody tells how it ends");
  EXPECT_EQ(message.kind, proto::Kind::notice);
  EXPECT_EQ(header(message, "run"), "vanished");
  EXPECT_EQ(header(message, "run-id"), "abc");
}

TEST(RunReport, TellsTheStart) {
  const auto message = tell_start(subject);
  EXPECT_EQ(message.body, "started: make all (pid 4711 on build1)");
  EXPECT_EQ(message.kind, proto::Kind::notice);
  EXPECT_EQ(header(message, "run"), "start");
  EXPECT_EQ(header(message, "run-id"), "abc");
  EXPECT_EQ(header(message, "run-host"), "build1");
  EXPECT_EQ(header(message, "run-pid"), "4711");
  EXPECT_TRUE(proto::check_outgoing(message.kind, message.headers, message.body));
}

TEST(RunReport, TellsHowItEnded) {
  EXPECT_EQ(tell_end(subject, end_of(0, milliseconds(1500)), "").body, "succeeded after 1.5s: make all (on build1)");
  EXPECT_EQ(tell_end(subject, end_of(2 << 8, milliseconds(20)), "a\nb").body,
            "failed with exit code 2 after 20ms: make all (on build1)\na\nb");
  EXPECT_EQ(tell_end(subject, end_of(SIGKILL, milliseconds(20)), "").body,
            "killed by SIGKILL after 20ms: make all (on build1)");
  EXPECT_EQ(tell_end(subject, {not_started, ENOENT}, "").body,
            "could not be started: make all (on build1): No such file or directory");
}

TEST(RunReport, TellsProgramsHowItEnded) {
  const auto failed = tell_end(subject, end_of(2 << 8, milliseconds(1500)), "");
  EXPECT_EQ(header(failed, "run"), "end");
  EXPECT_EQ(header(failed, "run-id"), "abc");
  EXPECT_EQ(header(failed, "run-ms"), "1500");
  EXPECT_EQ(header(failed, "run-exit"), "2");
  EXPECT_EQ(header(failed, "run-signal"), "none");
  const auto killed_one = tell_end(subject, end_of(SIGSEGV, milliseconds(1)), "");
  EXPECT_EQ(header(killed_one, "run-signal"), "SIGSEGV");
  EXPECT_EQ(header(killed_one, "run-exit"), "none");
  EXPECT_TRUE(proto::check_outgoing(failed.kind, failed.headers, failed.body));
}

TEST(RunReport, HasTheExitCodesOfAShell) {
  EXPECT_EQ(exit_code_of(end_of(0, {})), 0);
  EXPECT_EQ(exit_code_of(end_of(3 << 8, {})), 3);
  EXPECT_EQ(exit_code_of(RunEnd{killed, SIGTERM}), 143);
  EXPECT_EQ(exit_code_of(RunEnd{not_started, ENOENT}), 127);
  EXPECT_EQ(exit_code_of(RunEnd{not_started, EACCES}), 126);
}

TEST(RunReport, ShowsTheCommandAsOneCouldTypeIt) {
  EXPECT_EQ(title_of({}, {"make", "-j4", "CC=gcc", "all"}), "make -j4 CC=gcc all");
  EXPECT_EQ(title_of({}, {"sh", "-c", "echo 'a b'", ""}), R"(sh -c 'echo '\''a b'\''' '')");
  EXPECT_EQ(title_of({}, {"grüße", "*"}), "grüße '*'");
  EXPECT_EQ(title_of("nightly", {"make"}), "nightly");
}

TEST(RunReport, ShowsATitleHarmlesslyAndInBounds) {
  EXPECT_EQ(title_of("a\nb\x1b", {}), R"(a\nb\x1b)");
  std::string umlauts = "x";
  for (int i = 0; i < 1000; ++i) umlauts += "ä";
  EXPECT_EQ(title_of(umlauts, {}).size(), 511 + std::string("…").size()) << "no half of a character";
  EXPECT_THAT(title_of(umlauts, {}), EndsWith("ä…"));
}

TEST(RunReport, ShowsSpansAsPeopleReadThem) {
  EXPECT_EQ(show_span(milliseconds(0)), "0ms");
  EXPECT_EQ(show_span(milliseconds(340)), "340ms");
  EXPECT_EQ(show_span(milliseconds(1299)), "1.2s");
  EXPECT_EQ(show_span(milliseconds(45'999)), "45s");
  EXPECT_EQ(show_span(milliseconds(192'000)), "3m12s");
  EXPECT_EQ(show_span(milliseconds(7'500'000)), "2h05m");
}

}  // namespace
}  // namespace hubbub::cli
