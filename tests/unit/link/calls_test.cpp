#include "client/link/calls.hpp"

#include <gtest/gtest.h>

#include "common/frame_reader.hpp"
#include "proto/codec.hpp"
#include "proto/methods.hpp"

namespace hubbub::link {
namespace {

using Told = std::vector<std::string>;
const Calls::Time now = std::chrono::steady_clock::now();

struct Desk {
  Calls calls;
  Told told;

  CallId ask(std::string_view method, bool of_connection = false) {
    auto done = [this, name = std::string(method)](const Result<std::string>& outcome) {
      told.push_back(name + (outcome ? "=" + *outcome : "!" + std::string(name_of(outcome.error().status))));
    };
    return calls.add({MethodName::literal(method), "args", std::nullopt, of_connection, false, std::move(done)});
  }
  std::string send(CallId id) {
    std::string out;
    calls.send(id, now, out);
    return out;
  }
  /// Ids of all the calls that a new connection is told of.
  std::vector<std::uint64_t> send_all() {
    std::string out;
    calls.send_all(now, out);
    std::vector<std::uint64_t> ids;
    FrameReader(limits::frame_bytes_max).feed(out, [&](const proto::Frame& frame) {
      ids.push_back(proto::decode_value<proto::Call>(frame.payload)->id.value);
      return true;
    });
    return ids;
  }
  void reply(CallId id, Status status, std::string_view result) { calls.answer({id, status, {result}}); }
};

TEST(Calls, CountTheirIdsUp) {
  Desk desk;
  EXPECT_EQ(desk.ask("hub.ping").value, 1u);
  EXPECT_EQ(desk.ask("hub.ping").value, 2u);
}

TEST(Calls, GiveEachReplyToWhoAsked) {
  Desk desk;
  const auto one = desk.ask("hub.ping"), other = desk.ask("hub.info");
  desk.reply(other, Status::ok, "fine");
  desk.reply(one, Status::not_found, "no such thing");
  EXPECT_EQ(desk.told, (Told{"hub.info=fine", "hub.ping!not_found"}));
  EXPECT_TRUE(desk.calls.empty());
}

TEST(Calls, DropAReplyThatNobodyAskedFor) {
  Desk desk;
  desk.reply(CallId{77}, Status::ok, "surprise");
  EXPECT_TRUE(desk.told.empty());
}

TEST(Calls, CarryTheTimeThatIsLeftButNeverNone) {
  Desk desk;
  Calls::Pending pending{MethodName::literal("hub.ping"), "", now + std::chrono::milliseconds(250), false, false, {}};
  const auto id = desk.calls.add(std::move(pending));
  std::string out;
  desk.calls.send(id, now, out);
  EXPECT_EQ(proto::decode_value<proto::Call>(std::string_view(out).substr(4))->deadline_ms, 250u);
  out.clear();
  desk.calls.send(id, now + std::chrono::seconds(1), out);
  EXPECT_EQ(proto::decode_value<proto::Call>(std::string_view(out).substr(4))->deadline_ms, 1u);
}

TEST(Calls, TellTheHubOfAnAbandonedCallOnlyIfItKnowsOfIt) {
  Desk desk;
  std::string out;
  desk.calls.abandon(desk.ask("hub.ping"), &out);
  EXPECT_TRUE(out.empty());
  const auto sent = desk.ask("hub.ping");
  desk.send(sent);
  desk.calls.abandon(sent, &out);
  EXPECT_EQ(out, proto::encoded(proto::Cancel{sent}));
  desk.reply(sent, Status::ok, "late");
  EXPECT_TRUE(desk.told.empty());
}

TEST(Calls, AreRepeatedUnderTheirIdsAfterAReconnect) {
  Desk desk;
  desk.send(desk.ask("room.join"));
  desk.send(desk.ask("hub.ping"));
  desk.calls.disconnected();
  EXPECT_EQ(desk.send_all(), (std::vector<std::uint64_t>{1, 2}));
}

TEST(Calls, OfTheLinkItselfEndWithTheirConnection) {
  Desk desk;
  desk.send(desk.ask("room.open", true));
  desk.calls.disconnected();
  EXPECT_TRUE(desk.send_all().empty());
  EXPECT_TRUE(desk.told.empty());
}

TEST(Calls, ThatChangeSomethingFailWhereTheHubHasForgottenThem) {
  Desk desk;
  desk.send(desk.ask("room.join"));
  desk.send(desk.ask("hub.ping"));
  desk.send(desk.ask("service.of_tomorrow"));
  desk.ask("room.leave");  // the old hub never heard of it
  desk.calls.disconnected();
  desk.calls.new_life(false);
  EXPECT_EQ(desk.told, (Told{"room.join!unavailable", "service.of_tomorrow!unavailable"}));
  EXPECT_EQ(desk.send_all(), (std::vector<std::uint64_t>{2, 4}));
}

TEST(Calls, AreAskedAgainWhereTheHubHasKeptItsDataButForAPost) {
  Desk desk;
  desk.send(desk.ask("cursor.set"));
  desk.send(desk.ask("room.post"));
  desk.send(desk.calls.add({MethodName::literal("room.post"), "args", std::nullopt, false, false, {}}, CallId{99}));
  desk.calls.disconnected();
  desk.calls.new_life(true);
  EXPECT_EQ(desk.told, (Told{"room.post!unavailable"}));
  EXPECT_EQ(desk.send_all(), (std::vector<std::uint64_t>{1, 99})) << "the caller wants that one to be the same call";
}

TEST(Calls, ThatChangeSomethingFailWhereTheClientIsAnotherOne) {
  Desk desk;
  desk.send(desk.ask("cursor.set"));
  desk.send(desk.ask("hub.ping"));
  desk.calls.disconnected();
  desk.calls.new_client("the hub has other data");
  EXPECT_EQ(desk.told, (Told{"cursor.set!unavailable"}));
  EXPECT_EQ(desk.send_all(), (std::vector<std::uint64_t>{2}));
}

TEST(Calls, AllFailInTheEnd) {
  Desk desk;
  desk.ask("hub.ping");
  desk.calls.fail_all({Status::cancelled, "over"});
  EXPECT_EQ(desk.told, (Told{"hub.ping!cancelled"}));
  EXPECT_TRUE(desk.calls.empty());
}

TEST(Calls, KnowFromTheTableOfMethodsWhatChangesSomething) {
  EXPECT_TRUE(changes_something(MethodName::literal(proto::RoomJoin::name)));
  EXPECT_FALSE(changes_something(MethodName::literal(proto::RoomHistory::name)));
  EXPECT_TRUE(changes_something(MethodName::literal("unheard.of")));
}

}  // namespace
}  // namespace hubbub::link
