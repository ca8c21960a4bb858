// Signals of the terminal and of whoever looks after the process, read from a descriptor in the loop.
#include <unistd.h>

#include <csignal>

#include "client/tui/app/app.hpp"

namespace hubbub::tui {

namespace {

constexpr std::initializer_list<int> numbers = {SIGWINCH, SIGTSTP, SIGCONT, SIGTERM, SIGHUP, SIGINT};

}  // namespace

void App::start_signals() {
  std::signal(SIGCHLD, SIG_DFL);  // ignored, it would take the end of what /exec runs away from us
  block_signals(numbers);
  const auto started = signals_.start(loop_, numbers, [this](const Signal& signal) { on_signal(signal); });
  if (!started) last_words_ = started.error().sentence;
}

void App::on_signal(const Signal& signal) {
  switch (signal.number) {
    case SIGWINCH: return resized();
    case SIGTSTP: return suspend(false);
    case SIGCONT: return resume();
    default: return stop(128 + signal.number);
  }
}

// Also back to the size that it had: in between the terminal has cut or moved what it shows.
void App::resized() {
  shown_ = Screen{};
  happen(Resized{terminal_.size()});
}

// Gives the terminal back and stops: the whole job as Ctrl+Z does it, or this process alone as kill(1) asked. Being
// stopped is left to the signal's own action, which the kernel leaves out where no shell could wake the process again.
void App::suspend(bool whole_job) {
  terminal_.leave();
  sigset_t stop_signal;
  sigemptyset(&stop_signal);
  sigaddset(&stop_signal, SIGTSTP);
  ::kill(whole_job ? 0 : ::getpid(), SIGTSTP);
  ::pthread_sigmask(SIG_UNBLOCK, &stop_signal, nullptr);  // stops here, until somebody continues it
  ::pthread_sigmask(SIG_BLOCK, &stop_signal, nullptr);
  resume();
}

void App::resume() {
  terminal_.enter();
  resized();
}

}  // namespace hubbub::tui
