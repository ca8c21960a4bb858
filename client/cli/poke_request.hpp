// What `hubbub poke` asks the agent.
//   pid, signal, kinds --> {"op":"poke","pid":4711,"signal":42,"on":["unread"]}
// Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "client/agent/poke.hpp"

namespace hubbub::cli {

struct PokeRequest {
  int pid = 0;
  int signal = 0;  ///< this machine's number
  std::vector<agent::PokeOn> on;
};

/// One line of JSON, without its end.
std::string poke_line(const PokeRequest& request);

/// What the agent's answer says: nothing where it is done. Total.
Result<void> refusal_in(const std::string& answer);

/// Adds one word of --on. Fails with invalid_argument and a sentence that says which there are.
Result<void> add_poke_on(std::string_view word, std::vector<agent::PokeOn>& on);

}  // namespace hubbub::cli
