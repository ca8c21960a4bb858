#include "client/cli/exec.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cctype>
#include <csignal>
#include <cstring>
#include <utility>

#include "client/json/time_text.hpp"
#include "common/descriptor.hpp"
#include "proto/archive.hpp"

namespace hubbub::cli {

namespace {

/// A child that is told to end if nobody waits for it any more.
class Child {
 public:
  explicit Child(pid_t pid) : pid_(pid) {}
  ~Child() {
    if (pid_ > 0) ::kill(pid_, SIGTERM);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  [[nodiscard]] pid_t pid() const { return pid_; }
  int collect() {
    int status = 0;
    ::waitpid(std::exchange(pid_, -1), &status, 0);
    return status;
  }

 private:
  pid_t pid_;
};

std::string variable_of_header(const proto::Header& header) {
  std::string name = "HUBBUB_HEADER_";
  for (const char c : header.key)
    name += c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return name + '=' + header.value;
}

bool same_name(std::string_view a, std::string_view b) { return a.substr(0, a.find('=')) == b.substr(0, b.find('=')); }

/// Our own environment with `ours` in it, and no HUBBUB_HEADER_… left from a command that we were started by.
std::vector<std::string> environment_with(std::vector<std::string> ours) {
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view inherited = *entry;
    bool replaced = inherited.starts_with("HUBBUB_HEADER_");
    for (const auto& own : ours) replaced = replaced || same_name(own, inherited);
    if (!replaced) ours.emplace_back(inherited);
  }
  return ours;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> list;
  for (auto& text : texts) list.push_back(text.data());
  list.push_back(nullptr);
  return list;
}

/// The body as a file in memory, which takes it whole whether the command reads it or not.
int body_file(std::string_view body) {
  const int fd = ::memfd_create("hubbub-message", MFD_CLOEXEC);
  while (fd >= 0 && !body.empty()) {
    const auto wrote = ::write(fd, body.data(), body.size());
    if (wrote <= 0) break;
    body.remove_prefix(static_cast<std::size_t>(wrote));
  }
  if (fd >= 0) ::lseek(fd, 0, SEEK_SET);
  return fd;
}

/// posix_spawn(3) with the signals that a command expects. Returns its error number.
int start_shell(const std::string& command, int standard_input, std::vector<std::string> environment, pid_t& pid) {
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;
  ::posix_spawn_file_actions_init(&files);
  ::posix_spawn_file_actions_adddup2(&files, standard_input, STDIN_FILENO);
  ::posix_spawnattr_init(&attributes);
  sigset_t defaults, none;
  sigemptyset(&none);
  sigemptyset(&defaults);
  sigaddset(&defaults, SIGPIPE);
  ::posix_spawnattr_setsigdefault(&attributes, &defaults);
  ::posix_spawnattr_setsigmask(&attributes, &none);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
  std::vector<std::string> words = {"sh", "-c", command};
  const int error =
      ::posix_spawn(&pid, "/bin/sh", &files, &attributes, pointers(words).data(), pointers(environment).data());
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&files);
  return error;
}

}  // namespace

std::vector<std::string> exec_variables(const link::Message& message) {
  std::vector<std::string> variables = {"HUBBUB_ROOM=" + message.room.str(),
                                        "HUBBUB_SEQ=" + std::to_string(message.seq.value),
                                        "HUBBUB_TIME=" + json::rfc3339(message.time, 9),
                                        "HUBBUB_FROM=" + message.from.str(),
                                        message.verified ? "HUBBUB_VERIFIED=1" : "HUBBUB_VERIFIED=0",
                                        "HUBBUB_KIND=" + std::string(proto::name_of(message.kind))};
  for (const auto& header : message.headers.list) variables.push_back(variable_of_header(header));
  return variables;
}

asio::awaitable<Result<int>> run_for_message(asio::io_context& loop, const std::string& command, const std::string& hub,
                                             const link::Message& message) {
  const Descriptor body(body_file(message.body));
  auto variables = exec_variables(message);
  variables.push_back("HUBBUB_URL=" + hub);
  pid_t pid = -1;
  const int error = start_shell(command, body.get(), environment_with(std::move(variables)), pid);
  if (error != 0) co_return fail(Status::internal, std::string("can't start /bin/sh: ") + std::strerror(error));
  Child child(pid);
  Descriptor handle(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  if (handle.is_open()) {  // where the kernel has no such thing, waiting holds up the loop, and works all the same
    asio::posix::stream_descriptor ended(loop, handle.release());
    co_await ended.async_wait(asio::posix::stream_descriptor::wait_read, asio::use_awaitable);
  }
  co_return child.collect();
}

std::string describe_end(int wait_status) {
  if (WIFEXITED(wait_status) && WEXITSTATUS(wait_status) == 0) return {};
  if (WIFEXITED(wait_status)) return "exited with status " + std::to_string(WEXITSTATUS(wait_status));
  const int number = WTERMSIG(wait_status);
  return "was killed by signal " + std::to_string(number) + " (" + ::strsignal(number) + ")";
}

}  // namespace hubbub::cli
