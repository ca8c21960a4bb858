#include "proto/hot.hpp"

#include <gtest/gtest.h>

#include "proto/codec.hpp"
#include "tests/unit/proto/random_values.hpp"

namespace hubbub::proto {
namespace {

std::string headers_of(const Headers& headers) {
  std::string bytes;
  encode_value(headers, bytes);
  return bytes.substr(2);
}

std::string payload_of(const std::string& frame) { return frame.substr(frame_header_bytes); }

TEST(PublishView, SeesWhatTheStructSays) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    RandomValues random(seed);
    Publish message;
    random.fill(message);
    const auto payload = payload_of(encoded(message));
    const auto view = PublishView::parse(payload);
    ASSERT_TRUE(view);
    EXPECT_EQ(view->room, message.room);
    EXPECT_EQ(view->id, message.id);
    EXPECT_EQ(view->flags, message.flags);
    EXPECT_EQ(view->kind, message.kind);
    EXPECT_EQ(view->headers, headers_of(message.headers));
    EXPECT_EQ(view->body, message.body.bytes);
    EXPECT_TRUE(are_headers(view->headers));
  }
}

TEST(PublishView, AgreesWithTheStructOnWhatIsNoPublish) {
  RandomValues random(1);
  for (int round = 0; round < 20000; ++round) {
    auto payload = random.bytes(random.below(40));
    if (payload.size() > 15) payload[15] = 0;  // else nearly every size of the headers is past the end
    const auto view = PublishView::parse(payload);
    const bool good = view && are_headers(view->headers);
    EXPECT_EQ(good, decode_value<Publish>(payload).has_value());
  }
}

TEST(PublishView, IsNothingForAPayloadCutInItsFixedPartOrHeaders) {
  Publish message;
  message.headers.list = {{"k", "v"}};
  message.body.bytes = "";
  const auto payload = payload_of(encoded(message));
  EXPECT_TRUE(PublishView::parse(payload));
  for (std::size_t size = 0; size < payload.size(); ++size)
    EXPECT_FALSE(PublishView::parse(std::string_view(payload).substr(0, size))) << size;
}

TEST(WriteDelivery, WritesTheBytesOfTheStruct) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    RandomValues random(seed);
    Delivery message;
    random.fill(message);
    const auto headers = headers_of(message.headers);
    const DeliveryPlace place{message.room, message.seq, message.time, message.flags, message.kind, message.from.str()};
    const auto size = delivery_frame_bytes(place.from.size(), headers.size(), message.body.bytes.size());
    std::string frame(size, '\0');
    EXPECT_EQ(write_delivery(frame.data(), place, headers, message.body.bytes), frame.data() + size);
    EXPECT_EQ(frame, encoded(message));
    EXPECT_EQ(seq_of_delivery(payload_of(frame)), message.seq);
  }
}

TEST(WriteDelivery, OfNothingIsTheSmallestDelivery) {
  std::string frame(delivery_frame_bytes(1, 0, 0), '\xee');
  write_delivery(frame.data(), DeliveryPlace{RoomId{1}, Seq{1}, WallTime{1}, 0, Kind::data, "a"}, {}, {});
  EXPECT_EQ(frame.size(), 4u + 26u);
  EXPECT_TRUE(decode_value<Delivery>(payload_of(frame)));
}

TEST(SeqOfDelivery, IsNothingForWhatIsTooShort) {
  EXPECT_FALSE(seq_of_delivery(std::string(11, 'x')));
  EXPECT_TRUE(seq_of_delivery(std::string(12, 'x')));
}

TEST(DeliveryView, SeesWhatTheStructSays) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    RandomValues random(seed);
    Delivery message;
    random.fill(message);
    const auto payload = payload_of(encoded(message));
    const auto view = DeliveryView::parse(payload);
    ASSERT_TRUE(view);
    EXPECT_EQ(view->place.room, message.room);
    EXPECT_EQ(view->place.seq, message.seq);
    EXPECT_EQ(view->place.time, message.time);
    EXPECT_EQ(view->place.flags, message.flags);
    EXPECT_EQ(view->place.kind, message.kind);
    EXPECT_EQ(view->place.from, message.from.str());
    EXPECT_EQ(view->headers, headers_of(message.headers));
    EXPECT_EQ(view->body, message.body.bytes);
  }
}

TEST(DeliveryView, IsNothingForAPayloadCutBeforeItsBody) {
  Delivery message;
  message.from = PersonName::literal("alice");
  message.headers.list = {{"k", "v"}};
  const auto payload = payload_of(encoded(message));
  EXPECT_TRUE(DeliveryView::parse(payload));
  for (std::size_t size = 0; size < payload.size(); ++size)
    EXPECT_FALSE(DeliveryView::parse(std::string_view(payload).substr(0, size))) << size;
}

}  // namespace
}  // namespace hubbub::proto
