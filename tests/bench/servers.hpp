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
  std::string data = sibling("../bench-data");  ///< where servers that keep something have a folder; on a real disk
};

/// When a server acknowledges what it is given.
enum class Durability {
  memory,  ///< it keeps nothing
  commit,  ///< once the kernel has it: it survives the server
  fsync,   ///< once the disk has it: it survives a loss of power
};

struct Setup {
  Durability durability = Durability::memory;
  bool search_index = true;  ///< the hub's
  std::string data;          ///< a folder that stays; empty: one of the server's own
};

/// A folder of its own in `where`, removed with all that is in it.
class Folder {
 public:
  explicit Folder(const std::string& where);
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
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
  Server(const Contender& contender, const ServerPaths& paths, const Cores& cores, const Setup& setup = {});
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
  Folder folder_;  ///< its configuration, its output, its ready file, what it keeps
  int port_ = 0;
  pid_t pid_ = -1;
};

}  // namespace hubbub::bench
