// A hub that does what the test says: it takes connections, shows what came, and sends what it is told. In the loop of
// the test, which runs while somebody waits.
//   FakeHub hub;   auto link = …;   hub.accept();   hub.expect<proto::Hello>();   hub.welcome();
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "common/address.hpp"
#include "common/asio.hpp"
#include "common/frame_reader.hpp"
#include "proto/codec.hpp"
#include "proto/methods.hpp"
#include "tests/support/deadline.hpp"
#include "tests/unit/link/scratch.hpp"

namespace hubbub::link {

class FakeHub {
 public:
  FakeHub();

  asio::io_context& loop() { return loop_; }
  [[nodiscard]] Address address() const;

  /// Runs the loop until `holds()`. Throws test::Failure with `what` if that takes too long.
  template <class Condition>
  void run_until(const std::string& what, Condition holds) {
    const test::Deadline deadline;
    while (!holds()) {
      if (deadline.passed()) throw test::Failure("waited in vain until " + what);
      loop_.restart();
      loop_.run_one_for(std::chrono::milliseconds(deadline.left_ms()));
    }
  }
  /// Runs what can run without waiting.
  void run_ready() {
    loop_.restart();
    loop_.poll();
  }

  /// Waits for the next connection; everything below is about that one.
  void accept();
  /// From now on nobody can connect; a second call with true lets them again at the same address.
  void listen(bool on);

  /// The next message, which must be of this type. What it borrows stays valid as long as the hub.
  template <class Message>
  Message expect();
  /// The next message is a call of this method.
  template <class Method>
  Method expect_call();
  /// Nothing has come that wasn't expected.
  [[nodiscard]] bool nothing_came();
  /// Waits until the client has closed the connection.
  void expect_end();

  /// Reads Hello, sends Welcome.
  proto::Hello welcome();
  std::uint8_t life = 1;          ///< of this hub, as Welcome tells it
  std::uint8_t store = 0;         ///< likewise
  std::uint32_t ping_ms = 60000;  ///< likewise

  template <class Message>
  void send(const Message& message) {
    send_bytes(proto::encoded(message));
  }
  void send_bytes(const std::string& bytes);
  [[nodiscard]] std::size_t unsent_bytes() const { return unsent_.size(); }
  /// Answers the call that was expected last.
  template <class Reply>
  void reply(const Reply& value) {
    std::string result;
    proto::encode_value(value, result);
    send(proto::Reply{call_, Status::ok, {result}});
  }
  void refuse(Status status, std::string_view sentence) { send(proto::Reply{call_, status, {sentence}}); }
  /// A room.open is expected and answered.
  void open(std::string_view room, std::uint32_t id, bool durable = false);
  void attach(std::string_view room, std::uint32_t id, std::uint64_t next, bool durable = false);
  void deliver(std::uint32_t room, std::uint64_t seq, std::string_view body);

  void close();  ///< the connection, once all was sent

 private:
  using Protocol = asio::local::stream_protocol;  // an address of its own, which nobody takes while it doesn't listen

  void read();
  void write();
  proto::Frame next_frame();

  asio::io_context loop_{1};
  ScratchFolder folder_;
  std::string path_;
  Protocol::acceptor acceptor_;
  std::optional<Protocol::socket> socket_;
  std::unique_ptr<FrameReader> reader_;
  std::string buffer_;
  std::deque<std::pair<std::uint8_t, std::string>> frames_;  ///< that have come
  std::size_t shown_ = 0;                                    ///< of them
  bool ended_ = false;
  std::string unsent_;
  bool writing_ = false;
  std::uint64_t connection_ = 0;
  CallId call_;
};

template <class Message>
Message FakeHub::expect() {
  const auto frame = next_frame();
  const auto message = proto::decode_from_client(frame);
  if (!message || !std::holds_alternative<Message>(*message))
    throw test::Failure("expected message " + std::to_string(Message::type) + ", got " + std::to_string(frame.type));
  return std::get<Message>(*message);
}

template <class Method>
Method FakeHub::expect_call() {
  const auto call = expect<proto::Call>();
  if (call.method.str() != Method::name)
    throw test::Failure("expected " + std::string(Method::name) + ", got " + call.method.str());
  call_ = call.id;
  return proto::decode_value<Method>(call.arguments.bytes).value();
}

}  // namespace hubbub::link
