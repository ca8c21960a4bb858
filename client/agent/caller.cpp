#include "client/agent/caller.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <sstream>

#include "common/escape.hpp"

namespace hubbub::agent {

namespace {

/// comm has 15 bytes at most; escaped, each may become four.
constexpr std::size_t program_bytes_max = link::via_bytes_max;
/// It speaks for whoever has started it.
constexpr std::string_view own_program = "hubbub";
/// Where somebody types, or what runs a script under another name than its own: they say nothing.
constexpr std::array<std::string_view, 10> shells = {"sh",  "bash", "dash",   "zsh",   "fish",
                                                     "ksh", "tmux", "screen", "login", "sshd"};

std::string comm_of(int pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/comm");
  std::string comm;
  std::getline(file, comm);
  return comm;
}

/// Behind the name in parentheses, which may hold anything, come the state and the parent (proc(5)).
int parent_of(int pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string line;
  std::getline(file, line);
  const auto name_end = line.rfind(')');
  if (name_end == std::string::npos) return 0;
  std::istringstream rest(line.substr(name_end + 1));
  char state = 0;
  int parent = 0;
  rest >> state >> parent;
  return parent;
}

}  // namespace

std::string fit_program_name(std::string_view comm) {
  while (comm.ends_with('\n')) comm.remove_suffix(1);
  auto name = escape_for_terminal(comm);
  if (name.size() > program_bytes_max) name.resize(program_bytes_max);
  return name;
}

Caller caller_of(const PeerCredentials& peer) {
  auto comm = comm_of(peer.pid);
  if (comm.empty()) return {peer.uid, peer.pid, "pid " + std::to_string(peer.pid)};
  if (comm == own_program) comm = comm_of(parent_of(peer.pid));
  if (std::ranges::find(shells, comm) != shells.end()) comm.clear();
  return {peer.uid, peer.pid, fit_program_name(comm)};
}

void stamp(link::Outgoing& message, const Caller& caller) {
  std::erase_if(message.headers.list, [](const proto::Header& header) { return header.key == link::via_header; });
  if (!caller.program.empty() && message.headers.list.size() < limits::headers_max)
    message.headers.list.push_back({std::string(link::via_header), caller.program});
}

}  // namespace hubbub::agent
