// The agent's socket, for programs that ask it something and may wait: JSON lines (docs/local-doors.md).
//   open(hub) --> ask({"op":"status"}) --> one line of answer
// Owns its connection. Blocks; not for a loop's thread that has other things to do.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "client/link/agent_place.hpp"
#include "common/descriptor.hpp"

namespace hubbub::link {

/// An agent that runs, as its lock tells.
struct RunningAgent {
  AgentPlace place;
  int pid = 0;
  std::string name;  ///< whose it is at the hub
  std::string hub;   ///< as a URL
};
/// The agent that lives there and is open for programs; none where none is, or where its folder isn't the user's alone.
std::optional<RunningAgent> running_agent(const AgentPlace& place);
/// An agent has the lock there, though it may not be open yet, or no longer.
bool is_agent_locked(const AgentPlace& place);
/// The agent for that hub: the one that HUBBUB_SOCK names, if it is that hub's, else the one at the agent's place. None
/// where HUBBUB_SOCK is set and empty.
std::optional<RunningAgent> find_agent(const Address& hub);

/// There is no such UNIX socket, or the program behind it has ended. False for every other address.
bool nobody_listens(const Address& socket);

class AgentDoor {
 public:
  /// Fails with unavailable where no agent answers, and says how to start one.
  static Result<AgentDoor> open(const std::string& socket);
  static Result<AgentDoor> open(const Address& hub);

  /// Sends a line and waits for the next one, `patience` at most. Fails with unavailable, deadline_exceeded.
  Result<std::string> ask(std::string line, std::chrono::milliseconds patience = std::chrono::seconds(10));
  /// The next line.
  Result<std::string> next(std::chrono::milliseconds patience);
  [[nodiscard]] int descriptor() const { return socket_.get(); }

 private:
  explicit AgentDoor(Descriptor socket) : socket_(std::move(socket)) {}
  Descriptor socket_;
  std::string input_;
};

}  // namespace hubbub::link
