// What the agent costs: through its socket, and for itself.
#pragma once

#include "tests/bench/workloads.hpp"

namespace hubbub::bench {

struct AgentLoad {
  std::size_t body_bytes = 128;
  std::size_t commands = 200;      ///< `hubbub pub`, one message each, one after the other
  std::size_t rooms = 50;          ///< that the user is a member of
  std::size_t clients = 1000;      ///< at once
  std::size_t readers = 4;         ///< `hubbub sub` of one room, through the agent's socket and by its ring
  std::size_t messages = 150'000;  ///< that each of them receives; the room's tail holds all, so none is lost
  std::size_t connects = 100'000;  ///< one after the other, each with a question
};
/// Figures: json_published_per_s, pub_p50_ms, pub_direct_p50_ms, resident_mb, resident_busy_mb, socket_received_per_s,
/// ring_received_per_s, clients_connect_s, connects_per_s, leaked_descriptors, leaked_kb.
Metrics run_agent(const Lab& lab, const Contender& contender, const AgentLoad& sizes);

}  // namespace hubbub::bench
