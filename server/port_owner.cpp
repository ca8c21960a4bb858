#include "server/port_owner.hpp"

#include <fmt/format.h>

#include <charconv>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <vector>

namespace hubbub::server {

namespace {

namespace fs = std::filesystem;

/// The inodes of the sockets that listen on `port`. A line of /proc/net/tcp: "sl local:PORT remote state tx:rx tr:when
/// retransmits uid timeout inode …", with state 0A for listening.
void add_listening_inodes(const char* table, std::uint16_t port, std::vector<std::string>& inodes) {
  std::ifstream in(table);
  const auto wanted = fmt::format(":{:04X}", port);
  for (std::string line; std::getline(in, line);) {
    std::istringstream fields(line);
    std::string number, local, remote, state, queues, timer, retransmits, uid, timeout, inode;
    fields >> number >> local >> remote >> state >> queues >> timer >> retransmits >> uid >> timeout >> inode;
    if (state == "0A" && local.ends_with(wanted)) inodes.push_back(fmt::format("socket:[{}]", inode));
  }
}

bool holds_one_of(const fs::path& process, const std::vector<std::string>& sockets) {
  std::error_code hidden;  // another user's process, or one that has just ended
  for (fs::directory_iterator entry(process / "fd", hidden), end; !hidden && entry != end; entry.increment(hidden)) {
    std::error_code closed;
    const auto target = fs::read_symlink(entry->path(), closed).string();
    for (const auto& socket : sockets)
      if (target == socket) return true;
  }
  return false;
}

std::optional<pid_t> pid_of(const fs::path& process) {
  const std::string name = process.filename();
  pid_t pid = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), pid);
  if (error != std::errc{} || end != name.data() + name.size()) return std::nullopt;
  return pid;
}

std::string program_of(const fs::path& process) {
  std::ifstream in(process / "comm");
  std::string name;
  std::getline(in, name);
  return name;
}

}  // namespace

std::optional<PortOwner> port_owner(const Address& address) {
  if (address.scheme != Address::Scheme::tcp || address.port == 0) return std::nullopt;
  std::vector<std::string> sockets;
  for (const char* const table : {"/proc/net/tcp", "/proc/net/tcp6"})
    add_listening_inodes(table, address.port, sockets);
  if (sockets.empty()) return std::nullopt;
  std::error_code unreadable;
  for (fs::directory_iterator entry("/proc", unreadable), end; !unreadable && entry != end; entry.increment(unreadable))
    if (const auto pid = pid_of(entry->path()); pid && holds_one_of(entry->path(), sockets))
      return PortOwner{*pid, program_of(entry->path())};
  return std::nullopt;
}

}  // namespace hubbub::server
