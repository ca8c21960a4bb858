// Saying things, over losses and refusals.
#include "tests/unit/link/link_fixture.hpp"

namespace hubbub::link {
namespace {

class LinkPublish : public LinkFixture {
 protected:
  using Published = Started<Result<Receipt>>;
  Published publish(std::string_view body) { return start(link->publish(saying(body))); }
  void acknowledge(std::uint32_t room, std::uint64_t id, std::uint64_t seq) {
    hub.send(proto::Published{RoomId{room}, PublishId{id}, Seq{seq}});
  }
  void refuse(std::uint32_t room, std::uint64_t id, std::uint64_t expected, Status status) {
    hub.send(proto::PublishRefused{RoomId{room}, PublishId{id}, PublishId{expected}, status, Text::literal("no")});
  }
};

TEST_F(LinkPublish, OpensTheRoomAndReturnsWhereTheMessageIs) {
  go_online();
  const auto published = publish("hi");
  hub.open("lobby", 7);
  expect_publish(7, 1, "hi");
  acknowledge(7, 1, 41);
  const auto receipt = finish(published);
  ASSERT_TRUE(receipt);
  EXPECT_EQ(receipt->seq.value, 41u);
  EXPECT_EQ(link->unacknowledged(), 0u);
}

TEST_F(LinkPublish, OpensARoomOnce) {
  go_online();
  publish("a");
  hub.open("lobby", 7);
  expect_publish(7, 1, "a");
  publish("b");
  expect_publish(7, 2, "b");
}

TEST_F(LinkPublish, SendsTheUnacknowledgedAgainUnderTheSameIds) {
  go_online();
  const auto a = publish("a"), b = publish("b"), c = publish("c");
  hub.open("lobby", 7);
  expect_publish(7, 1, "a");
  expect_publish(7, 2, "b");
  expect_publish(7, 3, "c");
  acknowledge(7, 1, 1);
  finish(a);
  reconnect();
  hub.open("lobby", 9);
  expect_publish(9, 2, "b");
  expect_publish(9, 3, "c");
  acknowledge(9, 3, 5);
  EXPECT_TRUE(finish(b));
  EXPECT_EQ(finish(c)->seq.value, 5u);
  EXPECT_TRUE(hub.nothing_came());
}

/// With the hub behind a door that can be taken away.
class LinkWithAnotherWay : public LinkPublish {
 protected:
  LinkWithAnotherWay() {
    open_door();
    options.instead = Instead{options.hub, [this] {
                                ++chosen;
                                return std::shared_ptr<Outbox>();
                              }};
    options.hub.path = door;
  }
  void open_door() const { std::filesystem::create_symlink(hub.address().path, door); }
  void close_door() {
    std::filesystem::remove(door);
    hub.close();
    expect_event<Offline>();
  }
  /// Returns as which client.
  ClientId come_back() {
    hub.accept();
    return hub.welcome().client;
  }
  ScratchFolder folder;
  std::string door = folder.path() + "/sock";
  int chosen = 0;
};

TEST_F(LinkWithAnotherWay, SaysTheUnacknowledgedAgainAsAnotherClient) {
  go_online();
  const auto a = publish("a"), b = publish("b"), c = publish("c");
  hub.open("lobby", 7);
  for (const auto* body : {"a", "b", "c"}) expect_publish(7, static_cast<std::uint64_t>(*body - 'a' + 1), body);
  acknowledge(7, 1, 1);
  finish(a);
  close_door();
  come_back();
  EXPECT_EQ(chosen, 1);
  hub.open("lobby", 7);
  expect_publish(7, 1, "b");
  expect_publish(7, 2, "c");
  acknowledge(7, 2, 5);
  EXPECT_TRUE(finish(b));
  EXPECT_EQ(finish(c)->seq.value, 5u);
  EXPECT_EQ(link->acknowledged(), 3u);
  EXPECT_TRUE(hub.nothing_came());
}

TEST_F(LinkWithAnotherWay, WaitsForADoorThatIsOpenedAgainSoon) {
  make_link();
  const auto connected = start(link->connect());
  const auto before = come_back();
  ASSERT_TRUE(finish(connected));
  expect_event<Online>();
  close_door();
  open_door();
  EXPECT_EQ(come_back(), before);
  EXPECT_EQ(chosen, 0);
}

TEST_F(LinkWithAnotherWay, GoesThereAtOnceWhereTheDoorWasNeverOpen) {
  std::filesystem::remove(door);
  make_link();
  const auto connected = start(link->connect());
  come_back();
  EXPECT_TRUE(finish(connected));
  EXPECT_EQ(chosen, 1);
}

TEST_F(LinkPublish, CountsFromOneAgainAtAnotherLifeOfTheHub) {
  go_online();
  publish("a");
  const auto b = publish("b");
  hub.open("lobby", 7);
  expect_publish(7, 1, "a");
  expect_publish(7, 2, "b");
  acknowledge(7, 1, 1);
  hub.life = 2;
  reconnect();
  hub.open("lobby", 1);
  expect_publish(1, 1, "b");
  acknowledge(1, 1, 1);
  EXPECT_EQ(finish(b)->seq.value, 1u);
}

TEST_F(LinkPublish, KeepsWhatIsSaidWhileOffline) {
  hub.listen(false);
  make_link();
  link->connect_in_background();
  expect_event<Offline>();
  const auto published = publish("patient");
  hub.listen(true);
  hub.accept();
  hub.welcome();
  hub.open("lobby", 7);
  expect_publish(7, 1, "patient");
  acknowledge(7, 1, 1);
  EXPECT_TRUE(finish(published));
}

TEST_F(LinkPublish, RewindsToWhatTheHubExpects) {
  go_online();
  publish("a");
  publish("b");
  hub.open("lobby", 7);
  expect_publish(7, 1, "a");
  expect_publish(7, 2, "b");
  refuse(7, 2, 1, Status::failed_precondition);
  expect_publish(7, 1, "a");
  expect_publish(7, 2, "b");
}

TEST_F(LinkPublish, SendsAgainByItselfToAHubThatWasBusy) {
  go_online();
  const auto published = publish("a");
  hub.open("lobby", 7);
  expect_publish(7, 1, "a");
  refuse(7, 1, 1, Status::resource_exhausted);
  expect_publish(7, 1, "a");
  acknowledge(7, 1, 1);
  EXPECT_TRUE(finish(published));
}

TEST_F(LinkPublish, TellsTheCallerWhatTheHubRefusesAndGoesOn) {
  go_online();
  const auto a = publish("a"), bad = publish("bad"), c = publish("c");
  hub.open("lobby", 7);
  for (int i = 0; i < 3; ++i) hub.expect<proto::Publish>();
  acknowledge(7, 1, 1);
  refuse(7, 2, 2, Status::permission_denied);
  expect_publish(7, 2, "c");
  acknowledge(7, 2, 2);
  EXPECT_TRUE(finish(a));
  EXPECT_EQ(finish(bad).error(), (Error{Status::permission_denied, "no"}));
  EXPECT_EQ(finish(c)->seq.value, 2u);
}

TEST_F(LinkPublish, RefusesABadMessageItself) {
  go_online();
  EXPECT_EQ(finish(link->publish(saying("\xff"))).error().status, Status::invalid_argument);
  EXPECT_EQ(finish(link->publish(saying(std::string(limits::body_bytes_max + 1, 'x')))).error().status,
            Status::invalid_argument);
  EXPECT_TRUE(hub.nothing_came());
}

TEST_F(LinkPublish, FailsWhereTheRoomCantBeOpened) {
  go_online();
  const auto published = publish("a");
  hub.expect_call<proto::RoomOpen>();
  hub.refuse(Status::resource_exhausted, "there are 100 rooms already");
  EXPECT_EQ(finish(published).error(), (Error{Status::resource_exhausted, "there are 100 rooms already"}));
}

TEST_F(LinkPublish, AsksAgainForARoomThatCantBeOpenedJustNow) {
  go_online();
  publish("a");
  hub.expect_call<proto::RoomOpen>();
  hub.refuse(Status::unavailable, "later");
  hub.open("lobby", 7);
  expect_publish(7, 1, "a");
}

TEST_F(LinkPublish, WaitsForWhoIsNotBackYetAtARestartedHub) {
  go_online();
  hub.life = 2;
  reconnect();
  const auto to_bob = start(link->publish(saying("a", "@bob")));
  for (int i = 0; i < 2; ++i) {
    hub.expect_call<proto::RoomOpen>();
    hub.refuse(Status::not_found, "nobody called bob has been here");
  }
  hub.open("@bob", 7);
  expect_publish(7, 1, "a");
  acknowledge(7, 1, 1);
  EXPECT_TRUE(finish(to_bob));
}

TEST_F(LinkPublish, DoesNotWaitForWhoIsNotThereOtherwise) {
  go_online();
  const auto to_bob = start(link->publish(saying("a", "@bob")));
  hub.expect_call<proto::RoomOpen>();
  hub.refuse(Status::not_found, "nobody called bob has been here");
  EXPECT_EQ(finish(to_bob).error().status, Status::not_found);
}

TEST_F(LinkPublish, AsksAnewWhoHasTheNameOfSomebodyWhoWasRenamed) {
  go_online();
  start(link->publish(saying("to the one", "@bob")));
  hub.open("@bob", 7);
  expect_publish(7, 1, "to the one");
  proto::Event event;
  event.kind = proto::EventKind::renamed;
  event.person.name = PersonName::literal("robert");
  event.text = Topic::literal("bob");
  hub.send(event);
  expect_event<Presence>();
  start(link->publish(saying("to another", "@bob")));
  hub.open("@bob", 8);
  expect_publish(8, 1, "to another");
}

TEST_F(LinkPublish, DrainWaitsForAllAndTellsTheFirstRefusalOnce) {
  go_online();
  finish(link->publish_soon(saying("bad")));
  finish(link->publish_soon(saying("good")));
  const auto drained = start(link->drain());
  hub.open("lobby", 7);
  hub.expect<proto::Publish>();
  hub.expect<proto::Publish>();
  refuse(7, 1, 1, Status::invalid_argument);
  expect_publish(7, 1, "good");
  EXPECT_FALSE(drained->has_value());
  acknowledge(7, 1, 1);
  EXPECT_EQ(finish(drained).error().status, Status::invalid_argument);
  EXPECT_TRUE(finish(link->drain()));
}

TEST_F(LinkPublish, TakesNoMoreThanItMayHold) {
  options.unsent_bytes_max = 1000;
  go_online();
  publish("first");
  hub.open("lobby", 7);
  hub.expect<proto::Publish>();
  std::uint64_t taken = 1;
  while (*link->try_publish_soon(saying(std::string(100, 'x')))) ++taken;
  EXPECT_GE(taken, 7u);
  EXPECT_LE(taken, 10u);
  const auto writable = start(link->writable());
  for (std::uint64_t i = 1; i < taken; ++i) hub.expect<proto::Publish>();
  EXPECT_FALSE(*writable);
  acknowledge(7, taken, 1);
  hub.run_until("there is room", [&] { return *writable; });
  EXPECT_TRUE(*link->try_publish_soon(saying("more")));
}

TEST_F(LinkPublish, KnowsAlsoAfterTheEndHowManyWereAcknowledged) {
  go_online();
  for (const auto* body : {"a", "b", "c"}) start(link->publish_soon(saying(body)));
  hub.open("lobby", 7);
  expect_publish(7, 1, "a");
  hub.send(proto::Published{RoomId{7}, PublishId{2}, Seq{2}});
  hub.run_until("two are acknowledged", [&] { return link->unacknowledged() == 1; });
  link->abort();
  EXPECT_EQ(link->unacknowledged(), 0u);
  EXPECT_EQ(link->acknowledged(), 2u);
}

TEST_F(LinkPublish, SendsAllOfALongQueueWithoutWaitingForAcknowledgements) {
  go_online();
  const std::string body(1000, 'x');
  for (int i = 0; i < 3000; ++i) ASSERT_TRUE(*link->try_publish_soon(saying(body)));
  hub.open("lobby", 7);
  for (std::uint64_t id = 1; id <= 3000; ++id) expect_publish(7, id, body);
}

TEST_F(LinkPublish, WithoutAcknowledgementIsSentOnceWithoutAnId) {
  go_online();
  const auto sent = start(link->publish_unacknowledged(saying("a")));
  hub.open("lobby", 7);
  expect_publish(7, 0, "a");
  EXPECT_TRUE(finish(sent));
  EXPECT_TRUE(*link->try_publish_unacknowledged(saying("b")));
  expect_publish(7, 0, "b");
  EXPECT_EQ(link->unacknowledged(), 0u);
  reconnect();
  EXPECT_TRUE(hub.nothing_came());
}

TEST_F(LinkPublish, WithoutAcknowledgementKeepsItsPlaceBehindWhatWasSaidBefore) {
  go_online();
  publish("a");
  hub.open("lobby", 7);
  expect_publish(7, 1, "a");
  EXPECT_TRUE(*link->try_publish_soon(saying("b")));
  EXPECT_TRUE(*link->try_publish_unacknowledged(saying("c")));
  expect_publish(7, 2, "b");
  expect_publish(7, 0, "c");
}

TEST_F(LinkPublish, WithoutAcknowledgementTellsThatTheRoomCantBeOpened) {
  go_online();
  const auto sent = start(link->publish_unacknowledged(saying("a", "@nobody")));
  hub.expect_call<proto::RoomOpen>();
  hub.refuse(Status::not_found, "nobody called nobody has been here");
  EXPECT_EQ(finish(sent).error().status, Status::not_found);
}

TEST_F(LinkPublish, WithoutAcknowledgementPausesBeforeItAsksForTheRoomAgain) {
  go_online();
  const auto sent = start(link->publish_unacknowledged(saying("a")));
  hub.expect_call<proto::RoomOpen>();
  const auto refused_at = std::chrono::steady_clock::now();
  hub.refuse(Status::unavailable, "later");
  hub.open("lobby", 7);
  EXPECT_GE(std::chrono::steady_clock::now() - refused_at, std::chrono::milliseconds(10));
  EXPECT_TRUE(finish(sent));
}

TEST_F(LinkPublish, WithoutAcknowledgementIsBoundedByTheSocket) {
  go_online();
  const auto first = start(link->publish_unacknowledged(saying("a")));
  hub.open("lobby", 7);
  finish(first);
  // Nobody runs the loop of the hub, so nobody reads.
  const auto message = saying(std::string(10'000, 'x'));
  std::size_t taken = 0;
  while (*link->try_publish_unacknowledged(message)) ASSERT_LT(++taken, 100'000u);
  const auto writable = start(link->writable());
  hub.run_until("the hub has read some", [&] { return *writable; });
  EXPECT_TRUE(*link->try_publish_unacknowledged(message));
}

TEST_F(LinkPublish, WithoutAcknowledgementGoesOnBehindALongQueueThatTheSocketTakesAtOnce) {
  go_online();
  publish("a");
  hub.open("lobby", 7);
  expect_publish(7, 1, "a");
  acknowledge(7, 1, 1);
  const std::string body(60'000, 'x');
  for (int i = 0; i < 6; ++i) ASSERT_TRUE(*link->try_publish_soon(saying(body)));
  finish(link->publish_unacknowledged(saying("b")));
  for (std::uint64_t id = 2; id <= 7; ++id) expect_publish(7, id, body);
  expect_publish(7, 0, "b");
}

TEST_F(LinkPublish, WakesEverybodyWhoWaitsForRoom) {
  options.unsent_bytes_max = 1000;
  go_online();
  std::uint64_t taken = 0;
  while (*link->try_publish_soon(saying(std::string(100, 'x')))) ++taken;
  const auto one = start(link->publish_soon(saying("one"))), other = start(link->publish_soon(saying("other")));
  hub.open("lobby", 7);
  for (std::uint64_t i = 0; i < taken; ++i) hub.expect<proto::Publish>();
  EXPECT_TRUE(hub.nothing_came());
  acknowledge(7, taken, 1);
  EXPECT_TRUE(finish(one));
  EXPECT_TRUE(finish(other));
}

TEST_F(LinkPublish, CloseWaitsForWhatWasSaid) {
  go_online();
  finish(link->publish_soon(saying("last words")));
  const auto closed = start(link->close());
  hub.open("lobby", 7);
  expect_publish(7, 1, "last words");
  EXPECT_TRUE(hub.nothing_came());
  acknowledge(7, 1, 1);
  hub.expect<proto::Goodbye>();
  hub.close();
  hub.run_until("it is closed", [&] { return *closed; });
}

TEST_F(LinkPublish, NothingIsSaidTwiceAfterManyLosses) {
  go_online();
  const auto published = publish("a");
  hub.open("lobby", 7);
  expect_publish(7, 1, "a");
  for (int i = 0; i < 5; ++i) {
    reconnect();
    hub.open("lobby", 7);
    expect_publish(7, 1, "a");
  }
  acknowledge(7, 1, 3);
  EXPECT_EQ(finish(published)->seq.value, 3u);
  reconnect();
  EXPECT_TRUE(hub.nothing_came());
}

}  // namespace
}  // namespace hubbub::link
