// Headers that mean something to the hub.
#include "proto/marks.hpp"

#include <gtest/gtest.h>

#include "proto/codec.hpp"
#include "proto/erase.hpp"

namespace hubbub::proto {
namespace {

std::optional<Marks> marks_in(std::vector<Header> list) {
  const Headers headers{std::move(list)};
  std::string bytes;
  encode_value(headers, bytes);
  const auto from_wire = read_marks(std::string_view(bytes).substr(sizeof(std::uint16_t)));
  EXPECT_EQ(from_wire.has_value(), read_marks(headers).has_value());
  if (!from_wire) return from_wire;
  auto found = *read_marks(headers);
  EXPECT_EQ(found.key, from_wire->key);
  found.key = headers.list.empty() ? "" : found.key.empty() ? "" : "the key";  // borrowed from what ends here
  return found;
}

TEST(Marks, AreFoundAmongOtherHeaders) {
  EXPECT_EQ(marks_in({}), Marks());
  EXPECT_FALSE(marks_in({{"build", "7"}})->any());
  EXPECT_EQ(marks_in({{"build", "7"}, {"ttl", "1500"}}), (Marks{1500, {}, Amends::nothing, {}, false}));
  EXPECT_EQ(marks_in({{"edits", "42"}}), (Marks{0, {}, Amends::edit, Seq{42}, false}));
  EXPECT_EQ(marks_in({{"reacts", "42"}, {"undo", "1"}}), (Marks{0, {}, Amends::reaction, Seq{42}, true}));
  EXPECT_EQ(marks_in({{"undo", "1"}, {"pins", "42"}}), (Marks{0, {}, Amends::pin, Seq{42}, true}));
  EXPECT_EQ(marks_in({{"redacts", "1"}}), (Marks{0, {}, Amends::redaction, Seq{1}, false}));
  EXPECT_EQ(marks_in({{"key", "cpu"}, {"ttl", "1"}}), (Marks{1, "the key", Amends::nothing, {}, false}));
  EXPECT_FALSE(marks_in({{"undo", "1"}})->any()) << "of nothing";
}

TEST(Marks, ThatMeanNothingAreNone) {
  for (const auto* const number : {"", "0", "-1", "+1", " 1", "1 ", "01", "1.5", "soon", "99999999999999999999"}) {
    EXPECT_FALSE(marks_in({{"ttl", number}})) << number;
    EXPECT_FALSE(marks_in({{"edits", number}})) << number;
  }
  EXPECT_FALSE(marks_in({{"ttl", std::to_string(ttl_ms_max + 1)}}));
  EXPECT_TRUE(marks_in({{"ttl", std::to_string(ttl_ms_max)}}));
  EXPECT_FALSE(marks_in({{"key", ""}}));
  EXPECT_FALSE(marks_in({{"key", std::string(key_bytes_max + 1, 'k')}}));
  EXPECT_FALSE(marks_in({{"key", "a"}, {"key", "b"}}));
  EXPECT_FALSE(marks_in({{"edits", "1"}, {"pins", "2"}})) << "about two messages at once";
  EXPECT_FALSE(marks_in({{"edits", "1"}, {"edits", "1"}}));
}

TEST(Marks, AreKnownByTheirKeys) {
  for (const auto* const mark : {"ttl", "key", "edits", "reacts", "pins", "redacts"})
    EXPECT_TRUE(is_mark(mark)) << mark;
  for (const auto* const other : {"", "undo", "edit", "reply-to"}) EXPECT_FALSE(is_mark(other)) << other;
}

TEST(Marks, ClientsMayNotSayARedaction) {
  std::string bytes;
  encode_value(Headers{{{"redacts", "1"}}}, bytes);
  EXPECT_EQ(check_marks(std::string_view(bytes).substr(2), 5).error().status, Status::invalid_argument);
  bytes.clear();
  encode_value(Headers{{{"reacts", "1"}}}, bytes);
  EXPECT_TRUE(check_marks(std::string_view(bytes).substr(2), 5));
  EXPECT_TRUE(check_marks(std::string_view(bytes).substr(2), reaction_bytes_max));
  EXPECT_FALSE(check_marks(std::string_view(bytes).substr(2), reaction_bytes_max + 1)) << "a reaction is short";
}

TEST(Marks, AnErasedMessageKeepsItsPlaceItsLengthAndItsAuthorAlone) {
  Delivery said;
  said.room = RoomId{3};
  said.seq = Seq{7};
  said.time = WallTime{99};
  said.flags = flags::verified | flags::retain | flags::marked;
  said.kind = Kind::data;
  said.from = PersonName::literal("alice");
  said.headers.list = {{"ttl", "5"}, {"secret", "header"}};
  said.body.bytes = "secret body";
  auto frame = encoded(said);
  const auto bytes = frame.size();
  EXPECT_FALSE(is_erased(std::string_view(frame).substr(frame_header_bytes)));
  erase_delivery(frame.data(), frame.size());
  ASSERT_EQ(frame.size(), bytes);
  EXPECT_EQ(frame.find("secret"), std::string::npos);
  const auto payload = std::string_view(frame).substr(frame_header_bytes);
  EXPECT_TRUE(is_erased(payload));
  const auto left = decode_value<Delivery>(payload);
  ASSERT_TRUE(left);
  EXPECT_EQ(left->seq, said.seq);
  EXPECT_EQ(left->time, said.time);
  EXPECT_EQ(left->from, said.from);
  EXPECT_EQ(left->kind, said.kind);
  EXPECT_EQ(left->flags, flags::verified | flags::erased);
  EXPECT_TRUE(left->headers.list.empty());
  EXPECT_EQ(left->body.bytes.find_first_not_of(' '), std::string_view::npos);
}

TEST(Marks, TheSmallestMessageCanBeErased) {
  Delivery smallest;
  smallest.from = PersonName::literal("a");
  auto frame = encoded(smallest);
  erase_delivery(frame.data(), frame.size());
  EXPECT_TRUE(decode_value<Delivery>(std::string_view(frame).substr(frame_header_bytes)));
}

}  // namespace
}  // namespace hubbub::proto
