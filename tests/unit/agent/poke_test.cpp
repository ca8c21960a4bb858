#include "client/agent/poke.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/wait.h>

#include <csignal>
#include <fstream>
#include <iterator>

#include "client/agent/poke_signal.hpp"
#include "client/agent/poke_target.hpp"
#include "tests/support/deadline.hpp"

namespace hubbub::agent {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;
using testing::IsEmpty;

/// A process that writes the number of each signal that it gets to a pipe, as a status bar draws itself.
class Bar {
 public:
  enum Kind { handles_all, dies_of_all };

  explicit Bar(Kind kind = handles_all) {
    int ends[2];
    if (::pipe2(ends, O_NONBLOCK | O_CLOEXEC) != 0) throw test::Failure("no pipe");
    read_ = Descriptor(ends[0]);
    const Descriptor write(ends[1]);
    pid_ = ::fork();
    if (pid_ == 0) live(kind, ends[1]);
    wait_for(0);
  }
  ~Bar() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  Bar(const Bar&) = delete;
  Bar& operator=(const Bar&) = delete;

  [[nodiscard]] int pid() const { return pid_; }
  /// All that have come by now.
  std::vector<int> signals() {
    for (int number = 0; ::read(read_.get(), &number, sizeof number) == sizeof number;) seen_.push_back(number);
    return seen_;
  }
  /// Ends it, but leaves its number taken until collect().
  void end() const { ::kill(pid_, SIGKILL); }
  void collect() {
    ::waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }

 private:
  static void live(Kind kind, int pipe) {
    ::alarm(120);
    sigset_t all;
    sigfillset(&all);
    sigdelset(&all, SIGALRM);
    if (kind == handles_all) ::sigprocmask(SIG_SETMASK, &all, nullptr);
    for (int number = 0;;) {
      if (::write(pipe, &number, sizeof number) < 0) ::_exit(1);
      if (kind == dies_of_all) ::pause();
      if (::sigwait(&all, &number) != 0) ::_exit(1);
    }
  }
  void wait_for(int number) {
    test::wait_until("the process runs", [&] { return !signals().empty(); });
    ASSERT_EQ(seen_.front(), number);
    seen_.clear();
  }

  pid_t pid_ = -1;
  Descriptor read_;
  std::vector<int> seen_;
};

class PokesTest : public testing::Test {
 protected:
  template <class Condition>
  void run_until(const char* what, Condition holds) {
    test::wait_until(what, [&] {
      loop_.restart();
      loop_.run_for(milliseconds(1));
      return holds();
    });
  }
  void happen(PokeOn kind, int times = 1) {
    for (int i = 0; i < times; ++i) pokes_->happened(kind);
  }
  void make(Pokes::Bounds bounds) {
    pokes_.emplace(loop_, clock_, bounds, [this](const auto& sentence) { dropped_.push_back(sentence); });
  }

  asio::io_context loop_;
  SystemClock clock_;
  std::vector<std::string> dropped_;
  std::optional<Pokes> pokes_{std::in_place, loop_, clock_, Pokes::Bounds{},
                              [this](const auto& sentence) { dropped_.push_back(sentence); }};
};

TEST_F(PokesTest, PokesAtOnceWhoWantsThat) {
  Bar bar;
  ASSERT_TRUE(pokes_->add(bar.pid(), SIGRTMIN + 8, {PokeOn::mention}));
  happen(PokeOn::mention);
  run_until("it is poked", [&] { return bar.signals() == std::vector{SIGRTMIN + 8}; });
}

TEST_F(PokesTest, LeavesAloneWhoWantsSomethingElse) {
  Bar other, bar;
  ASSERT_TRUE(pokes_->add(other.pid(), SIGUSR1, {PokeOn::unread, PokeOn::presence}));
  ASSERT_TRUE(pokes_->add(bar.pid(), SIGUSR1, {PokeOn::mention}));
  happen(PokeOn::mention);
  run_until("the one is poked", [&] { return !bar.signals().empty(); });
  EXPECT_THAT(other.signals(), IsEmpty());
}

TEST_F(PokesTest, PokesOnceForAllThatHappensWithinAnInterval) {
  make({.interval_min = std::chrono::hours(1)});
  Bar bar;
  ASSERT_TRUE(pokes_->add(bar.pid(), SIGRTMIN, {PokeOn::unread}));
  happen(PokeOn::unread, 1000);
  run_until("it is poked", [&] { return !bar.signals().empty(); });
  // Real-time signals queue: another one would have come before this.
  ::kill(bar.pid(), SIGRTMIN + 1);
  run_until("it is through", [&] { return bar.signals().back() == SIGRTMIN + 1; });
  EXPECT_THAT(bar.signals(), testing::ElementsAre(SIGRTMIN, SIGRTMIN + 1));
}

TEST_F(PokesTest, PokesAgainAtTheEndOfTheIntervalForWhatCameWithin) {
  make({.interval_min = milliseconds(300)});
  Bar bar;
  ASSERT_TRUE(pokes_->add(bar.pid(), SIGRTMIN, {PokeOn::unread}));
  const auto begun = clock_.steady_now();
  happen(PokeOn::unread, 2);
  run_until("it is poked twice", [&] { return bar.signals().size() == 2; });
  EXPECT_GE(clock_.steady_now() - begun, milliseconds(300));
}

TEST_F(PokesTest, ForgetsAProcessThatEnds) {
  Bar bar;
  ASSERT_TRUE(pokes_->add(bar.pid(), SIGUSR1, {PokeOn::unread}));
  bar.end();
  run_until("it is forgotten", [&] { return pokes_->size() == 0; });
  ASSERT_EQ(dropped_.size(), 1U);
  EXPECT_THAT(dropped_[0], HasSubstr("has ended"));
}

TEST_F(PokesTest, NeverPokesAnotherProcessThatGotTheSameNumber) {
  auto first = std::make_unique<Bar>();
  const int pid = first->pid();
  ASSERT_TRUE(pokes_->add(pid, SIGUSR1, {PokeOn::unread}));
  first->end();
  first->collect();
  // clone3(2) gives a process a wanted number to who may ask for it; else it takes a round through all numbers.
  const auto file = Descriptor(::open("/proc/sys/kernel/ns_last_pid", O_WRONLY | O_CLOEXEC));
  const auto before = std::to_string(pid - 1);
  std::unique_ptr<Bar> second;
  for (int tries = 0; tries < 100 && (!second || second->pid() != pid); ++tries) {
    if (::pwrite(file.get(), before.data(), before.size(), 0) < 0)
      GTEST_SKIP() << "only root may choose a process number";
    second = std::make_unique<Bar>();
  }
  if (second->pid() != pid) GTEST_SKIP() << "somebody else got the number";
  pokes_->happened(PokeOn::unread);  // before the loop has heard of the end
  EXPECT_EQ(pokes_->size(), 0U);
  ::kill(pid, SIGUSR2);
  run_until("the new one is through", [&] { return !second->signals().empty(); });
  EXPECT_EQ(second->signals(), std::vector{SIGUSR2});
  ASSERT_TRUE(pokes_->add(pid, SIGUSR1, {PokeOn::unread}));
  pokes_->happened(PokeOn::unread);
  run_until("it is poked once it asks itself", [&] { return second->signals().back() == SIGUSR1; });
}

TEST_F(PokesTest, TakesASecondRequestInsteadOfTheFirst) {
  Bar bar;
  ASSERT_TRUE(pokes_->add(bar.pid(), SIGUSR1, {PokeOn::unread}));
  ASSERT_TRUE(pokes_->add(bar.pid(), SIGUSR1, {PokeOn::mention}));
  EXPECT_EQ(pokes_->size(), 1U);
  happen(PokeOn::unread);
  happen(PokeOn::mention);
  run_until("it is poked", [&] { return bar.signals() == std::vector{SIGUSR1}; });
}

TEST_F(PokesTest, PokesNobodyWhoWouldDieOfIt) {
  Bar bar(Bar::dies_of_all);
  run_until("it sleeps", [&] { return !check_takes(bar.pid(), SIGUSR1); });
  const auto refused = pokes_->add(bar.pid(), SIGUSR1, {PokeOn::unread});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().status, Status::failed_precondition);
  EXPECT_THAT(refused.error().sentence, HasSubstr("would die of SIGUSR1"));
  EXPECT_TRUE(pokes_->add(bar.pid(), SIGWINCH, {PokeOn::unread}));
}

TEST_F(PokesTest, ForgetsAProcessThatHasExecutedAnotherProgramWhichWouldDieOfIt) {
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  const auto pid = ::fork();
  if (pid == 0) {
    std::signal(SIGUSR1, [](int) {});
    char byte = 0;
    if (::read(ends[0], &byte, 1) != 1) ::_exit(1);
    ::execlp("sleep", "sleep", "120", nullptr);
    ::_exit(1);
  }
  run_until("it handles the signal", [&] { return check_takes(pid, SIGUSR1).has_value(); });
  ASSERT_TRUE(pokes_->add(pid, SIGUSR1, {PokeOn::unread}));
  ASSERT_EQ(::write(ends[1], "x", 1), 1);
  run_until("it has become another one, and sleeps", [&] {
    std::ifstream wchan("/proc/" + std::to_string(pid) + "/wchan");
    const std::string where{std::istreambuf_iterator<char>(wchan), {}};
    return where.find("nanosleep") != std::string::npos && !check_takes(pid, SIGUSR1);
  });
  happen(PokeOn::unread);
  EXPECT_EQ(pokes_->size(), 0U);
  EXPECT_EQ(::waitpid(pid, nullptr, WNOHANG), 0) << "it has died";
  ::kill(pid, SIGKILL);
  ::waitpid(pid, nullptr, 0);
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST_F(PokesTest, RefusesProcessesOfOthersAndThoseThatAreNotThere) {
  constexpr int beyond_every_pid = 1 << 30;
  EXPECT_EQ(pokes_->add(beyond_every_pid, SIGUSR1, {PokeOn::unread}).error().status, Status::not_found);
  EXPECT_EQ(pokes_->add(0, SIGUSR1, {PokeOn::unread}).error().status, Status::not_found);
  EXPECT_EQ(pokes_->add(-1, SIGUSR1, {PokeOn::unread}).error().status, Status::not_found);
  EXPECT_EQ(pokes_->add(::getpid(), SIGUSR1, {PokeOn::unread}).error().status, Status::invalid_argument);
  if (::geteuid() != 0) GTEST_SKIP() << "only root can make a process of another user";
  const auto pid = ::fork();
  if (pid == 0) {
    std::signal(SIGUSR1, SIG_IGN);
    if (::setresuid(65534, 65534, 65534) != 0) ::_exit(1);
    while (true) ::pause();
  }
  run_until("it is another user's", [&] {
    const auto process = open_process(pid);
    return !process && process.error().status == Status::permission_denied;
  });
  EXPECT_EQ(pokes_->add(pid, SIGUSR1, {PokeOn::unread}).error().status, Status::permission_denied);
  ::kill(pid, SIGKILL);
  ::waitpid(pid, nullptr, 0);
}

TEST_F(PokesTest, RefusesMoreThanItsBound) {
  make({.entries_max = 1});
  Bar bar;
  ASSERT_TRUE(pokes_->add(bar.pid(), SIGUSR1, {PokeOn::unread}));
  const auto refused = pokes_->add(bar.pid(), SIGUSR2, {PokeOn::unread});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().status, Status::resource_exhausted);
}

TEST_F(PokesTest, RefusesWhatMakesNoSense) {
  Bar bar;
  EXPECT_EQ(pokes_->add(bar.pid(), SIGKILL, {PokeOn::unread}).error().status, Status::invalid_argument);
  EXPECT_EQ(pokes_->add(bar.pid(), SIGUSR1, {}).error().status, Status::invalid_argument);
}

TEST_F(PokesTest, LeaveNoDescriptorBehind) {
  const auto next_free = [] {
    const Descriptor any(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    return any.get();
  };
  Bar warm_up;
  ASSERT_TRUE(pokes_->add(warm_up.pid(), SIGUSR1, {PokeOn::unread}));
  const int before = next_free();
  for (int i = 0; i < 20; ++i) {
    Bar bar;
    ASSERT_TRUE(pokes_->add(bar.pid(), SIGUSR1, {PokeOn::unread}));
    happen(PokeOn::unread, 2);
    bar.end();
    run_until("it is forgotten", [&] { return pokes_->size() == 1; });
  }
  EXPECT_EQ(next_free(), before);
}

TEST(PokeSignal, IsReadAsPeopleWriteIt) {
  EXPECT_EQ(parse_signal("RTMIN+8"), SIGRTMIN + 8);
  EXPECT_EQ(parse_signal("SIGRTMIN+8"), SIGRTMIN + 8);
  EXPECT_EQ(parse_signal("sigrtmin"), SIGRTMIN);
  EXPECT_EQ(parse_signal("RTMAX-1"), SIGRTMAX - 1);
  EXPECT_EQ(parse_signal("USR1"), SIGUSR1);
  EXPECT_EQ(parse_signal("SIGUSR2"), SIGUSR2);
  EXPECT_EQ(parse_signal("WINCH"), SIGWINCH);
  EXPECT_EQ(parse_signal(std::to_string(SIGUSR1)), SIGUSR1);
}

TEST(PokeSignal, IsNoneThatEndsOrStopsAProgramOrIsNone) {
  for (const char* text :
       {"KILL", "9",      "SIGSTOP",  "TERM",    "SEGV",     "0",       "-1",       "65",   "99999999999", "",
        "SIG",  "RTMIN+", "RTMIN+31", "RTMIN-1", "RTMIN+-1", "RTMAX+1", "RTMAX-31", "USR3", "USR1 ",       "10x"}) {
    const auto refused = parse_signal(text);
    ASSERT_FALSE(refused) << text;
    EXPECT_EQ(refused.error().status, Status::invalid_argument);
    EXPECT_THAT(refused.error().sentence, HasSubstr("there are SIGUSR1, SIGUSR2, SIGWINCH"));
  }
}

TEST(PokeSignal, IsShownByItsName) {
  EXPECT_EQ(show_signal(SIGUSR1), "SIGUSR1");
  EXPECT_EQ(show_signal(SIGRTMIN + 8), "SIGRTMIN+8");
}

TEST(PokeOn, HasNames) {
  EXPECT_EQ(poke_on_named("mention"), PokeOn::mention);
  EXPECT_EQ(poke_on_named("unread"), PokeOn::unread);
  EXPECT_EQ(poke_on_named("presence"), PokeOn::presence);
  EXPECT_EQ(poke_on_named("everything"), std::nullopt);
}

TEST(ProcessStatus, HasWhatASignalDoes) {
  const auto status = parse_process_status(
      "Name:\tUid:\nUid:\t1000\t0\t0\t0\nSigBlk:\t0000000000000001\nSigIgn:\t0000000000000002\n"
      "SigCgt:\t8000000000000004\n");
  ASSERT_TRUE(status);
  EXPECT_EQ(status->uid_real, 1000U);
  EXPECT_EQ(status->uid_effective, 0U);
  EXPECT_EQ(status->takes, 0x8000000000000007u);
  EXPECT_FALSE(parse_process_status("Name:\tx\nUid:\t1\n"));
  EXPECT_FALSE(parse_process_status(""));
}

}  // namespace
}  // namespace hubbub::agent
