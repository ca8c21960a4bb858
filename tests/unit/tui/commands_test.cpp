// Slash commands and completion.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/tui/commands/commands.hpp"
#include "tests/unit/tui/scene.hpp"

namespace hubbub::tui {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

TEST(Commands, HaveEverythingThatTheirRowsNeed) {
  for (const auto& command : commands()) {
    EXPECT_FALSE(command.help.empty()) << command.name;
    EXPECT_NE(command.run, nullptr) << command.name;
    EXPECT_EQ(find_command(command.name).command, &command) << command.name;
  }
}

TEST(Commands, IncludeThoseThatPeopleExpect) {
  for (const auto* name : {"join", "part", "msg", "me", "topic", "nick", "away", "who", "list", "help", "quit"})
    EXPECT_NE(find_command(name).command, nullptr) << name;
}

TEST(Commands, CanBeShortenedWhileTheyAreTold) {
  EXPECT_EQ(find_command("/j").command->name, "join");
  EXPECT_EQ(find_command("/q").command, nullptr);
  EXPECT_THAT(find_command("/q").candidates, ElementsAre("query", "quit"));
}

TEST(Commands, ThatDontExistStayInTheLine) {
  Scene scene;
  scene.enters("/etc/passwd is a file");
  EXPECT_EQ(scene.room("lobby").input.text(), "/etc/passwd is a file");
  EXPECT_THAT(scene.seen(), HasSubstr("/etc/passwd is no command"));
  EXPECT_EQ(scene.count_effects<Say>(), 0u);
}

TEST(Commands, TwoSlashesSayAText) {
  Scene scene;
  scene.enters("//join is a command");
  EXPECT_EQ(scene.effect<Say>().body, "/join is a command");
}

TEST(Join, OpensTheRoomAndShowsIt) {
  Scene scene;
  scene.enters("/join #ci.main");
  EXPECT_EQ(scene.effect<OpenRoom>().room.str(), "ci.main");
  EXPECT_EQ(active_room(scene.state).name.str(), "ci.main");
}

TEST(Join, OfABadNameSaysWhatIsWrong) {
  Scene scene;
  scene.enters("/join Lobby!");
  EXPECT_EQ(scene.count_effects<OpenRoom>(), 0u);
  EXPECT_THAT(scene.seen(), HasSubstr("!!"));
}

TEST(Join, OfARoomThatIsThereJustShowsIt) {
  Scene scene({24, 80}, {"lobby", "ci.main"});
  scene.enters("/join ci.main");
  EXPECT_EQ(scene.count_effects<OpenRoom>(), 0u);
  EXPECT_EQ(active_room(scene.state).name.str(), "ci.main");
}

TEST(Join, CanBeTriedAgainAfterItWasRefusedOnTheWayBack) {
  Scene scene;
  scene.happens(JoinEnded{RoomName::literal("lobby"), fail(Status::resource_exhausted, "too many rooms")});
  scene.enters("/join lobby");
  EXPECT_TRUE(scene.effect<OpenRoom>().receive);
}

TEST(Part, TakesTheRoomOffTheList) {
  Scene scene({24, 80}, {"lobby", "ci.main"});
  scene.enters("/part");
  EXPECT_EQ(scene.effect<CloseRoom>().room.str(), "lobby");
  EXPECT_EQ(active_room(scene.state).name.str(), "ci.main");
  EXPECT_EQ(find_room(scene.state, RoomName::literal("lobby")), nullptr);
}

TEST(Part, WaitsForWhatIsNotSentYet) {
  Scene scene;
  scene.enters("hello");
  scene.enters("/part");
  EXPECT_EQ(scene.count_effects<CloseRoom>(), 0u);
  EXPECT_THAT(scene.seen(), HasSubstr("not sent yet"));
}

TEST(Part, IsRefusedWhileTheHubIsAwaySinceItWouldBeUndone) {
  Scene scene;
  scene.goes_offline();
  scene.enters("/part");
  EXPECT_EQ(scene.count_effects<CloseRoom>(), 0u);
  EXPECT_EQ(active_room(scene.state).name.str(), "lobby");
  EXPECT_THAT(scene.seen(), HasSubstr("the hub can't be told now"));
}

TEST(Part, OfTheLastRoomLeavesAPlaceToStand) {
  Scene scene;
  scene.enters("/part");
  EXPECT_TRUE(is_home(active_room(scene.state)));
  scene.enters("is anybody here");
  EXPECT_EQ(scene.count_effects<Say>(), 0u);
  EXPECT_THAT(scene.seen(), HasSubstr("join a room first"));
  EXPECT_EQ(active_room(scene.state).input.text(), "is anybody here");
}

TEST(Msg, GoesToAPersonWithoutLeavingTheRoom) {
  Scene scene;
  scene.enters("/msg bob are you there?");
  const auto said = scene.effect<Say>();
  EXPECT_EQ(said.room.str(), "@bob");
  EXPECT_EQ(said.body, "are you there?");
  EXPECT_EQ(active_room(scene.state).name.str(), "lobby");
}

TEST(Msg, ToNobodySaysSoWhereItWasTyped) {
  Scene scene;
  scene.enters("/msg bbo secret");
  const auto said = scene.effect<Say>();
  scene.is_told(said, fail(Status::not_found, "nobody called bbo has been here"));
  EXPECT_THAT(scene.seen(), HasSubstr("not sent to @bbo: nobody called bbo"));
  EXPECT_THAT(scene.room("@bbo").entries.back().failure, HasSubstr("nobody called bbo"));
}

TEST(Exec, ShowsWhatTheCommandWritesWhereItWasTyped) {
  Scene scene({24, 80}, {"lobby", "ci.main"});
  scene.enters("/exec ls -l");
  EXPECT_EQ(scene.effect<Execute>().command, "ls -l");
  scene.enters("/join ci.main");
  scene.happens(ExecLine{"total 0"});
  scene.happens(ExecEnded{});
  EXPECT_EQ(scene.room("lobby").entries.back().text, "total 0");
  EXPECT_EQ(scene.count_effects<Say>(), 0u);
  EXPECT_FALSE(scene.state.execution);
}

TEST(Exec, SaysWhatTheCommandWritesIfAsked) {
  Scene scene;
  scene.enters("/exec -o uptime");
  EXPECT_EQ(scene.effect<Execute>().command, "uptime");
  scene.happens(ExecLine{"up 3 days"});
  EXPECT_EQ(scene.effect<Say>().body, "up 3 days");
  scene.happens(ExecLine{""});
  EXPECT_EQ(scene.count_effects<Say>(), 0u) << "an empty line can't be said";
}

TEST(Exec, ShowsSoManyLinesAndCountsTheOthers) {
  Scene scene;
  scene.enters("/exec yes");
  for (std::size_t i = 0; i < exec_lines_shown_max + 3; ++i) scene.happens(ExecLine{"y"});
  scene.happens(ExecEnded{"was killed by signal 15 (Terminated)", 4});
  const auto& entries = scene.room("lobby").entries;
  EXPECT_EQ(entries[entries.size() - 2].text, "… and 7 more lines");
  EXPECT_EQ(entries.back().text, "yes: was killed by signal 15 (Terminated)");
  EXPECT_EQ(entries.back().kind, EntryKind::trouble);
}

TEST(Exec, SaysSoManyLinesAndNoMore) {
  Scene scene;
  scene.enters("/exec -o yes");
  take_effects(scene.state);
  for (std::size_t i = 0; i < exec_lines_said_max + 1; ++i) scene.happens(ExecLine{"y"});
  EXPECT_EQ(scene.count_effects<Say>(), exec_lines_said_max);
  scene.happens(ExecEnded{});
  EXPECT_EQ(scene.room("lobby").entries.back().text, "… and 1 more line, not said");
}

TEST(Exec, SaysNothingInARoomThatWasParted) {
  Scene scene({24, 80}, {"lobby", "ci.main"});
  scene.enters("/exec -o sleep 5; echo late");
  scene.enters("/part");
  take_effects(scene.state);
  scene.happens(ExecLine{"late"});
  EXPECT_EQ(scene.count_effects<Say>(), 0u);
  scene.happens(ExecEnded{});
  EXPECT_THAT(scene.seen(), HasSubstr("1 more line"));
}

TEST(Exec, RunsOneCommandAtATimeAndEndsItIfAsked) {
  Scene scene;
  scene.enters("/exec -k");
  EXPECT_THAT(scene.seen(), HasSubstr("nothing is running"));
  scene.enters("/exec sleep 1000");
  take_effects(scene.state);
  scene.enters("/exec ls");
  EXPECT_THAT(scene.seen(), HasSubstr("still running: sleep 1000; /exec -k ends it"));
  scene.enters("/exec -k");
  scene.effect<EndExecution>();
  scene.happens(ExecEnded{"was killed by signal 15 (Terminated)"});
  scene.enters("/exec ls");
  EXPECT_EQ(scene.effect<Execute>().command, "ls");
}

TEST(Exec, OfACommandThatWritesNothingTellsThatItIsDone) {
  Scene scene;
  scene.enters("/exec true");
  scene.happens(ExecEnded{});
  EXPECT_THAT(scene.seen(), HasSubstr("true: done, and wrote nothing"));
}

TEST(Exec, WantsACommandAndToSayItARoom) {
  Scene scene;
  scene.enters("/exec");
  EXPECT_THAT(scene.seen(), HasSubstr("usage: /exec"));
  scene.enters("/exec -x ls");
  EXPECT_EQ(scene.count_effects<Execute>(), 0u);
  scene.enters("/part");
  scene.enters("/exec -o ls");
  EXPECT_EQ(scene.count_effects<Execute>(), 0u);
  EXPECT_THAT(scene.seen(), HasSubstr("join a room first"));
}

TEST(Query, LooksAtTheConversation) {
  Scene scene;
  scene.enters("/query bob");
  EXPECT_EQ(active_room(scene.state).name.str(), "@bob");
  EXPECT_EQ(scene.effect<OpenRoom>().room.str(), "@bob");
}

TEST(Me, IsAnAction) {
  Scene scene;
  scene.enters("/me waves");
  EXPECT_EQ(scene.effect<Say>().kind, proto::Kind::action);
  EXPECT_THAT(scene.seen(), HasSubstr("* ~alice waves"));
}

TEST(Commands, ThatSaySomethingRefuseWhatCantBeSaid) {
  Scene scene;
  for (const auto* command : {"/me ", "/msg bob ", "/query bob "}) {
    scene.pastes(std::string(command) + "caf\xE9");
    scene.presses(Key::of(KeyCode::enter));
    EXPECT_EQ(scene.count_effects<Say>(), 0u) << command;
    EXPECT_THAT(scene.seen(), HasSubstr("!! this is not UTF-8")) << command;
  }
}

TEST(Topic, IsAskedOrSet) {
  Scene scene;
  scene.enters("/topic");
  EXPECT_EQ(scene.effect<AskTopic>().room.str(), "lobby");
  scene.enters("/topic all about tea");
  EXPECT_EQ(scene.effect<SetTopic>().topic.str(), "all about tea");
  scene.enters("/topic -delete");
  EXPECT_TRUE(scene.effect<SetTopic>().topic.empty());
}

TEST(SaidLater, IsGivenADelayOrATimeAndShownWhereItWasAsked) {
  ::setenv("TZ", "UTC", 1);
  ::tzset();
  Scene scene;
  scene.enters("/later 10m put the kettle on");
  const auto delayed = scene.effect<SayLater>();
  EXPECT_EQ(delayed.room.str(), "lobby");
  EXPECT_EQ(delayed.delay_ms, 600'000u);
  EXPECT_EQ(delayed.body, "put the kettle on");
  scene.enters("/later 2040-12-24 18:00 merry");
  const auto dated = scene.effect<SayLater>();
  EXPECT_EQ(dated.at, WallTime{2'239'984'800'000'000'000});
  EXPECT_EQ(dated.body, "merry");
  scene.enters("/later 15:30 tea at 16:00");
  const auto timed = scene.effect<SayLater>();
  EXPECT_EQ(timed.at.ns % 86'400'000'000'000, 55'800'000'000'000u);
  EXPECT_EQ(timed.body, "tea at 16:00");
  scene.happens(LaterAnswered{RoomName::literal("lobby"), {"to be said"}});
  EXPECT_EQ(active_room(scene.state).entries.back().text, "to be said");
  ::unsetenv("TZ");
  ::tzset();
}

TEST(SaidLater, IsListedAndCancelled) {
  Scene scene;
  scene.enters("/later");
  EXPECT_EQ(scene.effect<AskLater>().room.str(), "lobby");
  scene.enters("/later cancel 7");
  EXPECT_EQ(scene.effect<CancelLater>().id, LaterId{7});
}

TEST(SaidLater, WantsATimeAndAText) {
  for (const auto* line : {"/later hello", "/later 10m", "/later cancel", "/later cancel x", "/later 2001-01-01 x"}) {
    Scene scene;
    scene.enters(line);
    EXPECT_EQ(scene.count_effects<SayLater>() + scene.count_effects<CancelLater>(), 0u) << line;
    EXPECT_EQ(active_room(scene.state).entries.back().kind, EntryKind::trouble) << line;
  }
}

TEST(Call, AsksAServiceAndShowsWhatItAnswersAndAReceiptWhereItWasAsked) {
  Scene scene({24, 80}, {"lobby", "ops"});
  const auto asked_in = active_room(scene.state).name;
  scene.enters("/call image.scale file=cat.png width:=80");
  const auto asked = scene.effect<CallService>();
  EXPECT_EQ(asked.method.str(), "image.scale");
  EXPECT_EQ(asked.words, "file=cat.png width:=80");
  EXPECT_EQ(asked.room, asked_in);
  scene.happens(ServiceCalled{asked.room, "call 7 was answered by alice in 3 us", {"[80, 60]"}, false});
  const auto& entries = find_room(scene.state, asked_in)->entries;
  ASSERT_GE(entries.size(), 2u);
  EXPECT_EQ(entries[entries.size() - 2].text, "[80, 60]");
  EXPECT_EQ(entries.back().text, "call 7 was answered by alice in 3 us");
  scene.happens(ServiceCalled{asked.room, "nobody offers image now", {}, true});
  EXPECT_EQ(find_room(scene.state, asked_in)->entries.back().kind, EntryKind::trouble);
}

TEST(Call, IsForMethodsOfServices) {
  for (const auto* line : {"/call hub.info", "/call image", "/call Image.scale", "/call"}) {
    Scene scene;
    scene.enters(line);
    EXPECT_EQ(scene.count_effects<CallService>(), 0u) << line;
    EXPECT_EQ(active_room(scene.state).entries.back().kind, EntryKind::trouble) << line;
  }
}

TEST(Away, HasATextAndAWayBack) {
  Scene scene;
  scene.enters("/away lunch");
  EXPECT_EQ(scene.effect<SetAway>().text.str(), "lunch");
  for (const auto* command : {"/back", "/away"}) {
    scene.enters(command);
    EXPECT_TRUE(scene.effect<SetAway>().text.empty());
  }
}

TEST(Away, IsToldAgainToAHubThatWasRestarted) {
  Scene scene;
  scene.happens(AwaySet{AwayText::literal("lunch")});
  EXPECT_THAT(scene.seen(), HasSubstr("you are away: lunch"));
  scene.goes_online(true);
  EXPECT_EQ(scene.effect<SetAway>().text.str(), "lunch");
  scene.happens(AwaySet{});
  scene.goes_online(true);
  EXPECT_EQ(scene.count_effects<SetAway>(), 0u);
}

TEST(Nick, IsTakenWhenTheHubHasAgreed) {
  Scene scene;
  scene.enters("/nick carol");
  EXPECT_EQ(scene.effect<Rename>().to.str(), "carol");
  EXPECT_EQ(scene.state.self.str(), "alice");
  scene.happens(Renamed{PersonName::literal("carol")});
  EXPECT_EQ(scene.state.self.str(), "carol");
  EXPECT_THAT(scene.seen(), HasSubstr("you are now called carol"));
}

TEST(Who, ShowsHowEverybodyIs) {
  Scene scene({24, 120});
  scene.enters("/who");
  EXPECT_EQ(scene.effect<AskWho>().person, "");
  auto bob = person("bob", proto::Presence::away, true);
  bob.away = AwayText::literal("lunch");
  bob.idle_since = WallTime{scene.state.now.ns - 300'000'000'000};
  scene.happens(WhoCame{{person("alice"), bob}});
  EXPECT_THAT(scene.seen(), HasSubstr("bob                 away: lunch"));
  EXPECT_THAT(scene.seen(), HasSubstr("idle for 5 min"));
  EXPECT_THAT(scene.seen(), HasSubstr("~alice"));
}

TEST(List, ShowsRoomsAndOffersThemForCompletion) {
  Scene scene;
  scene.enters("/list ci.*");
  EXPECT_EQ(scene.effect<AskRooms>().pattern.str(), "ci.*");
  proto::RoomInfo info;
  info.name = RoomName::literal("ci.main");
  info.members = 1;
  scene.happens(RoomsCame{{info}, false});
  EXPECT_THAT(scene.seen(), HasSubstr("#ci.main            1 member"));
  scene.types("/join ci");
  scene.presses(Key::of(KeyCode::tab));
  EXPECT_EQ(scene.room("lobby").input.text(), "/join ci.main ");
}

TEST(Help, ListsEveryCommandAndKey) {
  Scene scene({60, 100});
  scene.enters("/help");
  for (const auto& command : commands()) EXPECT_THAT(scene.seen(), HasSubstr("/" + std::string(command.name)));
  scene.enters("/help topic");
  EXPECT_THAT(scene.seen(), HasSubstr("/topic [TEXT|-delete]"));
  scene.enters("/help keys");
  EXPECT_THAT(scene.seen(), HasSubstr("Ctrl+W"));
}

TEST(Quit, WaitsForWhatIsNotSentYet) {
  Scene scene;
  scene.enters("hello");
  const auto said = scene.effect<Say>();
  scene.enters("/quit");
  EXPECT_EQ(scene.count_effects<Quit>(), 0u);
  EXPECT_THAT(scene.seen(), HasSubstr("1 not sent yet"));
  scene.is_told(said, Seq{1});
  scene.enters("/quit");
  EXPECT_EQ(scene.count_effects<Quit>(), 1u);
}

TEST(Quit, NowDoesNotWait) {
  Scene scene;
  scene.enters("hello");
  take_effects(scene.state);
  scene.enters("/quit now");
  EXPECT_EQ(scene.count_effects<Quit>(), 1u);
}

TEST(Clear, EmptiesTheViewAndLetsHistoryComeBack) {
  Scene scene;
  scene.hears("lobby", "bob", "old words");
  scene.enters("/clear");
  EXPECT_THAT(scene.seen(), Not(HasSubstr("old words")));
  scene.presses(Key::of(KeyCode::page_up));
  EXPECT_EQ(scene.count_effects<AskHistory>(), 1u);
}

class Completing : public testing::Test {
 protected:
  Completing() {
    MembersCame came{RoomName::literal("lobby"), {person("alice"), person("bert"), person("bob"), person("carol")}};
    scene.happens(came);
  }
  std::string completed(const std::string& typed, int tabs = 1) {
    scene.presses(Key::control('u'));
    scene.types(typed);
    for (int i = 0; i < tabs; ++i) scene.presses(Key::of(KeyCode::tab));
    return scene.room("lobby").input.text();
  }
  Scene scene;
};

TEST_F(Completing, ANameOpensTheLineWithAColon) {
  EXPECT_EQ(completed("car"), "carol: ");
  EXPECT_EQ(completed("ask car"), "ask carol ");
}

TEST_F(Completing, TabAgainGoesOn) {
  EXPECT_EQ(completed("b", 1), "bert: ");
  EXPECT_EQ(completed("b", 2), "bob: ");
  EXPECT_EQ(completed("b", 3), "bert: ");
  scene.presses(Key{KeyCode::tab, {}, false, false, true});
  EXPECT_EQ(scene.room("lobby").input.text(), "bob: ");
}

TEST_F(Completing, WhoSpokeLastComesFirst) {
  scene.hears("lobby", "bob", "hi");
  EXPECT_EQ(completed("b"), "bob: ");
}

TEST_F(Completing, ShowsTheCandidates) {
  completed("b");
  EXPECT_THAT(scene.seen(), HasSubstr("bert  bob"));
}

TEST_F(Completing, NeverOffersOneself) { EXPECT_EQ(completed("ali"), "ali"); }

TEST_F(Completing, CommandsAndTheirArguments) {
  EXPECT_EQ(completed("/to"), "/topic ");
  EXPECT_EQ(completed("/msg car"), "/msg carol ");
  EXPECT_EQ(completed("/help to"), "/help topic ");
  EXPECT_EQ(completed("/me car"), "/me carol ");
}

TEST_F(Completing, Rooms) {
  EXPECT_EQ(completed("#lo"), "#lobby ");
  EXPECT_EQ(completed("/join lo"), "/join lobby ");
  EXPECT_EQ(completed("see #lo"), "see #lobby ");
}

TEST_F(Completing, RoomsThatNobodyHasListedOrJoinedHere) {
  scene.goes_online();
  EXPECT_TRUE(scene.effect<AskRooms>().quiet);
  proto::RoomInfo info;
  info.name = RoomName::literal("ci.main");
  scene.happens(RoomsCame{{info}, false, true});
  EXPECT_THAT(scene.seen(), Not(HasSubstr("ci.main")));
  EXPECT_EQ(completed("/join ci"), "/join ci.main ");
  EXPECT_EQ(completed("/join lobby c"), "/join lobby ci.main ");
}

TEST_F(Completing, InWhateverCase) {
  EXPECT_EQ(completed("Car"), "carol: ");
  EXPECT_EQ(completed("/JO"), "/join ");
}

TEST_F(Completing, InTheMiddleOfALine) {
  scene.types("ask car now");
  for (int i = 0; i < 4; ++i) scene.presses(Key::control('b'));
  scene.presses(Key::of(KeyCode::tab));
  EXPECT_EQ(scene.room("lobby").input.text(), "ask carol  now");
}

}  // namespace
}  // namespace hubbub::tui
