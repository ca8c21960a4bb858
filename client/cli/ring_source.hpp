// hubbub sub --ring: what comes out of the agent's ring, as a Receiver takes it.
//   open --> the ring --> Receiver          the Link, which only heals --> its end
#pragma once

#include <optional>

#include "client/cli/receiver.hpp"
#include "client/link/ring.hpp"

namespace hubbub::cli {

class RingSource {
 public:
  RingSource(Shell& shell, link::RingSubscription::Options options);

  /// From then on everything is received. Returns an exit code if there is no seat, after saying so.
  asio::awaitable<std::optional<int>> open();
  /// REQUIRES: this outlives it.
  Receiver::Source source();

 private:
  Shell& shell_;
  link::RingSubscription ring_;
};

/// The ring tells by itself that its agent has gone. The link, which only heals, goes on straight to the hub unnoticed.
void heal_silently(link::Options& options);

/// For a command that can't do without an agent. Returns the exit code.
int complain_no_agent(const Shell& shell);

}  // namespace hubbub::cli
