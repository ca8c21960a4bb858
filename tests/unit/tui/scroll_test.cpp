// Scrolling: a place stays where it is, whatever comes above or below.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/tui/scene.hpp"

namespace hubbub::tui {
namespace {

using testing::HasSubstr;
using testing::Not;

class Scrolling : public testing::Test {
 protected:
  Scrolling() {
    for (int i = 1; i <= 100; ++i) scene.hears("lobby", "bob", "message number " + std::to_string(i));
    scene.room("lobby").history_complete = false;
    take_effects(scene.state);
  }
  std::string middle() const { return scene.rows().at(10); }
  Scene scene{{24, 80}};
};

TEST_F(Scrolling, FollowsTheNewestUntilSomebodyScrolls) {
  EXPECT_THAT(scene.seen(), HasSubstr("number 100"));
  scene.hears("lobby", "bob", "message number 101");
  EXPECT_THAT(scene.rows().at(21), HasSubstr("number 101"));
}

TEST_F(Scrolling, KeepsItsPlaceWhileNewMessagesCome) {
  scene.presses(Key::of(KeyCode::page_up));
  const auto before = middle();
  EXPECT_THAT(scene.seen(), Not(HasSubstr("number 100")));
  for (int i = 0; i < 7; ++i) scene.hears("lobby", "bob", "new");
  EXPECT_EQ(middle(), before);
  EXPECT_THAT(scene.seen(), HasSubstr("7 new below"));
  scene.presses(Key::of(KeyCode::end));
  EXPECT_THAT(scene.seen(), Not(HasSubstr("new below")));
  EXPECT_THAT(scene.rows().at(21), HasSubstr("> new"));
}

TEST_F(Scrolling, GoesBackDownToWhereItBegan) {
  const auto before = scene.rows();
  scene.presses(Key::of(KeyCode::page_up));
  scene.presses(Key::of(KeyCode::page_up));
  scene.presses(Key::of(KeyCode::page_down));
  scene.presses(Key::of(KeyCode::page_down));
  EXPECT_EQ(scene.rows(), before);
  EXPECT_TRUE(scene.room("lobby").scroll.following);
}

TEST_F(Scrolling, OverlapsPagesByARow) {
  EXPECT_THAT(scene.rows().at(1), HasSubstr("number 80"));
  scene.presses(Key::of(KeyCode::page_up));
  EXPECT_THAT(scene.rows().at(21), HasSubstr("number 80"));
}

TEST_F(Scrolling, AsksForOlderMessagesAtTheTopAndStaysThere) {
  scene.presses(Key::of(KeyCode::home));
  EXPECT_EQ(scene.effect<AskHistory>().before, Seq{1});
  const auto place = scene.rows().at(10);
  HistoryPage page;
  page.first = Seq{1};
  auto& room = scene.room("lobby");
  for (auto& entry : room.entries) entry.seq.value += 50;  // as if the room were longer than what is here
  for (std::uint64_t seq = 1; seq <= 50; ++seq) page.messages.push_back(message("lobby", seq, "bob", "older"));
  scene.happens(HistoryCame{AskHistory{RoomName::literal("lobby"), Seq{51}, 0}, page});
  EXPECT_EQ(scene.rows().at(10), place);
  EXPECT_TRUE(room.history_complete);
  scene.presses(Key::of(KeyCode::page_up));
  EXPECT_THAT(scene.seen(), HasSubstr("older"));
  scene.presses(Key::of(KeyCode::home));
  EXPECT_EQ(scene.count_effects<AskHistory>(), 0u);
}

TEST_F(Scrolling, AsksForOlderMessagesOnceAtATime) {
  scene.presses(Key::of(KeyCode::home));
  scene.presses(Key::of(KeyCode::home));
  scene.presses(Key::of(KeyCode::page_up));
  EXPECT_EQ(scene.count_effects<AskHistory>(), 1u);
}

TEST_F(Scrolling, NeverLeavesRowsEmptyAboveTheOldest) {
  for (int i = 0; i < 20; ++i) scene.presses(Key::of(KeyCode::page_up));
  EXPECT_THAT(scene.rows().at(1), HasSubstr("Sunday, 15 June 2025"));
  EXPECT_THAT(scene.rows().at(2), HasSubstr("number 1"));
  EXPECT_THAT(scene.rows().at(21), HasSubstr("number 20"));
}

TEST_F(Scrolling, KeepsItsPlaceOverAResize) {
  scene.presses(Key::of(KeyCode::page_up));
  const auto bottom = scene.rows().at(21).substr(0, 40);
  scene.happens(Resized{{12, 80}});
  EXPECT_THAT(scene.rows().at(9), HasSubstr(bottom.substr(20)));
  scene.happens(Resized{{40, 30}});
  scene.happens(Resized{{24, 80}});
  EXPECT_EQ(scene.rows().at(21).substr(0, 40), bottom);
}

TEST_F(Scrolling, BackToTheEndWhenSomethingIsSaidHere) {
  scene.presses(Key::of(KeyCode::page_up));
  scene.enters("my answer");
  EXPECT_THAT(scene.rows().at(21), HasSubstr("my answer"));
}

TEST_F(Scrolling, HomeAndEndBelongToTheLineWhileThereIsOne) {
  scene.types("abc");
  scene.presses(Key::of(KeyCode::home));
  EXPECT_EQ(scene.room("lobby").input.cursor(), 0u);
  EXPECT_TRUE(scene.room("lobby").scroll.following);
  scene.presses(Key{KeyCode::home, {}, false, true});
  EXPECT_FALSE(scene.room("lobby").scroll.following);
}

TEST(ScrollingWithin, AMessageTallerThanTheScreen) {
  Scene scene({10, 40});
  std::string tall;
  for (int i = 1; i <= 50; ++i) tall += "row " + std::to_string(i) + "\n";
  scene.hears("lobby", "bob", tall);
  EXPECT_THAT(scene.seen(), HasSubstr("row 50"));
  scene.presses(Key::of(KeyCode::page_up));
  EXPECT_THAT(scene.seen(), HasSubstr("row 40"));
  EXPECT_THAT(scene.seen(), Not(HasSubstr("row 50")));
  scene.presses(Key::of(KeyCode::home));
  EXPECT_THAT(scene.seen(), HasSubstr("row 1"));
}

TEST(ScrollingDown, ToTheEndLetsTheOldestGo) {
  Scene scene;
  for (std::size_t i = 0; i < Room::entries_max; ++i) scene.hears("lobby", "bob", "x");
  scene.presses(Key::of(KeyCode::page_up));
  for (int i = 0; i < 10; ++i) scene.hears("lobby", "bob", "x");
  for (int i = 0; i < 3; ++i) scene.presses(Key::of(KeyCode::page_down));
  EXPECT_EQ(scene.room("lobby").entries.size(), Room::entries_max);
}

TEST(ScrollingIn, AnEmptyRoomDoesNothing) {
  Scene scene;
  scene.presses(Key::of(KeyCode::page_up));
  scene.presses(Key::of(KeyCode::home));
  scene.presses(Key::of(KeyCode::page_down));
  EXPECT_TRUE(scene.room("lobby").scroll.following);
}

}  // namespace
}  // namespace hubbub::tui
