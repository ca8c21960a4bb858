// Saying things that outlive the program that says them.
#include <sys/resource.h>

#include <csignal>

#include "client/link/outbox/outbox.hpp"
#include "client/link/outbox/sqlite.hpp"
#include "tests/unit/link/link_fixture.hpp"

namespace hubbub::link {
namespace {

/// Files of this process don't grow while this lives.
class FullDisk {
 public:
  FullDisk() {
    ::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit none{0, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &none);
  }
  ~FullDisk() { ::setrlimit(RLIMIT_FSIZE, &before_); }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;

 private:
  rlimit before_{};
};

class LinkOutbox : public LinkFixture {
 protected:
  LinkOutbox() { hub.store = 1; }

  /// A message of that size is set aside, behind a megabyte. REQUIRES: the outbox isn't open.
  void set_aside(const std::string& bytes) {
    auto file = Sqlite::open(folder.path() + "/1.db", Sqlite::Mode::make).value();
    const auto insert =
        "INSERT INTO aside (room, count, said_at, why, at, bytes, hash) VALUES ('lobby', 1, 0, 'large', 1 << 20, " +
        bytes + ", 0)";
    ASSERT_TRUE(file.execute(insert.c_str()));
  }
  void open_outbox() { options.outbox = Outbox::open(folder.path() + "/1.db").value(); }
  /// The program ends, with whatever it was doing, and is started again.
  void restart() {
    link.reset();
    hub.run_ready();  // what the loop still holds of the old Link goes, too
    options.outbox.reset();
    open_outbox();
  }
  Started<Result<void>> say(std::string_view body, std::string_view room = "lobby") {
    return start(link->publish_soon(saying(body, room)));
  }
  /// The two calls of a producer that begins, in the order in which a Link makes them.
  void let_publish(std::uint32_t id, bool durable = true, std::string_view room = "lobby") {
    hub.open(room, id, durable);
    hub.expect_call<proto::ProducerRegister>();
    hub.reply(proto::ProducerRegister::Reply{1});
  }
  void acknowledge(std::uint32_t room, std::uint64_t id, std::uint64_t seq) {
    hub.send(proto::Published{RoomId{room}, PublishId{id}, Seq{seq}});
    hub.run_until("it is acknowledged", [&] { return link->unacknowledged() == 0; });
  }
  void refuse(std::uint32_t room, std::uint64_t id, std::uint64_t expected, proto::Refusal why) {
    hub.send(proto::PublishRefused{RoomId{room}, PublishId{id}, PublishId{expected}, Status::failed_precondition,
                                   Text::literal("no"), why});
  }

  ScratchFolder folder;
};

TEST_F(LinkOutbox, RegistersItsProducerBeforeItPublishes) {
  open_outbox();
  make_link();
  const auto connected = start(link->connect());
  hub.accept();
  EXPECT_EQ(hub.welcome().client, options.outbox->client());
  ASSERT_TRUE(finish(connected));
  EXPECT_TRUE(hub.nothing_came()) << "who says nothing has nothing to register";
  say("a");
  hub.open("lobby", 7, true);
  hub.expect_call<proto::ProducerRegister>();
  EXPECT_TRUE(hub.nothing_came());
  hub.reply(proto::ProducerRegister::Reply{1});
  expect_publish(7, 1, "a");
}

TEST_F(LinkOutbox, RegistersAlsoBeforeWhatNeedsNoAcknowledgement) {
  open_outbox();
  go_online();
  say("a");
  hub.open("lobby", 7, true);
  hub.expect_call<proto::ProducerRegister>();
  hub.run_ready();
  EXPECT_EQ(link->try_publish_unacknowledged(saying("b")).value(), false) << "it comes behind the other";
  EXPECT_TRUE(hub.nothing_came());
  hub.reply(proto::ProducerRegister::Reply{1});
  expect_publish(7, 1, "a");
}

TEST_F(LinkOutbox, PublishesAtAHubThatKeepsNothing) {
  open_outbox();
  go_online();
  say("a");
  hub.open("lobby", 7);
  hub.expect_call<proto::ProducerRegister>();
  hub.refuse(Status::unimplemented, "not here");
  expect_publish(7, 1, "a");
}

TEST_F(LinkOutbox, SendsInTheNextRunWhatWasSaidWithoutAHub) {
  open_outbox();
  hub.listen(false);
  make_link();
  link->connect_in_background();
  expect_event<Offline>();
  say("a");
  say("b");
  hub.run_ready();
  restart();
  hub.listen(true);
  go_online();
  say("c");
  let_publish(7);
  expect_publish(7, 1, "a");
  expect_publish(7, 2, "b");
  expect_publish(7, 3, "c");
  acknowledge(7, 3, 3);
  restart();
  EXPECT_EQ(options.outbox->count(), 0u);
}

TEST_F(LinkOutbox, SendsAgainUnderTheSameIdWhatWasNotAcknowledgedWhenTheProgramEnded) {
  open_outbox();
  go_online();
  say("a");
  let_publish(7);
  expect_publish(7, 1, "a");
  acknowledge(7, 1, 1);
  say("b");
  expect_publish(7, 2, "b");
  restart();
  go_online();
  let_publish(7);
  expect_publish(7, 2, "b");
}

TEST_F(LinkOutbox, HoldsOnTheDiskWhatIsTooMuchForTheMemoryAndKeepsTheOrder) {
  options.unsent_bytes_max = 1000;
  open_outbox();
  hub.listen(false);
  make_link();
  link->connect_in_background();
  expect_event<Offline>();
  const auto body = [](int i) { return std::to_string(i) + std::string(100, '.'); };
  for (int i = 1; i <= 100; ++i) {
    ASSERT_TRUE(finish(say(body(i))));
    hub.run_ready();
  }
  hub.listen(true);
  hub.accept();
  hub.welcome();
  let_publish(7);
  for (int i = 1; i <= 100; ++i) {
    expect_publish(7, static_cast<std::uint64_t>(i), body(i));
    hub.send(proto::Published{RoomId{7}, PublishId{static_cast<std::uint64_t>(i)}, Seq{1}});
  }
  hub.run_until("all is acknowledged", [&] { return link->unacknowledged() == 0; });
}

TEST_F(LinkOutbox, GoesOnWithItsIdsInADurableRoomOfARestartedHub) {
  open_outbox();
  go_online();
  say("a");
  let_publish(7);
  expect_publish(7, 1, "a");
  acknowledge(7, 1, 1);
  hub.life = 2;
  reconnect();
  say("b");
  let_publish(7);
  expect_publish(7, 2, "b");
}

TEST_F(LinkOutbox, BeginsAnewInATransientRoomOfARestartedHub) {
  open_outbox();
  go_online();
  say("a");
  let_publish(7, false);
  expect_publish(7, 1, "a");
  acknowledge(7, 1, 1);
  restart();
  hub.life = 2;
  go_online();
  say("b");
  let_publish(7, false);
  expect_publish(7, 1, "b");
}

TEST_F(LinkOutbox, TakesNoMoreThanAGigabyteAlsoWhileTheHubIsThere) {
  open_outbox();
  options.outbox.reset();
  set_aside("1 << 30");
  open_outbox();
  go_online();
  const auto said = finish(say("a"));
  ASSERT_FALSE(said);
  EXPECT_EQ(said.error().status, Status::resource_exhausted);
  EXPECT_NE(said.error().sentence.find("is full: 1 GiB is set aside"), std::string::npos);
}

TEST_F(LinkOutbox, WaitsForRoomInAFullOutboxWhileTheHubTakesSomethingOutOfIt) {
  open_outbox();
  hub.listen(false);
  make_link();
  link->connect_in_background();
  expect_event<Offline>();
  say("a");
  hub.run_ready();
  link.reset();
  hub.run_ready();
  options.outbox.reset();
  set_aside("(1 << 30) - 1");
  open_outbox();
  hub.listen(true);
  go_online();
  const auto said = start(link->publish(saying("b")));
  let_publish(7);
  expect_publish(7, 1, "a");
  EXPECT_FALSE(said->has_value());
  hub.send(proto::Published{RoomId{7}, PublishId{1}, Seq{1}});
  expect_publish(7, 2, "b");
  hub.send(proto::Published{RoomId{7}, PublishId{2}, Seq{2}});
  EXPECT_TRUE(finish(said));
}

TEST_F(LinkOutbox, RemembersABoundedNumberOfRooms) {
  open_outbox();
  hub.listen(false);
  make_link();
  link->connect_in_background();
  expect_event<Offline>();
  for (std::size_t i = 0; i < Outbox::rooms_max; ++i) ASSERT_TRUE(finish(say("a", "room" + std::to_string(i))));
  EXPECT_EQ(finish(say("a", "lobby")).error().status, Status::resource_exhausted);
  EXPECT_TRUE(finish(say("a", "room7"))) << "it is known";
  hub.run_ready();
  const auto client = options.outbox->client();
  restart();
  EXPECT_EQ(options.outbox->rooms().size(), Outbox::rooms_max) << "something waits in each";
  options.outbox->discard();
  options.outbox.reset();
  open_outbox();
  EXPECT_EQ(options.outbox->rooms().size(), 0u);
  EXPECT_NE(options.outbox->client(), client);
}

TEST_F(LinkOutbox, ForgetsRoomsOfEarlierProgramsBeforeTheyAreTooMany) {
  open_outbox();
  for (std::size_t i = 0; i < Outbox::rooms_max / 2; ++i)
    options.outbox->set_durable(RoomName::literal("room" + std::to_string(i)), true);
  options.outbox.reset();
  open_outbox();
  EXPECT_EQ(options.outbox->rooms().size(), 0u);
}

TEST_F(LinkOutbox, EndsWhereAnotherProgramHasTakenOver) {
  open_outbox();
  go_online();
  const auto said = start(link->publish(saying("a")));
  let_publish(7);
  expect_publish(7, 1, "a");
  refuse(7, 1, 1, proto::Refusal::fenced);
  EXPECT_FALSE(finish(said));
  const auto more = finish(say("b"));
  ASSERT_FALSE(more);
  EXPECT_NE(more.error().sentence.find("another program"), std::string::npos);
  restart();
  EXPECT_EQ(options.outbox->count(), 1u) << "it stays in the outbox";
}

TEST_F(LinkOutbox, GoesOnAsAnotherProducerWhereTheHubHasSomethingElseUnderThatId) {
  open_outbox();
  go_online();
  const auto client = options.outbox->client();
  say("a");
  let_publish(7);
  expect_publish(7, 1, "a");
  refuse(7, 1, 2, proto::Refusal::conflict);
  hub.accept();
  EXPECT_NE(hub.welcome().client, client);
  const auto drained = finish(link->drain());
  ASSERT_FALSE(drained);
  EXPECT_NE(drained.error().sentence.find("other messages under the ids"), std::string::npos);
  EXPECT_EQ(options.outbox->waiting().size(), 1u) << "what the hub may have taken is set aside";
  say("b");
  let_publish(7);
  expect_publish(7, 1, "b");
}

TEST_F(LinkOutbox, KnowsByItsEpochThatItIsAnOldCopyAndSendsOnlyWhatIsNew) {
  open_outbox();
  hub.listen(false);
  make_link();
  link->connect_in_background();
  expect_event<Offline>();
  say("old");
  hub.run_ready();
  restart();
  hub.listen(true);
  go_online();
  say("new");
  hub.expect_call<proto::RoomOpen>();
  hub.reply(proto::RoomOpen::Reply{RoomId{7}, Seq{}, true});
  hub.expect_call<proto::ProducerRegister>();
  hub.reply(proto::ProducerRegister::Reply{2});  // the original was there, too
  hub.accept();
  hub.welcome();
  let_publish(7);
  expect_publish(7, 1, "new");
  acknowledge(7, 1, 1);
  EXPECT_FALSE(finish(link->drain()));
  const auto waiting = options.outbox->waiting();
  ASSERT_EQ(waiting.size(), 1u);
  EXPECT_EQ(waiting[0].count, 1u);
  EXPECT_NE(waiting[0].why.find("old copy"), std::string::npos);
}

TEST_F(LinkOutbox, TakesAnotherProducerWhereItsOwnIsSomebodyElses) {
  open_outbox();
  go_online();
  say("a");
  hub.open("lobby", 7, true);
  hub.expect_call<proto::ProducerRegister>();
  hub.refuse(Status::permission_denied, "this client id is somebody else's");
  hub.accept();
  hub.welcome();
  let_publish(7);
  expect_publish(7, 1, "a");
}

TEST_F(LinkOutbox, SaysWhichCommandHelpsWhereItIsDamaged) {
  open_outbox();
  hub.listen(false);
  make_link();
  link->connect_in_background();
  expect_event<Offline>();
  say(std::string(100, 'a'));
  hub.run_ready();
  restart();
  std::filesystem::resize_file(options.outbox->path() + "-frames", 1);
  hub.listen(true);
  go_online();
  let_publish(7);
  const auto drained = finish(link->drain());
  ASSERT_FALSE(drained);
  EXPECT_NE(drained.error().sentence.find("hubbub outbox send"), std::string::npos);
}

TEST_F(LinkOutbox, TellsHowManyMayHaveBeenLostWithAHubThatHasForgottenTheProducer) {
  open_outbox();
  go_online();
  say("a");
  let_publish(7);
  expect_publish(7, 1, "a");
  acknowledge(7, 1, 1);
  say("b");
  say("c");
  expect_publish(7, 2, "b");
  expect_publish(7, 3, "c");
  restart();
  hub.life = 2;
  go_online();
  say("d");
  let_publish(7);
  expect_publish(7, 2, "b");
  expect_publish(7, 3, "c");
  expect_publish(7, 4, "d");
  refuse(7, 2, 1, proto::Refusal::unknown_producer);
  expect_publish(7, 1, "d");
  acknowledge(7, 1, 1);
  const auto drained = finish(link->drain());
  ASSERT_FALSE(drained);
  EXPECT_NE(drained.error().sentence.find("2 messages to #lobby"), std::string::npos);
  const auto waiting = options.outbox->waiting();
  ASSERT_EQ(waiting.size(), 1u);
  EXPECT_EQ(waiting[0].count, 2u);
  EXPECT_FALSE(waiting[0].why.empty());
}

TEST_F(LinkOutbox, IsAnotherProducerForAHubWithOtherData) {
  open_outbox();
  go_online();
  say("a");
  let_publish(7);
  expect_publish(7, 1, "a");
  acknowledge(7, 1, 1);
  say("b");
  expect_publish(7, 2, "b");
  const auto client = options.outbox->client();
  restart();
  hub.life = hub.store = 2;
  make_link();
  const auto connected = start(link->connect());
  hub.accept();
  EXPECT_EQ(hub.welcome().client, client);
  hub.accept();
  EXPECT_NE(hub.welcome().client, client);
  ASSERT_TRUE(finish(connected));
  say("c");
  let_publish(7);
  expect_publish(7, 1, "c");
  acknowledge(7, 1, 1);
  const auto drained = finish(link->drain());
  ASSERT_FALSE(drained);
  EXPECT_NE(drained.error().sentence.find("other data"), std::string::npos);
  const auto waiting = options.outbox->waiting();
  ASSERT_EQ(waiting.size(), 1u);
  EXPECT_EQ(waiting[0].count, 1u) << "what the other may have taken";
}

TEST_F(LinkOutbox, RepeatsNoCallAtAHubWithOtherDataWhereItIsAnotherClient) {
  open_outbox();
  go_online();
  say("a");
  let_publish(7);
  expect_publish(7, 1, "a");
  acknowledge(7, 1, 1);
  proto::CursorSet set;
  set.room = RoomName::literal("lobby");
  const auto moved = start(link->call(set));
  hub.expect_call<proto::CursorSet>();
  hub.life = hub.store = 2;
  hub.close();
  hub.accept();
  hub.welcome();
  EXPECT_NE(finish(moved).error().sentence.find("other data than before"), std::string::npos);
}

TEST_F(LinkOutbox, ChangesNothingInAnOutboxThatIsNoLongerItsOwn) {
  open_outbox();
  go_online();
  say("a");
  let_publish(7);
  expect_publish(7, 1, "a");
  refuse(7, 1, 1, proto::Refusal::fenced);
  hub.run_until("it has stopped", [&] { return link->unacknowledged() == 0; });
  const auto life = options.outbox->life();
  hub.life = 2;
  reconnect();
  EXPECT_EQ(options.outbox->life(), life);
  EXPECT_FALSE(options.outbox->has_changes());
}

TEST_F(LinkOutbox, StaysTheSameForOtherDataWhereItHasGivenOutNothing) {
  open_outbox();
  go_online();
  hub.run_ready();
  restart();
  hub.life = hub.store = 2;
  go_online();
  say("a");
  let_publish(7);
  expect_publish(7, 1, "a");
}

TEST_F(LinkOutbox, KeepsWhatWasSaidToARoomThatCanNotBeOpenedNow) {
  open_outbox();
  go_online();
  say("a");
  say("b");
  hub.expect_call<proto::RoomOpen>();
  hub.refuse(Status::resource_exhausted, "there are too many rooms");
  hub.expect_call<proto::ProducerRegister>();
  hub.reply(proto::ProducerRegister::Reply{1});
  EXPECT_TRUE(finish(link->drain())) << "nothing has failed";
  EXPECT_EQ(link->take_notice()->sentence, "#lobby can't be opened now: there are too many rooms");
  EXPECT_EQ(options.outbox->count(), 2u);
  say("c");
  hub.open("lobby", 7, true);
  expect_publish(7, 1, "a");
  expect_publish(7, 2, "b");
  expect_publish(7, 3, "c");
  acknowledge(7, 3, 3);
  EXPECT_TRUE(finish(link->drain()));
  EXPECT_FALSE(link->take_notice());
}

TEST_F(LinkOutbox, TellsWhoWaitsThatItsMessageStaysInTheOutbox) {
  open_outbox();
  go_online();
  const auto said = start(link->publish(saying("a")));
  hub.expect_call<proto::RoomOpen>();
  hub.refuse(Status::resource_exhausted, "there are too many rooms");
  EXPECT_EQ(finish(said).error().status, Status::unavailable);
  EXPECT_EQ(options.outbox->count(), 1u);
}

TEST_F(LinkOutbox, WaitsForNothingOfARoomThatCanNotBeOpenedTwice) {
  open_outbox();
  go_online();
  say("a");
  hub.expect_call<proto::RoomOpen>();
  hub.refuse(Status::resource_exhausted, "there are too many rooms");
  hub.expect_call<proto::ProducerRegister>();
  hub.reply(proto::ProducerRegister::Reply{1});
  EXPECT_TRUE(finish(link->drain()));
  const auto said = start(link->publish_unacknowledged(saying("b")));
  hub.expect_call<proto::RoomOpen>();
  hub.refuse(Status::resource_exhausted, "there are too many rooms");
  EXPECT_FALSE(finish(said));
  EXPECT_EQ(link->unacknowledged(), 0u);
  start(link->publish_unacknowledged(saying("c")));
  hub.open("lobby", 7, true);
  expect_publish(7, 1, "a");
  EXPECT_EQ(link->unacknowledged(), 1u);
  expect_publish(7, 0, "c");
}

TEST_F(LinkOutbox, SetsAsideWhatWasSaidToNobodySinceAnotherMayHaveThatNameOneDay) {
  open_outbox();
  go_online();
  say("a", "@bbo");
  hub.expect_call<proto::RoomOpen>();
  hub.refuse(Status::not_found, "nobody is called bbo");
  EXPECT_EQ(finish(link->drain()).error().status, Status::not_found);
  EXPECT_EQ(options.outbox->count(), 0u);
  ASSERT_EQ(options.outbox->waiting().size(), 1u);
  EXPECT_EQ(options.outbox->waiting()[0].why, "nobody is called bbo");
}

TEST_F(LinkOutbox, FailsNobodyForWhatAnEarlierProgramHasSaidAndDoesNotCountIt) {
  open_outbox();
  hub.listen(false);
  make_link();
  link->connect_in_background();
  expect_event<Offline>();
  for (const auto* body : {"a", "b", "c"}) say(body, "@bbo");
  say("d");
  hub.run_ready();
  restart();
  hub.listen(true);
  go_online();
  say("e");
  hub.expect_call<proto::RoomOpen>();
  hub.refuse(Status::not_found, "nobody is called bbo");
  let_publish(7);
  expect_publish(7, 1, "d");
  expect_publish(7, 2, "e");
  acknowledge(7, 2, 2);
  EXPECT_TRUE(finish(link->drain()));
  EXPECT_EQ(link->take_notice()->sentence, "nobody is called bbo; 3 messages to @bbo are set aside in the outbox");
  EXPECT_EQ(link->acknowledged(), 1u);
}

TEST_F(LinkOutbox, SetsAsideWhatWasSaidToARoomThatWillNeverBeOpened) {
  open_outbox();
  go_online();
  say("a");
  hub.expect_call<proto::RoomOpen>();
  hub.refuse(Status::permission_denied, "it is not yours");
  const auto drained = finish(link->drain());
  ASSERT_FALSE(drained);
  EXPECT_EQ(drained.error().sentence, "it is not yours; 1 message to #lobby is set aside in the outbox");
  restart();
  EXPECT_EQ(options.outbox->count(), 0u);
  ASSERT_EQ(options.outbox->waiting().size(), 1u);
  EXPECT_EQ(options.outbox->waiting()[0].why, "it is not yours");
}

TEST_F(LinkOutbox, DropsAMessageThatWasRefusedForGood) {
  open_outbox();
  go_online();
  say("bad");
  say("b");
  let_publish(7);
  expect_publish(7, 1, "bad");
  expect_publish(7, 2, "b");
  hub.send(
      proto::PublishRefused{RoomId{7}, PublishId{1}, PublishId{1}, Status::permission_denied, Text::literal("no")});
  expect_publish(7, 1, "b");
  restart();
  go_online();
  say("c");
  let_publish(7);
  expect_publish(7, 1, "b");
  expect_publish(7, 2, "c");
}

TEST_F(LinkOutbox, TakesNothingThatItCannotKeep) {
  open_outbox();
  go_online();
  say("a");
  let_publish(7);
  expect_publish(7, 1, "a");
  FullDisk full;
  const auto outcome = finish(start(link->publish(saying(std::string(100'000, 'b')))));
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().status, Status::unavailable);
  EXPECT_TRUE(hub.nothing_came()) << "what isn't kept isn't sent";
}

}  // namespace
}  // namespace hubbub::link
