// Coming and going.
#include "client/link/reasons.hpp"
#include "tests/unit/link/link_fixture.hpp"

namespace hubbub::link {
namespace {

using LinkConnect = LinkFixture;

TEST_F(LinkConnect, SaysWhoItIsAndIsWelcomed) {
  make_link();
  const auto connected = start(link->connect());
  hub.accept();
  const auto hello = hub.expect<proto::Hello>();
  EXPECT_EQ(hello.name.str(), "alice");
  EXPECT_EQ(hello.program.str(), "unit test");
  EXPECT_EQ(hello.owner, options.owner);
  EXPECT_NE(hello.client, ClientId{});
  proto::Welcome welcome;
  welcome.name = PersonName::literal("alice2");
  hub.send(welcome);
  const auto outcome = finish(connected);
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->name.str(), "alice2");
  EXPECT_TRUE(link->online());
  const auto online = expect_event<Online>();
  EXPECT_FALSE(online.resumed);
  EXPECT_FALSE(online.new_life);
}

TEST_F(LinkConnect, SaysWhereItLookedWhenNobodyIsThere) {
  hub.listen(false);
  make_link();
  const auto outcome = finish(link->connect());
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().status, Status::unavailable);
  EXPECT_NE(outcome.error().sentence.find(options.hub.str()), std::string::npos) << outcome.error().sentence;
  expect_event<Closed>();
  expect_event<Closed>();
}

TEST_F(LinkConnect, PassesTheHubsRefusalOnAndDoesNotComeBack) {
  make_link();
  const auto connected = start(link->connect());
  hub.accept();
  hub.expect<proto::Hello>();
  hub.send(proto::Closing{proto::CloseReason::version, Text::literal("the hub speaks version 2")});
  const auto outcome = finish(connected);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().status, Status::unavailable);
  EXPECT_EQ(outcome.error().sentence, "no welcome at " + options.hub.str() + ": the hub speaks version 2");
  hub.expect_end();
  expect_event<Closed>();
}

TEST_F(LinkConnect, RefusesAHubOfAnotherMajorVersion) {
  make_link();
  const auto connected = start(link->connect());
  hub.accept();
  proto::Welcome welcome;
  welcome.major = 2;
  welcome.name = PersonName::literal("alice");
  hub.send(welcome);
  const auto outcome = finish(connected);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().status, Status::unavailable);
  EXPECT_NE(outcome.error().sentence.find("version 2"), std::string::npos);
}

TEST_F(LinkConnect, NamesWhatIsNoHub) {
  for (const auto* answer :
       {"HTTP/1.1 400 Bad Request\r\n\r\n", "\x41\x02\x00\x00zz", "\x52\x00\x00\x00", "\xee\x00\x00\x00"}) {
    make_link();
    const auto connected = start(link->connect());
    hub.accept();
    hub.send_bytes(std::string(answer, answer[0] == 'H' ? 28 : answer[1] != 0 ? 6 : 4));
    const auto outcome = finish(connected);
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().status, Status::unavailable) << outcome.error().sentence;
    EXPECT_TRUE(outcome.error().sentence.starts_with("no welcome at " + options.hub.str() + ": "));
    EXPECT_NE(outcome.error().sentence.find("hubbub protocol"), std::string::npos);
  }
}

TEST_F(LinkConnect, SaysWhereItWasHungUpOn) {
  make_link();
  const auto connected = start(link->connect());
  hub.accept();
  hub.close();
  EXPECT_EQ(finish(connected).error(),
            (Error{Status::unavailable, "no welcome at " + options.hub.str() + ": the hub has closed the connection"}));
}

TEST_F(LinkConnect, GivesUpOnAHubThatSaysNothing) {
  options.connect_timeout = std::chrono::milliseconds(500);
  make_link();
  const auto connected = start(link->connect());
  hub.accept();
  hub.expect<proto::Hello>();
  const auto outcome = finish(connected);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().status, Status::deadline_exceeded);
  hub.expect_end();
}

TEST_F(LinkConnect, TriesForEverInTheBackground) {
  hub.listen(false);
  make_link();
  link->connect_in_background();
  EXPECT_EQ(expect_event<Offline>().why.status, Status::unavailable);
  EXPECT_GT(expect_event<Offline>().retry_in.count(), 0);
  hub.listen(true);
  hub.accept();
  hub.welcome();
  while (!std::holds_alternative<Online>(next_event())) {
  }
  EXPECT_TRUE(link->online());
}

TEST_F(LinkConnect, EndsInTheBackgroundWhereTheHubWillNeverHaveIt) {
  make_link();
  link->connect_in_background();
  hub.accept();
  hub.send(proto::Closing{proto::CloseReason::name_taken, {}});
  const auto closed = expect_event<Closed>();
  EXPECT_EQ(closed.why.status, Status::already_exists);
  EXPECT_NE(closed.why.sentence.find("--name"), std::string::npos);
}

TEST_F(LinkConnect, ComesBackAfterALossAndTellsBoth) {
  go_online();
  hub.close();
  EXPECT_EQ(expect_event<Offline>().why.status, Status::unavailable);
  EXPECT_FALSE(link->online());
  hub.accept();
  hub.welcome();
  const auto online = expect_event<Online>();
  EXPECT_TRUE(online.resumed);
  EXPECT_FALSE(online.new_life);
}

TEST_F(LinkConnect, IsTheSameClientAfterAReconnect) {
  make_link();
  const auto connected = start(link->connect());
  hub.accept();
  const auto first = hub.expect<proto::Hello>();
  proto::Welcome welcome;
  welcome.name = PersonName::literal("alice");
  hub.send(welcome);
  finish(connected);
  hub.close();
  hub.accept();
  EXPECT_EQ(hub.expect<proto::Hello>().client, first.client);
}

TEST_F(LinkConnect, KeepsTheNameThatWasTaken) {
  go_online();
  const proto::PeopleRename rename{PersonName::literal("alicia")};
  const auto renamed = start(link->call(rename));
  hub.expect_call<proto::PeopleRename>();
  hub.reply(proto::Done{});
  EXPECT_TRUE(finish(renamed));
  hub.close();
  hub.accept();
  EXPECT_EQ(hub.expect<proto::Hello>().name.str(), "alicia");
}

TEST_F(LinkConnect, LeavesItsLastWillAgainOnEachConnectionUntilItIsTakenBack) {
  go_online();
  proto::SessionWill will;
  will.room = RoomName::literal("ops");
  will.body.bytes = "gone";
  const auto left = start(link->call(will));
  hub.expect_call<proto::SessionWill>();
  hub.reply(proto::Done{});
  ASSERT_TRUE(finish(left));
  for (int again = 0; again < 2; ++again) {
    reconnect();
    EXPECT_EQ(hub.expect_call<proto::SessionWill>().body.bytes, "gone");
    hub.reply(proto::Done{});
  }
  will.leave = false;
  const auto taken_back = start(link->call(will));
  EXPECT_FALSE(hub.expect_call<proto::SessionWill>().leave);
  hub.reply(proto::Done{});
  ASSERT_TRUE(finish(taken_back));
  reconnect();
  EXPECT_TRUE(hub.nothing_came());
}

TEST_F(LinkConnect, NoticesThatTheHubIsAnotherOne) {
  go_online();
  hub.close();
  expect_event<Offline>();
  hub.life = 2;
  hub.accept();
  hub.welcome();
  EXPECT_TRUE(expect_event<Online>().new_life);
}

TEST_F(LinkConnect, EndsWithTheFirstLossIfThatIsWanted) {
  options.reconnect = false;
  go_online();
  hub.close();
  EXPECT_EQ(expect_event<Closed>().why.status, Status::unavailable);
}

TEST_F(LinkConnect, ComesBackToAHubThatWasStopped) {
  go_online();
  hub.send(proto::Closing{proto::CloseReason::shutdown, {}});
  hub.close();
  EXPECT_NE(expect_event<Offline>().why.sentence.find("shutting down"), std::string::npos);
  hub.accept();
  hub.welcome();
  expect_event<Online>();
}

TEST_F(LinkConnect, SaysGoodbyeAndWaitsForTheAnswer) {
  go_online();
  const auto closed = start(link->close());
  hub.expect<proto::Goodbye>();
  EXPECT_FALSE(*closed);
  hub.send(proto::Closing{proto::CloseReason::goodbye, {}});
  hub.run_until("it is closed", [&] { return *closed; });
  expect_event<Closed>();
  hub.expect_end();
}

TEST_F(LinkConnect, WaitsForAnAnswerToGoodbyeNoLongerThanItsGrace) {
  go_online();
  const auto closed = start(link->close(std::chrono::milliseconds(10)));
  hub.run_until("it is closed", [&] { return *closed; });
  hub.expect<proto::Goodbye>();
  hub.expect_end();
}

TEST_F(LinkConnect, EndsEverybodysWaitWhenItIsDestroyed) {
  go_online();
  const auto called = start(link->call(proto::HubPing{}));
  const auto published = start(link->publish(saying("a")));
  hub.expect<proto::Call>();
  link.reset();
  EXPECT_EQ(finish(called).error().status, Status::cancelled);
  EXPECT_EQ(finish(published).error().status, Status::cancelled);
}

TEST_F(LinkConnect, RefusesWhatComesAfterTheEnd) {
  go_online();
  link->abort();
  EXPECT_EQ(finish(link->call(proto::HubPing{})).error().status, Status::cancelled);
  EXPECT_EQ(finish(link->publish(saying("a"))).error().status, Status::cancelled);
  EXPECT_EQ(link->try_publish_soon(saying("a")).error().status, Status::cancelled);
}

TEST_F(LinkConnect, TakesGarbageInTheMiddleForALoss) {
  go_online();
  hub.send_bytes(std::string("\x60\x01\x00\x00z", 5));
  EXPECT_EQ(expect_event<Offline>().why.status, Status::internal);
  hub.expect_end();
}

TEST_F(LinkConnect, SkipsMessagesOfANewerHub) {
  go_online();
  hub.send_bytes(std::string("\x7e\x03\x00\x00new", 7));
  hub.send(proto::Ping{9});
  EXPECT_EQ(hub.expect<proto::Pong>().token, 9u);
}

TEST(Reasons, KnowWhichRefusalsAreForGood) {
  EXPECT_TRUE(may_come_back(proto::CloseReason::shutdown));
  EXPECT_TRUE(may_come_back(proto::CloseReason::hub_full));
  EXPECT_FALSE(may_come_back(proto::CloseReason::version));
  EXPECT_FALSE(may_come_back(proto::CloseReason::malformed));
  EXPECT_TRUE(may_come_back(static_cast<proto::CloseReason>(200)));
  EXPECT_EQ(error_of({static_cast<proto::CloseReason>(200), Text::literal("new reason")}).sentence, "new reason");
}

}  // namespace
}  // namespace hubbub::link
