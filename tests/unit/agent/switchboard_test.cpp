// One stream from the hub, many readers on this host: each message once, in order, and at the hub's cost of one reader.
#include "client/agent/switchboard.hpp"

#include <gmock/gmock.h>

#include "tests/unit/link/link_fixture.hpp"

namespace hubbub::agent {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// What a program would see.
class AReader final : public Reader {
 public:
  void attached(const LocalRoom& room, Seq next) override { note("attached " + room.name.str(), next); }
  void detached(const LocalRoom& room) override { seen.push_back("detached " + room.name.str()); }
  void receive(const LocalMessage& message) override {
    note(message.message().body, message.message().seq);
    if (full_after > 0) --full_after;
  }
  void lost(const LocalRoom& room, Seq first, Seq last) override {
    note("lost " + room.name.str() + " " + std::to_string(first.value), last);
  }
  void event(const LocalRoom* room, const proto::Event&) override {
    seen.push_back("event " + (room == nullptr ? "everywhere" : room->name.str()));
  }
  [[nodiscard]] bool is_full() const override { return full_after == 0; }

  std::vector<std::string> seen;
  int full_after = -1;  ///< so many messages more; less than none: never

 private:
  void note(const std::string& what, Seq seq) { seen.push_back(what + " " + std::to_string(seq.value)); }
};

class SwitchboardTest : public link::LinkFixture {
 protected:
  SwitchboardTest() {
    go_online();
    switchboard.emplace(hub.loop(), *link, [this] { take_events(); });
  }
  /// As the agent does.
  void take_events() {
    while (const auto event = link->try_next()) std::visit([this](const auto& one) { apply(one); }, *event);
  }
  void apply(const link::Message& one) { switchboard->apply(one); }
  void apply(const link::Gap& one) { switchboard->apply(one); }
  void apply(const link::RoomAttached& one) { switchboard->apply(one); }
  void apply(const link::Presence& one) { switchboard->apply(one); }
  void apply(const link::Offline&) { switchboard->offline(); }
  template <class Other>
  void apply(const Other&) {}

  void wait_until(const std::string& what, const std::function<bool()>& holds) {
    hub.run_until(what, [&] {
      take_events();
      return holds();
    });
  }
  void wait_for(const AReader& reader, std::size_t events) {
    wait_until("a reader has seen enough", [&] { return reader.seen.size() >= events; });
  }
  void settle() {
    hub.run_ready();
    take_events();
    hub.run_ready();
  }
  /// The outcome comes as text: "2 rooms", or what went wrong.
  std::shared_ptr<std::string> ask(AReader& reader, std::string_view pattern, std::uint64_t from = 0) {
    const auto outcome = std::make_shared<std::string>();
    switchboard->subscribe(
        reader, {Pattern::literal(pattern), Seq{from}, true}, [outcome](const Result<std::uint32_t>& rooms) {
          *outcome = rooms ? std::to_string(*rooms) + " rooms" : std::string(name_of(rooms.error().status));
        });
    return outcome;
  }
  /// The hub is asked for the pattern and grants it, with room `ops`, whose next message is `next`.
  void grant(std::uint64_t next) {
    hub.expect_call<proto::RoomSubscribe>();
    hub.attach("ops", 7, next);
    hub.reply(proto::RoomSubscribe::Reply{1});
  }
  void subscribe(AReader& reader, std::uint64_t next) {
    const auto outcome = ask(reader, "ops");
    grant(next);
    wait_until("it is subscribed", [&] { return !outcome->empty(); });
    ASSERT_EQ(*outcome, "1 rooms");
  }
  /// A page of history is asked for and given: messages `first` to `last`, whose bodies are their numbers.
  void give_page(std::uint64_t first, std::uint64_t last) {
    const auto asked = hub.expect_call<proto::RoomHistory>();
    EXPECT_EQ(asked.before.value, last + 1);
    proto::RoomHistory::Reply page;
    page.first = Seq{1};
    page.last = Seq{last};
    for (auto seq = first; seq <= last; ++seq) {
      proto::Delivery delivery;
      delivery.room = RoomId{7};
      delivery.seq = Seq{seq};
      delivery.from = PersonName::literal("bob");
      const auto body = std::to_string(seq);
      delivery.body = {body};
      std::string payload;
      proto::encode_value(delivery, payload);
      page.messages.push_back({payload});
    }
    hub.reply(page);
  }
  void take_the_hub_away() {
    hub.listen(false);
    hub.close();
    wait_until("the hub is away", [&] { return !link->online(); });
  }

  AReader one, two;
  std::optional<Switchboard> switchboard;
};

TEST_F(SwitchboardTest, TwoReadersOfARoomCostTheHubOneSubscription) {
  subscribe(one, 5);
  EXPECT_EQ(*ask(two, "ops"), "1 rooms") << "at once: the hub need not be asked";
  hub.deliver(7, 5, "hi");
  wait_for(two, 2);
  EXPECT_THAT(one.seen, ElementsAre("attached ops 5", "hi 5"));
  EXPECT_THAT(two.seen, ElementsAre("attached ops 5", "hi 5"));
  EXPECT_TRUE(hub.nothing_came());
}

TEST_F(SwitchboardTest, TheLastOneToGoEndsItAtTheHub) {
  subscribe(one, 5);
  ask(two, "ops");
  EXPECT_TRUE(switchboard->unsubscribe(one, Pattern::literal("ops")));
  settle();
  EXPECT_TRUE(hub.nothing_came());
  switchboard->remove(two);
  EXPECT_EQ(hub.expect_call<proto::RoomUnsubscribe>().pattern.str(), "ops");
  EXPECT_EQ(one.seen.back(), "detached ops");
  EXPECT_FALSE(switchboard->unsubscribe(one, Pattern::literal("ops"))) << "it has none any more";
}

TEST_F(SwitchboardTest, WhoComesBackWhileTheHubIsBeingToldWaitsForThat) {
  subscribe(one, 5);
  switchboard->remove(one);
  hub.expect_call<proto::RoomUnsubscribe>();
  const auto outcome = ask(two, "ops");
  settle();
  EXPECT_TRUE(hub.nothing_came()) << "what was asked for now would be lost with what ends";
  hub.send(proto::Detached{RoomId{7}});
  hub.reply(proto::Done{});
  grant(9);
  wait_until("it is subscribed", [&] { return !outcome->empty(); });
  EXPECT_THAT(two.seen, ElementsAre("attached ops 9"));
}

TEST_F(SwitchboardTest, WhoBeginsInThePastIsGivenItFirst) {
  subscribe(one, 4);
  ask(two, "ops", 1);
  hub.deliver(7, 4, "4");
  wait_for(one, 2);
  const auto asked = hub.expect_call<proto::RoomHistory>();
  EXPECT_EQ(asked.room.str(), "ops");
  hub.refuse(Status::unavailable, "not now");  // it asks again
  give_page(1, 3);
  give_page(4, 4);
  wait_for(two, 5);
  hub.deliver(7, 5, "5");
  wait_for(two, 6);
  EXPECT_THAT(two.seen, ElementsAre("attached ops 1", "1 1", "2 2", "3 3", "4 4", "5 5"));
  EXPECT_THAT(one.seen, ElementsAre("attached ops 4", "4 4", "5 5"));
}

TEST_F(SwitchboardTest, AReaderThatIsFullIsGivenTheRestWhenItHasRoom) {
  subscribe(one, 1);
  ask(two, "ops");
  one.full_after = 2;
  for (std::uint64_t seq = 1; seq <= 5; ++seq) hub.deliver(7, seq, std::to_string(seq));
  wait_for(two, 6);
  EXPECT_THAT(one.seen, ElementsAre("attached ops 1", "1 1", "2 2")) << "and it holds up nobody";
  EXPECT_TRUE(hub.nothing_came()) << "nor is anything read that it couldn't take";
  one.full_after = -1;
  switchboard->drained(one);
  give_page(3, 5);
  wait_for(one, 6);
  hub.deliver(7, 6, "6");
  wait_for(one, 7);
  EXPECT_THAT(one.seen, ElementsAre("attached ops 1", "1 1", "2 2", "3 3", "4 4", "5 5", "6 6"));
}

TEST_F(SwitchboardTest, WhatTheHubNoLongerHasIsToldAsLost) {
  subscribe(one, 4);
  ask(two, "ops", 1);
  hub.expect_call<proto::RoomHistory>();
  proto::RoomHistory::Reply nothing;
  nothing.first = Seq{4};
  nothing.last = Seq{3};
  hub.reply(nothing);
  wait_for(two, 2);
  hub.deliver(7, 4, "4");
  wait_for(two, 3);
  EXPECT_THAT(two.seen, ElementsAre("attached ops 1", "lost ops 1 3", "4 4"));
}

TEST_F(SwitchboardTest, WhatTheHubSaysItHasAndDoesNotGiveIsToldAsLost) {
  subscribe(one, 4);
  ask(two, "ops", 1);
  hub.expect_call<proto::RoomHistory>();
  proto::RoomHistory::Reply nothing;
  nothing.first = Seq{1};
  nothing.last = Seq{3};
  hub.reply(nothing);
  wait_for(two, 2);
  hub.deliver(7, 4, "4");
  wait_for(two, 3);
  EXPECT_THAT(two.seen, ElementsAre("attached ops 1", "lost ops 1 3", "4 4"));
}

TEST_F(SwitchboardTest, EveryRequestForAPatternThatTheHubRefusesIsToldWhy) {
  const auto first = ask(one, "ops"), second = ask(one, "ops");
  hub.expect_call<proto::RoomSubscribe>();
  hub.refuse(Status::permission_denied, "not yours");
  wait_until("both are answered", [&] { return !first->empty() && !second->empty(); });
  EXPECT_EQ(*first, "permission_denied");
  EXPECT_EQ(*second, "permission_denied");
}

TEST_F(SwitchboardTest, ARoomOfAnotherLifeBeginsAnewThoughItsNumbersGoOn) {
  link::Online online;
  online.welcome.life.bytes = {1};
  switchboard->apply(online);
  subscribe(one, 1);
  online.welcome.life.bytes = {2};
  switchboard->apply(online);
  hub.attach("ops", 7, 1);
  wait_for(one, 2);
  EXPECT_THAT(one.seen, ElementsAre("attached ops 1", "attached ops 1"));
}

TEST_F(SwitchboardTest, AGapOfTheLinkIsOneOfEveryReader) {
  subscribe(one, 1);
  ask(two, "ops");
  hub.send(proto::Lost{RoomId{7}, Seq{1}, Seq{6}});
  hub.deliver(7, 7, "7");
  wait_for(two, 3);
  EXPECT_THAT(one.seen, ElementsAre("attached ops 1", "lost ops 1 6", "7 7"));
  EXPECT_EQ(one.seen, two.seen);
}

TEST_F(SwitchboardTest, ARoomThatIsMadeLaterIsAttachedToEachPatternOnce) {
  ask(one, "*");
  hub.expect_call<proto::RoomSubscribe>();
  hub.reply(proto::RoomSubscribe::Reply{0});
  ask(one, "ops");
  hub.expect_call<proto::RoomSubscribe>();
  hub.reply(proto::RoomSubscribe::Reply{0});
  hub.attach("ops", 7, 1);
  hub.deliver(7, 1, "hi");
  wait_for(one, 2);
  settle();
  EXPECT_THAT(one.seen, ElementsAre("attached ops 1", "hi 1"));
}

TEST_F(SwitchboardTest, WhatTheReaderHasByAnotherPatternStaysWhenOneIsEnded) {
  subscribe(one, 1);
  ask(one, "*");
  hub.expect_call<proto::RoomSubscribe>();
  hub.reply(proto::RoomSubscribe::Reply{1});
  settle();
  switchboard->unsubscribe(one, Pattern::literal("ops"));
  hub.expect_call<proto::RoomUnsubscribe>();
  hub.reply(proto::Done{});
  settle();
  hub.deliver(7, 1, "hi");
  wait_for(one, 2);
  EXPECT_THAT(one.seen, ElementsAre("attached ops 1", "hi 1"));
}

TEST_F(SwitchboardTest, ARoomThatBeginsAnewIsAttachedAgain) {
  subscribe(one, 9);
  ++hub.life;
  hub.close();
  hub.accept();
  hub.welcome();
  hub.expect_call<proto::RoomSubscribe>();
  hub.attach("ops", 3, 1);
  hub.reply(proto::RoomSubscribe::Reply{1});
  hub.deliver(3, 1, "first");
  wait_for(one, 3);
  EXPECT_THAT(one.seen, ElementsAre("attached ops 9", "attached ops 1", "first 1"));
}

TEST_F(SwitchboardTest, WhileTheHubIsAwayNothingNewCanBeHad) {
  subscribe(one, 1);
  const auto waits = ask(two, "other");
  hub.expect_call<proto::RoomSubscribe>();
  take_the_hub_away();
  EXPECT_EQ(*waits, "unavailable") << "who waited is told";
  EXPECT_EQ(*ask(two, "another"), "unavailable");
  EXPECT_EQ(*ask(two, "ops"), "1 rooms") << "what is received already goes on when the hub is back";
}

TEST_F(SwitchboardTest, ASubscriptionThatWasEndedBeforeItBeganIsCancelled) {
  const auto outcome = ask(one, "ops");
  switchboard->remove(one);
  settle();
  EXPECT_EQ(*outcome, "cancelled");
  EXPECT_THAT(one.seen, IsEmpty());
}

TEST_F(SwitchboardTest, ARoomKeepsItsNumberWhateverBecomesOfTheHub) {
  subscribe(one, 1);
  const auto id = switchboard->room(RoomName::literal("ops")).id;
  EXPECT_NE(id, RoomId{7}) << "the hub's is another";
  hub.close();
  hub.accept();
  hub.welcome();
  hub.expect_call<proto::RoomSubscribe>();
  hub.attach("ops", 99, 1);
  hub.reply(proto::RoomSubscribe::Reply{1});
  hub.deliver(99, 1, "hi");
  wait_for(one, 2);
  EXPECT_EQ(switchboard->room(RoomName::literal("ops")).id, id);
  ASSERT_NE(switchboard->find(id), nullptr);
  EXPECT_EQ(switchboard->find(id)->name.str(), "ops");
}

TEST_F(SwitchboardTest, ADirectConversationGoesOnUnderAnothersNewName) {
  ask(one, "@bob");
  hub.expect_call<proto::RoomSubscribe>();
  hub.attach("@bob", 7, 1);
  hub.reply(proto::RoomSubscribe::Reply{1});
  wait_for(one, 1);
  proto::Event renamed;
  renamed.kind = proto::EventKind::renamed;
  renamed.person.name = PersonName::literal("robert");
  renamed.text = Topic::literal("bob");
  hub.send(renamed);
  hub.deliver(7, 1, "still me");
  wait_until("it is there", [&] { return one.seen.back() == "still me 1"; });
}

}  // namespace
}  // namespace hubbub::agent
