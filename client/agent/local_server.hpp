// The agent's socket: programs of this user come in, and the first byte of each tells which protocol it speaks.
//   accept --SO_PEERCRED--> one of ours? --first byte--> 0x01: WireSession   anything else: JsonSession
// Lives on the Link's thread.
#pragma once

#include <memory>
#include <set>
#include <utility>

#include "client/agent/local_session.hpp"
#include "common/listener.hpp"

namespace hubbub::agent {

class LocalServer {
 public:
  /// Programs at once.
  static constexpr std::size_t sessions_max = 4096;

  explicit LocalServer(Core& core) : core_(core) {}
  ~LocalServer();
  LocalServer(const LocalServer&) = delete;
  LocalServer& operator=(const LocalServer&) = delete;

  /// Listens there, for this user alone. Again: at the same place, anew.
  Result<void> listen(const std::string& path);
  /// Listens on a socket that whoever started the agent has made.
  void inherit(int descriptor, const std::string& path);
  /// Nobody comes in any more, and nobody says more.
  void stop_listening();
  /// Sessions end once their programs have read what is written; those of the wire protocol are told why.
  void stop();
  /// Those that speak the wire protocol have to begin anew, for this reason.
  void end_wire_sessions(std::string_view why);

  /// Since the last time somebody asked.
  bool take_has_closed_some() { return std::exchange(has_closed_some_, false); }
  [[nodiscard]] const std::set<std::shared_ptr<LocalSession>>& sessions() const { return sessions_; }

 private:
  void admit(const Accepted& accepted);
  void wait_for_first_byte(std::shared_ptr<Stream> stream, Caller caller);
  void begin(Stream stream, Caller caller, bool speaks_wire);

  Core& core_;
  std::unique_ptr<Listener> listener_;
  std::set<std::shared_ptr<Stream>> newcomers_;  ///< of whom nothing was heard yet
  std::set<std::shared_ptr<LocalSession>> sessions_;
  bool has_closed_some_ = false;
};

}  // namespace hubbub::agent
