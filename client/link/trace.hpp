// The stamps of a traced message: who had it when, in a header to which each end of a connection adds.
//   pub>agent@T1 --> agent<socket@T2 agent>tcp@T3 --> hub --> agent<tcp@T4 agent>local@T5 --> sub<agent@T6
// What happened within the hub, the hub tells (proto::RoomTrace). Free of Asio. A stamp that finds no room among the
// headers is left out.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "proto/messages/stream.hpp"

namespace hubbub::link {

inline constexpr std::string_view trace_header = "trace";

struct Stamp {
  enum class Side : char {
    sent = '>',
    received = '<',
  };
  std::string hop;  ///< "pub", "agent", …
  Side side = Side::sent;
  std::string by;  ///< the mechanism: "tcp", "unix", "agent" (its socket) …; "outbox" where it had to wait for the hub
  WallTime time;   ///< by the clock of the hop's host
  bool operator==(const Stamp&) const = default;
};

void add_stamp(proto::Headers& headers, const Stamp& stamp);

/// In the order in which they were added. Whoever sent the message may have written anything: what isn't a stamp is
/// left out.
std::vector<Stamp> stamps_of(const proto::Headers& headers);

/// What now is, for a stamp.
WallTime stamp_time();

}  // namespace hubbub::link
