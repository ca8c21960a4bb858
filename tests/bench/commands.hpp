// How each server is started so that it does best: a row for each kind.
#pragma once

#include <string>
#include <vector>

#include "tests/bench/servers.hpp"

namespace hubbub::bench {

/// What a command line is made of. Configuration files go into the folder.
struct Start {
  std::string folder;
  int port;  ///< for those that can't choose one
  bool both_cores;
  const ServerPaths& paths;
  const Setup& setup;
};
using Command = std::vector<std::string>;  ///< the arguments; the program isn't one of them

struct KindRow {
  Kind kind;
  const char* name;
  const char* program;
  bool tells_its_port;  ///< in FOLDER/ready, once it accepts
  Command (*command)(const Start&);
};
const KindRow& row_of(Kind kind);

}  // namespace hubbub::bench
