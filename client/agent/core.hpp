// What every door of the agent works with. One loop, one thread.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "client/agent/sending.hpp"
#include "client/agent/switchboard.hpp"
#include "client/link/link.hpp"

namespace hubbub::agent {

struct Core {
  asio::io_context& loop;
  link::Link& link;
  Sending& sending;
  Switchboard& switchboard;
  std::span<char> read_buffer;  ///< for whoever reads a socket, during one call
};

}  // namespace hubbub::agent
