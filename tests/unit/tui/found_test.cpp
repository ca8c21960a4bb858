// /search: what was found, and how one gets there and back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/tui/scene.hpp"

namespace hubbub::tui {
namespace {

using testing::HasSubstr;
using testing::Not;

class FoundTest : public testing::Test {
 protected:
  FoundTest() {
    scene.last["lobby"] = 1000;
    for (int i = 1001; i <= 1100; ++i) scene.hears("lobby", "bob", "message number " + std::to_string(i));
    take_effects(scene.state);
  }
  static link::Message hit(const std::string& room, std::uint64_t seq) {
    return message(room, seq, "bob", "message number " + std::to_string(seq));
  }
  void finds(std::vector<link::Message> messages, std::uint64_t unindexed = 0) {
    scene.happens(SearchCame{AskSearch{Text::literal("number")}, SearchPage{std::move(messages), false, unindexed}});
  }
  /// The hub's answer: messages `first` to `last` of a room that has all from `kept` on.
  void comes(const AskHistory& asked, std::uint64_t first, std::uint64_t last, std::uint64_t kept = 1) {
    HistoryPage page;
    page.first = Seq{kept};
    for (auto seq = first; seq <= last; ++seq) page.messages.push_back(hit(asked.room.str(), seq));
    scene.happens(HistoryCame{asked, page});
  }
  void goes_to_500() {
    finds({hit("lobby", 500)});
    scene.presses(Key::of(KeyCode::enter));
    comes(scene.effect<AskHistory>(), 450, 549);
  }
  Scene scene{{24, 80}};
};

TEST_F(FoundTest, SearchAsksForTheWords) {
  scene.enters("/search deploy -test");
  EXPECT_EQ(scene.effect<AskSearch>().words.str(), "deploy -test");
}

TEST_F(FoundTest, SearchRefusesWordsThatAreNone) {
  scene.enters("/search -test");
  EXPECT_EQ(scene.count_effects<AskSearch>(), 0u);
  EXPECT_THAT(scene.seen(), HasSubstr("only words to leave out"));
}

TEST_F(FoundTest, SaysThatNothingWasFound) {
  finds({}, 3);
  EXPECT_THAT(scene.seen(), HasSubstr("nothing found: number; 3 messages aren't"));
  EXPECT_FALSE(scene.state.found);
}

TEST_F(FoundTest, ListsWhatWasFoundInPlaceOfTheMessages) {
  finds({hit("ci.main", 7), hit("lobby", 1050)}, 2);
  EXPECT_THAT(scene.rows().at(1), HasSubstr("1 2025-06-15 15:06 #ci.main <~bob> "));
  EXPECT_THAT(scene.rows().at(2), HasSubstr("2 2025-06-15 15:06 #lobby <~bob> "));
  EXPECT_THAT(scene.seen(), Not(HasSubstr("number 1100")));
  EXPECT_THAT(scene.seen(), HasSubstr("2 found: Enter or 1 to 9 goes there, Esc closes; 2 messages aren't indexed"));
  scene.presses(Key::of(KeyCode::escape));
  EXPECT_THAT(scene.seen(), HasSubstr("number 1100"));
  EXPECT_THAT(scene.seen(), Not(HasSubstr("Esc closes")));
}

TEST_F(FoundTest, GoesToAMessageThatIsHere) {
  finds({hit("lobby", 1090), hit("lobby", 1020)});
  scene.presses(Key::of(KeyCode::down));
  scene.presses(Key::of(KeyCode::enter));
  EXPECT_EQ(scene.count_effects<AskHistory>(), 0u);
  EXPECT_THAT(scene.seen(), HasSubstr("number 1020"));
  EXPECT_THAT(scene.seen(), HasSubstr("number 1015"));
  EXPECT_THAT(scene.seen(), HasSubstr("number 1025"));
}

TEST_F(FoundTest, GoesThereByNumberAndKeepsToTheList) {
  finds({hit("lobby", 1090), hit("lobby", 1020)});
  for (int i = 0; i < 5; ++i) scene.presses(Key::of(KeyCode::down));
  EXPECT_EQ(scene.state.found->chosen, 1u);
  scene.presses(Key::typed("3"));
  EXPECT_TRUE(scene.state.found) << "there is no third";
  scene.presses(Key::typed("2"));
  EXPECT_FALSE(scene.state.found);
  EXPECT_THAT(scene.seen(), HasSubstr("number 1020"));
}

TEST_F(FoundTest, TypingOnClosesTheList) {
  finds({hit("lobby", 1090)});
  scene.types("so");
  EXPECT_FALSE(scene.state.found);
  EXPECT_EQ(active_room(scene.state).input.text(), "so");
}

TEST_F(FoundTest, FetchesWhatIsAroundAMessageThatIsNotHere) {
  finds({hit("lobby", 500)});
  scene.presses(Key::typed("1"));
  const auto asked = scene.effect<AskHistory>();
  EXPECT_EQ(asked.before, Seq{550});
  EXPECT_EQ(asked.goal, Seq{500});
  comes(asked, 450, 549);
  EXPECT_THAT(scene.seen(), HasSubstr("number 500"));
  EXPECT_THAT(scene.seen(), HasSubstr("number 495"));
  EXPECT_THAT(scene.seen(), HasSubstr("number 505"));
  EXPECT_FALSE(scene.room("lobby").scroll.following);
}

TEST_F(FoundTest, OpensTheRoomOfAMessage) {
  finds({hit("ci.main", 7)});
  scene.presses(Key::of(KeyCode::enter));
  EXPECT_EQ(active_room(scene.state).name.str(), "ci.main");
  std::optional<AskHistory> asked;
  std::size_t opened = 0;
  for (const auto& effect : take_effects(scene.state)) {
    if (const auto* open = std::get_if<OpenRoom>(&effect)) opened += open->room.str() == "ci.main";
    if (const auto* ask = std::get_if<AskHistory>(&effect)) asked = *ask;
  }
  EXPECT_EQ(opened, 1u);
  ASSERT_TRUE(asked);
  comes(*asked, 1, 20);
  EXPECT_THAT(scene.seen(), HasSubstr("number 7"));
  scene.happens(JoinEnded{RoomName::literal("ci.main"), proto::RoomJoin::Reply{}});
  EXPECT_EQ(scene.effect<AskHistory>().before, Seq{}) << "and what is newest there is asked for all the same";
}

TEST_F(FoundTest, SaysThatAMessageIsGone) {
  finds({hit("lobby", 500)});
  scene.presses(Key::of(KeyCode::enter));
  comes(scene.effect<AskHistory>(), 520, 549, 520);
  scene.presses(Key::of(KeyCode::end));
  EXPECT_THAT(scene.seen(), HasSubstr("the hub no longer has that message"));
}

TEST_F(FoundTest, ShowsWhatIsNotFetchedYetAndFetchesItOnTheWayDown) {
  goes_to_500();
  for (int i = 0; i < 10; ++i) scene.presses(Key::of(KeyCode::page_down));
  EXPECT_THAT(scene.seen(), HasSubstr("number 549")) << "no further than to what is missing";
  auto asked = scene.effect<AskHistory>();
  EXPECT_EQ(asked.before, Seq{650});
  EXPECT_EQ(scene.room("lobby").hole_before(scene.room("lobby").find_message(Seq{1001}).value())->first, Seq{550});
  comes(asked, 550, 649);
  for (int page = 0; page < 100 && !scene.room("lobby").scroll.following; ++page) {
    scene.presses(Key::of(KeyCode::page_down));
    for (auto& effect : take_effects(scene.state))
      if (auto* more = std::get_if<AskHistory>(&effect)) comes(*more, more->before.value - 100, more->before.value - 1);
  }
  EXPECT_THAT(scene.seen(), HasSubstr("number 1100"));
  EXPECT_TRUE(scene.room("lobby").holes.empty());
}

TEST_F(FoundTest, FetchesItOnTheWayUpToo) {
  goes_to_500();
  scene.presses(Key::of(KeyCode::end));
  for (int i = 0; i < 10; ++i) scene.presses(Key::of(KeyCode::page_up));
  EXPECT_THAT(scene.seen(), HasSubstr("451 messages not fetched yet"));
  EXPECT_THAT(scene.seen(), HasSubstr("number 549"));
  const auto asked = scene.effect<AskHistory>();
  EXPECT_EQ(asked.before, Seq{1001});
  comes(asked, 901, 1000);
  EXPECT_EQ(scene.room("lobby").holes.front().last, Seq{900});
}

TEST_F(FoundTest, ForgetsWhatIsMissingWhereTheHubHasItNoMore) {
  goes_to_500();
  scene.presses(Key::of(KeyCode::end));
  for (int i = 0; i < 10; ++i) scene.presses(Key::of(KeyCode::page_up));
  comes(scene.effect<AskHistory>(), 980, 1000, 980);
  EXPECT_TRUE(scene.room("lobby").holes.empty());
}

TEST_F(FoundTest, TakesNothingForMissingInOrdinaryPages) {
  auto& room = scene.room("lobby");
  room.history_complete = false;
  scene.presses(Key::of(KeyCode::home));
  comes(scene.effect<AskHistory>(), 901, 1000);
  EXPECT_TRUE(room.holes.empty());
  scene.last["lobby"] = 1105;
  scene.hears("lobby", "bob", "after a gap");
  EXPECT_TRUE(room.holes.empty());
}

}  // namespace
}  // namespace hubbub::tui
