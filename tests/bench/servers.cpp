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
#include <sstream>

#include "tests/bench/commands.hpp"

namespace hubbub::bench {

namespace {

constexpr double start_deadline_s = 15;
constexpr double stop_deadline_s = 5;

/// What is kept lies on a disk, or the figures mean nothing; all else may lie in memory.
std::string place_for(const Setup& setup, const ServerPaths& paths) {
  return setup.durability == Durability::memory ? std::filesystem::temp_directory_path().string() : paths.data;
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

Folder::Folder(const std::string& where) : path_(where + "/hubbub-bench-XXXXXX") {
  std::filesystem::create_directories(where);
  if (mkdtemp(path_.data()) == nullptr) fail_with_errno("a folder in " + where);
}

Folder::~Folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

Server::Server(const Contender& contender, const ServerPaths& paths, const Cores& cores, const Setup& setup)
    : contender_(contender), folder_(place_for(setup, paths)) {
  const auto& row = row_of(contender.kind);
  port_ = row.tells_its_port ? 0 : free_port();
  start(row.command({folder_.path(), port_, contender.both_cores, paths, setup}), cores);
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
  if (pid_ == 0) become(contender_.program, command, on, folder_.path() + "/output");
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
  if (row_of(contender_.kind).tells_its_port) port_ = port_in(folder_.path() + "/ready");
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
}

std::string Server::printed() const {
  std::ostringstream all;
  all << std::ifstream(folder_.path() + "/output").rdbuf();
  return all.str();
}

}  // namespace hubbub::bench
