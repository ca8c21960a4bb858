#include "server/health.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "common/frame_reader.hpp"
#include "proto/codec.hpp"
#include "server/port_owner.hpp"
#include "tests/support/deadline.hpp"
#include "tests/unit/config/temporary_folder.hpp"

namespace hubbub::server {
namespace {

using testing::HasSubstr;

/// Accepts one connection, waits for its first frame, answers with `answer` and waits for the client's Goodbye or end.
class OneAnswer {
 public:
  explicit OneAnswer(std::string answer, bool hang_up = false)
      : acceptor_(loop_, {asio::ip::make_address("127.0.0.1"), 0}),
        thread_([this, answer = std::move(answer), hang_up] { serve(answer, hang_up); }) {}

  [[nodiscard]] Address address() const {
    return {Address::Scheme::tcp, "127.0.0.1", acceptor_.local_endpoint().port(), {}};
  }

 private:
  void serve(const std::string& answer, bool hang_up) {
    std::error_code error;
    auto socket = acceptor_.accept(error);
    std::array<char, 4096> buffer;
    const auto size = socket.read_some(asio::buffer(buffer), error);
    FrameReader(limits::handshake_frame_bytes_max).feed({buffer.data(), size}, [&](const proto::Frame& frame) {
      const auto hello = proto::decode_from_client(frame);
      EXPECT_TRUE(hello && std::holds_alternative<proto::Hello>(*hello));
      return true;
    });
    asio::write(socket, asio::buffer(answer), error);
    if (!hang_up) socket.read_some(asio::buffer(buffer), error);
  }

  asio::io_context loop_;
  asio::ip::tcp::acceptor acceptor_;
  std::jthread thread_;
};

std::string welcome(const char* hub) {
  proto::Welcome message;
  message.hub = Text::literal(hub);
  message.name = PersonName::literal("guest");
  return proto::encoded(message);
}

constexpr auto in_time = test::patience;

TEST(Health, IsGoodWhereAHubWelcomes) {
  const OneAnswer hub(welcome("hubbubd 9.9"));
  EXPECT_EQ(check_health(hub.address(), in_time), "hubbubd 9.9");
}

TEST(Health, SkipsWhatANewerHubSaysFirst) {
  const OneAnswer hub(proto::encoded(proto::Ping{7}) + welcome("hubbubd 9.9"));
  EXPECT_EQ(check_health(hub.address(), in_time), "hubbubd 9.9");
}

TEST(Health, IsBadWhereAHubRefuses) {
  proto::Closing closing;
  closing.reason = proto::CloseReason::shutdown;
  closing.sentence = Text::literal("the hub is shutting down");
  const OneAnswer hub(proto::encoded(closing));
  const auto health = check_health(hub.address(), in_time);
  ASSERT_FALSE(health);
  EXPECT_EQ(health.error().status, Status::unavailable);
  EXPECT_EQ(health.error().sentence, "the hub is shutting down");
}

TEST(Health, IsBadWhereNobodyAnswersInTime) {
  const OneAnswer hub("");
  const auto health = check_health(hub.address(), std::chrono::milliseconds(200));
  ASSERT_FALSE(health);
  EXPECT_EQ(health.error().status, Status::deadline_exceeded);
}

TEST(Health, IsBadWhereSomethingElseAnswers) {
  for (const std::string answer : {"HTTP/1.1 400 Bad Request\r\n\r\n", "220 mail.example.org ESMTP\r\n"}) {
    const OneAnswer other(answer);
    const auto health = check_health(other.address(), in_time);
    ASSERT_FALSE(health) << answer;
  }
  const OneAnswer silent("", true);
  EXPECT_THAT(check_health(silent.address(), in_time).error().sentence,
              HasSubstr("closed the connection without a word"));
}

TEST(Health, IsBadWhereNobodyListens) {
  EXPECT_THAT(check_health(Address{Address::Scheme::unix_socket, {}, 0, "/tmp/hubbub-none"}).error().sentence,
              HasSubstr("there is no such socket"));
}

TEST(HealthAddress, IsTheFirstListener) {
  Config config;
  config.hub.listen = {*Address::parse("tcp://0.0.0.0:7"), *Address::parse("unix:///run/hub.sock")};
  EXPECT_EQ(health_address(config)->str(), "tcp://127.0.0.1:7");
  config.hub.listen = {*Address::parse("tcp://[::]:7")};
  EXPECT_EQ(health_address(config)->str(), "tcp://[::1]:7");
  config.hub.listen = {*Address::parse("unix:///run/hub.sock")};
  EXPECT_EQ(health_address(config)->str(), "unix:///run/hub.sock");
}

TEST(HealthAddress, OfAnyFreePortIsInTheReadyFile) {
  const TemporaryFolder folder;
  Config config;
  config.hub.listen = {*Address::parse("tcp://127.0.0.1:0")};
  EXPECT_THAT(health_address(config).error().sentence, HasSubstr("--ready-file"));
  config.hub.ready_file = folder.path("ready");
  EXPECT_THAT(health_address(config).error().sentence, HasSubstr("is the hub still starting?"));
  folder.write("ready", "tcp://127.0.0.1:1234\nunix:///run/hub.sock\n");
  EXPECT_EQ(health_address(config)->str(), "tcp://127.0.0.1:1234");
}

TEST(PortOwner, IsFoundByItsPort) {
  asio::io_context loop;
  asio::ip::tcp::acceptor acceptor(loop, {asio::ip::make_address("127.0.0.1"), 0});
  const Address address{Address::Scheme::tcp, "127.0.0.1", acceptor.local_endpoint().port(), {}};
  const auto owner = port_owner(address);
  ASSERT_TRUE(owner);
  EXPECT_EQ(owner->pid, ::getpid());
  EXPECT_EQ(owner->program, "unit_config");
  acceptor.close();
  EXPECT_FALSE(port_owner(address));
  EXPECT_FALSE(port_owner(*Address::parse("unix:///run/hub.sock")));
}

}  // namespace
}  // namespace hubbub::server
