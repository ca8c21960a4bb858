#include "client/link/agent_door.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "client/link/places.hpp"

namespace hubbub::link {

namespace {

using Clock = std::chrono::steady_clock;

tl::unexpected<Error> no_agent(const std::string& socket, int error) {
  return fail(Status::unavailable,
              "no agent answers at " + socket + ": " + std::strerror(error) + "; hubbub agent start starts one");
}

/// The error number, or zero: then `opened` is connected.
int connect_unix(const std::string& path, int flags, Descriptor& opened) {
  sockaddr_un at{};
  at.sun_family = AF_UNIX;
  if (path.size() >= sizeof at.sun_path) return ENAMETOOLONG;
  std::memcpy(at.sun_path, path.c_str(), path.size() + 1);
  opened = Descriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | flags, 0));
  const bool connected =
      opened.is_open() && ::connect(opened.get(), reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0;
  return connected ? 0 : errno;
}

}  // namespace

bool nobody_listens(const Address& socket) {
  Descriptor opened;
  const bool is_local = socket.scheme == Address::Scheme::unix_socket;
  const int error = is_local ? connect_unix(socket.path, SOCK_NONBLOCK, opened) : 0;
  return error == ENOENT || error == ENOTDIR || error == ECONNREFUSED;
}

/// Looks at the lock without taking it.
bool is_agent_locked(const AgentPlace& place) {
  const Descriptor file(::open(place.lock().c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  struct flock held {};
  held.l_type = F_RDLCK;
  held.l_whence = SEEK_SET;
  return file.is_open() && ::fcntl(file.get(), F_OFD_GETLK, &held) == 0 && held.l_type != F_UNLCK;
}

std::optional<RunningAgent> running_agent(const AgentPlace& place) {
  if (!check_agent_folder(place) || !is_agent_locked(place)) return std::nullopt;
  std::ifstream lines(place.lock());
  RunningAgent agent;
  agent.place = place;
  lines >> agent.pid >> agent.name >> agent.hub;
  return lines.fail() ? std::nullopt : std::optional(agent);
}

/// HUBBUB_SOCK may be of another hub's agent: then it isn't meant.
std::optional<RunningAgent> find_agent(const Address& hub) {
  const char* said = std::getenv("HUBBUB_SOCK");
  const std::filesystem::path socket = said == nullptr ? "" : said;
  if (said != nullptr && socket.empty()) return std::nullopt;
  for (const auto& place : {AgentPlace{socket.parent_path().parent_path(), socket.parent_path()}, agent_place(hub)}) {
    auto agent = place.folder.empty() ? std::nullopt : running_agent(place);
    if (agent && agent->hub == hub.str()) return agent;
  }
  return std::nullopt;
}

Result<AgentDoor> AgentDoor::open(const Address& hub) {
  const auto agent = find_agent(hub);
  if (agent) return open(agent->place.socket());
  return fail(Status::unavailable, "no agent runs for " + hub.str() + "; hubbub agent start starts one");
}

Result<AgentDoor> AgentDoor::open(const std::string& socket) {
  Descriptor opened;
  if (const int error = connect_unix(socket, 0, opened); error != 0) return no_agent(socket, error);
  return AgentDoor(std::move(opened));
}

Result<std::string> AgentDoor::ask(std::string line, std::chrono::milliseconds patience) {
  line += '\n';
  for (std::string_view left = line; !left.empty();) {
    const auto sent = ::send(socket_.get(), left.data(), left.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno != EINTR)
      return fail(Status::unavailable, std::string("the agent doesn't listen any more: ") + std::strerror(errno));
    if (sent > 0) left.remove_prefix(static_cast<std::size_t>(sent));
  }
  return next(patience);
}

Result<std::string> AgentDoor::next(std::chrono::milliseconds patience) {
  const auto until = Clock::now() + patience;
  while (true) {
    if (const auto end = input_.find('\n'); end != std::string::npos) {
      auto line = input_.substr(0, end);
      input_.erase(0, end + 1);
      return line;
    }
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now()).count();
    pollfd waiting{socket_.get(), POLLIN, 0};
    if (left <= 0 || ::poll(&waiting, 1, static_cast<int>(left)) == 0)
      return fail(Status::deadline_exceeded, "the agent did not answer in time");
    char bytes[4096];
    const auto size = ::recv(socket_.get(), bytes, sizeof bytes, 0);
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return fail(Status::unavailable, "the agent has closed the connection");
    input_.append(bytes, static_cast<std::size_t>(size));
  }
}

}  // namespace hubbub::link
