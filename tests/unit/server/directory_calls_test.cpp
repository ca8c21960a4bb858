// Calls: known methods, understood arguments, one effect however often they are asked.
#include "tests/unit/server/fake_directory_outlet.hpp"

namespace hubbub::server {
namespace {

class CallsTest : public DirectoryTest {
 protected:
  static proto::RoomPost post(std::string body, proto::Kind kind = proto::Kind::text) {
    return {RoomName::literal("lobby"), kind, false, {}, {std::move(body)}};
  }
  std::size_t answers(SessionRef session, CallId id) const {
    return static_cast<std::size_t>(std::ranges::count_if(
        outlet_.replies, [&](const auto& reply) { return reply.session == session && reply.call == id; }));
  }
  SessionRef alice_ = greet("alice", 1), bob_ = greet("bob", 2);
};

TEST_F(CallsTest, AnUnknownMethodIsUnimplemented) {
  directory_.call(alice_, CallId{7}, MethodName::literal("room.destroy"), "", now());
  EXPECT_EQ(outlet_.replies.at(0).status, Status::unimplemented);
  EXPECT_NE(outlet_.replies[0].result.find("room.destroy"), std::string::npos);
}

TEST_F(CallsTest, ArgumentsThatAreNotTheMethodsAreInvalid) {
  for (const std::string arguments : {"", "\x05lob", "\x05lobbymore"}) {
    directory_.call(alice_, CallId{++calls_}, MethodName::literal("room.join"), arguments, now());
    EXPECT_EQ(outlet_.replies.back().status, Status::invalid_argument);
  }
  EXPECT_EQ(directory_.rooms(), 0u);
}

TEST_F(CallsTest, ACallOfASessionThatHasEndedIsNobodys) {
  end(alice_);
  start(alice_, proto::HubPing{});
  EXPECT_TRUE(outlet_.replies.empty());
}

TEST_F(CallsTest, EveryMethodOfTheTableIsImplemented) {
  const auto methods = call(alice_, proto::HubMethods{}).value().methods;
  EXPECT_EQ(methods.size(), std::tuple_size_v<proto::Methods>);
  for (const auto& method : methods) {
    directory_.call(alice_, CallId{++calls_}, MethodName::literal(method.name.str()), "\xff\xff", now());
    EXPECT_EQ(outlet_.replies.back().status, Status::invalid_argument) << method.name.str();
  }
}

TEST_F(CallsTest, HubInfoTellsWhatTheHubIs) {
  open(alice_, "lobby");
  const auto info = call(alice_, proto::HubInfo{}).value();
  EXPECT_EQ(info.sessions, 2u);
  EXPECT_EQ(info.people, 2u);
  EXPECT_EQ(info.rooms, 1u);
  EXPECT_EQ(info.cores, 2u);
  EXPECT_EQ(info.published, 7u);
}

// ── at most once ─────────────────────────────────────────────────────────────────────────────────────────────────────

TEST_F(CallsTest, AChangeAskedAgainIsAnsweredAgainAndMadeOnce) {
  subscribe(bob_, "lobby", true);
  const auto id = start(alice_, proto::RoomJoin{RoomName::literal("lobby")});
  call(alice_, proto::RoomLeave{RoomName::literal("lobby")});
  start(alice_, proto::RoomJoin{RoomName::literal("lobby")}, id);
  EXPECT_EQ(answers(alice_, id), 2u);
  EXPECT_EQ(members(bob_, "lobby"), std::vector<std::string>{}) << "she has left since";
}

TEST_F(CallsTest, ARefusalIsAnsweredAgainTheSame) {
  const auto id = start(alice_, proto::PeopleRename{PersonName::literal("bob")});
  end(bob_);
  start(alice_, proto::PeopleRename{PersonName::literal("bob")}, id);
  ASSERT_EQ(answers(alice_, id), 2u);
  EXPECT_EQ(outlet_.replies.back().status, Status::already_exists);
}

TEST_F(CallsTest, TheSameIdFromAnotherClientIsAnotherCall) {
  const auto id = start(alice_, proto::RoomJoin{RoomName::literal("lobby")});
  start(bob_, proto::RoomJoin{RoomName::literal("lobby")}, id);
  EXPECT_EQ(members(alice_, "lobby").size(), 2u);
}

TEST_F(CallsTest, AQuestionAskedAgainIsAnsweredAnew) {
  const auto id = start(alice_, proto::PeopleWho{});
  end(bob_);
  start(alice_, proto::PeopleWho{}, id);
  EXPECT_EQ(proto::decode_value<proto::PeopleWho::Reply>(outlet_.replies.back().result)->people.size(), 1u);
}

TEST_F(CallsTest, APostIsMadeOnceAndAnsweredWhereItsClientIsNow) {
  const auto id = start(alice_, post("hi"));
  ASSERT_EQ(outlet_.posts.size(), 1u);
  end(alice_);  // the connection breaks before the answer
  const auto again = greet("alice", 1);
  start(again, post("hi"), id);
  EXPECT_EQ(outlet_.posts.size(), 1u);
  directory_.finished(outlet_.posts[0].session, id, {Status::ok, "stored"});
  EXPECT_EQ(answers(again, id), 1u);
  EXPECT_EQ(outlet_.replies.back().result, "stored");
  start(again, post("hi"), id);
  EXPECT_EQ(outlet_.posts.size(), 1u);
  EXPECT_EQ(answers(again, id), 2u);
}

TEST_F(CallsTest, AnIdThatWasAnotherCallsIsRefused) {
  const auto id = start(alice_, post("hi"));
  start(alice_, post("ho"), id);
  EXPECT_EQ(outlet_.posts.size(), 1u);
  EXPECT_EQ(outlet_.replies.back().status, Status::already_exists);
  directory_.finished(outlet_.posts[0].session, id, {Status::ok, "stored"});
  EXPECT_EQ(outlet_.replies.back().result, "stored");
}

TEST_F(CallsTest, APostWhoseClientComesBackAfterTheAnswerGetsItToo) {
  const auto id = start(alice_, post("hi"));
  end(alice_);
  directory_.finished(outlet_.posts.at(0).session, id, {Status::ok, "stored"});
  const auto again = greet("alice", 1);
  start(again, post("hi"), id);
  EXPECT_EQ(outlet_.posts.size(), 1u);
  EXPECT_EQ(outlet_.replies.back().session, again);
  EXPECT_EQ(outlet_.replies.back().result, "stored");
}

// ── what goes on to a room's home ────────────────────────────────────────────────────────────────────────────────────

TEST_F(CallsTest, APostCarriesWhatItsCallerSaid) {
  proto::RoomPost said{RoomName::literal("lobby"), proto::Kind::notice, true, {{{"build", "17"}}}, {"done"}};
  start(greet_proven("root", 0), said);
  const auto& message = outlet_.posts.at(0).message;
  EXPECT_EQ(message.from.str(), "root");
  EXPECT_TRUE(message.verified);
  EXPECT_EQ(message.flags, proto::flags::retain);
  EXPECT_EQ(message.kind, proto::Kind::notice);
  EXPECT_EQ(message.body, "done");
  EXPECT_TRUE(proto::are_headers(message.headers));
  EXPECT_EQ(message.headers, std::string("\x05") + "build" + std::string("\x02\x00", 2) + "17");
}

TEST_F(CallsTest, APostThatBreaksARuleIsRefusedBeforeItsRoomIsMade) {
  EXPECT_EQ(call(alice_, post("\xff")).error().status, Status::invalid_argument);
  EXPECT_EQ(call(alice_, post("hi", static_cast<proto::Kind>(9))).error().status, Status::invalid_argument);
  EXPECT_TRUE(outlet_.posts.empty());
  EXPECT_EQ(directory_.rooms(), 0u);
}

TEST_F(CallsTest, HistoryIsOfARoomThatIsThere) {
  EXPECT_EQ(call(alice_, proto::RoomHistory{RoomName::literal("nowhere"), {}, 10}).error().status, Status::not_found);
  open(alice_, "lobby");
  start(alice_, proto::RoomHistory{RoomName::literal("lobby"), {}, 10});
  EXPECT_EQ(outlet_.asked.size(), 1u);
}

TEST_F(CallsTest, SomebodyElsesDirectRoomIsNotThere) {
  open(alice_, "@bob");
  const auto eve = greet("eve", 3);
  EXPECT_EQ(call(eve, proto::RoomHistory{RoomName::literal("@bob"), {}, 10}).error().status, Status::not_found);
  EXPECT_NE(open(eve, "@bob"), open(alice_, "@bob"));
}

TEST_F(DirectoryTest, OnlyAnOperatorOverAUnixSocketGetsADump) {
  start(greet_proven("root", 0), proto::HubDump{});
  EXPECT_TRUE(outlet_.dumping);
  EXPECT_EQ(call(greet_proven("carol", 1000), proto::HubDump{}).error().status, Status::permission_denied);
  EXPECT_EQ(call(greet("eve", 7), proto::HubDump{}).error().status, Status::permission_denied);
}

}  // namespace
}  // namespace hubbub::server
