// A message to render in tests: 2026-11-22T21:02:56.123456789Z, from alice, who isn't verified.
#pragma once

#include <utility>

#include "client/link/types.hpp"

namespace hubbub::cli {

inline link::Message a_message(std::string body) {
  link::Message message;
  message.room = RoomName::literal("ci.main");
  message.seq = Seq{7};
  message.time = WallTime{1795381376'123456789};
  message.from = PersonName::literal("alice");
  message.body = std::move(body);
  return message;
}

}  // namespace hubbub::cli
