// The table of mechanisms. To add one: its file with its row, one declaration and one line in the table.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "client/cli/ipc/mechanism.hpp"

namespace hubbub::ipc {

/// From the plainest to the oddest.
std::span<const Mechanism* const> all_mechanisms();

/// Fails with invalid_argument and a sentence that names those there are.
Result<const Mechanism*> find_mechanism(std::string_view name);

std::vector<std::string_view> mechanism_names();

}  // namespace hubbub::ipc
