// What every command accepts, before its name or after it.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "client/cli/syntax.hpp"

namespace hubbub::cli {

struct Globals {
  std::string hub;   ///< --hub; empty: see client/link/location.hpp
  std::string name;  ///< --name; empty: likewise
  std::optional<std::chrono::milliseconds> timeout;
  bool no_agent = false;  ///< --no-agent
  bool quiet = false;
  bool no_color = false;
  bool help = false;
  bool version = false;

  [[nodiscard]] std::chrono::milliseconds connect_timeout() const;
  /// How long a call or an acknowledgement may take.
  [[nodiscard]] std::chrono::milliseconds call_timeout() const;
};

void declare_globals(Syntax& syntax, Globals& globals);

}  // namespace hubbub::cli
