#include "client/agent/reader.hpp"

#include <gtest/gtest.h>

#include "proto/codec.hpp"

namespace hubbub::agent {
namespace {

TEST(LocalMessageTest, GivesProgramsTheFlagsThatTheHubGave) {
  LocalRoom room;
  room.name = RoomName::literal("ops");
  room.id = RoomId{3};
  link::Message message;
  message.room = room.name;
  message.seq = Seq{7};
  message.from = PersonName::literal("bob");
  const auto flags_of = [&] {
    const LocalMessage local(room, message);
    const auto payload = std::string_view(local.frame()).substr(proto::frame_header_bytes);
    return static_cast<int>(proto::decode_value<proto::Delivery>(payload)->flags);
  };
  EXPECT_EQ(flags_of(), 0);
  message.headers.list = {{"redacts", "3"}};
  EXPECT_EQ(flags_of(), 0) << "the hub didn't look at its headers";
  message.by_hub = message.marked = true;
  EXPECT_EQ(flags_of(), proto::flags::by_hub | proto::flags::marked);
  message = {};
  message.from = PersonName::literal("bob");
  message.erased = message.verified = true;
  EXPECT_EQ(flags_of(), proto::flags::erased | proto::flags::verified);
}

}  // namespace
}  // namespace hubbub::agent
