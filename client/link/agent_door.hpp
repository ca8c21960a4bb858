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

/// Where programs find the agent for that hub: HUBBUB_SOCK, if it is set, else the agent's place. Empty where
/// HUBBUB_SOCK is set and empty: no agent is wanted.
std::string agent_socket(const Address& hub);

/// The agent that runs for that hub, as its lock tells; none where none runs, or where its folder isn't the user's
/// alone.
struct RunningAgent {
  int pid = 0;
  std::string name;  ///< whose it is at the hub
};
std::optional<RunningAgent> running_agent(const AgentPlace& place);

class AgentDoor {
 public:
  /// Fails with unavailable where no agent answers, and says how to start one.
  static Result<AgentDoor> open(const std::string& socket);

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
