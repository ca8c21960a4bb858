// What mutants do to what the hub reads back at its start.
#pragma once

#include "server/log/records.hpp"
#include "tests/sim/mutant.hpp"

namespace hubbub::sim {

/// As the mutant would have found it.
server::Kept as_found_by(Mutant mutant, server::Kept kept);

}  // namespace hubbub::sim
