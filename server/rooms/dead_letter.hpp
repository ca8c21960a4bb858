// What is posted to the dead: a message that a queue group couldn't handle, and why.
//   Burial --dead_letter--> kind, headers with what became of it, body
// Pure.
#pragma once

#include <cstdint>
#include <string>

#include "proto/messages/stream.hpp"
#include "proto/text.hpp"

namespace hubbub::server {

/// Whose session had a message.
struct Worker {
  std::string name;
  bool verified = false;
  bool operator==(const Worker&) const = default;
};

struct Failure {
  std::string reason;  ///< as a Settle says it, or the hub
  std::string detail;
  Worker worker;
};

/// A message on its way to the dead. Owns its bytes: it travels from core to core.
struct Burial {
  RoomId room;
  GroupName group;
  Seq seq;
  std::uint16_t attempts = 0;
  Failure why;
  std::string delivery;  ///< a Delivery's payload
};

struct DeadLetter {
  proto::Kind kind = proto::Kind::text;
  std::string headers;  ///< as on the wire, without their leading size; within the limits
  std::string body;
};

/// `room`: its name. Where not all headers have a place, the message's own end first, which dead-cut counts; before
/// that dead-stderr is cut. REQUIRES: `delivery` was numbered by this hub.
DeadLetter dead_letter(const Burial& burial, const std::string& room);

}  // namespace hubbub::server
