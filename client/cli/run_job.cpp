#include "client/cli/run_job.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <utility>

#include "client/cli/complain.hpp"
#include "common/process.hpp"

namespace hubbub::cli {

namespace {

void unblock(int number) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, number);
  ::pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

bool is_pending(int number) {
  sigset_t set;
  return ::sigpending(&set) == 0 && sigismember(&set, number) == 1;
}

}  // namespace

RunJob::RunJob() {
  std::signal(SIGCHLD, SIG_DFL);  // ignored, it would take the command's end away from us
  block_signals({SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGTSTP, SIGCONT, SIGCHLD, SIGTTOU, SIGTTIN});
}

int RunJob::start(const std::vector<std::string>& words, int error_stream) {
  begins_in_front_ = terminal_.is_ours_alone();
  Program program;
  program.words = words;
  program.error = error_stream;
  program.terminal = begins_in_front_ ? terminal_.fd() : -1;
  program.keeps_inherited = true;
  const auto started = start_process(program);
  if (started) pid_ = started->pid;
  if (begins_in_front_) terminal_.given_to(pid_);
  has_ended_ = !started;
  if (has_ended_) terminal_.take_back();  // the child that couldn't execute it may have had it
  return started ? 0 : started.error().value();
}

void RunJob::watch(asio::io_context& loop, std::function<void(int)> ended, std::function<void()> interrupted) {
  ended_ = std::move(ended);
  interrupted_ = std::move(interrupted);
  const auto started =
      signals_.start(loop, {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGTSTP, SIGCONT, SIGCHLD},
                     [this](const Signal& signal) { take(signal.number); });
  if (started) return;
  complain(started.error());  // waiting holds up the loop, and works all the same
  int status = 0;
  if (!has_ended_ && ::waitpid(pid_, &status, 0) == pid_) has_ended(status);
}

int RunJob::wait() {
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) continue;
  has_ended_ = true;
  terminal_.take_back();
  return status;
}

void RunJob::take(int number) {
  if (number == SIGCHLD) return look_for_change();
  if (number == SIGCONT) return go_on();
  if (is_ignored_signal(number)) return;
  look_for_change();  // SIGCHLD comes out behind signals of lower numbers
  if (!has_ended_) {
    passed_stop_on_ = passed_stop_on_ || number == SIGTSTP;
    return signal(number);
  }
  if (number == SIGTSTP) return void(stop_with_group());
  interrupted_();
}

void RunJob::signal(int number) const {
  if (!has_ended_) ::kill(-pid_, number);
}

void RunJob::look_for_change() {
  int status = 0;
  if (has_ended_ || ::waitpid(pid_, &status, WNOHANG | WUNTRACED) != pid_) return;
  WIFSTOPPED(status) ? has_stopped(WSTOPSIG(status)) : has_ended(status);
}

void RunJob::has_stopped(int number) {
  const bool wants_terminal = number == SIGTTIN || number == SIGTTOU;
  if (wants_terminal && terminal_.give_to(pid_)) return signal(SIGCONT);
  const bool had_terminal = terminal_.take_back();
  const bool asked_us = std::exchange(passed_stop_on_, false);
  if (!had_terminal && !wants_terminal && !asked_us) return;  // who has stopped it alone lets it go on
  const bool stopped = stop_with_group();
  // A group that no shell looks after can't be stopped by the terminal, and hears of it what an orphaned one does.
  if (!stopped && wants_terminal) signal(SIGHUP);
  go_on();
}

/// Returns once we go on; false if we weren't stopped.
bool RunJob::stop_with_group() const {
  unblock(SIGTSTP);
  ::kill(0, SIGTSTP);
  const bool stopped = is_pending(SIGCONT);
  block_signals({SIGTSTP});
  return stopped;
}

void RunJob::go_on() {
  if (has_ended_) return;
  if (begins_in_front_) terminal_.give_to(pid_);
  signal(SIGCONT);
}

void RunJob::has_ended(int wait_status) {
  has_ended_ = true;
  had_terminal_ = terminal_.take_back();
  if (had_terminal_ && WIFSIGNALED(wait_status)) terminal_.restore_modes();
  ended_(wait_status);
}

void RunJob::die_of_interrupt() const {
  if (is_ignored_signal(SIGINT)) return;
  if (had_terminal_) ::kill(0, SIGINT);  // in front of the terminal was the command's group alone, and not ours
  ::raise(SIGINT);
  unblock(SIGINT);
}

}  // namespace hubbub::cli
