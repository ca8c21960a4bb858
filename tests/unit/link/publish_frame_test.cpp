#include "client/link/publish_frame.hpp"

#include <gtest/gtest.h>

#include "proto/codec.hpp"

namespace hubbub::link {
namespace {

TEST(PublishFrame, IsTheSameBytesAsTheStruct) {
  Outgoing message;
  message.room = RoomName::literal("lobby");
  message.kind = proto::Kind::data;
  message.retain = true;
  message.headers.list = {{"content-type", "text/plain"}, {"n", "42"}};
  message.body = std::string("\0\xff ok", 5);
  proto::Publish same;
  same.room = RoomId{0x01020304};
  same.id = PublishId{0x1122334455667788};
  same.flags = proto::flags::retain;
  same.kind = message.kind;
  same.headers = message.headers;
  same.body = {message.body};
  std::string frame = "before";
  append_publish(message, frame);
  address_publish(frame.data() + 6, same.room, same.id);
  EXPECT_EQ(frame, "before" + proto::encoded(same));
  EXPECT_EQ(frame_bytes_at(frame.data() + 6), frame.size() - 6);
}

TEST(PublishFrame, NeedsNeitherHeadersNorBody) {
  std::string frame;
  append_publish(Outgoing{}, frame);
  EXPECT_EQ(frame, proto::encoded(proto::Publish{}));
}

}  // namespace
}  // namespace hubbub::link
