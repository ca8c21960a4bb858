// When to run what: one [[hook]] of the configuration.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "client/link/types.hpp"

namespace hubbub::agent {

/// What somebody else says and calls one by name; what is said to one alone; everything but one's own notices, since a
/// hook may say some. Of nothing that is erased, and not of what only amends an earlier message.
enum class HookOn { mention, direct, message };

struct HookRule {
  HookOn on = HookOn::mention;
  std::optional<Pattern> rooms;  ///< only there
  std::vector<std::string> run;  ///< the program and its arguments
  bool keep = false;             ///< it runs all the time, and each message is a JSON line on its stdin
  bool reply = false;            ///< what it writes is said in the room, as a notice
  std::chrono::seconds limit{60};
};

/// `self`: who we are.
bool applies(const HookRule& rule, const link::Message& message, const PersonName& self);

}  // namespace hubbub::agent
