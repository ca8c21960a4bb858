// The servers that are compared, and how each is started so that it does best.
//   Contender (a row of the table) --Server--> a process on a loopback port of its own, gone with the Server
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "tests/bench/dialect.hpp"
#include "tests/bench/system.hpp"

namespace hubbub::bench {

enum class Kind { floor, hub, nats, redis, mosquitto };

struct Contender {
  std::string name;  ///< as in the tables and in --servers
  Kind kind = Kind::floor;
  bool both_cores = false;  ///< may use every core, the generator's too; otherwise pinned to one of its own
  std::string program;      ///< full path; empty: not installed
};

struct ServerPaths {
  std::string hub;  ///< path of hubbubd; empty: beside this program
  std::vector<std::string> hub_options;
};

/// All that the bench knows, in the order of the tables; those not installed with an empty program.
std::vector<Contender> all_contenders(const ServerPaths& paths);

std::unique_ptr<Dialect> dialect_of(Kind kind, std::size_t body_bytes);

/// How many deliveries may be under way to it at once. A server that writes every message by itself gains nothing from
/// a long queue, and would only take long to empty it.
std::uint64_t deliveries_under_way_max(Kind kind);

class Server {
 public:
  /// Starts it and waits until it accepts. Throws Failed with what it printed if it doesn't.
  Server(const Contender& contender, const ServerPaths& paths, const Cores& cores);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  [[nodiscard]] int port() const { return port_; }
  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] const Contender& contender() const { return contender_; }

 private:
  void start(const std::vector<std::string>& command, const Cores& cores);
  void wait_until_ready();
  [[nodiscard]] bool is_ready();
  void stop();
  [[nodiscard]] std::string printed() const;

  Contender contender_;
  std::string folder_;  ///< its configuration, its output, its ready file; removed with it
  int port_ = 0;
  pid_t pid_ = -1;
};

}  // namespace hubbub::bench
