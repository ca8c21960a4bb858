// A client for tests that speaks the wire itself, knows nothing of client/link and waits with deadlines.
//   WireClient alice(hub.url());
//   alice.greet("alice");
//   const auto room = alice.open("lobby");
//   alice.subscribe("lobby");
//   alice.say(room, "hi");
//   EXPECT_EQ(alice.expect<proto::Delivery>().body.bytes, "hi");
// What doesn't come in time, or a Closing that wasn't asked for, is a Failure. Answers pings unless told not to.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proto/codec.hpp"
#include "proto/methods.hpp"
#include "tests/support/deadline.hpp"

namespace hubbub::test {

/// One frame as it came.
struct RawFrame {
  std::uint8_t type = 0;
  std::string payload;
};

struct Greeting {
  std::string name;
  ClientId client;  ///< all zeros: random
  OwnerKey owner;   ///< all zeros: random
  std::uint16_t minor = proto::protocol_minor;
};

class WireClient {
 public:
  /// Connects to tcp://127.0.0.1:PORT or unix:///PATH. Says nothing yet. With `receive_buffer_bytes` the kernel keeps
  /// little for it, so that it is a slow reader soon.
  explicit WireClient(const std::string& url, int receive_buffer_bytes = 0);
  ~WireClient();
  WireClient(WireClient&& other) noexcept;
  WireClient& operator=(WireClient&&) = delete;

  // Raw.
  /// Takes all of `bytes` in time. False if the peer doesn't take any more because it has closed.
  bool send_bytes(std::string_view bytes, Deadline deadline = Deadline());
  bool send_frame(std::uint8_t type, std::string_view payload);
  template <class Message>
  bool send(const Message& message) {
    return send_bytes(proto::encoded(message));
  }
  /// The next frame, whatever it is (but pings that were answered). Nothing at the end of the connection.
  std::optional<RawFrame> next_frame(Deadline deadline = Deadline());
  /// Sends no more; still reads.
  void shut_down_writing();
  void close();
  /// Closes so that the peer sees a reset.
  void reset();
  void ignore_pings() { answers_pings_ = false; }
  [[nodiscard]] int descriptor() const { return socket_; }

  // Messages.
  /// The next message of that type; others wait for who expects them. Borrows from the client, as long as that lives.
  template <class Message>
  Message expect(Deadline deadline = Deadline());
  /// The same if it is there already, or comes before the answer to a ping.
  template <class Message>
  std::optional<Message> find();
  /// A Closing and the end of the connection.
  proto::Closing expect_closing(Deadline deadline = Deadline());
  /// The end of the connection, with a Closing or without.
  void expect_end(Deadline deadline = Deadline());
  /// The hub has handled all that this session's core knew of; nothing of it is missing in find().
  void barrier();

  // What tests do again and again.
  proto::Welcome greet(const std::string& name) { return greet(Greeting{name, {}, {}, proto::protocol_minor}); }
  proto::Welcome greet(const Greeting& greeting);
  /// Sends without waiting.
  template <class Method>
  CallId start(const Method& method, std::uint32_t deadline_ms = 0);
  template <class Method>
  Result<typename Method::Reply> finish(CallId id, Deadline deadline = Deadline());
  template <class Method>
  Result<typename Method::Reply> call(const Method& method) {
    return finish<Method>(start(method));
  }
  RoomId open(const std::string& room);
  /// Returns how many rooms matched. Their Attached wait to be expected.
  std::uint32_t subscribe(const std::string& pattern, proto::From from = proto::From::now, Seq seq = {},
                          const std::string& group = {}, bool events = false);
  /// Publishes under the next id of the room, and waits until it is acknowledged.
  Seq say(RoomId room, std::string_view body, proto::Kind kind = proto::Kind::text, std::uint8_t flags = 0);
  /// Publishes under the next id of the room and doesn't wait.
  PublishId publish(RoomId room, std::string_view body, proto::Kind kind = proto::Kind::text, std::uint8_t flags = 0);

 private:
  std::optional<RawFrame> take_frame();
  bool receive(Deadline deadline);
  std::optional<RawFrame> take_waiting(std::uint8_t type);
  RawFrame wait_for(std::uint8_t type, Deadline deadline);
  template <class Message>
  Message keep(RawFrame frame);

  int socket_ = -1;
  bool answers_pings_ = true;
  std::string unread_;         // bytes that came and are no whole frame yet
  std::size_t unread_at_ = 0;  // how many of them were taken
  std::deque<RawFrame> waiting_;
  std::deque<std::string> kept_;  // what messages borrow
  std::uint64_t calls_ = 0, pings_ = 0;
  std::map<std::uint32_t, PublishId> published_;
};

/// Random bits for an id.
template <class Id>
Id random_id();

template <class Message>
Message WireClient::keep(RawFrame frame) {
  kept_.push_back(std::move(frame.payload));
  auto message = proto::decode_value<Message>(kept_.back());
  if (!message) throw Failure("a message of type " + std::to_string(frame.type) + " can't be decoded");
  return *std::move(message);
}

template <class Message>
Message WireClient::expect(Deadline deadline) {
  return keep<Message>(wait_for(Message::type, deadline));
}

template <class Message>
std::optional<Message> WireClient::find() {
  barrier();
  auto frame = take_waiting(Message::type);
  if (!frame) return std::nullopt;
  return keep<Message>(*std::move(frame));
}

template <class Method>
CallId WireClient::start(const Method& method, std::uint32_t deadline_ms) {
  const CallId id{++calls_};
  std::string arguments;
  proto::encode_value(method, arguments);
  send(proto::Call{id, deadline_ms, MethodName::literal(Method::name), {arguments}});
  return id;
}

template <class Method>
Result<typename Method::Reply> WireClient::finish(CallId id, Deadline deadline) {
  std::deque<RawFrame> others;
  for (;;) {
    auto frame = wait_for(proto::Reply::type, deadline);
    const auto reply = proto::decode_value<proto::Reply>(frame.payload);
    if (!reply) throw Failure("a Reply can't be decoded");
    if (reply->id != id) {
      others.push_back(std::move(frame));
      continue;
    }
    for (auto& other : others) waiting_.push_back(std::move(other));
    if (reply->status != Status::ok) return fail(reply->status, std::string(reply->result.bytes));
    auto result = proto::decode_value<typename Method::Reply>(reply->result.bytes);
    if (!result) throw Failure("the reply of " + std::string(Method::name) + " can't be decoded");
    return *std::move(result);
  }
}

}  // namespace hubbub::test
