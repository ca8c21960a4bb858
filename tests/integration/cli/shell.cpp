#include "tests/integration/cli/shell.hpp"

#include <fcntl.h>
#include <mqueue.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <utility>

namespace hubbub::test {

namespace {

std::string bin_folder() {
  const char* const folder = std::getenv("HUBBUB_BIN_DIR");
  return folder != nullptr ? folder : HUBBUB_BIN_DIR;
}

void redirect(const std::string& path, int descriptor) {
  ::dup2(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600), descriptor);
}

int code_of(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status); }

}  // namespace

Job::Job(Job&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), input_(std::exchange(other.input_, -1)), files_(std::move(other.files_)) {}

Job::~Job() {
  close_input();
  if (pid_ <= 0) return;
  ::kill(-pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

void Job::feed(std::string_view text) const {
  while (!text.empty()) {
    const auto wrote = ::write(input_, text.data(), text.size());
    if (wrote <= 0) throw Failure("the command doesn't read its input");
    text.remove_prefix(static_cast<std::size_t>(wrote));
  }
}

void Job::close_input() {
  if (input_ >= 0) ::close(std::exchange(input_, -1));
}

void Job::signal(int number) const { ::kill(-pid_, number); }
void Job::signal_alone(int number) const { ::kill(pid_, number); }

int Job::wait() {
  int status = 0;
  const auto what = [this] { return "the command ends; " + written(); };
  wait_until(what, [&] { return ::waitpid(pid_, &status, WNOHANG) == pid_; });
  pid_ = -1;
  return code_of(status);
}

void Job::wait_for_out(const std::string& text) const {
  const auto what = [&] { return "it writes: " + text + "; " + written(); };
  wait_until(what, [&] { return out().find(text) != std::string::npos; });
}

void Job::wait_for_err(const std::string& text) const {
  const auto what = [&] { return "it says: " + text + "; " + written(); };
  wait_until(what, [&] { return err().find(text) != std::string::npos; });
}

std::string Job::written() const { return "it wrote:\n" + end_of(out()) + "and said:\n" + end_of(err()); }

Shell::Shell(HubOptions options) : hub_(std::move(options)) {
  ::signal(SIGPIPE, SIG_IGN);  // a command that doesn't read its input is a Failure, and not the end of all tests
  environment["HUBBUB_URL"] = hub_.url();
  std::filesystem::create_directory(path("run"));
  std::filesystem::permissions(path("run"), std::filesystem::perms::owner_all);
}

Shell::~Shell() { ::mq_unlink(queue_name().c_str()); }

std::string Shell::queue_name() const {
  return "/hubbub-test-" + std::filesystem::path(hub_.folder()).filename().string();
}

Job Shell::start(const std::string& line) {
  const auto files = path("job" + std::to_string(++jobs_));
  int input[2];
  if (::pipe2(input, O_CLOEXEC) != 0) throw Failure("no pipe");
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::setpgid(0, 0);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::signal(SIGPIPE, SIG_DFL);
    ::dup2(input[0], STDIN_FILENO);
    redirect(files + ".out", STDOUT_FILENO);
    redirect(files + ".err", STDERR_FILENO);
    if (::chdir(hub_.folder().c_str()) != 0) ::_exit(126);
    ::setenv("PATH", (bin_folder() + ":" + std::getenv("PATH")).c_str(), 1);
    ::setenv("XDG_STATE_HOME", path("state").c_str(), 1);
    ::setenv("XDG_RUNTIME_DIR", path("run").c_str(), 1);
    ::setenv("HUBBUB_QUEUE", queue_name().c_str(), 1);
    ::setenv("XDG_CONFIG_HOME", path("config").c_str(), 1);
    for (const auto* name : {"HUBBUB_NAME", "HUBBUB_SOCK", "NO_COLOR"}) ::unsetenv(name);
    for (const auto& [name, value] : environment) ::setenv(name.c_str(), value.c_str(), 1);
    ::execl("/bin/sh", "sh", "-c", line.c_str(), nullptr);
    ::_exit(127);
  }
  ::setpgid(pid, pid);
  ::close(input[0]);
  return {pid, input[1], files};
}

Ran Shell::run(const std::string& line, std::string_view input) {
  Job job = start(line);
  if (!input.empty()) job.feed(input);
  job.close_input();
  const int code = job.wait();
  return {code, job.out(), job.err()};
}

Job Shell::start_sub(const std::string& words) {
  const auto ready = path("ready" + std::to_string(jobs_ + 1));
  Job job = start("exec hubbub sub --ready-file " + ready + " " + words);
  const auto what = [&] { return "sub " + words + " is ready: " + end_of(job.err()); };
  wait_until(what, [&] { return std::filesystem::exists(ready); });
  return job;
}

}  // namespace hubbub::test
