#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

#include "client/link/agent_door.hpp"
#include "tests/bench/agent_workloads.hpp"
#include "tests/bench/percentile.hpp"

namespace hubbub::bench {

namespace {

using link::AgentDoor;
using namespace std::chrono_literals;

/// After it an agent has looked after its memory; see client/agent/agent.cpp.
constexpr std::chrono::seconds rest{5};
constexpr double start_deadline_s = 20;
/// Lines that are written at once.
constexpr std::size_t burst_bytes = 64 * 1024;
/// Connects before the first look at what the agent holds, so that caches and buffers are there.
constexpr std::size_t warm_up_connects = 2000;

template <class T>
T value_of(Result<T> result) {
  if (!result) throw Failed(result.error().sentence);
  return *std::move(result);
}

/// A `hubbub agent run` of its own, in a folder of its own, as user `bench`.
class AgentProcess {
 public:
  AgentProcess(const Lab& lab, const Server& server)
      : program_(sibling("hubbub")), folder_(lab.paths.data), hub_("tcp://127.0.0.1:" + std::to_string(server.port())) {
    std::filesystem::create_directory(folder_.path() + "/run");
    std::filesystem::permissions(folder_.path() + "/run", std::filesystem::perms::owner_all);
    pid_ = start({"agent", "run"});
    socket_ = folder_.path() + "/run/hubbub/127.0.0.1-" + std::to_string(server.port()) + "/sock";
    const auto begin = Clock::now();
    while (!is_online()) {
      if (seconds_since(begin) > start_deadline_s) throw Failed("the agent doesn't start: " + log());
      ::usleep(2000);
    }
  }
  ~AgentProcess() {
    ::kill(pid_, SIGTERM);
    ::waitpid(pid_, nullptr, 0);
  }
  AgentProcess(const AgentProcess&) = delete;
  AgentProcess& operator=(const AgentProcess&) = delete;

  [[nodiscard]] AgentDoor door() const { return value_of(AgentDoor::open(socket_)); }
  [[nodiscard]] pid_t pid() const { return pid_; }

  /// Seconds from its start to its end.
  [[nodiscard]] double run(const std::vector<std::string>& words) const {
    const auto begin = Clock::now();
    await(start(words));
    return seconds_since(begin);
  }
  /// `hubbub` with these words.
  [[nodiscard]] pid_t start(const std::vector<std::string>& words, const std::string& input = "/dev/null") const;
  void await(pid_t child) const {
    int status = 0;
    ::waitpid(child, &status, 0);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) throw Failed("a hubbub command fails: " + log());
  }
  /// Of a file in its folder.
  [[nodiscard]] std::string path(const std::string& name) const { return folder_.path() + "/" + name; }

  [[nodiscard]] std::size_t descriptors() const {
    const auto folder = std::filesystem::directory_iterator("/proc/" + std::to_string(pid_) + "/fd");
    return static_cast<std::size_t>(std::distance(begin(folder), end(folder)));
  }
  /// Its own pages and those that it shares, as top(1) shows it.
  [[nodiscard]] std::uint64_t resident_bytes() const {
    std::ifstream file("/proc/" + std::to_string(pid_) + "/statm");
    std::uint64_t size = 0, resident = 0;
    file >> size >> resident;
    return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  }

 private:
  [[nodiscard]] bool is_online() const {
    auto opened = AgentDoor::open(socket_);
    const auto status = opened ? opened->ask(R"({"op":"status"})") : tl::unexpected(opened.error());
    return status && status->find(R"("online":true)") != std::string::npos;
  }
  [[nodiscard]] std::string log() const {
    std::ifstream file(folder_.path() + "/log");
    return {std::istreambuf_iterator<char>(file), {}};
  }

  std::string program_;
  Folder folder_;
  std::string hub_, socket_;
  pid_t pid_ = -1;
};

pid_t AgentProcess::start(const std::vector<std::string>& words, const std::string& input) const {
  std::vector<std::string> all = {"hubbub"};
  all.insert(all.end(), words.begin(), words.end());
  const auto log = folder_.path() + "/log";
  std::vector<std::string> variables = {"XDG_RUNTIME_DIR=" + folder_.path() + "/run",
                                        "XDG_STATE_HOME=" + folder_.path() + "/state",
                                        "XDG_CONFIG_HOME=" + folder_.path() + "/config",
                                        "HUBBUB_QUEUE=/hubbub-bench-" + std::to_string(::getpid()),
                                        "HUBBUB_URL=" + hub_,
                                        "HUBBUB_NAME=bench"};
  std::vector<char*> arguments, environment;
  for (auto& word : all) arguments.push_back(word.data());
  for (auto& variable : variables) environment.push_back(variable.data());
  arguments.push_back(nullptr);
  environment.push_back(nullptr);
  posix_spawn_file_actions_t files;
  ::posix_spawn_file_actions_init(&files);
  ::posix_spawn_file_actions_addopen(&files, 0, input.c_str(), O_RDONLY, 0);
  ::posix_spawn_file_actions_addopen(&files, 1, log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  ::posix_spawn_file_actions_adddup2(&files, 1, 2);
  pid_t pid = -1;
  const int error = ::posix_spawn(&pid, program_.c_str(), &files, nullptr, arguments.data(), environment.data());
  ::posix_spawn_file_actions_destroy(&files);
  if (error != 0) throw Failed("can't start " + program_);
  return pid;
}

void send_all(int socket, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) fail_with_errno("the agent takes no more lines");
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

/// Lines as fast as they go, of which the last is answered when the hub has all.
double json_published_per_s(const Lab& lab, const AgentProcess& agent, std::size_t body_bytes) {
  auto door = agent.door();
  const auto line = R"({"op":"pub","room":"load","text":")" + std::string(body_bytes, 'x') + "\"}\n";
  std::string burst;
  std::size_t lines = 0;
  while (burst.size() < burst_bytes) burst += line;
  const auto per_burst = burst.size() / line.size();
  const auto begin = Clock::now();
  for (; seconds_since(begin) < lab.seconds; lines += per_burst) send_all(door.descriptor(), burst);
  const auto last = value_of(door.ask(R"({"op":"pub","room":"load","text":"last","id":1})", 60s));
  if (last.find("\"seq\":" + std::to_string(lines + 1)) == std::string::npos)
    throw Failed("messages are missing: " + last);
  return static_cast<double>(lines) / seconds_since(begin);
}

double p50_ms(const AgentProcess& agent, std::size_t count, const std::vector<std::string>& words) {
  std::vector<double> samples;
  for (std::size_t i = 0; i < count; ++i) samples.push_back(agent.run(words) * 1e3);
  return percentile(samples, 0.5);
}

void join_rooms(const AgentProcess& agent, std::size_t rooms) {
  auto door = agent.door();
  for (std::size_t i = 0; i < rooms; ++i)
    value_of(door.ask(R"({"op":"call","method":"room.join","arguments":{"room":"r)" + std::to_string(i) + R"("}})"));
  const auto begin = Clock::now();
  const auto wanted = "\"rooms\":" + std::to_string(rooms);
  while (value_of(door.ask(R"({"op":"status"})")).find(wanted) == std::string::npos) {
    if (seconds_since(begin) > start_deadline_s) throw Failed("the agent doesn't receive the user's rooms");
    ::usleep(2000);
  }
}

/// Messages a second that `readers` commands have received in all, from the first that one publisher says to the end of
/// the last reader.
double received_per_s(const AgentProcess& agent, const AgentLoad& sizes, const std::vector<std::string>& how) {
  const auto input = agent.path("lines");
  std::ofstream lines(input);
  for (std::size_t i = 0; i < sizes.messages; ++i) lines << std::string(sizes.body_bytes, 'x') << '\n';
  lines.close();
  std::vector<pid_t> readers;
  for (std::size_t i = 0; i < sizes.readers; ++i) {
    const auto ready = agent.path("ready" + std::to_string(i));
    std::filesystem::remove(ready);
    std::vector<std::string> words = {"sub", "fan",          "-n", std::to_string(sizes.messages), "-N", "-F",
                                      "",    "--ready-file", ready};
    words.insert(words.end(), how.begin(), how.end());
    readers.push_back(agent.start(words));
    while (!std::filesystem::exists(ready)) ::usleep(2000);
  }
  const auto begin = Clock::now();
  const auto publisher = agent.start({"pub", "fan", "--no-agent"}, input);
  for (const auto reader : readers) agent.await(reader);
  agent.await(publisher);
  return static_cast<double>(sizes.readers * sizes.messages) / seconds_since(begin);
}

double clients_connect_s(const AgentProcess& agent, std::size_t clients) {
  std::vector<AgentDoor> doors;
  const auto begin = Clock::now();
  for (std::size_t i = 0; i < clients; ++i) doors.push_back(agent.door());
  for (auto& door : doors) value_of(door.ask(R"({"op":"unread"})"));
  return seconds_since(begin);
}

void connect_and_ask(const AgentProcess& agent, std::size_t times) {
  for (std::size_t i = 0; i < times; ++i) {
    auto door = agent.door();
    value_of(door.ask(R"({"op":"unread"})"));
  }
}

}  // namespace

Metrics run_agent(const Lab& lab, const Contender& contender, const AgentLoad& sizes) {
  Metrics metrics;
  const Server server(contender, lab.paths, lab.cores);
  const AgentProcess agent(lab, server);
  join_rooms(agent, sizes.rooms);
  std::this_thread::sleep_for(rest);
  metrics["resident_mb"] = static_cast<double>(agent.resident_bytes()) / 1e6;
  metrics["pub_p50_ms"] = p50_ms(agent, sizes.commands, {"pub", "lobby", "-m", "hi"});
  metrics["pub_direct_p50_ms"] = p50_ms(agent, sizes.commands, {"pub", "lobby", "-m", "hi", "--no-agent"});
  metrics["json_published_per_s"] = json_published_per_s(lab, agent, sizes.body_bytes);
  metrics["resident_busy_mb"] = static_cast<double>(agent.resident_bytes()) / 1e6;
  metrics["socket_received_per_s"] = received_per_s(agent, sizes, {});
  metrics["ring_received_per_s"] = received_per_s(agent, sizes, {"--ring"});
  metrics["clients_connect_s"] = clients_connect_s(agent, sizes.clients);
  connect_and_ask(agent, std::min(warm_up_connects, sizes.connects));
  const auto descriptors = agent.descriptors();
  const auto memory = memory_bytes(agent.pid());
  const auto begin = Clock::now();
  connect_and_ask(agent, sizes.connects);
  metrics["connects_per_s"] = static_cast<double>(sizes.connects) / seconds_since(begin);
  metrics["leaked_descriptors"] = static_cast<double>(agent.descriptors()) - static_cast<double>(descriptors);
  metrics["leaked_kb"] = (static_cast<double>(memory_bytes(agent.pid())) - static_cast<double>(memory)) / 1e3;
  return metrics;
}

}  // namespace hubbub::bench
