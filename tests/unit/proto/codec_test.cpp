#include "proto/codec.hpp"

#include <gtest/gtest.h>

#include <set>

#include "proto/methods.hpp"
#include "tests/unit/proto/random_values.hpp"

namespace hubbub::proto {
namespace {

Frame frame_of(const std::string& bytes) {
  const auto header = read_frame_header(bytes.data());
  return {header.type, std::string_view(bytes).substr(frame_header_bytes)};
}

TEST(Frame, HasAnOpenHeaderOfFourBytes) {
  char bytes[frame_header_bytes];
  write_frame_header(bytes, {0x52, 0x0a0b0c});
  EXPECT_EQ(std::string(bytes, 4), "\x52\x0c\x0b\x0a");
  EXPECT_EQ(read_frame_header(bytes).type, 0x52);
  EXPECT_EQ(read_frame_header(bytes).payload_bytes, 0x0a0b0cu);
}

TEST(Frame, HoldsTheLargestSizeBesideTheLargestType) {
  char bytes[frame_header_bytes];
  write_frame_header(bytes, {0xff, 0xffffff});
  EXPECT_EQ(read_frame_header(bytes).type, 0xff);
  EXPECT_EQ(read_frame_header(bytes).payload_bytes, 0xffffffu);
}

TEST(Codec, AppendsWholeFramesOneAfterTheOther) {
  std::string out = "before";
  encode(Ping{1}, out);
  encode(Pong{2}, out);
  EXPECT_EQ(out.substr(0, 6), "before");
  EXPECT_EQ(out.substr(6), encoded(Ping{1}) + encoded(Pong{2}));
}

template <class Variant, class Decode>
void expect_round_trips(Decode decode) {
  EachOf<Variant>::call([&]<class Message>() {
    RandomValues random(3);
    Message message;
    random.fill(message);
    const auto bytes = encoded(message);
    EXPECT_EQ(read_frame_header(bytes.data()).payload_bytes, bytes.size() - frame_header_bytes);
    const auto back = decode(frame_of(bytes));
    ASSERT_TRUE(back) << typeid(Message).name();
    ASSERT_TRUE(std::holds_alternative<Message>(*back)) << typeid(Message).name();
    EXPECT_EQ(encoded(std::get<Message>(*back)), bytes) << typeid(Message).name();
  });
}

TEST(Codec, GivesEveryClientMessageBack) { expect_round_trips<ClientMessage>(decode_from_client); }
TEST(Codec, GivesEveryHubMessageBack) { expect_round_trips<HubMessage>(decode_from_hub); }

template <class Variant>
std::set<std::uint8_t> types_of() {
  std::set<std::uint8_t> types;
  EachOf<Variant>::call(
      [&]<class Message>() { EXPECT_TRUE(types.insert(Message::type).second) << "two messages of the same type"; });
  return types;
}

TEST(Codec, TypesOfTheHubHaveTheirSecondHighestBitSet) {
  for (const auto type : types_of<ClientMessage>()) EXPECT_LT(type, 0x40);
  for (const auto type : types_of<HubMessage>()) EXPECT_TRUE(type >= 0x40 || type == Ping::type || type == Pong::type);
}

TEST(Codec, SkipsTypesThatNobodyKnows) {
  const auto client = types_of<ClientMessage>(), hub = types_of<HubMessage>();
  for (int type = 0; type < 256; ++type) {
    if (client.contains(static_cast<std::uint8_t>(type)) || hub.contains(static_cast<std::uint8_t>(type))) continue;
    const Frame frame{static_cast<std::uint8_t>(type), "whatever"};
    EXPECT_EQ(decode_from_client(frame).error(), DecodeError::unknown_type) << type;
    EXPECT_EQ(decode_from_hub(frame).error(), DecodeError::unknown_type) << type;
  }
}

TEST(Codec, NamesAMessageFromTheWrongSideWhateverIsInIt) {
  for (const auto type : types_of<HubMessage>())
    if (type >= 0x40) {
      EXPECT_EQ(decode_from_client(Frame{type, "x"}).error(), DecodeError::wrong_side) << int{type};
    }
  for (const auto type : types_of<ClientMessage>())
    if (type != Ping::type && type != Pong::type) {
      EXPECT_EQ(decode_from_hub(Frame{type, "x"}).error(), DecodeError::wrong_side) << int{type};
    }
}

TEST(Codec, CallsMalformedWhatIsCutOrHasMoreThanItShould) {
  const auto whole = encoded(Ping{9});
  const auto payload = std::string_view(whole).substr(frame_header_bytes);
  EXPECT_EQ(decode_from_client(Frame{Ping::type, payload.substr(1)}).error(), DecodeError::malformed);
  EXPECT_EQ(decode_from_client(Frame{Ping::type, std::string(payload) + 'x'}).error(), DecodeError::malformed);
  EXPECT_EQ(decode_from_client(Frame{Goodbye::type, "x"}).error(), DecodeError::malformed);
  EXPECT_TRUE(decode_from_client(Frame{Goodbye::type, ""}));
}

TEST(Codec, TakesAnyBytesInAnyType) {
  RandomValues random(5);
  for (int round = 0; round < 20000; ++round) {
    const auto payload = random.bytes(random.below(80));
    const Frame frame{static_cast<std::uint8_t>(random.below(256)), payload};
    (void)decode_from_client(frame);
    (void)decode_from_hub(frame);
  }
}

TEST(Codec, BorrowsTheBodyFromTheFrame) {
  const auto bytes = encoded(Publish{RoomId{1}, PublishId{1}, 0, Kind::text, {}, Rest{"hello"}});
  const auto frame = frame_of(bytes);
  const auto message = decode_from_client(frame);
  ASSERT_TRUE(message);
  const auto body = std::get<Publish>(*message).body.bytes;
  EXPECT_EQ(body, "hello");
  EXPECT_EQ(body.data() + body.size(), bytes.data() + bytes.size());
}

TEST(Hello, OfAnyMajorVersionIsKnownByItsFirstTenBytes) {
  Hello hello;
  hello.major = 9;
  hello.minor = 4;
  const auto bytes = encoded(hello);
  auto start = HelloStart::read(std::string_view(bytes).substr(frame_header_bytes, 10));
  ASSERT_TRUE(start);
  EXPECT_EQ(start->major, 9);
  EXPECT_EQ(start->minor, 4);
  EXPECT_FALSE(HelloStart::read(std::string_view(bytes).substr(frame_header_bytes, 9)));
  EXPECT_FALSE(HelloStart::read("GET / HTTP/1.1\r\n"));
}

TEST(CloseReasons, HaveANameAndASentenceEach) {
  for (const auto& row : close_reasons) {
    EXPECT_FALSE(row.name.empty());
    EXPECT_TRUE(Text::parse(row.sentence));
  }
  EXPECT_EQ(row_of(CloseReason::stalled).name, "stalled");
  EXPECT_EQ(row_of(CloseReason::lost).name, "lost");
  EXPECT_EQ(row_of(static_cast<CloseReason>(200)).name, "lost") << "a newer hub's reason";
}

TEST(Methods, HaveWellFormedNamesAllDifferent) {
  std::set<std::string_view> names;
  EachOf<Methods>::call([&]<class Method>() {
    EXPECT_TRUE(MethodName::parse(Method::name)) << Method::name;
    EXPECT_TRUE(names.insert(Method::name).second) << Method::name;
    EXPECT_FALSE(std::string_view(Method::help).empty()) << Method::name;
  });
}

TEST(Status, IsNamedAsInGrpc) {
  EXPECT_EQ(name_of(Status::ok), "ok");
  EXPECT_EQ(name_of(Status::failed_precondition), "failed_precondition");
  EXPECT_EQ(static_cast<int>(Status::failed_precondition), 9);
  EXPECT_EQ(name_of(Status::unauthenticated), "unauthenticated");
  EXPECT_EQ(name_of(static_cast<Status>(77)), "unknown");
}

}  // namespace
}  // namespace hubbub::proto
