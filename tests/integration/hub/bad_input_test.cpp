// Any bytes at all: a named close or an error to whoever sent them, and nothing else changes.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "tests/support/hub_process.hpp"
#include "tests/support/wire_client.hpp"

namespace hubbub::test {
namespace {

using proto::CloseReason;

class BadInput : public testing::Test {
 protected:
  BadInput() : hub_({"--cores", "2"}), witness_(hub_.url()) {
    witness_.greet("witness");
    room_ = witness_.open("lobby");
    witness_.subscribe("lobby");
  }
  /// Whatever was done to the hub, others are served as before and see nothing of it.
  void TearDown() override {
    witness_.say(room_, "still here");
    EXPECT_EQ(witness_.expect<proto::Delivery>().body.bytes, "still here");
    EXPECT_FALSE(witness_.find<proto::Delivery>());
    witness_.close();
    EXPECT_EQ(hub_.stop(), 0) << hub_.log();
  }
  WireClient greeted(const std::string& name = "mallory") {
    WireClient client(hub_.url());
    client.greet(name);
    return client;
  }
  static std::string name_of(const proto::Closing& closing) { return std::string(row_of(closing.reason).name); }
  static void expect_named_close(WireClient& client, std::string_view reason) {
    const auto closing = client.expect_closing();
    EXPECT_EQ(name_of(closing), reason);
    EXPECT_FALSE(closing.sentence.empty());
  }

  static std::string noise(std::mt19937& engine, std::size_t bytes_max) {
    std::string bytes(proto::frame_header_bytes + engine() % bytes_max, '\0');
    for (char& byte : bytes) byte = static_cast<char>(engine());
    return bytes;
  }
  /// Without it a hub that waits for the rest would be right to say nothing.
  static std::string with_its_last_frame_whole(std::string bytes) {
    std::size_t end = 0;
    while (end < bytes.size()) {
      if (bytes.size() - end < proto::frame_header_bytes) bytes.resize(end + proto::frame_header_bytes);
      const auto payload_bytes = proto::read_frame_header(bytes.data() + end).payload_bytes;
      if (payload_bytes > limits::frame_bytes_max) return bytes;  // refused at its header
      end += proto::frame_header_bytes + payload_bytes;
    }
    bytes.resize(end);
    return bytes;
  }
  static RawFrame first_of(WireClient& client, std::initializer_list<std::uint8_t> types) {
    while (auto frame = client.next_frame())
      if (std::ranges::find(types, frame->type) != types.end()) return *std::move(frame);
    throw Failure("the connection ended without a word");
  }
  static void expect_named(const RawFrame& frame) {
    const auto closing = proto::decode_value<proto::Closing>(frame.payload);
    ASSERT_TRUE(closing);
    EXPECT_LT(static_cast<std::size_t>(closing->reason), proto::close_reasons.size());
    EXPECT_FALSE(closing->sentence.empty());
  }

  HubProcess hub_;
  WireClient witness_;
  RoomId room_;
};

TEST_F(BadInput, AnHttpRequestIsNamedForWhatItIsNot) {
  WireClient client(hub_.url());
  client.send_bytes("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  expect_named_close(client, "not_hubbub");
}

TEST_F(BadInput, ATlsHelloIsNamedForWhatItIsNot) {
  WireClient client(hub_.url());
  client.send_bytes(std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11) + std::string(600, '\x5a'));
  expect_named_close(client, "not_hubbub");
}

TEST_F(BadInput, AHelloWithoutItsMagicIsNotHubbub) {
  WireClient client(hub_.url());
  proto::Hello hello;
  hello.magic[0] = 'h';
  client.send(hello);
  expect_named_close(client, "not_hubbub");
}

TEST_F(BadInput, ACallBeforeTheHandshakeIsNotGreeted) {
  WireClient client(hub_.url());
  client.start(proto::HubPing{});
  expect_named_close(client, "not_greeted");
}

TEST_F(BadInput, APublishBeforeTheHandshakeIsNotGreeted) {
  WireClient client(hub_.url());
  client.publish(room_, "unheard");
  expect_named_close(client, "not_greeted");
}

TEST_F(BadInput, ASecondHelloIsGreetedTwice) {
  auto client = greeted();
  client.send(proto::Hello{});
  expect_named_close(client, "greeted_twice");
}

TEST_F(BadInput, AFrameLongerThanAllowedClosesAtItsHeader) {
  auto client = greeted();
  client.send_bytes(std::string("\x10\x01\x00\x10", 4));  // one byte more than 1 MiB is announced; none is sent
  expect_named_close(client, "frame_too_large");
}

TEST_F(BadInput, BeforeTheWelcomeTheLimitOfAFrameIs4096Bytes) {
  WireClient client(hub_.url());
  client.send_bytes(std::string("\x01\x01\x10\x00", 4));
  const auto closing = client.expect_closing();
  EXPECT_TRUE(closing.reason == CloseReason::frame_too_large || closing.reason == CloseReason::not_hubbub);
}

TEST_F(BadInput, AFrameOfExactlyTheLimitIsTaken) {
  auto client = greeted();
  client.send_frame(0x3f, std::string(limits::frame_bytes_max, 'x'));
  client.barrier();
}

TEST_F(BadInput, AMessageTypeThatNobodyKnowsIsSkipped) {
  auto client = greeted();
  for (const int type : {0x00, 0x05, 0x22, 0x3f, 0x7f, 0x80, 0xff})
    client.send_frame(static_cast<std::uint8_t>(type), "new");
  client.barrier();
}

TEST_F(BadInput, AMessageOfTheHubFromAClientIsFromTheWrongSide) {
  auto client = greeted();
  client.send(proto::Published{room_, PublishId{1}, Seq{1}});
  expect_named_close(client, "wrong_side");
}

TEST_F(BadInput, AReplyThatNobodyAskedForIsFromTheWrongSide) {
  auto client = greeted();
  client.send(proto::Reply{CallId{7}, Status::ok, {}});
  expect_named_close(client, "wrong_side");
}

TEST_F(BadInput, ADeliveryFromAClientIsFromTheWrongSide) {
  auto client = greeted();
  client.send(proto::Delivery{room_, Seq{1}, {}, 0, proto::Kind::text, PersonName::literal("witness"), {}, {"forged"}});
  expect_named_close(client, "wrong_side");
}

TEST_F(BadInput, APongThatNobodyAskedForIsIgnored) {
  auto client = greeted();
  client.send(proto::Pong{42});
  client.barrier();
}

TEST_F(BadInput, ACancelOfNothingIsIgnored) {
  auto client = greeted();
  client.send(proto::Cancel{CallId{12345}});
  client.barrier();
  EXPECT_FALSE(client.find<proto::Reply>());
}

TEST_F(BadInput, AMessageWithTooFewOrTooManyBytesIsMalformed) {
  for (const auto& payload : {std::string(7, '\0'), std::string(9, '\0')}) {
    auto client = greeted("mallory-" + std::to_string(payload.size()));
    client.send_frame(proto::Ping::type, payload);
    expect_named_close(client, "malformed");
  }
}

TEST_F(BadInput, APublishTooShortForItsFieldsIsMalformed) {
  auto client = greeted();
  client.send_frame(proto::Publish::type, "short");
  expect_named_close(client, "malformed");
}

TEST_F(BadInput, AHelloThatEndsEarlyIsMalformed) {
  WireClient client(hub_.url());
  auto hello = proto::encoded(proto::Hello{}).substr(proto::frame_header_bytes);
  hello.pop_back();
  client.send_frame(proto::Hello::type, hello);
  expect_named_close(client, "malformed");
}

TEST_F(BadInput, AHelloWithTextThatIsNotUtf8IsMalformed) {
  WireClient client(hub_.url());
  proto::Hello hello;
  hello.program = Text::literal("AB");
  auto bytes = proto::encoded(hello);
  bytes[bytes.find("AB")] = '\xff';
  client.send_bytes(bytes);
  expect_named_close(client, "malformed");
}

TEST_F(BadInput, ANameOutOfTheAlphabetIsRefused) {
  for (const char* name : {"Alice", "al ice", "\x1b[31mred", "@alice", "a.b"}) {
    WireClient client(hub_.url());
    proto::Hello hello;
    hello.name = Text::literal(name);
    client.send(hello);
    const auto closing = client.expect_closing();
    EXPECT_EQ(name_of(closing), "name_refused") << name;
    EXPECT_EQ(closing.sentence.str().find('\x1b'), std::string::npos);
  }
}

// ── what asks for something wrong is refused, and the connection goes on ──

TEST_F(BadInput, ATextThatIsNotUtf8IsRefusedAndNotSaid) {
  auto client = greeted();
  const auto room = client.open("lobby");
  client.send(proto::Publish{room, PublishId{1}, 0, proto::Kind::text, {}, {"\xff\xfe"}});
  const auto refused = client.expect<proto::PublishRefused>();
  EXPECT_EQ(refused.status, Status::invalid_argument);
  EXPECT_EQ(refused.id, PublishId{1});
  EXPECT_EQ(refused.expected, PublishId{1});
  client.send(proto::Publish{room, PublishId{1}, 0, proto::Kind::data, {}, {"\xff\xfe"}});
  EXPECT_EQ(client.expect<proto::Published>().id, PublishId{1}) << "the refused id is still to come";
  EXPECT_EQ(witness_.expect<proto::Delivery>().body.bytes, "\xff\xfe");
}

TEST_F(BadInput, AKindThatThereIsNotIsRefused) {
  auto client = greeted();
  client.send(proto::Publish{client.open("lobby"), PublishId{1}, 0, static_cast<proto::Kind>(9), {}, {"x"}});
  EXPECT_EQ(client.expect<proto::PublishRefused>().status, Status::invalid_argument);
}

TEST_F(BadInput, BadHeadersAreRefused) {
  auto client = greeted();
  const auto room = client.open("lobby");
  client.send(proto::Publish{room, PublishId{1}, 0, proto::Kind::text, {{{"Bad Key", "v"}}}, {"x"}});
  EXPECT_EQ(client.expect<proto::PublishRefused>().status, Status::invalid_argument);
  client.send(proto::Publish{room, PublishId{1}, 0, proto::Kind::text, {{{"k", "\xff"}}}, {"x"}});
  EXPECT_EQ(client.expect<proto::PublishRefused>().status, Status::invalid_argument);
  client.send(
      proto::Publish{room, PublishId{1}, 0, proto::Kind::text, {std::vector<proto::Header>(33, {"k", "v"})}, {"x"}});
  EXPECT_EQ(client.expect<proto::PublishRefused>().status, Status::invalid_argument);
}

TEST_F(BadInput, ABodyLargerThanAllowedIsRefusedAndTheLargestAllowedIsSaid) {
  auto client = greeted();
  const auto room = client.open("big");
  const std::string largest(limits::body_bytes_max, 'x');
  client.send(proto::Publish{room, PublishId{1}, 0, proto::Kind::data, {}, {largest + 'x'}});
  EXPECT_EQ(client.expect<proto::PublishRefused>().status, Status::invalid_argument);
  client.subscribe("big");
  client.send(proto::Publish{room, PublishId{1}, 0, proto::Kind::data, {}, {largest}});
  EXPECT_EQ(client.expect<proto::Delivery>().body.bytes.size(), largest.size());
}

TEST_F(BadInput, APublishToARoomThatWasNotOpenedIsNotFound) {
  auto client = greeted();
  for (const std::uint32_t room : {room_.value, 0u, 99999u, 0xffffffffu}) {
    client.send(proto::Publish{RoomId{room}, PublishId{1}, 0, proto::Kind::text, {}, {"guessed"}});
    EXPECT_EQ(client.expect<proto::PublishRefused>().status, Status::not_found) << room;
  }
}

TEST_F(BadInput, PublishesThatWantNoAnswerAreRefusedOnceInAWhile) {
  auto client = greeted();
  for (int i = 0; i < 100; ++i) client.send(proto::Publish{RoomId{999}, {}, 0, proto::Kind::text, {}, {"x"}});
  const auto refused = client.expect<proto::PublishRefused>();
  EXPECT_EQ(refused.id, PublishId{0});
  EXPECT_EQ(refused.status, Status::not_found);
  int more = 0;
  while (client.find<proto::PublishRefused>()) ++more;
  EXPECT_LE(more, 2) << "one a second, however many were sent";
}

TEST_F(BadInput, AnUnknownMethodIsUnimplemented) {
  auto client = greeted();
  client.send(proto::Call{CallId{1}, 0, MethodName::literal("room.explode"), {"anything"}});
  const auto reply = client.expect<proto::Reply>();
  EXPECT_EQ(reply.id, CallId{1});
  EXPECT_EQ(reply.status, Status::unimplemented);
  EXPECT_NE(reply.result.bytes.find("room.explode"), std::string::npos);
}

TEST_F(BadInput, ARoomNameOutOfTheAlphabetIsAnInvalidArgument) {
  auto client = greeted();
  std::uint64_t id = 0;
  for (const std::string name : {"Lobby", "a..b", "", "#lobby", "a b", "\x1b]0;x\x07"}) {
    const auto arguments = static_cast<char>(name.size()) + name;
    client.send(proto::Call{CallId{++id}, 0, MethodName::literal("room.open"), {arguments}});
    const auto reply = client.expect<proto::Reply>();
    EXPECT_EQ(reply.status, Status::invalid_argument) << name;
    EXPECT_EQ(reply.result.bytes.find('\x1b'), std::string_view::npos);
  }
}

TEST_F(BadInput, ArgumentsOfAnyBytesAreRefusedOrAnswered) {
  auto client = greeted();
  std::mt19937 engine(7);
  std::uint64_t id = 0;
  const auto methods = client.call(proto::HubMethods{});
  ASSERT_TRUE(methods);
  for (const auto& method : methods->methods)
    for (int round = 0; round < 20; ++round) {
      std::string arguments(engine() % 40, '\0');
      for (char& byte : arguments) byte = static_cast<char>(engine());
      client.send(proto::Call{CallId{1000 + ++id}, 50, MethodName::literal(method.name.str()), {arguments}});
      (void)client.expect<proto::Reply>();
    }
}

TEST_F(BadInput, AMethodNameOutOfTheAlphabetIsMalformed) {
  auto client = greeted();
  client.send_frame(proto::Call::type, std::string(12, '\1') + std::string("\x03X Y", 4));
  expect_named_close(client, "malformed");
}

TEST_F(BadInput, AnyBytesAfterTheHandshakeEndInANamedCloseOrAreSkipped) {
  std::mt19937 engine(11);
  for (int round = 0; round < 120; ++round) {
    WireClient client(round % 2 == 0 ? hub_.url() : hub_.unix_url());
    client.greet("noise-" + std::to_string(round));
    auto bytes = noise(engine, 3000);
    if (round % 3 != 0) bytes[2] = bytes[3] = 0;  // or nearly all of them end with a frame that is too large
    client.send_bytes(with_its_last_frame_whole(bytes));
    client.send(proto::Ping{1});
    const auto answer = first_of(client, {proto::Closing::type, proto::Pong::type});
    if (answer.type == proto::Closing::type) expect_named(answer);
  }
}

TEST_F(BadInput, AnyBytesBeforeTheHandshakeEndInANamedClose) {
  std::mt19937 engine(13);
  for (int round = 0; round < 100; ++round) {
    WireClient client(round % 2 == 0 ? hub_.url() : hub_.unix_url());
    auto bytes = noise(engine, 500);
    if (round % 3 == 0) bytes[0] = proto::Hello::type;
    client.send_bytes(with_its_last_frame_whole(bytes));
    expect_named(first_of(client, {proto::Closing::type}));
  }
}

TEST_F(BadInput, NothingOfItReachesTheLogUnescaped) {
  HubProcess loud({"--log-level", "debug"});
  WireClient client(loud.url());
  proto::Hello hello;
  hello.name = Text::literal("\x1b]0;owned\x07");
  hello.program = Text::literal("evil\x1b[2Jprogram\nFAKE LINE\u202e");
  client.send(hello);
  client.expect_end();
  hello.name = Text::literal("fine");
  WireClient second(loud.url());
  second.send(hello);
  second.expect<proto::Welcome>();
  EXPECT_EQ(loud.stop(), 0);
  const auto log = loud.log();
  EXPECT_NE(log.find("evil"), std::string::npos) << "nothing was logged, so nothing was shown";
  EXPECT_EQ(log.find('\x1b'), std::string::npos);
  EXPECT_EQ(log.find('\x07'), std::string::npos);
  EXPECT_EQ(log.find("\nFAKE"), std::string::npos);
  EXPECT_EQ(log.find("\u202e"), std::string::npos);
}

}  // namespace
}  // namespace hubbub::test
