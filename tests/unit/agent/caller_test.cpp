#include "client/agent/caller.hpp"

#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <unistd.h>

namespace hubbub::agent {
namespace {

TEST(Caller, IsCalledWhatTheKernelCallsIt) {
  ::prctl(PR_SET_NAME, "backup.sh");
  const auto caller = caller_of({::getpid(), ::getuid(), ::getgid()});
  EXPECT_EQ(caller.program, "backup.sh");
  EXPECT_EQ(caller.pid, ::getpid());
}

TEST(Caller, ThatHasEndedIsCalledByItsNumber) {
  constexpr int beyond_every_pid = 1 << 30;  // PID_MAX_LIMIT is 2^22 (proc(5))
  EXPECT_EQ(caller_of({beyond_every_pid, 0, 0}).program, "pid 1073741824");
}

TEST(Caller, CannotMoveATerminalByItsName) {
  EXPECT_EQ(fit_program_name("a\x1b[2Jb\n").find('\x1b'), std::string::npos);
  EXPECT_EQ(fit_program_name("plain\n"), "plain");
}

}  // namespace
}  // namespace hubbub::agent
