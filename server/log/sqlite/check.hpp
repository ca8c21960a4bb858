// Whether a hub's database is what it should be. For operators, and for tests that pull the plug.
//   the database --check--> findings, each a sentence; none: all is well
// Reads everything, in one snapshot, also while a hub serves from there. Changes nothing.
#pragma once

#include <string>
#include <vector>

#include "proto/status.hpp"

namespace hubbub::server::sqlite {

/// SQLite's own integrity, every room's messages dense and as their rows say, producers as the messages say, nothing
/// that refers to what isn't there. Fails where the database can't be read at all.
Result<std::vector<std::string>> check(const std::string& path, const std::string& vfs = {});

}  // namespace hubbub::server::sqlite
