#include "tests/bench/servers.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <limits>
#include <sstream>

namespace hubbub::bench {

namespace {

constexpr double start_deadline_s = 15;
constexpr double stop_deadline_s = 5;

std::string make_folder() {
  auto path = (std::filesystem::temp_directory_path() / "hubbub-bench-XXXXXX").string();
  if (mkdtemp(path.data()) == nullptr) fail_with_errno("a folder for the server");
  return path;
}

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

/// A port that was free a moment ago, for servers that can't choose one themselves.
int free_port() {
  const Fd fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  auto address = loopback(0);
  socklen_t size = sizeof address;
  if (bind(fd.get(), reinterpret_cast<sockaddr*>(&address), size) != 0) fail_with_errno("bind");
  if (getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0) fail_with_errno("getsockname");
  return ntohs(address.sin_port);
}

bool accepts(int port) {
  const Fd fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const auto address = loopback(port);
  return connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

/// The last number in a file that is complete when it appears: a port, or an URL that ends in one.
int port_in(const std::string& file) {
  std::ifstream in(file);
  std::string line;
  if (!std::getline(in, line)) return 0;
  const auto digits = line.find_last_not_of("0123456789") + 1;
  return digits < line.size() ? std::stoi(line.substr(digits)) : 0;
}

// ── how each is started ─────────────────────────────────────────────────────────────────────────────────────────────

struct Start {
  std::string folder;
  int port;  ///< for those that can't choose one
  bool both_cores;
  const ServerPaths& paths;
};
using Command = std::vector<std::string>;

Command floor_command(const Start& start) { return {start.folder + "/ready"}; }

Command hub_command(const Start& start) {
  Command command = {"--cores",      start.both_cores ? "2" : "1", "--listen", "tcp://127.0.0.1:0",
                     "--ready-file", start.folder + "/ready"};
  command.insert(command.end(), start.paths.hub_options.begin(), start.paths.hub_options.end());
  return command;
}

Command nats_command(const Start& start) {
  std::ofstream(start.folder + "/nats.conf") << "listen: \"127.0.0.1:" << start.port << "\"\n"
                                             << "max_connections: 20000\nmax_pending: 1GB\nwrite_deadline: \"60s\"\n"
                                             << "ping_interval: \"1h\"\nmax_subscriptions: 0\n";
  return {"-c", start.folder + "/nats.conf"};
}

Command redis_command(const Start& start) {
  return {"--port",
          std::to_string(start.port),
          "--bind",
          "127.0.0.1",
          "--save",
          "",
          "--appendonly",
          "no",
          "--maxclients",
          "16000",
          "--tcp-backlog",
          "4096",
          "--timeout",
          "0",
          "--dir",
          start.folder,
          "--loglevel",
          "warning",
          "--client-output-buffer-limit",
          "pubsub 0 0 0"};
}

Command mosquitto_command(const Start& start) {
  std::ofstream(start.folder + "/mosquitto.conf")
      << "listener " << start.port << " 127.0.0.1\nallow_anonymous true\npersistence false\nsys_interval 0\n"
      << "max_queued_messages 0\nmax_queued_bytes 0\nmax_inflight_messages 0\nmax_connections -1\n"
      << "set_tcp_nodelay true\nlog_type error\n";
  return {"-c", start.folder + "/mosquitto.conf"};
}

struct KindRow {
  Kind kind;
  const char* name;
  const char* program;
  bool tells_its_port;  ///< in FOLDER/ready
  Command (*command)(const Start&);
};
constexpr KindRow kinds[] = {
    {Kind::floor, "floor", "hubbub_floor", true, floor_command},
    {Kind::hub, "hubbub", "hubbubd", true, hub_command},
    {Kind::nats, "nats", "nats-server", false, nats_command},
    {Kind::redis, "redis", "redis-server", false, redis_command},
    {Kind::mosquitto, "mosquitto", "mosquitto", false, mosquitto_command},
};

const KindRow& row_of(Kind kind) { return kinds[static_cast<std::size_t>(kind)]; }

std::string program_of(const KindRow& row, const ServerPaths& paths) {
  if (row.kind == Kind::floor) return sibling(row.program);
  if (row.kind == Kind::hub) return find_program(paths.hub.empty() ? sibling(row.program) : paths.hub);
  return find_program(row.program);
}

[[noreturn]] void become(const std::string& program, const std::vector<std::string>& arguments,
                         const std::vector<int>& cores, const std::string& output) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  pin_this_thread(cores);
  const int log = open(output.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  dup2(open("/dev/null", O_RDONLY | O_CLOEXEC), 0);
  dup2(log, 1);
  dup2(log, 2);
  std::vector<char*> raw = {const_cast<char*>(program.c_str())};
  for (const auto& argument : arguments) raw.push_back(const_cast<char*>(argument.c_str()));
  raw.push_back(nullptr);
  execv(program.c_str(), raw.data());
  _exit(127);
}

}  // namespace

std::vector<Contender> all_contenders(const ServerPaths& paths) {
  std::vector<Contender> all;
  for (const auto& row : kinds) {
    const auto program = program_of(row, paths);
    all.push_back({row.name, row.kind, false, program});
    if (row.kind == Kind::hub || row.kind == Kind::nats)
      all.push_back({row.name + std::string("-2"), row.kind, true, program});
  }
  return all;
}

std::unique_ptr<Dialect> dialect_of(Kind kind, std::size_t body_bytes) {
  switch (kind) {
    case Kind::floor: return floor_dialect(body_bytes);
    case Kind::hub: return hub_dialect();
    case Kind::nats: return nats_dialect();
    case Kind::redis: return redis_dialect();
    case Kind::mosquitto: return mqtt_dialect();
  }
  throw Failed("an unknown kind of server");
}

std::uint64_t deliveries_under_way_max(Kind kind) {
  return kind == Kind::mosquitto ? 50'000 : std::numeric_limits<std::uint64_t>::max();
}

Server::Server(const Contender& contender, const ServerPaths& paths, const Cores& cores)
    : contender_(contender), folder_(make_folder()) {
  const auto& row = row_of(contender.kind);
  port_ = row.tells_its_port ? 0 : free_port();
  start(row.command({folder_, port_, contender.both_cores, paths}), cores);
  try {
    wait_until_ready();
  } catch (...) {
    stop();
    throw;
  }
}

Server::~Server() { stop(); }

void Server::start(const std::vector<std::string>& command, const Cores& cores) {
  const auto on = contender_.both_cores ? cores.all : std::vector<int>{cores.server()};
  pid_ = fork();
  if (pid_ < 0) fail_with_errno("fork");
  if (pid_ == 0) become(contender_.program, command, on, folder_ + "/output");
}

void Server::wait_until_ready() {
  const auto start = Clock::now();
  while (!is_ready()) {
    if (waitpid(pid_, nullptr, WNOHANG) == pid_) {
      pid_ = -1;
      throw Failed(contender_.name + " ended at once: " + printed());
    }
    if (seconds_since(start) > start_deadline_s) throw Failed(contender_.name + " doesn't accept: " + printed());
    usleep(2000);
  }
}

bool Server::is_ready() {
  if (row_of(contender_.kind).tells_its_port) port_ = port_in(folder_ + "/ready");
  return port_ > 0 && accepts(port_);
}

void Server::stop() {
  if (pid_ > 0) {
    kill(pid_, SIGTERM);
    const auto start = Clock::now();
    while (waitpid(pid_, nullptr, WNOHANG) == 0) {
      if (seconds_since(start) > stop_deadline_s) kill(pid_, SIGKILL);
      usleep(2000);
    }
    pid_ = -1;
  }
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

std::string Server::printed() const {
  std::ostringstream all;
  all << std::ifstream(folder_ + "/output").rdbuf();
  return all.str();
}

}  // namespace hubbub::bench
