#include "common/signals.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <string>
#include <thread>

#include "tests/unit/common/in_a_child.hpp"

namespace hubbub {
namespace {

TEST(SignalName, IsWhatPeopleCallIt) {
  EXPECT_EQ(signal_name(SIGKILL), "SIGKILL");
  EXPECT_EQ(signal_name(SIGRTMAX), "signal 64");
}

TEST(Signals, ComeAsEventsOfTheLoop) {
  EXPECT_EQ(in_a_child([](int pipe) {
              block_signals({SIGTERM, SIGHUP});
              asio::io_context loop;
              Signals signals;
              const auto started = signals.start(loop, {SIGTERM, SIGHUP}, [&](const Signal& signal) {
                const bool from_me = signal.sender_pid == ::getpid() && signal.sender_uid == ::getuid();
                tell(pipe, signal_name(signal.number) + (from_me ? " from me" : ""));
                if (signal.number == SIGTERM)
                  signals.stop();
                else
                  ::kill(::getpid(), SIGTERM);
              });
              if (!started) ::_exit(1);
              ::kill(::getpid(), SIGHUP);
              loop.run();
            }),
            "SIGHUP from me\nSIGTERM from me\nexit 0");
}

TEST(Signals, AreKeptFromBeforeTheLoopListened) {
  EXPECT_EQ(in_a_child([](int pipe) {
              block_signals({SIGTERM});
              ::kill(::getpid(), SIGTERM);
              asio::io_context loop;
              Signals signals;
              (void)signals.start(loop, {SIGTERM}, [&](const Signal& signal) {
                tell(pipe, signal_name(signal.number));
                signals.stop();
              });
              loop.run();
            }),
            "SIGTERM\nexit 0");
}

TEST(Signals, ReachTheLoopAndNotAThreadThatWasStartedLater) {
  EXPECT_EQ(in_a_child([](int pipe) {
              block_signals({SIGUSR1});
              asio::io_context loop;
              Signals signals;
              (void)signals.start(loop, {SIGUSR1}, [&](const Signal&) {
                tell(pipe, "told");
                signals.stop();
              });
              std::jthread other([] { ::pthread_kill(::pthread_self(), SIGCONT), ::kill(::getpid(), SIGUSR1); });
              loop.run();
            }),
            "told\nexit 0");
}

TEST(Signals, OfThePipeAreIgnored) {
  EXPECT_EQ(in_a_child([](int pipe) {
              block_signals({});
              int ends[2];
              if (::pipe(ends) != 0) ::_exit(1);
              ::close(ends[0]);
              tell(pipe, ::write(ends[1], "x", 1) < 0 && errno == EPIPE ? "EPIPE" : "no error");
            }),
            "EPIPE\nexit 0");
}

TEST(Signals, ThatNobodyBlockedStillKill) {
  EXPECT_EQ(in_a_child([](int) {
              block_signals({SIGTERM});
              ::raise(SIGUSR1);
            }),
            "killed by SIGUSR1");
}

TEST(Signals, EndWithTheirObject) {
  EXPECT_EQ(in_a_child([](int pipe) {
              block_signals({SIGTERM});
              asio::io_context loop;
              {
                Signals signals;
                (void)signals.start(loop, {SIGTERM}, [&](const Signal&) { tell(pipe, "told"); });
              }
              ::kill(::getpid(), SIGTERM);
              loop.run_for(std::chrono::milliseconds(50));
            }),
            "exit 0");
}

}  // namespace
}  // namespace hubbub
