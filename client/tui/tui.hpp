// The terminal client: `hubbub` without a subcommand. See app/app.hpp for how it runs.
#pragma once

#include <string>
#include <vector>

#include "client/link/link.hpp"
#include "common/address.hpp"
#include "proto/ids.hpp"
#include "proto/text.hpp"

namespace hubbub::tui {

struct Options {
  Address hub;
  std::string name;                                            ///< to claim; empty: the hub chooses
  OwnerKey owner;                                              ///< who the person is where nothing better proves it
  std::vector<RoomName> rooms = {RoomName::literal("lobby")};  ///< joined at the start
  bool bell = true;  ///< rings for mentions and direct messages in rooms that aren't in view
  bool colour = true;
  std::shared_ptr<link::Outbox> outbox;  ///< keeps what is typed until it has reached the hub; may be none
};

/// Runs until the person leaves. Returns the exit code: 0, or as sysexits(3) has it when the hub refused from the start
/// or there is no fit terminal (then it has said why on stderr), or 128 + the signal that ended it.
int run_terminal_client(const Options& options);

}  // namespace hubbub::tui
