// How SQLite reaches a FaultyDisk: a table of C functions.
#pragma once

#include <sqlite3.h>

#include <memory>
#include <string>

namespace hubbub::test {

class FaultyDisk;

/// Borrows both.
std::unique_ptr<sqlite3_vfs> make_vfs(FaultyDisk& disk, const std::string& name);

}  // namespace hubbub::test
