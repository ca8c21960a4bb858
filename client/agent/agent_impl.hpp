// The agent's inside: how its parts hang together, and in which order they begin and end.
#pragma once

#include <array>
#include <chrono>
#include <optional>

#include "client/agent/agent.hpp"
#include "client/agent/core.hpp"
#include "client/agent/doors.hpp"
#include "client/agent/local_server.hpp"
#include "client/agent/lock.hpp"
#include "client/agent/own_rooms.hpp"
#include "common/notify.hpp"
#include "common/signals.hpp"

namespace hubbub::agent {

class Agent {
 public:
  Agent(Options options, AgentLock& lock, std::shared_ptr<link::Outbox> outbox);
  /// Fails with why no program can come in.
  Result<void> start();
  /// Returns the exit code.
  int run();

 private:
  static asio::awaitable<void> read_hub(Agent& self);
  static asio::awaitable<void> drain(Agent& self);
  static asio::awaitable<void> send_left(Agent& self);
  void take_events();
  void apply(const link::Incoming& incoming);
  void on(const link::Online& online);
  void on(const link::Offline& offline);
  void on(const link::Closed& closed);
  void on(const link::NotResumed& refused);
  template <class Other>
  void on(const Other& other) {
    switchboard_.apply(other);
  }
  void on_signal(const Signal& signal);
  void stop();
  void look_after_place();
  void keep_beating();
  void reload();
  Result<void> come_back();
  [[nodiscard]] proto::Welcome welcome();
  [[nodiscard]] std::string status() const;
  [[nodiscard]] std::string show_outbox() const;

  Options options_;
  AgentLock& lock_;
  std::shared_ptr<link::Outbox> outbox_;
  asio::io_context loop_{1};
  link::Link link_;
  Sending sending_;
  Switchboard switchboard_;
  RingDoor ring_;
  OwnRooms own_rooms_;
  LocalProducers producers_;
  std::array<char, 128 * 1024> read_buffer_;
  Core core_;
  Doors doors_;
  LocalServer server_;
  Signals signals_;
  Notifier notifier_;
  asio::steady_timer place_timer_;
  asio::steady_timer beat_;
  asio::steady_timer ready_timer_;
  std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
  bool stopping_ = false;
  bool sending_left_ = false;
  bool tidied_ = false;                 ///< after the start
  link::Link* left_ = nullptr;          ///< while it sends what another program has left
  std::optional<proto::Welcome> told_;  ///< to programs, last
  std::string hub_trouble_;             ///< why the hub is away; empty while it is there
  int code_ = 0;
};

}  // namespace hubbub::agent
