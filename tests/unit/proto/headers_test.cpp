#include <gtest/gtest.h>

#include "proto/codec.hpp"

namespace hubbub::proto {
namespace {

std::string header(std::string_view key, std::string_view value) {
  std::string bytes(1, static_cast<char>(key.size()));
  bytes += key;
  bytes += static_cast<char>(value.size() & 0xff);
  bytes += static_cast<char>(value.size() >> 8);
  bytes += value;
  return bytes;
}

TEST(Headers, AreKeysAndValues) {
  EXPECT_TRUE(are_headers(""));
  EXPECT_TRUE(are_headers(header("trace-id_2", "x")));
  EXPECT_TRUE(are_headers(header("a", "") + header("a", "the same key again")));
  EXPECT_TRUE(are_headers(header("a", "grüße")));
}

TEST(Headers, HaveKeysOfTheSmallAlphabet) {
  EXPECT_FALSE(are_headers(header("", "x")));
  EXPECT_FALSE(are_headers(header("Key", "x")));
  EXPECT_FALSE(are_headers(header("a.b", "x")));
  EXPECT_FALSE(are_headers(header("k\n", "x")));
  EXPECT_TRUE(are_headers(header(std::string(64, 'k'), "x")));
  EXPECT_FALSE(are_headers(header(std::string(65, 'k'), "x")));
}

TEST(Headers, HaveValuesInUtf8) { EXPECT_FALSE(are_headers(header("a", "\xff"))); }

TEST(Headers, AreRefusedWhenCutAnywhere) {
  const auto whole = header("key", "value");
  for (std::size_t size = 1; size < whole.size(); ++size) EXPECT_FALSE(are_headers(whole.substr(0, size))) << size;
}

TEST(Headers, AreAtMost32) {
  std::string bytes;
  for (int i = 0; i < 32; ++i) bytes += header("k", "v");
  EXPECT_TRUE(are_headers(bytes));
  EXPECT_FALSE(are_headers(bytes + header("k", "v")));
}

TEST(Headers, HaveAtMost8192BytesTogether) {
  EXPECT_TRUE(are_headers(header("k", std::string(8192 - 4, 'v'))));
  EXPECT_FALSE(are_headers(header("k", std::string(8192 - 3, 'v'))));
}

TEST(Headers, LieOnTheWireAsTheyAreChecked) {
  const Headers headers{{{"a", "1"}, {"b", ""}}};
  std::string bytes;
  encode_value(headers, bytes);
  const auto list = header("a", "1") + header("b", "");
  EXPECT_EQ(bytes, std::string{static_cast<char>(list.size())} + '\0' + list);
  EXPECT_EQ(decode_value<Headers>(bytes), headers);
}

TEST(CheckOutgoing, TakesAMessageAtEveryLimit) {
  Headers headers;
  for (int i = 0; i < 32; ++i) headers.list.push_back({std::string(64, 'k'), std::string(189, 'v')});
  EXPECT_TRUE(check_outgoing(Kind::text, headers, std::string(limits::body_bytes_max, 'x')));
  EXPECT_TRUE(check_outgoing(Kind::data, {}, "\xff"));
  EXPECT_TRUE(check_outgoing(Kind::text, {}, ""));
}

TEST(CheckOutgoing, LetsTheLargestMessagePassAsPublishAsCallAndAsDelivery) {
  const std::string body(limits::body_bytes_max, 'x');
  Headers headers;
  for (int i = 0; i < 32; ++i) headers.list.push_back({std::string(64, 'k'), std::string(189, 'v')});
  ASSERT_TRUE(check_outgoing(Kind::text, headers, body));
  const Publish publish{RoomId{1}, PublishId{1}, 0, Kind::text, headers, Rest{body}};
  const Delivery delivery{RoomId{1}, Seq{1},    WallTime{1}, 0, Kind::text, PersonName::literal(std::string(32, 'a')),
                          headers,   Rest{body}};
  EXPECT_LE(encoded(publish).size(), limits::frame_bytes_max + frame_header_bytes);
  EXPECT_LE(encoded(delivery).size(), limits::frame_bytes_max + frame_header_bytes);
}

void expect_refused(Kind kind, const Headers& headers, std::string_view body) {
  const auto checked = check_outgoing(kind, headers, body);
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().status, Status::invalid_argument);
  EXPECT_FALSE(checked.error().sentence.empty());
}

TEST(CheckOutgoing, RefusesWhatTheHubWouldRefuse) {
  expect_refused(Kind::data, {}, std::string(limits::body_bytes_max + 1, 'x'));
  expect_refused(Kind::text, {}, "\xff");
  expect_refused(Kind::action, {}, "\xc0\x80");
  expect_refused(Kind::notice, {}, "\xed\xa0\x80");
  expect_refused(static_cast<Kind>(4), {}, "x");
  expect_refused(Kind::text, {{{"Bad", "v"}}}, "x");
  expect_refused(Kind::text, {{{"", "v"}}}, "x");
  expect_refused(Kind::text, {{{"k", "\xff"}}}, "x");
  expect_refused(Kind::text, {{{"k", std::string(8189, 'v')}}}, "x");
  expect_refused(Kind::text, {std::vector<Header>(33, Header{"k", "v"})}, "x");
}

}  // namespace
}  // namespace hubbub::proto
