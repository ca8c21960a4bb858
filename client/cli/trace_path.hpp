// The way of a traced message, from what its stamps and the hub tell.
//   stamps before the hub, the hub's own times, stamps behind it --path_of--> hops --> a table for people, JSON
// Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "client/link/trace.hpp"
#include "client/link/types.hpp"
#include "proto/methods/rooms.hpp"

namespace hubbub::cli {

struct Hop {
  std::string name;  ///< who has the message now
  std::string by;    ///< how it came there; empty at the start
  WallTime at;       ///< by that one's clock
  std::string wait;  ///< what it may have waited for on the way there
};

/// `hub` is missing where the hub no longer knows.
std::vector<Hop> path_of(const std::vector<link::Stamp>& stamps, const std::optional<proto::RoomTrace::Reply>& hub);

/// A line that names the message and how long it took in all, and then one for each hop. The hop that took longest says
/// why it may have.
std::string show_path(const link::Message& message, const std::vector<Hop>& path);
/// One line of JSON.
std::string json_path(const link::Message& message, const std::vector<Hop>& path);

}  // namespace hubbub::cli
