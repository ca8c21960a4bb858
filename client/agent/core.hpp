// What every door of the agent works with. One loop, one thread.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "client/agent/local_producers.hpp"
#include "client/agent/own_rooms.hpp"
#include "client/agent/poke.hpp"
#include "client/agent/ring_door.hpp"
#include "client/agent/sending.hpp"
#include "client/agent/switchboard.hpp"
#include "client/link/link.hpp"

namespace hubbub::agent {

struct Core {
  asio::io_context& loop;
  link::Link& link;
  Sending& sending;
  Switchboard& switchboard;
  RingDoor& ring;
  OwnRooms& own_rooms;
  LocalProducers& producers;
  std::span<char> read_buffer;              ///< for whoever reads a socket, during one call
  std::function<proto::Welcome()> welcome;  ///< as the hub has welcomed the agent, now or last
  std::function<std::string()> status;      ///< a JSON object
  std::function<std::string()> outbox;      ///< likewise: what is in the spool, and what was set aside there
  std::function<void()> stop;
  std::function<Result<void>(int pid, int signal, PokeSet on)> poke;
};

}  // namespace hubbub::agent
