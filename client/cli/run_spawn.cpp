#include "client/cli/run_spawn.hpp"

#include <spawn.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

#include "common/signals.hpp"

namespace hubbub::cli {

namespace {

/// What posix_spawn(3) does between fork and exec.
class Preparation {
 public:
  explicit Preparation(const SpawnStreams& streams) {
    ::posix_spawn_file_actions_init(&files_);
    ::posix_spawn_file_actions_adddup2(&files_, streams.error, STDERR_FILENO);
    if (streams.terminal >= 0) ::posix_spawn_file_actions_addtcsetpgrp_np(&files_, streams.terminal);
    ::posix_spawnattr_init(&attributes_);
    sigset_t defaults = signals_by_default(), none;
    sigemptyset(&none);
    ::posix_spawnattr_setsigdefault(&attributes_, &defaults);
    ::posix_spawnattr_setsigmask(&attributes_, &none);
    ::posix_spawnattr_setpgroup(&attributes_, 0);
    ::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
  }
  ~Preparation() {
    ::posix_spawnattr_destroy(&attributes_);
    ::posix_spawn_file_actions_destroy(&files_);
  }
  Preparation(const Preparation&) = delete;
  Preparation& operator=(const Preparation&) = delete;

  int spawn(std::vector<std::string> words, pid_t& pid) const {
    std::vector<char*> pointers;
    for (auto& word : words) pointers.push_back(word.data());
    pointers.push_back(nullptr);
    return ::posix_spawnp(&pid, pointers.front(), &files_, &attributes_, pointers.data(), environ);
  }

 private:
  static sigset_t signals_by_default() {
    sigset_t set;
    std::memset(&set, 0xff, sizeof set);  // with the two that the C library keeps for itself: else it ignores them
    for (const int number : {SIGHUP, SIGINT, SIGQUIT})
      if (is_ignored_signal(number)) sigdelset(&set, number);
    return set;
  }

  posix_spawn_file_actions_t files_;
  posix_spawnattr_t attributes_;
};

}  // namespace

int spawn_job(const std::vector<std::string>& words, const SpawnStreams& streams, pid_t& pid) {
  const Preparation preparation(streams);
  const int error = preparation.spawn(words, pid);
  if (error != ENOEXEC) return error;
  std::vector<std::string> by_shell = {"/bin/sh", "-c", R"(exec "$0" "$@")"};
  by_shell.insert(by_shell.end(), words.begin(), words.end());
  return preparation.spawn(std::move(by_shell), pid);
}

}  // namespace hubbub::cli
