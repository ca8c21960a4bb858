// How far the person has read: from the hub's cursor to the unread line, and back to the hub.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/tui/state/reading.hpp"
#include "tests/unit/tui/scene.hpp"

namespace hubbub::tui {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

/// What bob said in the room: m`from` to m`to`.
std::vector<link::Message> said(const std::string& room, std::uint64_t from, std::uint64_t to) {
  std::vector<link::Message> messages;
  for (auto seq = from; seq <= to; ++seq) messages.push_back(message(room, seq, "bob", "m" + std::to_string(seq)));
  return messages;
}

/// alice has just started her client; #lobby is in view, #ops isn't.
class Reading : public testing::Test {
 protected:
  Reading() {
    Config config;
    for (const auto* name : {"lobby", "ops"}) config.rooms.push_back(RoomName::literal(name));
    scene.state = initial_state(config, {24, 80}, noon);
    scene.goes_online();
    take_effects(scene.state);
  }
  void expect_line_between(const std::string& above, const std::string& below) {
    const auto text = scene.seen();
    EXPECT_LT(text.find(above), text.find("unread")) << text;
    EXPECT_LT(text.find("unread"), text.find(below)) << text;
    EXPECT_THAT(text, HasSubstr(below));
  }
  /// Where the hub is told to put the cursor, in that order; takes all effects.
  std::vector<std::uint64_t> told() {
    std::vector<std::uint64_t> seqs;
    for (const auto& effect : take_effects(scene.state))
      if (const auto* set = std::get_if<SetCursor>(&effect)) seqs.push_back(set->seq.value);
    return seqs;
  }
  void is_set(Result<Seq> seq) {
    const auto& room = scene.room("lobby");
    scene.happens(CursorSet{SetCursor{room.name, room.read->seq, room.life}, std::move(seq)});
  }

  Scene scene;
};

TEST_F(Reading, GoesOnWhereThePersonLeftOffInAnotherRunOrElsewhere) {
  scene.joined("lobby", 10, 7);
  scene.history_comes("lobby", 1, said("lobby", 1, 10));
  expect_line_between("m7", "m8");
  EXPECT_EQ(scene.room("lobby").unread, 0u);  // it is in view
  scene.hears("lobby", "bob", "live");
  expect_line_between("m7", "m8");
}

TEST_F(Reading, HasNoLineWhereNothingIsUnread) {
  scene.joined("lobby", 10, 10);
  scene.history_comes("lobby", 1, said("lobby", 1, 10));
  EXPECT_THAT(scene.seen(), Not(HasSubstr("unread")));
}

TEST_F(Reading, BeginsAtTheTopOfAConversationOfWhichNothingWasRead) {
  scene.hears("@bob", "bob", "psst");
  scene.joined("@bob", 1, 0);
  EXPECT_EQ(scene.room("@bob").unread, 1u);
  scene.presses(Key::meta('3'));
  const auto text = scene.seen();
  EXPECT_LT(text.find("unread"), text.find("psst"));
}

TEST_F(Reading, CountsBeforeAnythingOfItIsHere) {
  scene.joined("ops", 500, 100);
  EXPECT_EQ(scene.room("ops").unread, 400u);
  EXPECT_THAT(scene.seen(), HasSubstr("400"));
  EXPECT_EQ(scene.effect<AskHistory>().limit, 450);  // back to the line, and a little of what was read
}

TEST_F(Reading, CountsWhatOthersSaidAndWhoMeantHer) {
  scene.joined("ops", 4, 1);
  scene.history_comes("ops", 1,
                      {message("ops", 1, "bob", "alice: read this"), message("ops", 2, "alice", "from the shell"),
                       message("ops", 3, "bob", "m3"), message("ops", 4, "bob", "alice: and this")});
  EXPECT_EQ(scene.room("ops").unread, 2u);
  EXPECT_EQ(scene.room("ops").mentions, 1u);
  EXPECT_EQ(scene.count_effects<Ring>(), 0u);  // it didn't happen now
}

TEST_F(Reading, CountsNothingThatCantBeReadAnyMore) {
  scene.joined("ops", 100, 10);
  scene.history_comes("ops", 91, said("ops", 91, 100));
  EXPECT_EQ(scene.room("ops").unread, 10u);
}

TEST_F(Reading, CountsWhatIsSaidBehindTheCursorOnlyOnce) {
  scene.joined("ops", 3, 1);
  scene.happens(link::Incoming(message("ops", 4, "bob", "m4")));
  scene.history_comes("ops", 1, said("ops", 1, 4));
  EXPECT_EQ(scene.room("ops").unread, 3u);
  scene.presses(Key::meta('2'));
  expect_line_between("m1", "m2");
}

TEST_F(Reading, FetchesHistoryBackToTheLine) {
  scene.joined("lobby", 2000, 900);
  EXPECT_EQ(scene.effect<AskHistory>().limit, 512);
  scene.history_comes("lobby", 1, said("lobby", 1489, 2000));
  EXPECT_EQ(scene.effect<AskHistory>().before, Seq{1489});
  scene.history_comes("lobby", 1, said("lobby", 977, 1488));
  EXPECT_EQ(scene.effect<AskHistory>().before, Seq{977});
  scene.history_comes("lobby", 1, said("lobby", 465, 976));
  EXPECT_EQ(scene.count_effects<AskHistory>(), 0u);
  EXPECT_EQ(*scene.room("lobby").line, (Position{0, Seq{900}}));
}

TEST_F(Reading, FetchesNoMoreThanARoomKeeps) {
  scene.joined("lobby", 1'000'000, 0);
  std::uint64_t oldest = 1'000'001;
  while (scene.count_effects<AskHistory>() == 1) {
    scene.history_comes("lobby", 1, said("lobby", oldest - 512, oldest - 1));
    oldest -= 512;
  }
  EXPECT_GT(scene.room("lobby").entries.size(), 4000u);
  EXPECT_LE(scene.room("lobby").entries.size(), Room::entries_max);
  EXPECT_EQ(scene.room("lobby").entries.front().seq, Seq{oldest});
}

TEST_F(Reading, TellsTheHubAtOnceThenTwiceASecondAndTheLastOfAll) {
  scene.joined("lobby", 0, 0);
  scene.hears("lobby", "bob", "one");
  EXPECT_THAT(told(), ElementsAre(1));
  scene.hears("lobby", "bob", "two");
  is_set(Seq{1});
  scene.hears("lobby", "bob", "three");
  EXPECT_THAT(told(), IsEmpty());
  scene.time_passes(1);
  EXPECT_THAT(told(), ElementsAre(3));
  is_set(Seq{3});
  scene.time_passes(1);
  EXPECT_THAT(told(), IsEmpty());
}

TEST_F(Reading, TellsNothingOfRoomsOutOfViewOrScrolledBack) {
  scene.joined("lobby", 0, 0);
  scene.joined("ops", 0, 0);
  for (int i = 1; i <= 60; ++i) scene.hears("lobby", "bob", "seen");
  is_set(Seq{60});
  scene.presses(Key::of(KeyCode::page_up));
  told();
  scene.hears("lobby", "bob", "not seen");
  scene.hears("ops", "bob", "not seen");
  scene.time_passes(1);
  EXPECT_THAT(told(), IsEmpty());
  EXPECT_EQ(scene.room("lobby").unread, 1u);
  scene.presses(Key::of(KeyCode::end));
  EXPECT_THAT(told(), ElementsAre(61));
  EXPECT_EQ(scene.room("lobby").unread, 0u);
}

TEST_F(Reading, TellsNothingBeforeTheHubHasSaidWhereTheCursorIs) {
  scene.hears("lobby", "bob", "subscribed, not joined yet");
  EXPECT_THAT(told(), IsEmpty());
  scene.joined("lobby", 1, 0);
  EXPECT_THAT(told(), ElementsAre(1));
}

TEST_F(Reading, IsToldWhenTheHubIsBack) {
  scene.joined("lobby", 0, 0);
  scene.hears("lobby", "bob", "one");
  scene.goes_offline();
  told();
  is_set(fail(Status::deadline_exceeded, "the hub did not answer"));
  scene.time_passes(10);
  EXPECT_THAT(told(), IsEmpty());
  scene.goes_online();
  EXPECT_THAT(told(), ElementsAre(1));
}

TEST_F(Reading, IsNotToldAgainWhatTheHubRefuses) {
  scene.joined("lobby", 0, 0);
  scene.hears("lobby", "bob", "one");
  told();
  is_set(fail(Status::resource_exhausted, "you have as many cursors as the hub keeps"));
  scene.time_passes(1);
  EXPECT_THAT(told(), IsEmpty());
}

TEST_F(Reading, IsToldBeforeTheRoomIsLeftOrTheClientEnds) {
  scene.joined("lobby", 0, 0);
  scene.hears("lobby", "bob", "one");
  is_set(Seq{1});
  told();
  scene.hears("lobby", "bob", "two");
  EXPECT_EQ(untold_cursors(scene.state).size(), 1u);
  scene.enters("/part");
  EXPECT_THAT(told(), ElementsAre(2));
}

TEST_F(Reading, ElsewhereMovesCountsAndLine) {
  scene.joined("ops", 0, 0);
  for (const auto* text : {"m1", "alice: m2", "m3"}) scene.hears("ops", "bob", text);
  scene.reads_elsewhere("ops", 2);
  EXPECT_EQ(scene.room("ops").unread, 1u);
  EXPECT_EQ(scene.room("ops").mentions, 0u);
  scene.presses(Key::meta('2'));
  expect_line_between("m2", "m3");
}

TEST_F(Reading, NeverMovesBack) {
  scene.joined("lobby", 0, 0);
  for (int i = 0; i < 3; ++i) scene.hears("lobby", "bob", "m");
  scene.reads_elsewhere("lobby", 1);
  scene.goes_offline();
  scene.goes_online();
  scene.joined("lobby", 3, 2);
  EXPECT_EQ(*scene.room("lobby").read, (Position{0, Seq{3}}));
  EXPECT_EQ(scene.room("lobby").unread, 0u);
}

TEST_F(Reading, GoesOnAfterARestartOfTheHub) {
  for (const auto* room : {"lobby", "ops"}) {
    scene.happens(link::Incoming(link::RoomAttached{RoomName::literal(room), Seq{1}, Seq{0}, true}));
    scene.joined(room, 0, 0);
  }
  for (int i = 1; i <= 3; ++i) scene.hears("ops", "bob", "m" + std::to_string(i));
  scene.reads_elsewhere("ops", 2);
  scene.goes_offline();
  scene.comes_back_after_restart();
  scene.happens(link::Incoming(link::RoomAttached{RoomName::literal("ops"), Seq{4}, Seq{5}, true}));
  scene.hears("ops", "bob", "m4");
  scene.hears("ops", "bob", "m5");
  scene.joined("ops", 5, 2);
  EXPECT_EQ(scene.room("ops").life, 0u);
  EXPECT_EQ(scene.room("ops").unread, 3u);
  scene.presses(Key::meta('2'));
  expect_line_between("m2", "m3");
}

TEST_F(Reading, OfARoomThatBeganAnewStartsWithItsFirstMessage) {
  scene.joined("ops", 0, 0);
  scene.goes_offline();
  scene.goes_online(true);
  scene.happens(link::Incoming(link::RoomAttached{RoomName::literal("ops"), Seq{1}, Seq{2}}));
  scene.hears("ops", "bob", "said before alice was back");
  scene.hears("ops", "bob", "this too");
  scene.joined("ops", 2, 2);  // who joins a new room has read it all, says the hub
  scene.history_comes("ops", 1, said("ops", 1, 2));
  EXPECT_EQ(scene.room("ops").unread, 2u);
}

}  // namespace
}  // namespace hubbub::tui
