#include "common/notify.hpp"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <cstring>

namespace hubbub {

namespace {

std::string_view variable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? std::string_view() : value;
}

template <class Number>
std::optional<Number> number(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

Notifier Notifier::from_environment() { return Notifier(std::string(variable("NOTIFY_SOCKET"))); }

bool Notifier::reloading() const {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();  // CLOCK_MONOTONIC
  const auto us = std::chrono::duration_cast<std::chrono::microseconds>(now).count();
  return send(fmt::format("RELOADING=1\nMONOTONIC_USEC={}", us));
}

bool Notifier::status(std::string_view text) const {
  std::string line = fmt::format("STATUS={}", text);
  std::replace(line.begin(), line.end(), '\n', ' ');  // what follows a newline would be another variable
  return send(line);
}

bool Notifier::send(std::string_view state) const {
  sockaddr_un address{};
  if (socket_.empty() || socket_.size() >= sizeof address.sun_path) return false;
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, socket_.data(), socket_.size());
  if (socket_[0] == '@') address.sun_path[0] = '\0';  // unix(7): an abstract name has no file
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + socket_.size());
  const int socket = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (socket < 0) return false;
  const auto sent = ::sendto(socket, state.data(), state.size(), MSG_NOSIGNAL | MSG_DONTWAIT,
                             reinterpret_cast<const sockaddr*>(&address), size);
  ::close(socket);
  return sent == static_cast<ssize_t>(state.size());
}

std::optional<std::chrono::microseconds> watchdog_interval() {
  const auto whole = number<std::uint64_t>(variable("WATCHDOG_USEC"));
  if (!whole || *whole < 2) return std::nullopt;
  if (const auto pid = number<pid_t>(variable("WATCHDOG_PID")); pid && *pid != ::getpid()) return std::nullopt;
  return std::chrono::microseconds(*whole / 2);
}

}  // namespace hubbub
