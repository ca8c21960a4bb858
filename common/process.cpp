#include "common/process.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "common/signals.hpp"

namespace hubbub {

namespace {

constexpr int first_free = STDERR_FILENO + 1;

/// The C library leaves the two that it keeps for itself out of sigfillset(), and then the program ignores them.
sigset_t signals_by_default() {
  sigset_t set;
  std::memset(&set, 0xff, sizeof set);
  for (const int number : {SIGHUP, SIGINT, SIGQUIT})
    if (is_ignored_signal(number)) sigdelset(&set, number);
  return set;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> list;
  for (auto& text : texts) list.push_back(text.data());
  list.push_back(nullptr);
  return list;
}

/// What posix_spawn(3) does between fork and exec.
class Preparation {
 public:
  explicit Preparation(const Program& program) {
    ::posix_spawn_file_actions_init(&files_);
    ::posix_spawnattr_init(&attributes_);
    stream(0, program.input, STDIN_FILENO);
    stream(1, program.output, STDOUT_FILENO);
    stream(2, program.error, STDERR_FILENO);
    if (program.terminal >= 0) ::posix_spawn_file_actions_addtcsetpgrp_np(&files_, program.terminal);
    if (!program.keeps_inherited) ::posix_spawn_file_actions_addclosefrom_np(&files_, first_free);
    sigset_t defaults = signals_by_default(), none;
    sigemptyset(&none);
    ::posix_spawnattr_setsigdefault(&attributes_, &defaults);
    ::posix_spawnattr_setsigmask(&attributes_, &none);
    ::posix_spawnattr_setpgroup(&attributes_, 0);
    const int group = program.own_session ? POSIX_SPAWN_SETSID : program.own_group ? POSIX_SPAWN_SETPGROUP : 0;
    ::posix_spawnattr_setflags(&attributes_,
                               static_cast<short>(group | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK));
  }
  ~Preparation() {
    ::posix_spawnattr_destroy(&attributes_);
    ::posix_spawn_file_actions_destroy(&files_);
  }
  Preparation(const Preparation&) = delete;
  Preparation& operator=(const Preparation&) = delete;

  int spawn(std::vector<std::string> words, std::vector<std::string> environment, pid_t& pid) const {
    auto variables = pointers(environment);
    return ::posix_spawnp(&pid, words.front().c_str(), &files_, &attributes_, pointers(words).data(),
                          environment.empty() ? environ : variables.data());
  }

 private:
  /// A descriptor that stands where another stream comes to stand is copied out of its way first.
  void stream(std::size_t number, int from, int to) {
    if (from == no_stream) {
      ::posix_spawn_file_actions_addopen(&files_, to, "/dev/null", O_RDWR, 0);
      return;
    }
    if (from < first_free && from != to) {
      moved_[number] = Descriptor(::fcntl(from, F_DUPFD_CLOEXEC, first_free));
      from = moved_[number].get();
    }
    ::posix_spawn_file_actions_adddup2(&files_, from, to);
  }

  posix_spawn_file_actions_t files_;
  posix_spawnattr_t attributes_;
  std::array<Descriptor, 3> moved_;
};

bool same_name(std::string_view a, std::string_view b) { return a.substr(0, a.find('=')) == b.substr(0, b.find('=')); }

}  // namespace

tl::expected<Process, std::error_code> start_process(const Program& program) {
  const Preparation preparation(program);
  pid_t pid = -1;
  int error = preparation.spawn(program.words, program.environment, pid);
  if (error == ENOEXEC) {
    std::vector<std::string> by_shell = {"/bin/sh", "-c", R"(exec "$0" "$@")"};
    by_shell.insert(by_shell.end(), program.words.begin(), program.words.end());
    error = preparation.spawn(std::move(by_shell), program.environment, pid);
  }
  if (error != 0) return tl::unexpected(std::error_code(error, std::generic_category()));
  return Process{pid, Descriptor(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)))};
}

std::vector<std::string> environment_with(std::vector<std::string> ours, std::string_view stale) {
  const auto count = ours.size();
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view inherited = *entry;
    bool replaced = !stale.empty() && inherited.starts_with(stale);
    for (std::size_t i = 0; i < count; ++i) replaced = replaced || same_name(ours[i], inherited);
    if (!replaced) ours.emplace_back(inherited);
  }
  return ours;
}

std::string describe_end(int wait_status) {
  if (WIFEXITED(wait_status) && WEXITSTATUS(wait_status) == 0) return {};
  if (WIFEXITED(wait_status)) return "exited with status " + std::to_string(WEXITSTATUS(wait_status));
  const int number = WTERMSIG(wait_status);
  return "was killed by signal " + std::to_string(number) + " (" + ::strsignal(number) + ")";
}

}  // namespace hubbub
