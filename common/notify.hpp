// Tells a service manager how the program is: sd_notify(3)'s protocol, over the UNIX datagram socket that NOTIFY_SOCKET
// names. Without one, says nothing to nobody.
//   ready() | stopping() | reloading() | status(text) | watchdog()  -->  one datagram each
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace hubbub {

class Notifier {
 public:
  /// A path, or `@name` for a name in the abstract space; empty: none. Opens nothing yet.
  explicit Notifier(std::string socket) : socket_(std::move(socket)) {}
  static Notifier from_environment();

  /// True if the manager's socket took it. Never blocks: a datagram that doesn't fit is dropped.
  bool ready() const { return send("READY=1"); }
  bool stopping() const { return send("STOPPING=1"); }
  /// To be followed by ready(). Carries the time that Type=notify-reload wants.
  bool reloading() const;
  /// One line for `systemctl status`.
  bool status(std::string_view text) const;
  bool watchdog() const { return send("WATCHDOG=1"); }

 private:
  bool send(std::string_view state) const;

  std::string socket_;
};

/// How often to call watchdog(): half of WATCHDOG_USEC. Empty if nobody waits for it, or for another process
/// (WATCHDOG_PID).
std::optional<std::chrono::microseconds> watchdog_interval();

}  // namespace hubbub
