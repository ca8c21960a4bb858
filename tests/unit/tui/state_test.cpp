// What the state makes of the network: order, unread, pending, reconnects, presence.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/tui/apply/handlers.hpp"
#include "common/mention.hpp"
#include "tests/unit/tui/scene.hpp"

namespace hubbub::tui {
namespace {

using proto::EventKind;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::vector<std::string> said(const Room& room) {
  std::vector<std::string> all;
  for (const auto& entry : room.entries)
    if (entry.kind < EntryKind::note) all.push_back(entry.text);
  return all;
}

void history_comes(Scene& scene, std::uint64_t first, std::vector<std::uint64_t> seqs, unsigned life = 0) {
  HistoryPage page;
  page.first = Seq{first};
  for (const auto seq : seqs) page.messages.push_back(message("lobby", seq, "bob", "m" + std::to_string(seq)));
  HistoryCame came{AskHistory{RoomName::literal("lobby"), {}, life}, page};
  scene.happens(came);
}

TEST(Messages, StandInTheRoomsOrderEachOnce) {
  Scene scene;
  scene.happens(link::Incoming(message("lobby", 7, "bob", "m7")));
  history_comes(scene, 1, {4, 5, 6, 7});
  history_comes(scene, 1, {1, 2, 3});
  scene.happens(link::Incoming(message("lobby", 7, "bob", "m7")));
  EXPECT_THAT(said(scene.room("lobby")), ElementsAre("m1", "m2", "m3", "m4", "m5", "m6", "m7"));
}

TEST(Messages, FromHistoryStandAboveWhatTheClientNotedLater) {
  Scene scene;
  scene.time_passes(60);
  scene.happens(link::Incoming(event("lobby", EventKind::joined, person("bob"))));
  history_comes(scene, 1, {1});
  EXPECT_EQ(scene.room("lobby").entries.front().text, "m1");
}

TEST(Messages, StandBelowEarlierNotesWhateverTheHubsClockSays) {
  Scene scene;
  scene.time_passes(60);
  scene.happens(link::Incoming(event("lobby", EventKind::joined, person("bob"))));
  scene.happens(link::Incoming(message("lobby", 1, "bob", "hi", proto::Kind::text, after(noon, 50))));
  EXPECT_EQ(scene.room("lobby").entries.back().text, "hi");
}

TEST(Messages, OfARoomThatWasLeftAreIgnored) {
  Scene scene;
  scene.happens(link::Incoming(message("elsewhere", 1, "bob", "hi")));
  EXPECT_EQ(scene.state.rooms.size(), 2u);
}

TEST(Messages, ThatAreMissingAreTold) {
  Scene scene;
  scene.happens(link::Incoming(link::Gap{RoomName::literal("lobby"), Seq{3}, Seq{9}}));
  EXPECT_THAT(scene.seen(), HasSubstr("7 messages are missing here"));
}

TEST(Messages, ThatARoomRetainsAreNotPartOfItsOrder) {
  Scene scene;
  auto retained = message("lobby", 3, "bob", "kept");
  retained.retained = true;
  scene.happens(link::Incoming(retained));
  EXPECT_TRUE(scene.room("lobby").entries.empty());
}

TEST(Messages, FromHistoryOfAnEarlierLifeAreLeftOut) {
  Scene scene;
  scene.goes_offline();
  scene.goes_online(true);
  history_comes(scene, 1, {1, 2, 3}, 0);
  EXPECT_TRUE(said(scene.room("lobby")).empty());
  history_comes(scene, 1, {1}, 1);
  EXPECT_THAT(said(scene.room("lobby")), ElementsAre("m1"));
}

TEST(Messages, OfARoomThatBeganAnewAreNotTakenForOldOnes) {
  Scene scene;
  for (int i = 0; i < 5; ++i) scene.hears("lobby", "bob", "old");
  scene.happens(link::Incoming(link::RoomAttached{RoomName::literal("lobby"), Seq{2}, Seq{1}}));
  scene.happens(link::Incoming(message("lobby", 2, "bob", "new")));
  EXPECT_EQ(said(scene.room("lobby")).back(), "new");
  EXPECT_EQ(said(scene.room("lobby")).size(), 6u);
}

TEST(Unread, CountsWhatAPageOfHistoryBroughtBeforeItsDelivery) {
  Scene scene({24, 80}, {"ops", "lobby"});
  auto mention = message("lobby", 2, "bob", "alice: look");
  scene.history_comes("lobby", 1, {message("lobby", 1, "bob", "m1"), mention});
  scene.happens(link::Incoming(message("lobby", 1, "bob", "m1")));
  scene.happens(link::Incoming(mention));
  EXPECT_EQ(scene.room("lobby").unread, 2u);
  EXPECT_EQ(scene.room("lobby").mentions, 1u);
  EXPECT_EQ(scene.count_effects<Ring>(), 1u);
  EXPECT_EQ(scene.room("lobby").entries.size(), 2u);
}

TEST(Unread, CountsWhatOthersSayInRoomsOutOfView) {
  Scene scene({24, 80}, {"lobby", "ci.main"});
  scene.hears("ci.main", "bob", "red");
  scene.hears("ci.main", "bob", "alice: look");
  scene.hears("lobby", "bob", "seen");
  EXPECT_EQ(scene.room("ci.main").unread, 2u);
  EXPECT_EQ(scene.room("ci.main").mentions, 1u);
  EXPECT_EQ(scene.room("lobby").unread, 0u);
  EXPECT_THAT(scene.seen(), HasSubstr("2!"));
  EXPECT_EQ(scene.count_effects<Ring>(), 1u);
  scene.presses(Key::meta('2'));
  EXPECT_EQ(scene.room("ci.main").unread, 0u);
}

TEST(Unread, BeginsWhereTheRoomWasLeft) {
  Scene scene({24, 80}, {"lobby", "ci.main"});
  scene.hears("lobby", "bob", "before");
  scene.presses(Key::meta('2'));
  scene.hears("lobby", "bob", "after");
  scene.presses(Key::meta('1'));
  const auto rows = scene.rows();
  const auto row_of = [&](const std::string& text) {
    return std::find_if(rows.begin(), rows.end(), [&](const auto& row) { return row.find(text) != row.npos; }) -
           rows.begin();
  };
  EXPECT_EQ(row_of("before") + 1, row_of("unread"));
  EXPECT_EQ(row_of("unread") + 1, row_of("after"));
}

TEST(Unread, LineIsNotDrawnAboveWhatComesWhileLooking) {
  Scene scene({24, 80}, {"lobby", "ci.main"});
  scene.hears("lobby", "bob", "before");
  scene.presses(Key::meta('2'));
  scene.presses(Key::meta('1'));
  scene.hears("lobby", "bob", "live");
  EXPECT_THAT(scene.seen(), Not(HasSubstr("unread")));
}

TEST(Unread, LineIsNotDrawnAboveNotes) {
  Scene scene({24, 80}, {"lobby", "ops"});
  scene.hears("lobby", "bob", "before");
  scene.presses(Key::meta('2'));
  scene.goes_offline();
  scene.goes_online();
  scene.presses(Key::meta('1'));
  EXPECT_THAT(scene.seen(), HasSubstr("-- back"));
  EXPECT_THAT(scene.seen(), Not(HasSubstr("unread")));
}

TEST(Unread, BeginsAboveWhatWasMissedEvenIfSomethingOfOnesOwnWaited) {
  Scene scene({24, 80}, {"lobby", "ops"});
  scene.hears("lobby", "bob", "before");
  scene.goes_offline();
  scene.enters("typed offline");
  scene.presses(Key::meta('2'));
  scene.goes_online();
  scene.hears("lobby", "bob", "missed");
  scene.hears("lobby", "alice", "typed offline");
  scene.presses(Key::meta('1'));
  const auto text = scene.seen();
  EXPECT_LT(text.find("before"), text.find("unread"));
  EXPECT_LT(text.find("unread"), text.find("missed"));
}

TEST(Unread, BeginsBelowWhatWasThereWhenSomebodyScrolledBackAndLeft) {
  Scene scene({24, 80}, {"lobby", "ops"});
  for (int i = 1; i <= 60; ++i) scene.hears("lobby", "bob", "seen " + std::to_string(i));
  scene.presses(Key::of(KeyCode::page_up));
  scene.hears("lobby", "bob", "new while scrolled");
  scene.presses(Key::meta('2'));
  scene.hears("lobby", "bob", "new while away");
  EXPECT_EQ(scene.room("lobby").unread, 2u);
  scene.presses(Key::meta('1'));
  EXPECT_THAT(scene.seen(), HasSubstr("2 new below"));
  scene.presses(Key::of(KeyCode::end));
  const auto text = scene.seen();
  EXPECT_LT(text.find("seen 60"), text.find("unread"));
  EXPECT_LT(text.find("unread"), text.find("new while scrolled"));
}

TEST(Unread, AltAGoesToMentionsFirst) {
  Scene scene({24, 80}, {"lobby", "ci.main", "ops"});
  scene.hears("ci.main", "bob", "red");
  scene.hears("ops", "bob", "alice?");
  scene.presses(Key::meta('a'));
  EXPECT_EQ(active_room(scene.state).name.str(), "ops");
  scene.presses(Key::meta('a'));
  EXPECT_EQ(active_room(scene.state).name.str(), "ci.main");
}

TEST(Unread, AltAFindsTheOnlyRoomFromHome) {
  Scene scene;
  scene.enters("/part");
  scene.hears("@bob", "bob", "psst");
  scene.presses(Key::meta('a'));
  EXPECT_EQ(active_room(scene.state).name.str(), "@bob");
}

TEST(Mention, IsTheNameAsAWordInWhateverCase) {
  EXPECT_TRUE(mentions("alice: hi", "alice"));
  EXPECT_TRUE(mentions("hi ALICE!", "alice"));
  EXPECT_TRUE(mentions("@alice", "alice"));
  EXPECT_FALSE(mentions("malice", "alice"));
  EXPECT_FALSE(mentions("alice-2", "alice"));
  EXPECT_TRUE(mentions("malice and alice", "alice"));
  EXPECT_FALSE(mentions("", "alice"));
}

TEST(Direct, ConversationsAppearByThemselves) {
  Scene scene;
  scene.happens(link::Incoming(link::RoomAttached{RoomName::literal("@bob"), Seq{1}, Seq{0}}));
  EXPECT_EQ(scene.effect<OpenRoom>().room.str(), "@bob");
  scene.hears("@bob", "bob", "psst");
  EXPECT_EQ(active_room(scene.state).name.str(), "lobby");
  EXPECT_EQ(scene.room("@bob").unread, 1u);
  EXPECT_EQ(scene.room("@bob").mentions, 1u);
  EXPECT_THAT(scene.seen(), HasSubstr("2 @bob"));
}

TEST(Direct, ConversationsAreHeardFromTheFirstConnectionOn) {
  Scene scene;
  Config config;
  config.rooms = {RoomName::literal("lobby"), RoomName::literal("@bob")};
  scene.state = initial_state(config, {24, 80}, noon);
  scene.goes_online();
  std::size_t heard = 0, received = 0;
  for (const auto& effect : take_effects(scene.state)) {
    heard += std::holds_alternative<HearDirect>(effect);
    if (const auto* open = std::get_if<OpenRoom>(&effect)) received += open->receive;
  }
  EXPECT_EQ(heard, 1u);
  EXPECT_EQ(received, 1u);  // lobby; @bob comes with HearDirect
  scene.goes_offline();
  scene.goes_online();
  for (const auto& effect : take_effects(scene.state)) {
    EXPECT_FALSE(std::holds_alternative<HearDirect>(effect));
    if (const auto* open = std::get_if<OpenRoom>(&effect)) {
      EXPECT_FALSE(open->receive);  // the link keeps it
    }
  }
}

TEST(Direct, ConversationsAreAskedForAgainIfTheFirstConnectionWasTooShort) {
  Scene scene;
  scene.goes_offline();
  scene.happens(HearDirectFailed{{Status::deadline_exceeded, "the hub did not answer"}});
  scene.goes_online();
  EXPECT_EQ(scene.count_effects<HearDirect>(), 1u);
}

TEST(Direct, ConversationThatWasPartedComesBackWithAMessageAndNotWithTheConnection) {
  Scene scene;
  scene.hears("@bob", "bob", "psst");
  scene.enters("/part @bob");
  scene.goes_offline();
  scene.goes_online();
  scene.happens(link::Incoming(link::RoomAttached{RoomName::literal("@bob"), Seq{2}, Seq{1}}));
  EXPECT_EQ(find_room(scene.state, RoomName::literal("@bob")), nullptr);
  scene.hears("@bob", "bob", "hello?");
  EXPECT_EQ(scene.room("@bob").unread, 1u);
}

TEST(Direct, ConversationGoesOnUnderTheNewNameOfWhoWasRenamed) {
  Scene scene;
  scene.hears("@bob", "bob", "psst");
  scene.enters("/msg bob yes?");
  const auto asked = scene.effect<Say>();
  scene.happens(link::Incoming(event("", EventKind::renamed, person("robert"), "bob")));
  scene.happens(link::Incoming(message("@robert", 2, "robert", "still me")));
  EXPECT_EQ(find_room(scene.state, RoomName::literal("@bob")), nullptr);
  EXPECT_THAT(said(scene.room("@robert")), ElementsAre("psst", "still me"));
  EXPECT_EQ(scene.room("@robert").unread, 2u);
  scene.is_told(asked, Seq{3});
  EXPECT_THAT(said(scene.room("@robert")), ElementsAre("psst", "still me", "yes?"));
}

TEST(Direct, ConversationWithWhoHadTheNewNameBeforeStaysAbove) {
  Scene scene;
  scene.hears("@robert", "robert", "I am the first robert");
  scene.hears("@bob", "bob", "psst");
  scene.presses(Key::meta('2'));
  EXPECT_EQ(active_room(scene.state).name.str(), "@robert");
  scene.happens(link::Incoming(event("", EventKind::renamed, person("robert"), "bob")));
  scene.happens(link::Incoming(message("@robert", 2, "robert", "I am the second")));
  EXPECT_EQ(scene.state.rooms.size(), 3u);
  EXPECT_EQ(active_room(scene.state).name.str(), "@robert");
  EXPECT_THAT(said(scene.room("@robert")), ElementsAre("I am the first robert", "psst", "I am the second"));
}

TEST(Joining, ThatWasRefusedIsTriedAgainWithTheNextConnection) {
  Scene scene;
  scene.happens(JoinEnded{RoomName::literal("lobby"), fail(Status::resource_exhausted, "too many rooms")});
  EXPECT_THAT(scene.seen(), HasSubstr("could not join: too many rooms"));
  scene.goes_offline();
  take_effects(scene.state);
  scene.goes_online();
  EXPECT_TRUE(scene.effect<OpenRoom>().receive);
}

TEST(Pending, KeepsItsPlaceWhenItIsAcknowledged) {
  Scene scene;
  scene.enters("hello");
  const auto id = scene.room("lobby").unsent.front().id;
  scene.happens(link::Incoming(message("lobby", 1, "alice", "hello")));
  EXPECT_EQ(scene.room("lobby").entries.front().id, id);
}

TEST(Pending, AcknowledgedButLostOnItsWayBackIsKept) {
  Scene scene;
  scene.enters("one");
  scene.is_told(scene.effect<Say>(), Seq{});
  scene.happens(link::Incoming(link::Gap{RoomName::literal("lobby"), Seq{1}, Seq{9}}));
  EXPECT_TRUE(scene.room("lobby").unsent.empty());
  EXPECT_THAT(said(scene.room("lobby")), ElementsAre("one"));
}

TEST(Pending, IsShownUntilTheHubHasIt) {
  Scene scene;
  scene.enters("hello");
  const auto said_it = scene.effect<Say>();
  EXPECT_THAT(scene.seen(), HasSubstr("<~alice> hello …"));
  scene.is_told(said_it, Seq{1});
  EXPECT_THAT(scene.seen(), Not(HasSubstr("hello …")));
  scene.happens(link::Incoming(message("lobby", 1, "alice", "hello")));
  EXPECT_THAT(said(scene.room("lobby")), ElementsAre("hello"));
  EXPECT_TRUE(scene.room("lobby").unsent.empty());
}

TEST(Pending, IsShownOnceIfTheMessageComesBeforeItsAcknowledgement) {
  Scene scene;
  scene.enters("hello");
  const auto said_it = scene.effect<Say>();
  scene.happens(link::Incoming(message("lobby", 1, "alice", "hello")));
  EXPECT_EQ(scene.room("lobby").items(), 1u);
  scene.is_told(said_it, Seq{1});
  EXPECT_EQ(scene.room("lobby").items(), 1u);
}

TEST(Pending, AcknowledgedWithoutItsSeqWaitsForTheMessage) {
  Scene scene;
  scene.enters("one");
  const auto said_it = scene.effect<Say>();
  scene.is_told(said_it, Seq{});
  EXPECT_EQ(unsent_messages(scene.state), 0u);
  EXPECT_EQ(scene.room("lobby").items(), 1u);
  scene.happens(link::Incoming(message("lobby", 1, "alice", "one")));
  EXPECT_EQ(scene.room("lobby").items(), 1u);
  EXPECT_EQ(scene.room("lobby").entries.front().seq, Seq{1});
}

TEST(Part, DoesNotWaitForWhatWasAcknowledged) {
  Scene scene;
  scene.enters("one");
  const auto one = scene.effect<Say>();
  scene.enters("two");
  scene.is_told(one, Seq{});
  scene.is_told(scene.effect<Say>(), Seq{2});
  HistoryPage page;
  page.first = Seq{1};
  page.messages = {message("lobby", 1, "alice", "one"), message("lobby", 2, "alice", "two")};
  scene.happens(HistoryCame{AskHistory{RoomName::literal("lobby"), {}, 0}, page});
  scene.enters("/part");
  EXPECT_EQ(scene.count_effects<CloseRoom>(), 1u);
}

TEST(Pending, AcknowledgedTogetherLeavesWhenItsDeliveryFollowsThePage) {
  Scene scene;
  scene.enters("one");
  scene.is_told(scene.effect<Say>(), Seq{});
  HistoryPage page;
  page.first = Seq{1};
  page.messages = {message("lobby", 1, "alice", "one")};
  scene.happens(HistoryCame{AskHistory{RoomName::literal("lobby"), {}, 0}, page});
  scene.happens(link::Incoming(message("lobby", 1, "alice", "one")));
  EXPECT_EQ(scene.room("lobby").items(), 1u);
}

TEST(Pending, IsNotTakenForAnOlderMessageThatSaysTheSame) {
  Scene scene;
  scene.enters("ok");
  scene.is_told(scene.effect<Say>(), Seq{1});
  scene.enters("ok");
  scene.happens(link::Incoming(message("lobby", 1, "alice", "ok")));
  EXPECT_EQ(unsent_messages(scene.state), 1u);
}

TEST(Pending, ThatTheHubRefusesSaysWhy) {
  Scene scene;
  scene.enters("hello");
  const auto said_it = scene.effect<Say>();
  scene.is_told(said_it, fail(Status::resource_exhausted, "too many messages"));
  EXPECT_THAT(scene.seen(), HasSubstr("hello (not sent: too many messages)"));
  EXPECT_EQ(unsent_messages(scene.state), 0u);
}

TEST(Pending, StaysBelowWhatOthersSayMeanwhile) {
  Scene scene;
  scene.enters("mine");
  scene.hears("lobby", "bob", "theirs");
  const auto text = scene.seen();
  EXPECT_LT(text.find("theirs"), text.find("mine"));
}

TEST(Connection, LostAndBackIsSaidAndShown) {
  Scene scene({24, 120});
  scene.goes_offline();
  EXPECT_THAT(scene.seen(), HasSubstr("OFFLINE, again in 3 s: the hub is shutting down"));
  EXPECT_THAT(scene.seen(), HasSubstr("the connection is lost: the hub is shutting down"));
  scene.time_passes(2);
  EXPECT_THAT(scene.seen(), HasSubstr("again in 1 s"));
  scene.goes_offline();
  EXPECT_EQ(std::count_if(scene.room("lobby").entries.begin(), scene.room("lobby").entries.end(),
                          [](const Entry& entry) { return entry.kind == EntryKind::trouble; }),
            1);  // once, not for every try
  scene.goes_online();
  EXPECT_THAT(scene.seen(), HasSubstr("-- back"));
  EXPECT_EQ(scene.effect<OpenRoom>().room.str(), "lobby");
}

TEST(Connection, OfAHubThatBeganAnewKeepsWhatIsHereApart) {
  Scene scene;
  scene.hears("lobby", "bob", "old one");
  scene.hears("lobby", "bob", "old two");
  scene.goes_offline();
  scene.goes_online(true);
  EXPECT_THAT(scene.seen(), HasSubstr("the hub was started anew"));
  scene.happens(link::Incoming(link::RoomAttached{RoomName::literal("lobby"), Seq{1}, Seq{0}}));
  scene.happens(link::Incoming(message("lobby", 1, "bob", "new one")));
  EXPECT_THAT(said(scene.room("lobby")), ElementsAre("old one", "old two", "new one"));
}

TEST(Connection, OfARestartedHubTakesNothingFromADurableRoom) {
  Scene scene;
  scene.happens(link::Incoming(link::RoomAttached{RoomName::literal("lobby"), Seq{1}, Seq{0}, true}));
  scene.goes_offline();
  scene.comes_back_after_restart();
  EXPECT_THAT(scene.seen(), HasSubstr("-- back"));
  EXPECT_THAT(scene.seen(), testing::Not(HasSubstr("started anew")));
}

TEST(Connection, OfAHubThatBeganAnewIsInNoRoomUntilTheHubSaysSo) {
  Scene scene;
  scene.goes_offline();
  scene.goes_online(true);
  EXPECT_FALSE(scene.room("lobby").joined);
  scene.happens(JoinEnded{RoomName::literal("lobby"), proto::RoomJoin::Reply{}});
  EXPECT_TRUE(scene.room("lobby").joined);
}

TEST(Connection, OfAHubThatBeganAnewKeepsWhatWasTyped) {
  Scene scene;
  scene.goes_offline();
  scene.enters("typed while offline");
  const auto said_it = scene.effect<Say>();
  scene.goes_online(true);
  EXPECT_THAT(scene.seen(), HasSubstr("typed while offline …"));
  scene.is_told(said_it, Seq{1});
  EXPECT_THAT(said(scene.room("lobby")), ElementsAre("typed while offline"));
}

TEST(Connection, BeforeItIsThereTypingIsPossible) {
  Config config;
  config.hub = "tcp://127.0.0.1:4848";
  config.rooms = {RoomName::literal("lobby")};
  Scene scene;
  scene.state = initial_state(config, {24, 80}, noon);
  scene.enters("early");
  EXPECT_THAT(scene.seen(), HasSubstr("connecting to tcp://127.0.0.1:4848"));
  scene.goes_online();
  EXPECT_THAT(scene.seen(), HasSubstr("<~alice> early …"));
}

TEST(Connection, ThatHasEndedKeepsTheLineThatCantBeSent) {
  Scene scene;
  scene.happens(link::Incoming(link::Closed{{Status::already_exists, "somebody else uses this name"}}));
  EXPECT_THAT(scene.seen(), HasSubstr("ENDED: somebody else uses this name"));
  scene.enters("hello?");
  EXPECT_EQ(scene.room("lobby").input.text(), "hello?");
}

TEST(Presence, ShowsWhoComesAndGoes) {
  Scene scene;
  scene.happens(link::Incoming(event("lobby", EventKind::joined, person("bob"))));
  EXPECT_THAT(scene.seen(), HasSubstr("~bob has joined"));
  scene.happens(link::Incoming(event("lobby", EventKind::joined, person("bob"))));  // once is enough
  EXPECT_EQ(scene.room("lobby").entries.size(), 1u);
  scene.happens(link::Incoming(event("lobby", EventKind::left, person("bob"))));
  EXPECT_THAT(scene.seen(), HasSubstr("~bob has left"));
  EXPECT_EQ(scene.room("lobby").member("bob"), nullptr);
}

TEST(Presence, ThatOvertakesTheListOfMembersIsNotLostWithIt) {
  Scene scene;
  scene.joined("lobby", 0, 0);
  const auto asked = scene.effect<AskMembers>();
  scene.happens(link::Incoming(event("lobby", EventKind::joined, person("bob"))));
  scene.happens(MembersCame{asked.room, {person("alice")}, asked.changes});
  const auto again = scene.effect<AskMembers>();
  EXPECT_GT(again.changes, asked.changes);
  scene.happens(MembersCame{again.room, {person("alice"), person("bob")}, again.changes});
  EXPECT_NE(scene.room("lobby").member("bob"), nullptr);
  EXPECT_EQ(scene.count_effects<AskMembers>(), 0u);
}

TEST(Presence, ConcernsEveryRoomThatThePersonIsIn) {
  Scene scene({24, 80}, {"lobby", "ops"});
  for (const auto* room : {"lobby", "ops"}) scene.happens(MembersCame{RoomName::literal(room), {person("bob")}});
  scene.happens(link::Incoming(event("", EventKind::presence, person("bob", proto::Presence::away))));
  EXPECT_EQ(scene.room("lobby").member("bob")->presence, proto::Presence::away);
  EXPECT_EQ(scene.room("ops").member("bob")->presence, proto::Presence::away);
}

TEST(Presence, RenamesWithoutLosingAnybody) {
  Scene scene;
  scene.happens(MembersCame{RoomName::literal("lobby"), {person("alice"), person("bob")}});
  scene.happens(link::Incoming(event("", EventKind::renamed, person("robert"), "bob")));
  EXPECT_NE(scene.room("lobby").member("robert"), nullptr);
  EXPECT_EQ(scene.room("lobby").member("bob"), nullptr);
  EXPECT_THAT(scene.seen(), HasSubstr("bob is now called ~robert"));
}

TEST(Presence, RenamesWhoSpokeForCompletion) {
  Scene scene;
  scene.happens(MembersCame{RoomName::literal("lobby"), {person("bert"), person("bob")}});
  scene.hears("lobby", "bob", "hi");
  scene.happens(link::Incoming(event("", EventKind::renamed, person("billy"), "bob")));
  scene.types("b");
  scene.presses(Key::of(KeyCode::tab));
  EXPECT_EQ(scene.room("lobby").input.text(), "billy: ");
}

TEST(Presence, TellsWhoGoesOfflineAndIsBack) {
  Scene scene;
  scene.happens(MembersCame{RoomName::literal("lobby"), {person("bob")}});
  scene.happens(link::Incoming(event("", EventKind::presence, person("bob", proto::Presence::offline))));
  EXPECT_THAT(scene.seen(), HasSubstr("~bob has gone offline"));
  scene.happens(link::Incoming(event("", EventKind::presence, person("bob", proto::Presence::away))));
  EXPECT_THAT(scene.seen(), HasSubstr("~bob is here again"));
}

TEST(Presence, OwnTypingIsNoNews) {
  Scene scene;
  scene.happens(link::Incoming(event("lobby", EventKind::typing, person("alice"), "on")));
  EXPECT_THAT(scene.seen(), Not(HasSubstr("typing")));
}

TEST(Presence, NobodyTypesWhileTheHubIsAway) {
  Scene scene;
  scene.happens(link::Incoming(event("lobby", EventKind::typing, person("bob"), "on")));
  scene.goes_offline();
  EXPECT_THAT(scene.seen(), Not(HasSubstr("typing")));
}

TEST(Presence, TopicsAreShownAtTheTop) {
  Scene scene;
  scene.happens(link::Incoming(event("lobby", EventKind::topic, person("bob"), "tea at five")));
  EXPECT_THAT(scene.rows().front(), HasSubstr("#lobby  tea at five"));
}

TEST(Presence, TypingIsShownAndForgotten) {
  Scene scene;
  scene.happens(link::Incoming(event("lobby", EventKind::typing, person("bob"), "on")));
  EXPECT_THAT(scene.seen(), HasSubstr("bob is typing…"));
  scene.time_passes(10);
  EXPECT_THAT(scene.seen(), Not(HasSubstr("typing")));
  scene.happens(link::Incoming(event("lobby", EventKind::typing, person("bob"), "on")));
  scene.hears("lobby", "bob", "done");
  EXPECT_THAT(scene.seen(), Not(HasSubstr("is typing")));
}

TEST(Room, KeepsOnlyTheBeginningOfAHugeMessage) {
  Scene scene;
  scene.hears("lobby", "bob", std::string(1 << 20, 'x') + " alice");
  const auto& entry = scene.room("lobby").entries.back();
  EXPECT_LE(entry.text.capacity(), 2 * shown_bytes_max);
  EXPECT_TRUE(entry.mention);
}

TEST(Room, ShowsAHugeMessageOfOnesOwnOnce) {
  Scene scene;
  scene.pastes(std::string(1 << 19, 'x'));
  scene.presses(Key::of(KeyCode::enter));
  EXPECT_EQ(scene.effect<Say>().body.size(), 1u << 19);
  EXPECT_LE(scene.room("lobby").unsent.front().text.size(), shown_bytes_max);
  scene.happens(link::Incoming(message("lobby", 1, "alice", std::string(1 << 19, 'x'))));
  EXPECT_EQ(scene.room("lobby").items(), 1u);
}

TEST(Room, DropsTheOldestAlsoWhereItWasLeftScrolledBack) {
  Scene scene({24, 80}, {"lobby", "ops"});
  for (int i = 0; i < 100; ++i) scene.hears("lobby", "bob", "x");
  scene.presses(Key::of(KeyCode::page_up));
  scene.presses(Key::meta('2'));
  for (std::size_t i = 0; i < Room::entries_max; ++i) scene.hears("lobby", "bob", "x");
  EXPECT_EQ(scene.room("lobby").entries.size(), Room::entries_max);
}

TEST(Room, HasABoundEvenWhileSomebodyLooks) {
  Scene scene;
  for (std::size_t i = 0; i < 100; ++i) scene.hears("lobby", "bob", "x");
  scene.presses(Key::of(KeyCode::page_up));
  for (std::size_t i = 0; i < Room::entries_max_in_view; ++i) scene.hears("lobby", "bob", "x");
  EXPECT_EQ(scene.room("lobby").entries.size(), Room::entries_max_in_view);
}

TEST(Room, DropsTheOldestFromMemoryButNotWhileSomebodyLooks) {
  Scene scene;
  for (std::size_t i = 0; i < Room::entries_max + 10; ++i) scene.hears("lobby", "bob", "x");
  EXPECT_EQ(scene.room("lobby").entries.size(), Room::entries_max);
  scene.presses(Key::of(KeyCode::page_up));
  scene.hears("lobby", "bob", "x");
  EXPECT_EQ(scene.room("lobby").entries.size(), Room::entries_max + 1);
  scene.presses(Key::of(KeyCode::end));
  EXPECT_EQ(scene.room("lobby").entries.size(), Room::entries_max);
}

}  // namespace
}  // namespace hubbub::tui
