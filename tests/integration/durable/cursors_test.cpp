// Cursors: how far somebody has read, kept by the hub, over its restarts and for all sessions of a person.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/integration/durable/kept_hub.hpp"

namespace hubbub::test {
namespace {

const auto lobby = RoomName::literal("lobby");
const auto billing = ConsumerName::literal("billing");
const proto::CursorList all_of_billing{billing, Pattern::literal(">"), {}, 100};

/// With so many messages in the lobby.
void fill(KeptHub& hub, int messages) {
  auto writer = hub.client("writer");
  const auto room = writer.open("lobby");
  for (int i = 0; i < messages; ++i) writer.say(room, "x");
}

Seq read_in_lobby(WireClient& client) {
  const auto reply = client.call(proto::RoomList{Pattern::literal(">"), {}, 100}).value();
  for (const auto& room : reply.rooms)
    if (room.name == lobby) return room.read;
  throw Failure("there is no lobby");
}

TEST(Cursors, OutliveTheHub) {
  KeptHub hub;
  fill(hub, 10);
  {
    auto alice = hub.client("alice");
    EXPECT_EQ(alice.call(proto::CursorSet{lobby, {}, Seq{4}}).value().seq, Seq{4});
    alice.call(proto::CursorSet{lobby, billing, Seq{7}}).value();
  }
  hub.restart(SIGKILL);
  auto alice = hub.client("alice");
  EXPECT_EQ(read_in_lobby(alice), Seq{4});
  const auto cursors = alice.call(all_of_billing).value().cursors;
  ASSERT_EQ(cursors.size(), 1u);
  EXPECT_EQ(cursors[0].seq, Seq{7});
  EXPECT_EQ(cursors[0].last, Seq{10});
}

TEST(Cursors, NeverMoveBackUnlessThatIsAskedFor) {
  KeptHub hub;
  fill(hub, 10);
  auto alice = hub.client("alice");
  EXPECT_EQ(alice.call(proto::CursorSet{lobby, {}, Seq{8}}).value().seq, Seq{8});
  EXPECT_EQ(alice.call(proto::CursorSet{lobby, {}, Seq{3}}).value().seq, Seq{8});
  EXPECT_EQ(alice.call(proto::CursorSet{lobby, {}, Seq{3}, true}).value().seq, Seq{3});
  EXPECT_EQ(alice.call(proto::CursorSet{lobby, {}, Seq{99}}).value().seq, Seq{10}) << "not beyond what was said";
}

TEST(Cursors, AreOnePersonsInAllSessions) {
  KeptHub hub;
  fill(hub, 10);
  auto desk = hub.client("alice"), phone = hub.client("alice");
  phone.subscribe("lobby", proto::From::now, {}, {}, true);
  const auto attached = phone.expect<proto::Attached>();
  desk.call(proto::CursorSet{lobby, {}, Seq{6}}).value();
  const auto event = phone.expect<proto::Event>();
  EXPECT_EQ(event.kind, proto::EventKind::read);
  EXPECT_EQ(event.room, attached.room);
  EXPECT_EQ(event.seq, Seq{6});
  EXPECT_EQ(read_in_lobby(phone), Seq{6});
  auto bob = hub.client("bob");
  EXPECT_EQ(read_in_lobby(bob), Seq{});
}

TEST(Cursors, WhoJoinsHasReadWhatWasSaidBefore) {
  KeptHub hub;
  fill(hub, 10);
  auto alice = hub.client("alice");
  EXPECT_EQ(alice.call(proto::RoomJoin{lobby}).value().read, Seq{10});
  fill(hub, 0);
  hub.restart();
  auto again = hub.client("alice");
  EXPECT_EQ(again.call(proto::RoomJoin{lobby}).value().read, Seq{10});
}

TEST(Cursors, ADurableConsumerGoesOnBehindItsCursor) {
  KeptHub hub;
  fill(hub, 10);
  {
    auto alice = hub.client("alice");
    alice.call(proto::CursorSet{lobby, billing, Seq{7}}).value();
  }
  hub.restart(SIGKILL);
  auto alice = hub.client("alice");
  alice.call(proto::RoomSubscribe{Pattern::literal("lobby"), proto::From::cursor, {}, {}, false, {}, billing}).value();
  EXPECT_EQ(alice.expect<proto::Attached>().next, Seq{8});
  auto bob = hub.client("bob");
  bob.call(proto::RoomSubscribe{Pattern::literal("lobby"), proto::From::cursor, {}, {}, false, {}, billing}).value();
  EXPECT_EQ(bob.expect<proto::Attached>().next, Seq{11}) << "a consumer is its person's: this one begins now";
  auto carol = hub.client("carol");
  carol.call(proto::RoomSubscribe{Pattern::literal("lobby"), proto::From::cursor, Seq{1}, {}, false, {}, billing})
      .value();
  EXPECT_EQ(carol.expect<proto::Attached>().next, Seq{1}) << "or where it says";
}

TEST(Cursors, LagListsTheFurthestBehindFirst) {
  KeptHub hub;
  fill(hub, 10);
  auto alice = hub.client("alice");
  alice.call(proto::CursorSet{lobby, {}, Seq{9}}).value();
  alice.call(proto::CursorSet{lobby, billing, Seq{2}}).value();
  {
    auto bob = hub.client("bob");
    bob.call(proto::CursorSet{lobby, {}, Seq{5}}).value();
  }
  const auto lag = [&] { return alice.call(proto::RoomLag{lobby}).value(); };
  wait_until("bob has left", [&] { return lag().readers.size() == 3 && !lag().readers[1].online; });
  const auto reply = lag();
  EXPECT_EQ(reply.first, Seq{1});
  EXPECT_EQ(reply.last, Seq{10});
  EXPECT_EQ(reply.readers[0].consumer, billing);
  EXPECT_EQ(reply.readers[0].behind, 8u);
  EXPECT_TRUE(reply.readers[0].online);
  EXPECT_EQ(reply.readers[1].person.str(), "bob");
  EXPECT_EQ(reply.readers[1].behind, 5u);
  EXPECT_EQ(reply.readers[2].behind, 1u);
}

TEST(Cursors, AForgottenConsumerIsGoneForGood) {
  KeptHub hub;
  fill(hub, 3);
  {
    auto alice = hub.client("alice");
    alice.call(proto::CursorSet{lobby, billing, Seq{2}}).value();
    EXPECT_EQ(alice.call(proto::CursorForget{lobby, {}}).error().status, Status::invalid_argument);
    alice.call(proto::CursorForget{lobby, billing}).value();
    EXPECT_EQ(alice.call(proto::CursorForget{lobby, billing}).error().status, Status::not_found);
  }
  hub.restart();
  auto alice = hub.client("alice");
  EXPECT_TRUE(alice.call(all_of_billing).value().cursors.empty());
}

}  // namespace
}  // namespace hubbub::test
