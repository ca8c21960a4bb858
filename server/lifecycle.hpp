// How a hub begins, is told things while it runs, and ends.
//   addresses --announce--> stdout, ready file, service manager
//   TERM, INT --> stop, the second time stop_now      HUP --> reload      USR1 --> summary into the log
//   USR2 --> dump of the live state into a file
// Runs on core 0's loop. Knows the hub only by what it may ask of it, so that a test can stand in for one.
#pragma once

#include <csignal>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "common/address.hpp"
#include "common/notify.hpp"
#include "common/signals.hpp"
#include "server/config.hpp"
#include "server/ready_file.hpp"

namespace hubbub::server {

/// What a lifecycle asks of a hub, always on core 0.
struct HubControls {
  std::function<void(const Config&)> reload;
  std::function<void()> stop;
  std::function<void()> stop_now;
  std::function<void(std::function<void(std::string)> then)> summarize;
  std::function<void()> dump;
};

/// Those that Lifecycle takes, for block_signals().
inline constexpr std::initializer_list<int> lifecycle_signals = {SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2};

class Lifecycle {
 public:
  /// `running` is what the hub was started with, out of `sources`. REQUIRES: block_signals(lifecycle_signals).
  Lifecycle(asio::io_context& loop, ConfigSources sources, Config running, HubControls hub, Notifier notifier);
  Lifecycle(const Lifecycle&) = delete;
  Lifecycle& operator=(const Lifecycle&) = delete;

  /// Begins to listen to signals. Fails with unavailable.
  Result<void> start();
  /// Tells everybody who waits for it that the hub accepts. Fails if the ready file can't be written.
  Result<void> announce(const std::vector<Address>& addresses);

 private:
  void on_signal(const Signal& signal);
  void stop(const Signal& signal);
  void reload(const Signal& signal);
  void apply(Config wanted);
  void summarize();
  void keep_watchdog_quiet(std::chrono::microseconds interval);

  ConfigSources sources_;
  Config running_;
  HubControls hub_;
  Notifier notifier_;
  Signals signals_;
  asio::io_context& loop_;
  asio::steady_timer watchdog_;
  ReadyFile ready_file_;
  int stops_ = 0;
};

}  // namespace hubbub::server
