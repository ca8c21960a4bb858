#include "client/cli/agent_start.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <thread>
#include <vector>

#include "client/link/agent_door.hpp"
#include "client/link/hub_key.hpp"
#include "client/link/places.hpp"
#include "common/descriptor.hpp"

namespace hubbub::cli {

namespace {

constexpr int start_ms_max = 20'000;
/// Where the agent finds the pipe.
constexpr int ready_descriptor = 3;
/// A log that is longer when the agent starts becomes `.log.1`, in place of the one before.
constexpr std::uintmax_t log_bytes_max = 1u << 20;

tl::unexpected<Error> cannot_start(const std::string& why) {
  return fail(Status::unavailable, "the agent can't be started: " + why);
}

Result<Descriptor> open_log(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), error);
  const auto size = std::filesystem::file_size(path, error);
  if (!error && size > log_bytes_max) std::filesystem::rename(path, path + ".1", error);
  Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  if (!file.is_open()) return cannot_start("can't open its log " + path + ": " + std::strerror(errno));
  return file;
}

/// In the child, which is nobody's child soon. Calls only what is safe between fork and exec.
[[noreturn]] void become_agent(int log, int ready, char* const* words, char* const* environment) {
  const int null = ::open("/dev/null", O_RDWR);
  ::dup2(null, STDIN_FILENO);
  ::dup2(log, STDOUT_FILENO);
  ::dup2(log, STDERR_FILENO);
  ::dup2(ready, ready_descriptor);
  ::close_range(ready_descriptor + 1, ~0U, 0);  // what the caller's own caller holds open is none of the agent's
  ::setsid();
  if (::fork() != 0) ::_exit(0);
  if (::chdir("/") != 0) ::_exit(126);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::execve("/proc/self/exe", words, environment);
  ::_exit(127);
}

std::vector<char*> pointers_of(std::vector<std::string>& words) {
  std::vector<char*> pointers;
  for (auto& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  return pointers;
}

Result<void> wait_until_ready(int pipe) {
  std::string said;
  while (true) {
    pollfd waiting{pipe, POLLIN, 0};
    const int ready = ::poll(&waiting, 1, start_ms_max);
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) return cannot_start("it takes too long; its log says what it does");
    char bytes[1024];
    const auto size = ::read(pipe, bytes, sizeof bytes);
    if (size <= 0) break;
    said.append(bytes, static_cast<std::size_t>(size));
  }
  if (said == "\n") return {};
  return cannot_start(said.empty() ? "it ended at once; its log says why" : said);
}

/// A service manager may hold the socket, and starts the agent for whoever comes.
bool answers(const std::string& socket) {
  auto door = link::AgentDoor::open(socket);
  return door && door->ask(R"({"op":"status"})", std::chrono::milliseconds(start_ms_max)).has_value();
}

/// One that another command has started is open, or will be.
bool comes_up(const link::AgentPlace& place) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(start_ms_max);
  while (link::is_agent_locked(place) && std::chrono::steady_clock::now() < until) {
    if (link::running_agent(place)) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return false;
}

}  // namespace

Result<std::string> agent_log(const Address& hub) { return link::state_file("agent/" + link::hub_key(hub) + ".log"); }

Result<void> start_agent(const link::Location& location) {
  const auto place = link::agent_place(location.hub);
  if (link::running_agent(place) || answers(place.socket())) return {};
  const auto path = agent_log(location.hub);
  if (!path) return tl::unexpected(path.error());
  const auto log = open_log(*path);
  if (!log) return tl::unexpected(log.error());
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return cannot_start(std::strerror(errno));
  const Descriptor reading(ends[0]);
  Descriptor writing(ends[1]);
  std::vector<std::string> words = {"hubbub",           "agent", "run", "--hub", location.hub.str(), "--name",
                                    location.name.str()};
  std::vector<std::string> variables = {std::string(ready_variable) + "=" + std::to_string(ready_descriptor)};
  for (char** variable = environ; *variable != nullptr; ++variable) variables.emplace_back(*variable);
  const auto word_pointers = pointers_of(words), variable_pointers = pointers_of(variables);
  const pid_t child = ::fork();
  if (child < 0) return cannot_start(std::strerror(errno));
  if (child == 0) become_agent(log->get(), writing.get(), word_pointers.data(), variable_pointers.data());
  ::waitpid(child, nullptr, 0);
  writing = Descriptor();
  auto ready = wait_until_ready(reading.get());
  return ready || !comes_up(place) ? ready : Result<void>();  // somebody else was first
}

Result<void> want_agent(const Globals& globals, const link::Location& location) {
  const bool forgone =
      globals.no_agent || (std::getenv("HUBBUB_SOCK") != nullptr && *std::getenv("HUBBUB_SOCK") == '\0');
  return forgone || link::find_agent(location.hub) ? Result<void>() : start_agent(location);
}

}  // namespace hubbub::cli
