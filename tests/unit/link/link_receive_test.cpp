// Receiving, over losses.
#include "tests/unit/link/link_fixture.hpp"

namespace hubbub::link {
namespace {

class LinkReceive : public LinkFixture {
 protected:
  void receive_lobby() {
    go_online();
    subscribe("lobby");
    hub.attach("lobby", 7, 1);
    const auto attached = expect_event<RoomAttached>();
    EXPECT_EQ(attached.room.str(), "lobby");
    EXPECT_EQ(attached.next.value, 1u);
  }
  void expect_gap(std::uint64_t first, std::uint64_t last) {
    const auto gap = expect_event<Gap>();
    EXPECT_EQ(gap.first.value, first);
    EXPECT_EQ(gap.last.value, last);
  }
};

TEST_F(LinkReceive, HandsOutTheMessagesOfARoom) {
  receive_lobby();
  proto::Delivery delivery;
  delivery.room = RoomId{7};
  delivery.seq = Seq{1};
  delivery.time = WallTime{99};
  delivery.flags = proto::flags::verified;
  delivery.kind = proto::Kind::action;
  delivery.from = PersonName::literal("bob");
  delivery.headers.list = {{"k", "v"}};
  delivery.body = {"waves"};
  hub.send(delivery);
  const auto message = expect_event<Message>();
  EXPECT_EQ(message.room.str(), "lobby");
  EXPECT_EQ(message.time.ns, 99u);
  EXPECT_TRUE(message.verified);
  EXPECT_FALSE(message.retained);
  EXPECT_EQ(message.kind, proto::Kind::action);
  EXPECT_EQ(message.from.str(), "bob");
  EXPECT_EQ(message.headers, delivery.headers);
  EXPECT_EQ(message.body, "waves");
}

// ── queue groups that acknowledge ────────────────────────────────────────────────────────────────────────────────────

class LinkInAGroup : public LinkReceive {
 protected:
  void join_workers() {
    go_online();
    auto wish = to("jobs");
    wish.group = GroupName::literal("workers");
    wish.at_once = 3;
    wish.attempts_max = 5;
    wish.backoff_ms = 100;
    wish.backoff_ms_max = 1000;
    const auto subscribed = start(link->subscribe(wish));
    expect_wish();
    hub.reply(proto::RoomSubscribe::Reply{1});
    ASSERT_TRUE(finish(subscribed));
    attach(7);
  }
  void expect_wish() {
    const auto call = hub.expect_call<proto::RoomSubscribe>();
    EXPECT_EQ(call.group.str(), "workers");
    EXPECT_EQ(call.at_once, 3);
    EXPECT_EQ(call.attempts_max, 5);
    EXPECT_EQ(call.backoff_ms, 100u);
    EXPECT_EQ(call.backoff_ms_max, 1000u);
  }
  void attach(std::uint32_t room) {
    hub.send(proto::Attached{RoomId{room}, RoomName::literal("jobs"), GroupName::literal("workers"), Seq{1}, {}, true});
    expect_event<RoomAttached>();
  }
  static std::string handed(std::uint32_t room, std::uint64_t seq, std::uint64_t time) {
    proto::Delivery delivery;
    delivery.room = RoomId{room};
    delivery.seq = Seq{seq};
    delivery.time = WallTime{time};
    delivery.from = PersonName::literal("bob");
    delivery.body = {"a job"};
    std::string payload;
    proto::encode_value(delivery, payload);
    return payload;
  }
  Message hand(std::uint32_t room, std::uint64_t seq, std::uint16_t attempt = 1, std::uint64_t time = 1) {
    hub.send(proto::Handed{attempt, 5, {handed(room, seq, time)}});
    return expect_event<Message>();
  }
};

TEST_F(LinkInAGroup, HandsOutAMessageWithItsAttemptAndSaysWhatBecameOfIt) {
  join_workers();
  const auto message = hand(7, 4, 2);
  EXPECT_EQ(message.body, "a job");
  EXPECT_TRUE(message.grouped);
  EXPECT_EQ(message.attempt, 2);
  EXPECT_EQ(message.attempts_max, 5);
  EXPECT_TRUE(link->settle(message, proto::Verdict::again, "exit code 3", "no such file"));
  const auto settle = hub.expect<proto::Settle>();
  EXPECT_EQ(settle.room, RoomId{7});
  EXPECT_EQ(settle.seq, Seq{4});
  EXPECT_EQ(settle.verdict, proto::Verdict::again);
  EXPECT_EQ(settle.reason.str(), "exit code 3");
  EXPECT_EQ(settle.detail.str(), "no such file");
  EXPECT_FALSE(link->settle(message, proto::Verdict::done)) << "once";
}

TEST_F(LinkInAGroup, CutsWhatIsTooLongAtACharacter) {
  join_workers();
  const auto message = hand(7, 4);
  std::string snowmen;
  for (int i = 0; i < 1000; ++i) snowmen += "☃";
  EXPECT_TRUE(link->settle(message, proto::Verdict::again, "a" + snowmen, snowmen + "z"));
  const auto settle = hub.expect<proto::Settle>();
  EXPECT_EQ(settle.reason.str().substr(0, 4), "a☃");
  EXPECT_EQ(settle.reason.str().size(), 1024u);
  EXPECT_TRUE(settle.detail.str().starts_with("☃") && settle.detail.str().ends_with("☃z"));
}

TEST_F(LinkInAGroup, TurnsAwayAHubThatHandsOutMoreThanWasAskedFor) {
  join_workers();
  const auto first = hand(7, 1);
  for (std::uint64_t seq = 2; seq <= 3; ++seq) hand(7, seq);
  EXPECT_TRUE(link->settle(first, proto::Verdict::done));
  hub.expect<proto::Settle>();
  hand(7, 4);
  hub.send(proto::Handed{1, 5, {handed(7, 5, 1)}});
  EXPECT_THAT(expect_event<Offline>().why.sentence, testing::HasSubstr("more messages of a queue group"));
}

TEST_F(LinkInAGroup, ComesBackAsAMemberAndSettlesOnlyWhatItWasHandedThere) {
  join_workers();
  const auto lost = hand(7, 4);
  reconnect();
  EXPECT_FALSE(link->settle(lost, proto::Verdict::done));
  expect_wish();
  hub.reply(proto::RoomSubscribe::Reply{1});
  attach(9);
  hand(9, 4, 2);
  EXPECT_TRUE(link->settle(lost, proto::Verdict::done)) << "the same message";
  EXPECT_EQ(hub.expect<proto::Settle>().room, RoomId{9});
  hand(9, 5, 1, 77);
  auto namesake = lost;
  namesake.seq = Seq{5};
  EXPECT_FALSE(link->settle(namesake, proto::Verdict::done)) << "of another time, so another message";
}

TEST_F(LinkReceive, WaitsForTheNextEvent) {
  receive_lobby();
  const auto next = start(link->next());
  hub.run_ready();
  EXPECT_FALSE(next->has_value());
  hub.deliver(7, 1, "hi");
  EXPECT_EQ(std::get<Message>(finish(next)).body, "hi");
}

TEST_F(LinkReceive, GoesOnAfterALossWhereItWas) {
  receive_lobby();
  hub.deliver(7, 1, "a");
  hub.deliver(7, 2, "b");
  expect_message(1, "a");
  expect_message(2, "b");
  reconnect();
  expect_subscribe("lobby", 3);
  hub.attach("lobby", 9, 3);
  hub.reply(proto::RoomSubscribe::Reply{1});
  hub.deliver(9, 3, "c");
  expect_event<RoomAttached>();
  expect_message(3, "c");
}

TEST_F(LinkReceive, ReadsNewRoomsOfAPatternFromTheBeginningAndKnownOnesFromTheirCursor) {
  go_online();
  subscribe("ci.*");
  hub.attach("ci.main", 7, 11);
  hub.deliver(7, 11, "a");
  expect_event<RoomAttached>();
  expect_message(11, "a");
  reconnect();
  expect_subscribe("ci.main", 12);
  expect_subscribe("ci.*", 1);
}

TEST_F(LinkReceive, WaitsForASubscriptionNoLongerThanItIsTold) {
  go_online();
  CallOptions patience;
  patience.timeout = std::chrono::milliseconds(20);
  EXPECT_EQ(finish(link->subscribe(to("lobby"), patience)).error().status, Status::deadline_exceeded);
  EXPECT_EQ(finish(link->unsubscribe(Pattern::literal("lobby"), patience)).error().status, Status::deadline_exceeded);
}

TEST_F(LinkReceive, DropsWhatItHasAlready) {
  receive_lobby();
  hub.deliver(7, 1, "a");
  expect_message(1, "a");
  reconnect();
  expect_subscribe("lobby", 2);
  hub.attach("lobby", 7, 1);
  hub.deliver(7, 1, "a");
  hub.deliver(7, 2, "b");
  expect_event<RoomAttached>();
  expect_message(2, "b");
}

TEST_F(LinkReceive, TellsWhatWasLost) {
  receive_lobby();
  hub.send(proto::Lost{RoomId{7}, Seq{1}, Seq{4}});
  hub.deliver(7, 5, "e");
  expect_gap(1, 4);
  expect_message(5, "e");
}

TEST_F(LinkReceive, TellsWhatTheHubSkippedWithoutAWord) {
  receive_lobby();
  hub.deliver(7, 3, "c");
  expect_gap(1, 2);
  expect_message(3, "c");
}

TEST_F(LinkReceive, TellsWhatWasTrimmedWhileItWasAway) {
  receive_lobby();
  reconnect();
  expect_subscribe("lobby", 1);
  hub.attach("lobby", 7, 6);
  expect_event<RoomAttached>();
  expect_gap(1, 5);
}

TEST_F(LinkReceive, BeginsAtOneAgainWithAnotherLifeOfTheHub) {
  receive_lobby();
  hub.deliver(7, 1, "old");
  expect_message(1, "old");
  hub.life = 2;
  reconnect();
  expect_subscribe("lobby", 1);
  hub.attach("lobby", 7, 1);
  hub.deliver(7, 1, "new");
  expect_event<RoomAttached>();
  expect_message(1, "new");
}

TEST_F(LinkReceive, GoesOnInADurableRoomOfAHubThatWasRestartedWithItsData) {
  hub.store = 1;
  go_online();
  subscribe("*");
  hub.attach("lobby", 7, 5, true);
  hub.attach("fleeting", 8, 5, false);
  expect_event<RoomAttached>();
  expect_event<RoomAttached>();
  hub.life = 2;
  hub.close();
  expect_event<Offline>();
  hub.accept();
  hub.welcome();
  const auto online = expect_event<Online>();
  EXPECT_TRUE(online.new_life);
  EXPECT_TRUE(online.same_data);
  expect_subscribe("lobby", 5);
  expect_subscribe("*", 1);
  hub.attach("lobby", 7, 6, true);
  EXPECT_TRUE(expect_event<RoomAttached>().durable);
  const auto gap = expect_event<Gap>();
  EXPECT_EQ(gap.first.value, 5u) << "retention took it in between";
}

TEST_F(LinkReceive, BeginsAnewAtAHubWithOtherData) {
  hub.store = 1;
  go_online();
  subscribe("lobby");
  hub.attach("lobby", 7, 5, true);
  expect_event<RoomAttached>();
  hub.life = hub.store = 2;
  hub.close();
  expect_event<Offline>();
  hub.accept();
  hub.welcome();
  EXPECT_FALSE(expect_event<Online>().same_data);
  expect_subscribe("lobby", 1);
}

TEST_F(LinkReceive, HandsOutARetainedMessageOutsideOfTheOrder) {
  receive_lobby();
  proto::Delivery delivery;
  delivery.room = RoomId{7};
  delivery.seq = Seq{1};
  delivery.from = PersonName::literal("bob");
  delivery.body = {"kept"};
  std::string payload;
  proto::encode_value(delivery, payload);
  hub.send(proto::Retained{{payload}});
  hub.deliver(7, 1, "kept");
  EXPECT_TRUE(expect_event<Message>().retained);
  EXPECT_FALSE(expect_event<Message>().retained);
}

TEST_F(LinkReceive, MarksTheMessagesOfAQueueGroup) {
  go_online();
  hub.send(proto::Attached{RoomId{7}, RoomName::literal("jobs"), GroupName::literal("workers"), Seq{1}, Seq{}});
  hub.deliver(7, 5, "job");
  expect_event<RoomAttached>();
  EXPECT_TRUE(expect_event<Message>().grouped);
  EXPECT_TRUE(nothing_arrives());
}

TEST_F(LinkReceive, TellsPresenceByTheRoomsName) {
  receive_lobby();
  proto::Event event;
  event.kind = proto::EventKind::typing;
  event.room = RoomId{7};
  event.person.name = PersonName::literal("bob");
  hub.send(event);
  EXPECT_EQ(expect_event<Presence>().room.str(), "lobby");
  event.room = {};
  hub.send(event);
  EXPECT_TRUE(expect_event<Presence>().room.empty());
}

TEST_F(LinkReceive, CallsADirectConversationByTheNewNameOfWhoWasRenamed) {
  go_online();
  subscribe("@*");
  hub.attach("@bob", 7, 1);
  proto::Event event;
  event.kind = proto::EventKind::renamed;
  event.person.name = PersonName::literal("robert");
  event.text = Topic::literal("bob");
  hub.send(event);
  hub.deliver(7, 1, "still me");
  expect_event<RoomAttached>();
  expect_event<Presence>();
  EXPECT_EQ(expect_event<Message>().room.str(), "@robert");
  reconnect();
  expect_subscribe("@robert", 2);
}

TEST_F(LinkReceive, TakesWhatAHubStillSendsWhileItStops) {
  receive_lobby();
  hub.send(proto::Closing{proto::CloseReason::shutdown, Text::literal("back soon")});
  hub.deliver(7, 1, "last words");
  hub.close();
  expect_message(1, "last words");
  EXPECT_EQ(expect_event<Offline>().why.sentence, "back soon");
}

TEST_F(LinkReceive, ReceivesNothingOfADetachedRoomNowOrLater) {
  receive_lobby();
  const auto stopped = start(link->unsubscribe(Pattern::literal("lobby")));
  hub.expect_call<proto::RoomUnsubscribe>();
  hub.send(proto::Detached{RoomId{7}});
  hub.reply(proto::Done{});
  EXPECT_TRUE(finish(stopped));
  hub.deliver(7, 1, "late");
  EXPECT_TRUE(nothing_arrives());
  reconnect();
  EXPECT_TRUE(hub.nothing_came());
}

TEST_F(LinkReceive, StopsRoomsThatItResumedByNameWithTheirPattern) {
  go_online();
  subscribe("ci.*");
  hub.attach("ci.main", 7, 1);
  expect_event<RoomAttached>();
  reconnect();
  expect_subscribe("ci.main", 1);
  hub.reply(proto::RoomSubscribe::Reply{1});
  expect_subscribe("ci.*", 1);
  hub.reply(proto::RoomSubscribe::Reply{1});
  const auto stopped = start(link->unsubscribe(Pattern::literal("ci.*")));
  EXPECT_EQ(hub.expect_call<proto::RoomUnsubscribe>().pattern.str(), "ci.*");
  hub.reply(proto::Done{});
  EXPECT_EQ(hub.expect_call<proto::RoomUnsubscribe>().pattern.str(), "ci.main");
  EXPECT_TRUE(finish(stopped));
}

TEST_F(LinkReceive, DoesNotComeBackToARoomThatWasLeft) {
  receive_lobby();
  const proto::RoomLeave leave{RoomName::literal("lobby")};
  const auto left = start(link->call(leave));
  hub.expect_call<proto::RoomLeave>();
  hub.send(proto::Detached{RoomId{7}});
  hub.reply(proto::Done{});
  EXPECT_TRUE(finish(left));
  reconnect();
  EXPECT_TRUE(hub.nothing_came());
}

TEST_F(LinkReceive, TellsOnceThatTheHubWouldNotResumeASubscriptionAndAsksAgain) {
  receive_lobby();
  reconnect();
  for (int i = 0; i < 2; ++i) {
    expect_subscribe("lobby", 1);
    hub.refuse(Status::not_found, "not yet");
  }
  const auto refused = expect_event<NotResumed>();
  EXPECT_EQ(refused.pattern.str(), "lobby");
  EXPECT_EQ(refused.why.sentence, "not yet");
  expect_subscribe("lobby", 1);
  hub.reply(proto::RoomSubscribe::Reply{1});
  EXPECT_TRUE(nothing_arrives());
  EXPECT_TRUE(link->online());
}

TEST_F(LinkReceive, ResumesManyRoomsAFewAtATime) {
  go_online();
  subscribe("r.>");
  constexpr std::uint32_t rooms = 1000;
  for (std::uint32_t i = 1; i <= rooms; ++i) hub.attach("r." + std::to_string(i), i, 1);
  for (std::uint32_t i = 1; i <= rooms; ++i) expect_event<RoomAttached>();
  hub.close();
  expect_event<Offline>();
  start(link->call(proto::HubPing{}));
  hub.accept();
  hub.welcome();
  std::vector<std::string> asked;
  while (asked.size() < rooms + 2) {  // each room, the pattern, and the ping
    std::vector<CallId> burst;
    do {
      const auto call = hub.expect<proto::Call>();
      asked.push_back(call.method.str());
      burst.push_back(call.id);
    } while (!hub.nothing_came());
    EXPECT_LE(burst.size(), 200u);
    for (const auto id : burst) hub.send(proto::Reply{id, Status::ok, {}});
  }
  EXPECT_EQ(asked.back(), "hub.ping");  // what others asked comes after
}

TEST_F(LinkReceive, StopsReadingWhileNobodyTakesWhatCame) {
  receive_lobby();
  constexpr std::uint64_t messages = 16;
  const std::string body(1'000'000, 'x');
  for (std::uint64_t seq = 1; seq <= messages; ++seq) hub.deliver(7, seq, body);
  hub.run_ready();
  EXPECT_GT(hub.unsent_bytes(), messages * body.size() / 2);
  for (std::uint64_t seq = 1; seq <= messages; ++seq) expect_message(seq, body);
  EXPECT_EQ(hub.unsent_bytes(), 0u);
}

TEST_F(LinkReceive, ReadsOnForAnAnswerThatLiesBehindWhatNobodyTakes) {
  receive_lobby();
  const std::string body(1'000'000, 'x');
  for (std::uint64_t seq = 1; seq <= 32; ++seq) hub.deliver(7, seq, body);
  hub.run_ready();
  ASSERT_GT(hub.unsent_bytes(), 0u);
  const auto called = start(link->call(proto::HubPing{}));
  hub.expect_call<proto::HubPing>();
  hub.reply(proto::HubPing::Reply{});
  EXPECT_TRUE(finish(called));
}

TEST(DecodeMessage, SkipsWhatIsNoDelivery) {
  const auto lobby = RoomName::literal("lobby");
  EXPECT_FALSE(decode_message(lobby, "nonsense"));
  proto::Delivery delivery;
  delivery.seq = Seq{4};
  delivery.from = PersonName::literal("bob");
  std::string payload;
  proto::encode_value(delivery, payload);
  const auto message = decode_message(lobby, payload);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->room, lobby);
  EXPECT_EQ(message->seq.value, 4u);
}

}  // namespace
}  // namespace hubbub::link
