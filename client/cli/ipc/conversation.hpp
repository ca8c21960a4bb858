// What the two processes say to each other. The answerer sends back what is asked and swallows what is told, and checks
// that each message is whole and the next one; the asker measures.
//   ask 0 ⇄ ask 1 ⇄ … round trips, each timed        tell n, n+1 … then one ask: its answer says that all have arrived
// Pure but for the clock: what carries the messages is an End.
#pragma once

#include <chrono>

#include "client/cli/ipc/figures.hpp"
#include "client/cli/ipc/mechanism.hpp"

namespace hubbub::ipc {

struct Plan {
  std::size_t message_bytes = 128;
  std::chrono::milliseconds time{1000};      ///< for a mechanism, warming up included
  std::chrono::milliseconds patience{5000};  ///< beyond that, for round_trips_min of them
};

/// However short the time: fewer have no p99.
inline constexpr std::size_t round_trips_min = 100;
/// However long the time: more would only take memory.
inline constexpr std::size_t round_trips_max = 1'000'000;

/// Round trips, then one way, each after a tenth of the time to warm up. Ends the conversation. Fails with unavailable
/// if a message can't be sent or received, or too few of them in the time; with data_loss if an answer isn't what was
/// asked.
Result<Figures> ask(End& end, const Plan& plan);

/// Until the asker ends it. Fails as ask() does; with data_loss if a message is torn or isn't the next one.
Result<void> answer(End& end, std::size_t message_bytes);

}  // namespace hubbub::ipc
