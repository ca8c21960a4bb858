// Sessions that offer services, and sessions that call them, for tests.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <optional>
#include <string>
#include <thread>

#include "tests/support/wire_client.hpp"

namespace hubbub::test {

/// A service with the methods `scale`, and `look`, which may be repeated.
inline proto::ServiceOffer offer_of(std::string_view service, std::uint32_t at_once = 1) {
  proto::ServiceOffer offer;
  offer.service = MethodName::literal(service);
  offer.at_once = at_once;
  offer.methods = {{GroupName::literal("scale"), {}, false}, {GroupName::literal("look"), {}, true}};
  return offer;
}

struct Ask {
  std::uint64_t id = 0;  ///< from 1000 on, so that it is none of those that WireClient gives its own calls
  std::string_view method = "image.scale", arguments = "[1]";
  std::uint32_t deadline_ms = 0;
  bool all = false;
};

inline std::string frame_of(const Ask& ask) {
  std::string around;
  proto::encode_value(proto::ServiceCall{ask.all, {}, {ask.arguments}}, around);
  return proto::encoded(proto::Call{CallId{ask.id}, ask.deadline_ms, MethodName::literal(ask.method), {around}});
}
inline void ask(WireClient& client, const Ask& what) { client.send_bytes(frame_of(what)); }

inline proto::ServiceReply reply_in(const proto::Reply& reply) {
  if (reply.status != Status::ok) throw Failure("a call failed: " + std::string(reply.result.bytes));
  const auto decoded = proto::decode_value<proto::ServiceReply>(reply.result.bytes);
  if (!decoded) throw Failure("a ServiceReply can't be decoded");
  return *decoded;
}

/// What was asked before has reached core 0, where services are, and what that had to say to this client has come.
inline void meet_the_directory(WireClient& client) { ASSERT_TRUE(client.call(proto::HubPing{})); }

/// Runs `body` on a thread, which is asked to stop and waited for where the result ends. What it throws fails the test.
inline std::jthread run_beside(std::function<void(const std::stop_token&)> body) {
  return std::jthread([body = std::move(body)](const std::stop_token& over) {
    try {
      body(over);
    } catch (const std::exception& failure) {
      ADD_FAILURE() << failure.what();
    }
  });
}

/// The next frame, if it comes within a moment.
inline std::optional<RawFrame> frame_soon(WireClient& client) {
  try {
    return client.next_frame(Deadline(Milliseconds(20)));
  } catch (const Failure&) {
    return std::nullopt;  // nothing came
  }
}

}  // namespace hubbub::test
