// What a search has found, as it is shown now.
#include "client/link/found.hpp"

#include "tests/unit/link/link_fixture.hpp"

namespace hubbub::link {
namespace {

using LinkLookUp = LinkFixture;

Message hit(std::uint64_t seq, std::string body, proto::Headers headers = {}) {
  Message message;
  message.room = RoomName::literal("lobby");
  message.seq = Seq{seq};
  message.time = WallTime{1'000'000};
  message.from = PersonName::literal("alice");
  message.body = std::move(body);
  if (!headers.list.empty()) message.kind = proto::Kind::notice;
  message.marked = !headers.list.empty();
  message.headers = std::move(headers);
  return message;
}

proto::Blob payload_of(const Message& message, std::uint8_t flags = 0) {
  proto::Delivery delivery;
  delivery.room = RoomId{1};
  delivery.seq = message.seq;
  delivery.time = message.time;
  delivery.flags = static_cast<std::uint8_t>(flags | (message.marked ? proto::flags::marked : 0));
  delivery.kind = message.kind;
  delivery.from = message.from;
  delivery.headers = message.headers;
  delivery.body.bytes = message.body;
  proto::Blob blob;
  proto::encode_value(delivery, blob.bytes);
  return blob;
}

proto::RoomHistory::Reply page(const Message& message, const std::vector<Message>& amendments) {
  proto::RoomHistory::Reply reply;
  reply.messages.push_back(payload_of(message));
  for (const auto& amendment : amendments)
    reply.amendments.push_back(
        payload_of(amendment, amendment.headers.list.front().key == "redacts" ? proto::flags::by_hub : 0));
  return reply;
}

const auto said = hit(1, "the deploy is at 15:00");
const auto edited = hit(2, "the deploy is at 16:00", {{{"edits", "1"}}});

TEST_F(LinkLookUp, AMessageAndItsEditAreOneWithTheNewestText) {
  go_online();
  const auto looked = start(look_up(*link, {edited, said}, WallTime{2'000'000}, {}));
  EXPECT_EQ(hub.expect_call<proto::RoomHistory>().before, Seq{2});
  hub.reply(page(said, {edited}));
  const auto found = finish(looked);
  ASSERT_TRUE(found);
  ASSERT_EQ(found->size(), 1u);
  EXPECT_EQ(found->front().message.seq, Seq{1});
  EXPECT_EQ(found->front().message.body, "the deploy is at 16:00");
  EXPECT_TRUE(found->front().as_found);
}

TEST_F(LinkLookUp, ATextThatIsNoLongerTheMessagesIsToldApart) {
  go_online();
  const auto looked = start(look_up(*link, {said}, WallTime{2'000'000}, {}));
  hub.expect_call<proto::RoomHistory>();
  hub.reply(page(said, {edited}));
  const auto found = finish(looked);
  ASSERT_EQ(found->size(), 1u);
  EXPECT_FALSE(found->front().as_found);
}

TEST_F(LinkLookUp, AHitWhoseRoomIsGoneIsLeftOutAndTheOthersAreFound) {
  go_online();
  const auto looked = start(look_up(*link, {edited, hit(7, "another")}, WallTime{2'000'000}, {}));
  hub.expect_call<proto::RoomHistory>();
  hub.refuse(Status::not_found, "there is no such room");
  hub.expect_call<proto::RoomHistory>();
  hub.reply(page(hit(7, "another"), {}));
  const auto found = finish(looked);
  ASSERT_TRUE(found);
  ASSERT_EQ(found->size(), 1u);
  EXPECT_EQ(found->front().message.seq, Seq{7});
}

TEST_F(LinkLookUp, WhatIsRedactedAndWhatIsNoMessageOfItsOwnIsLeftOut) {
  go_online();
  const auto reaction = hit(4, "👍", {{{"reacts", "3"}}});
  const auto redaction = hit(5, "no", {{{"redacts", "1"}}});
  const auto looked = start(look_up(*link, {reaction, said}, WallTime{2'000'000}, {}));
  hub.expect_call<proto::RoomHistory>();
  hub.reply(page(said, {redaction}));
  EXPECT_TRUE(finish(looked)->empty());
}

}  // namespace
}  // namespace hubbub::link
