// hubbub run: a command, and in a room that it began and how it ended.
//   start it --> say so --> pass its stderr on, and signals to it --> it ends --> say so --> its exit code
// The command waits for none of it: it is started before anything else, and what can't be said now is queued.
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <utility>

#include "client/cli/complain.hpp"
#include "client/cli/exit_codes.hpp"
#include "client/cli/host_name.hpp"
#include "client/cli/progress.hpp"
#include "client/cli/queueing.hpp"
#include "client/cli/receiver.hpp"
#include "client/cli/run_job.hpp"
#include "client/cli/run_report.hpp"
#include "client/cli/run_stderr.hpp"
#include "common/random.hpp"

namespace hubbub::cli {

namespace {

using Clock = std::chrono::steady_clock;

/// For a good-bye to the hub, when all is said.
constexpr std::chrono::milliseconds leave_grace{500};

void rethrow(std::exception_ptr problem) {
  if (problem) std::rethrow_exception(problem);
}

/// A loop needs a few, which `ulimit -n` may not allow; Asio throws then. Says so.
bool has_descriptors_for(asio::io_context& loop) {
  try {
    const asio::steady_timer timer(loop);  // the first of its kind opens them
    return true;
  } catch (const std::system_error& problem) {
    complain(std::string("nothing can be told of the command: ") + problem.code().message());
    return false;
  }
}

class Run : public QueueingAction {
 public:
  void declare(Syntax& syntax) override;
  int run(const Globals& globals) override;

 protected:
  /// From the command's start to the last acknowledgement. Returns the command's exit code.
  asio::awaitable<int> talk(Shell& shell) override;

 private:
  void start();
  int wait_only();
  Descriptor open_error_pipe();
  void watch(Shell& shell);
  void take_end(const RunEnd& end);
  void take_interrupt(Shell& shell);
  void leave_soon(Shell& shell);
  [[noreturn]] void leave() const;

  void post(Shell& shell, link::Outgoing message);
  void post_end(Shell& shell);
  asio::awaitable<std::optional<int>> reach_hub(Shell& shell);
  asio::awaitable<std::optional<int>> change_will(Shell& shell, bool leave);
  asio::awaitable<void> deliver(Shell& shell);
  asio::awaitable<Result<void>> wait_for_acknowledgements(Shell& shell);

  RoomName room_ = RoomName::literal("lobby");
  std::vector<std::string> words_;
  std::optional<std::string> title_;
  std::optional<std::uint64_t> lines_ = 10;
  bool only_failures_ = false, no_will_ = false;

  std::optional<RunJob> job_;
  RunSubject subject_;
  Clock::time_point started_at_;
  Descriptor error_pipe_;            ///< the end to read from, until there is a loop
  std::optional<RunStderr> stderr_;  ///< none: the command has ours
  std::optional<RunEnd> end_;

  enum class Hub { not_wanted, asked, reached, refused } hub_ = Hub::not_wanted;
  std::optional<link::Wake> changed_;  ///< end_ or hub_
  std::uint64_t said_ = 0;
  bool end_is_posted_ = false, will_is_left_ = false;
  bool is_interrupted_ = false;  ///< after the command's end: nobody wants to wait for the hub
};

void Run::declare(Syntax& syntax) {
  syntax.operand({"ROOM", "where to tell of it; lobby if none is given", store(room_), Hint::room, false});
  syntax.operand({"CMD", "what to run, and its arguments", append(words_), Hint::program, true, true, {}, true});
  syntax.option({"-n,--lines", "COUNT", "as many of the last lines of its stderr (10); 0 leaves stderr alone",
                 store(lines_, 0, 1000)});
  syntax.option({"--title", "TEXT", "what to call it, instead of the command line", store(title_)});
  syntax.option({"--only-failures", "", "say nothing at the start, and nothing if it succeeds", store(only_failures_)});
  syntax.option({"--no-will", "", "have the hub say nothing if run vanishes before the end", store(no_will_)});
}

int Run::run(const Globals& globals) {
  auto options = link_options(globals);
  if (!options) {
    complain(options.error());
    return exit_code::usage;
  }
  job_.emplace();
  asio::io_context loop(1);
  const bool can_tell = has_descriptors_for(loop);
  if (!can_tell) lines_ = 0;  // nobody would pass its stderr on
  start();
  if (!can_tell) return wait_only();
  prepare(*options);
  const auto hub = options->hub;  // straight there: its own outbox keeps what it posts
  Shell shell(loop, globals, hub, *std::move(options));
  changed_.emplace(loop);
  watch(shell);
  asio::co_spawn(loop, talk(shell), [this](std::exception_ptr problem, int) {
    if (problem) std::rethrow_exception(problem);
    leave();
  });
  loop.run();
  return exit_code::software;
}

/// What is said is worth less than what the command does.
int Run::wait_only() {
  if (!end_) end_ = end_of(job_->wait(), {});
  return exit_code_of(*end_);
}

// ── the command ─────────────────────────────────────────────────────────────────────────────────────────────────────

void Run::start() {
  const auto error_stream = lines_ > 0 ? open_error_pipe() : Descriptor();
  started_at_ = Clock::now();
  const int error = job_->start(words_, error_stream.is_open() ? error_stream.get() : STDERR_FILENO);
  subject_ = {fmt::format("{:016x}", random64()), title_of(title_, words_), host_name(), error == 0 ? job_->pid() : 0};
  if (error == 0) return;
  take_end({RunEnd::How::not_started, error});
  complain(words_.front() + ": " + std::strerror(error));
}

/// Returns the command's end. Ours alone doesn't block.
Descriptor Run::open_error_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) {
    complain_errno("what it says on stderr can't be told");
    return Descriptor();
  }
  ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
  error_pipe_ = Descriptor(ends[0]);
  return Descriptor(ends[1]);
}

void Run::watch(Shell& shell) {
  if (error_pipe_.is_open()) stderr_.emplace(shell.loop, std::move(error_pipe_));
  if (stderr_) asio::co_spawn(shell.loop, stderr_->pass(), rethrow);
  const auto ended = [this](int status) {
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - started_at_);
    take_end(end_of(status, took));
  };
  job_->watch(shell.loop, ended, [this, &shell] { take_interrupt(shell); });
}

void Run::take_end(const RunEnd& end) {
  end_ = end;
  if (stderr_) stderr_->finish();
  if (changed_) changed_->all();
}

void Run::take_interrupt(Shell& shell) {
  if (std::exchange(is_interrupted_, true)) return;
  if (end_is_posted_) leave_soon(shell);
}

/// Behind what is to be done in this tick: what was said just now is put into the outbox there.
void Run::leave_soon(Shell& shell) {
  asio::post(shell.loop, [this, &shell] {
    note("interrupted: " + tell_progress(shell, said_));
    leave();
  });
}

void Run::leave() const {
  if (end_->how == RunEnd::How::killed && end_->number == SIGINT) job_->die_of_interrupt();
  std::_Exit(exit_code_of(*end_));
}

// ── what is said of it ──────────────────────────────────────────────────────────────────────────────────────────────

asio::awaitable<int> Run::talk(Shell& shell) {
  if (!end_ && !only_failures_) post(shell, tell_start(subject_));
  will_is_left_ = !end_ && !only_failures_ && !no_will_;
  if (will_is_left_) spawn_beside(shell, change_will(shell, true));
  while (!end_) co_await changed_->wait();
  post_end(shell);
  if (stderr_) co_await stderr_->passed();
  co_await deliver(shell);
  co_return exit_code_of(*end_);
}

void Run::post_end(Shell& shell) {
  const auto last_lines = stderr_ ? stderr_->last_lines().text(*lines_) : std::string();
  if (!only_failures_ || end_->failed()) post(shell, tell_end(subject_, *end_, last_lines));
  if (will_is_left_) spawn_beside(shell, change_will(shell, false));
  end_is_posted_ = true;
  if (is_interrupted_) leave_soon(shell);
}

void Run::post(Shell& shell, link::Outgoing message) {
  if (hub_ == Hub::refused) return;  // and has been told
  if (hub_ == Hub::not_wanted) spawn_beside(shell, reach_hub(shell));
  hub_ = hub_ == Hub::not_wanted ? Hub::asked : hub_;
  message.room = room_;
  const auto taken = shell.link.try_publish_soon(message);
  if (!taken) complain(taken.error());
  if (taken && *taken) ++said_;
}

asio::awaitable<std::optional<int>> Run::reach_hub(Shell& shell) {
  const auto refused = co_await connect(shell);
  hub_ = refused ? Hub::refused : Hub::reached;
  changed_->all();
  co_return std::nullopt;
}

/// Without a limit of time: it waits for the hub, like what is said. A hub that takes none is of an earlier version, or
/// full; nobody needs to know while all is well.
asio::awaitable<std::optional<int>> Run::change_will(Shell& shell, bool leave) {
  auto message = tell_vanished(subject_);
  proto::SessionWill will;
  will.leave = leave;
  will.room = room_;
  will.kind = message.kind;
  will.headers = std::move(message.headers);
  will.body.bytes = std::move(message.body);
  const link::CallOptions options{std::chrono::milliseconds(0)};
  co_await shell.link.call(std::move(will), options);
  co_return std::nullopt;
}

asio::awaitable<void> Run::deliver(Shell& shell) {
  while (hub_ == Hub::asked) co_await changed_->wait();
  if (hub_ != Hub::reached) co_return;
  const auto acknowledged = co_await wait_for_acknowledgements(shell);
  if (!acknowledged) complain(acknowledged.error());
  co_await shell.link.close(leave_grace);
}

asio::awaitable<Result<void>> Run::wait_for_acknowledgements(Shell& shell) {
  if (has_outbox()) co_return co_await settle(shell);
  std::function<void()> give_up = [&shell] { shell.link.abort(); };
  co_return co_await drain_with_progress(shell, std::move(give_up));
}

constexpr std::array examples = {
    Example{"hubbub run ci.main -- make -j4 all", "its start and its end, in #ci.main"},
    Example{"hubbub run --only-failures --title 'nightly backup' ops -- ./backup.sh", "as a line of a crontab"},
    Example{"hubbub run -n 50 ops -- apt-get -y upgrade", "with the last 50 lines of its stderr"},
    Example{"hubbub history ops --all -F '{time} {header:run-exit}{header:run-signal} {header:run-ms}'",
            "how it went, for a program"},
};

}  // namespace

extern const Command run_command;
const Command run_command = {
    "run",
    "run a command and tell a room when it begins and how it ends",
    "[ROOM] [OPTION…] -- CMD [ARG…]",
    "Runs CMD and posts two notices: that it has started, and at its end the exit code or the signal that killed it "
    "(SIGKILL, too), how long it took, and the last lines of its stderr. The exit code is CMD's: 128 + N if signal N "
    "killed it, 127 if there is no such command, 126 if it can't be executed; these are posted, too. Only a wrong "
    "command line is 64, and then CMD isn't run.\n\n"
    "CMD waits for nothing. It is started first; where there is no hub, or it goes away, what is to be said is queued "
    "as pub does it, and run says so. At the end run waits for the hub for --timeout at most, and a signal ends that "
    "wait.\n\n"
    "stdin and stdout are CMD's own. stderr goes through a pipe, unchanged and complete, if a moment later than "
    "without run; if its reader is slow CMD waits, and if it is gone CMD goes on. At most 8 KiB of its end are posted. "
    "With -n 0 stderr is CMD's own, too, "
    "and a terminal to it. Processes that CMD leaves behind don't keep run from ending; their stderr then leads "
    "nowhere.\n\n"
    "SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2 and SIGTSTP to run go to the process group of CMD, unless run "
    "was started with them ignored, as by nohup. On a terminal CMD is in front of it: Ctrl-C, Ctrl-Z with fg and bg, "
    "and reading work as without run. If stdin or stdout is no terminal (run … | less), CMD gets in front when it "
    "asks for the terminal. If run itself is killed by SIGKILL, CMD goes on without it: its end isn't posted, and "
    "writing to stderr fails. That, or that the host or its network is gone, the hub then posts by itself, unless "
    "there "
    "is --no-will: a few seconds after it has lost run. With --only-failures it knows of no run before the end.\n\n"
    "The command line is posted as it is: use --title where it holds a secret. Headers for programs: run is start, "
    "end or vanished, run-id ties both together, run-host, run-pid, run-ms, and run-exit or run-signal.",
    examples,
    make_action<Run>,
};

}  // namespace hubbub::cli
