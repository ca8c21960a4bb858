// What lies in an outbox that an agent has: the file is locked, so the agent is asked.
//   {"op":"outbox"} --> {"outbox":[{"room":"ops","messages":3,"since_ns":…}],"file":…} --> as Outbox::waiting() has it
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "client/link/outbox/outbox.hpp"

namespace hubbub::cli {

/// None where no agent of that hub (a URL) has that file, or it doesn't answer.
std::optional<std::vector<link::Outbox::Waiting>> outbox_of_agent(const std::string& hub, const std::string& file);

}  // namespace hubbub::cli
