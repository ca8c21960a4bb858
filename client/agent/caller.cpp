#include "client/agent/caller.hpp"

#include <fstream>

#include "common/escape.hpp"

namespace hubbub::agent {

namespace {

/// comm has 15 bytes at most; escaped, each may become four.
constexpr std::size_t program_bytes_max = 64;

}  // namespace

std::string fit_program_name(std::string_view comm) {
  while (comm.ends_with('\n')) comm.remove_suffix(1);
  auto name = escape_for_terminal(comm);
  if (name.size() > program_bytes_max) name.resize(program_bytes_max);
  return name;
}

Caller caller_of(const PeerCredentials& peer) {
  std::ifstream file("/proc/" + std::to_string(peer.pid) + "/comm");
  std::string comm;
  std::getline(file, comm);
  auto name = fit_program_name(comm);
  if (name.empty()) name = "pid " + std::to_string(peer.pid);
  return {peer.uid, peer.pid, std::move(name)};
}

}  // namespace hubbub::agent
