#include "tests/support/hub_process.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string_view>

namespace hubbub::test {

namespace {

/// Where the programs under test are. The environment overrides what was built together with the tests.
std::string program() {
  const char* const folder = std::getenv("HUBBUB_BIN_DIR");
  return std::string(folder != nullptr ? folder : HUBBUB_BIN_DIR) + "/hubbubd";
}

std::string make_folder() {
  std::string name = std::filesystem::temp_directory_path() / "hubbub-test-XXXXXX";
  if (::mkdtemp(name.data()) == nullptr) throw Failure("no temporary folder can be made");
  return name;
}

std::vector<std::string> arguments(const HubOptions& options, const HubProcess& hub) {
  auto all = options.started_by;
  const auto tcp_url = hub.url().empty() ? "tcp://127.0.0.1:0" : hub.url();  // the same one when it is started again
  all.insert(all.end(), {program(), "--listen", tcp_url, "--listen", hub.unix_url(), "--ready-file", hub.ready_file()});
  if (!options.config.empty()) all.insert(all.end(), {"--config", hub.config_file()});
  all.insert(all.end(), options.flags.begin(), options.flags.end());
  return all;
}

void redirect(const std::string& path, int descriptor) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  ::dup2(file, descriptor);
  ::close(file);
}

/// Texts as execve(2) wants them. Borrows.
std::vector<char*> as_pointers(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (auto& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

/// The test's own environment without what would configure a hub, and then `more`. Unless that says otherwise, the hub
/// keeps nothing.
std::vector<std::string> environment_with(const std::vector<std::string>& more) {
  std::vector<std::string> all;
  for (char** at = environ; *at != nullptr; ++at)
    if (!std::string_view(*at).starts_with("HUBBUB") && !std::string_view(*at).starts_with("NOTIFY_SOCKET"))
      all.emplace_back(*at);
  all.insert(all.end(), more.begin(), more.end());
  const auto is_data = [](const std::string& variable) { return variable.starts_with("HUBBUBD_DATA="); };
  if (std::ranges::none_of(more, is_data)) all.emplace_back("HUBBUBD_DATA=none");
  return all;
}

/// Starts a program whose output goes to files in `folder`, and that ends when the test does.
pid_t spawn(std::vector<std::string> arguments, const std::vector<std::string>& environment, const std::string& folder,
            unsigned long files_max) {
  auto variables = environment_with(environment);
  const auto argv = as_pointers(arguments), envp = as_pointers(variables);
  const auto out = folder + "/stdout", err = folder + "/stderr";
  const pid_t pid = ::fork();
  if (pid != 0) return pid;
  // From here to exec only what signal-safety(7) allows.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  redirect(out, STDOUT_FILENO);
  redirect(err, STDERR_FILENO);
  if (files_max > 0) {
    const rlimit limit{files_max, files_max};
    ::setrlimit(RLIMIT_NOFILE, &limit);
  }
  ::execve(argv[0], argv.data(), envp.data());
  ::_exit(127);
}

}  // namespace

HubProcess::HubProcess(HubOptions options) : options_(std::move(options)), folder_(make_folder()) {
  unix_url_ = "unix://" + folder_ + "/hub.sock";
  if (!options_.config.empty()) write_file(config_file(), options_.config);
  start();
  if (!options_.wait_until_ready) return;
  try {
    wait_until_ready();
  } catch (...) {
    stop(SIGKILL);
    std::filesystem::remove_all(folder_);
    throw;
  }
}

HubProcess::~HubProcess() {
  if (running()) stop(SIGKILL);
  std::error_code ignored;  // a folder left behind in /tmp is no reason to end the tests
  std::filesystem::remove_all(folder_, ignored);
}

void HubProcess::start() {
  pid_ = spawn(arguments(options_, *this), options_.environment, folder_, options_.files_max);
  if (pid_ < 0) throw Failure("fork failed");
}

void HubProcess::start_again() {
  std::filesystem::remove(ready_file());
  ended_ = false;
  start();
  wait_until_ready();
}

void HubProcess::wait_until_ready() {
  const auto what = [this] { return "the hub is ready; it logged:\n" + end_of(log()); };
  wait_until(what, [this] {
    if (!running()) throw Failure("the hub ended with " + std::to_string(wait()) + " and logged:\n" + end_of(log()));
    return !read_file(ready_file()).empty();
  });
  std::istringstream lines(read_file(ready_file()));
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with("tcp://127.0.0.1:") && tcp_url_.empty()) tcp_url_ = line;
  if (tcp_url_.empty()) throw Failure("the ready file names no tcp://127.0.0.1 address");
}

void HubProcess::signal(int number) const { ::kill(pid_, number); }

void HubProcess::pause() const {
  signal(SIGSTOP);
  const auto stands = [](const std::filesystem::directory_entry& thread) {
    return read_file(thread.path() / "stat").find(") T ") != std::string::npos;
  };
  wait_until("the hub stands still", [&] {
    return std::ranges::all_of(std::filesystem::directory_iterator("/proc/" + std::to_string(pid_) + "/task"), stands);
  });
}

bool HubProcess::reap(bool block) {
  if (!ended_) ended_ = ::waitpid(pid_, &status_, block ? 0 : WNOHANG) == pid_;
  return ended_;
}

bool HubProcess::running() { return !reap(false); }

int HubProcess::stop(int number) {
  if (running()) signal(number);
  return wait();
}

int HubProcess::wait() {
  const auto what = [this] { return "the hub has ended; it logged:\n" + end_of(log()); };
  wait_until(
      what, [this] { return reap(false); }, Deadline(2 * patience));
  return WIFEXITED(status_) ? WEXITSTATUS(status_) : 128 + WTERMSIG(status_);
}

std::string HubProcess::log() const { return read_file(folder_ + "/stderr"); }
std::string HubProcess::output() const { return read_file(folder_ + "/stdout"); }

void HubProcess::wait_for_log(const std::string& text) const {
  const auto what = [&] { return "the hub logs '" + text + "'; it logged:\n" + end_of(log()); };
  wait_until(what, [&] { return log().find(text) != std::string::npos; });
}

std::size_t HubProcess::memory_bytes() const {
  std::istringstream lines(read_file("/proc/" + std::to_string(pid_) + "/smaps_rollup"));
  std::size_t sum_kib = 0;
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with("Private_")) sum_kib += std::stoul(line.substr(line.find(':') + 1));
  return sum_kib * 1024;
}

Milliseconds HubProcess::cpu_time() const {
  const auto stat = read_file("/proc/" + std::to_string(pid_) + "/stat");
  std::istringstream fields(stat.substr(stat.rfind(')') + 2));
  std::string skipped;
  for (int i = 3; i < 14; ++i) fields >> skipped;
  long user = 0, system = 0;
  fields >> user >> system;
  return Milliseconds((user + system) * 1000 / ::sysconf(_SC_CLK_TCK));
}

Finished run_hubbubd(const std::vector<std::string>& arguments, const std::vector<std::string>& environment,
                     std::vector<std::string> started_by) {
  const auto folder = make_folder();
  auto all = std::move(started_by);
  all.push_back(program());
  all.insert(all.end(), arguments.begin(), arguments.end());
  const pid_t pid = spawn(all, environment, folder, 0);
  int status = 0;
  wait_until("hubbubd has ended", [&] { return ::waitpid(pid, &status, WNOHANG) == pid; });
  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  Finished finished{code, read_file(folder + "/stdout"), read_file(folder + "/stderr")};
  std::filesystem::remove_all(folder);
  return finished;
}

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void write_file(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << text;
}

}  // namespace hubbub::test
