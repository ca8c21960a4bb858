// The input line, its history, and the keys.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/tui/input/history.hpp"
#include "client/tui/input/input_line.hpp"
#include "tests/unit/tui/scene.hpp"

namespace hubbub::tui {
namespace {

using testing::HasSubstr;

InputLine line_with(const std::string& text, std::size_t back = 0) {
  InputLine line;
  line.insert(text);
  for (std::size_t i = 0; i < back; ++i) line.left();
  return line;
}

TEST(InputLine, MovesAndDeletesByWhatAPersonSeesAsOneCharacter) {
  auto line = line_with("a👨‍👩‍👧e\u0301");
  line.left();
  EXPECT_EQ(line.cursor(), line.text().size() - 3);
  line.left();
  EXPECT_EQ(line.cursor(), 1u);
  line.delete_right();
  EXPECT_EQ(line.text(), "ae\u0301");
  line.end();
  line.delete_left();
  EXPECT_EQ(line.text(), "a");
  line.delete_left();
  line.delete_left();
  EXPECT_EQ(line.text(), "");
}

TEST(InputLine, MovesByWords) {
  auto line = line_with("the quick, brown");
  line.word_left();
  EXPECT_EQ(line.cursor(), 11u);
  line.word_left();
  EXPECT_EQ(line.cursor(), 4u);
  line.word_right();
  EXPECT_EQ(line.cursor(), 9u);
}

TEST(InputLine, MovesOverALongWordAtOnce) {
  auto line = line_with("see " + std::string(limits::body_bytes_max / 2, 'x'));
  line.word_left();  // a test that never ends fails, too
  EXPECT_EQ(line.cursor(), 4u);
  line.word_left();
  EXPECT_EQ(line.cursor(), 0u);
}

TEST(InputLine, KeepsWhatWasCutWhenThereIsNothingToCut) {
  KillBuffer kill;
  auto line = line_with("one two");
  line.kill_to_blank(kill);
  line.kill_to_end(kill);
  line.home();
  line.kill_to_start(kill);
  EXPECT_EQ(kill.text, "two");
}

TEST(InputLine, UndoesNothingRatherThanALongPasteWithTheEditAfterIt) {
  const std::string pasted(10000, 'x');
  auto line = line_with("a");
  line.insert(pasted);
  line.insert("b");
  line.undo();
  EXPECT_EQ(line.text(), "a" + pasted + "b");
}

TEST(InputLine, CutsAndPutsIn) {
  KillBuffer kill;
  auto line = line_with("one two three");
  line.kill_to_blank(kill);
  EXPECT_EQ(line.text(), "one two ");
  kill.adding = true;
  line.kill_to_blank(kill);
  EXPECT_EQ(kill.text, "two three");
  line.yank(kill);
  EXPECT_EQ(line.text(), "one two three");
  line.home();
  kill.adding = false;
  line.kill_word_right(kill);
  EXPECT_EQ(line.text(), " two three");
  line.kill_to_end(kill);
  EXPECT_EQ(line.text(), "");
  EXPECT_EQ(kill.text, " two three");
}

TEST(InputLine, CutsToTheStart) {
  KillBuffer kill;
  auto line = line_with("hello world", 5);
  line.kill_to_start(kill);
  EXPECT_EQ(line.text(), "world");
  EXPECT_EQ(line.cursor(), 0u);
  EXPECT_EQ(kill.text, "hello ");
}

TEST(InputLine, SwapsTwoCharacters) {
  auto line = line_with("ab👍");
  line.transpose();
  EXPECT_EQ(line.text(), "a👍b");
  auto single = line_with("x");
  single.transpose();
  EXPECT_EQ(single.text(), "x");
}

TEST(InputLine, Undoes) {
  auto line = line_with("abc");
  line.delete_left();
  line.undo();
  EXPECT_EQ(line.text(), "abc");
  line.undo();
  line.undo();
  EXPECT_EQ(line.text(), "");
}

TEST(History, GivesBackWhatWasBeingTyped) {
  History history;
  history.add("one");
  history.add("two");
  history.add("two");
  HistoryPlace place;
  EXPECT_EQ(history.older(place, "draft"), "two");
  EXPECT_EQ(history.older(place, "two"), "one");
  EXPECT_EQ(history.older(place, "one"), std::nullopt);
  EXPECT_EQ(history.newer(place), "two");
  EXPECT_EQ(history.newer(place), "draft");
  EXPECT_EQ(history.newer(place), std::nullopt);
}

TEST(History, ForgetsTheOldestAndKeepsEverybodysPlace) {
  History history;
  HistoryPlace place;
  for (std::size_t i = 1; i <= History::lines_max; ++i) history.add("line " + std::to_string(i));
  for (int i = 0; i < 3; ++i) history.older(place, "draft");
  history.add("line 1001");
  EXPECT_EQ(history.older(place, ""), "line 997");
  for (std::size_t i = 0; i < History::lines_max; ++i) history.add("more " + std::to_string(i));
  EXPECT_EQ(history.older(place, ""), std::nullopt);
  EXPECT_EQ(history.newer(place), "more 0");
}

TEST(Keys, EditTheLineOfTheRoomInView) {
  Scene scene({24, 80}, {"lobby", "ci.main"});
  scene.types("hello wrld");
  scene.presses(Key::control('b'));
  scene.presses(Key::control('b'));
  scene.presses(Key::control('b'));
  scene.types("o");
  EXPECT_EQ(scene.room("lobby").input.text(), "hello world");
  scene.presses(Key::control('n'));
  scene.types("other");
  EXPECT_EQ(scene.room("ci.main").input.text(), "other");
  scene.presses(Key::control('p'));
  EXPECT_EQ(active_room(scene.state).input.text(), "hello world");
}

TEST(Keys, AddUpCutsThatFollowEachOther) {
  Scene scene;
  scene.types("one two three");
  scene.presses(Key::control('w'));
  scene.presses(Key::control('w'));
  scene.presses(Key::control('y'));
  EXPECT_EQ(scene.room("lobby").input.text(), "one two three");
  scene.presses(Key::control('w'));
  scene.presses(Key::control('e'));
  scene.presses(Key::control('w'));
  EXPECT_EQ(scene.state.kill.text, "two ");
}

TEST(Keys, GoThroughWhatWasSent) {
  Scene scene;
  scene.enters("first");
  scene.enters("second");
  scene.types("draft");
  scene.presses(Key::of(KeyCode::up));
  scene.presses(Key::of(KeyCode::up));
  EXPECT_EQ(scene.room("lobby").input.text(), "first");
  scene.presses(Key::of(KeyCode::down));
  scene.presses(Key::of(KeyCode::down));
  EXPECT_EQ(scene.room("lobby").input.text(), "draft");
}

TEST(Keys, LeaveWhatIsBeingTypedInItsRoom) {
  Scene scene({24, 80}, {"lobby", "ops"});
  scene.enters("sent");
  scene.types("for the lobby only");
  scene.presses(Key::of(KeyCode::up));
  scene.presses(Key::meta('2'));
  scene.presses(Key::of(KeyCode::down));
  EXPECT_EQ(scene.room("ops").input.text(), "");
  scene.presses(Key::of(KeyCode::up));
  EXPECT_EQ(scene.room("ops").input.text(), "sent");
  scene.presses(Key::meta('1'));
  scene.presses(Key::of(KeyCode::down));
  EXPECT_EQ(scene.room("lobby").input.text(), "for the lobby only");
}

TEST(Keys, NeverBecomeTextWhenTheyMeanNothing) {
  Scene scene;
  scene.presses(Key{});
  scene.presses(Key::control('g'));
  scene.presses(Key::meta('x'));
  scene.presses(Key::of(KeyCode::escape));
  EXPECT_EQ(scene.room("lobby").input.text(), "");
}

class Searching : public testing::Test {
 protected:
  Searching() {
    for (const auto* line : {"make test", "Make me laugh", "/join ops", "good morning"}) scene.enters(line);
    scene.presses(Key::meta('1'));
    scene.types("draft");
    take_effects(scene.state);
    scene.presses(Key::control('r'));
  }
  std::string line() const { return active_room(scene.state).input.text(); }
  Scene scene{{24, 80}, {"lobby", "ops"}};
};

TEST_F(Searching, ShowsTheNewestLineThatFitsWhileItIsTyped) {
  EXPECT_EQ(line(), "draft");
  scene.types("m");
  EXPECT_EQ(line(), "good morning");
  scene.types("ak");
  EXPECT_EQ(line(), "Make me laugh");  // in whatever case
  EXPECT_THAT(scene.seen(), HasSubstr("search: mak "));
}

TEST_F(Searching, GoesToOlderOnesAndBack) {
  scene.types("make");
  scene.presses(Key::control('r'));
  EXPECT_EQ(line(), "make test");
  scene.presses(Key::control('r'));
  EXPECT_EQ(line(), "make test");
  EXPECT_THAT(scene.seen(), HasSubstr("nothing like that: make "));
  scene.presses(Key::control('s'));
  EXPECT_EQ(line(), "Make me laugh");
}

TEST_F(Searching, KeepsTheLastThatFitsWhenNothingDoes) {
  scene.types("makex");
  EXPECT_EQ(line(), "Make me laugh");
  EXPECT_THAT(scene.seen(), HasSubstr("nothing like that: makex "));
  scene.presses(Key::of(KeyCode::backspace));
  EXPECT_THAT(scene.seen(), HasSubstr("search: make "));
}

TEST_F(Searching, SendsWithEnterWhatWasFound) {
  scene.types("laugh");
  scene.presses(Key::of(KeyCode::enter));
  EXPECT_EQ(scene.effect<Say>().body, "Make me laugh");
  EXPECT_EQ(line(), "");
}

TEST_F(Searching, LeavesWhatWasFoundToBeEdited) {
  scene.types("laugh");
  scene.presses(Key::of(KeyCode::escape));
  EXPECT_EQ(line(), "Make me laugh");
  EXPECT_THAT(scene.seen(), testing::Not(HasSubstr("search")));
  scene.types("!");
  EXPECT_EQ(line(), "Make me laugh!");
}

TEST_F(Searching, GoesOnFromThereWithUpAndDown) {
  scene.types("laugh");
  scene.presses(Key::of(KeyCode::up));
  EXPECT_EQ(line(), "make test");
  for (int i = 0; i < 4; ++i) scene.presses(Key::of(KeyCode::down));
  EXPECT_EQ(line(), "draft");
}

TEST_F(Searching, GivesTheDraftBackWhenItIsGivenUp) {
  for (const char key : {'g', 'c'}) {
    scene.types("laugh");
    scene.presses(Key::control(key));
    EXPECT_EQ(line(), "draft");
    scene.presses(Key::control('r'));
  }
}

TEST_F(Searching, EndsWithTheRoomsChange) {
  scene.types("laugh");
  scene.presses(Key::control('n'));
  EXPECT_EQ(active_room(scene.state).name.str(), "ops");
  scene.types("x");
  EXPECT_EQ(line(), "x");
  EXPECT_EQ(scene.room("lobby").input.text(), "Make me laugh");
}

TEST_F(Searching, FindsNothingInAnEmptyHistory) {
  Scene other;
  other.presses(Key::control('r'));
  other.types("x");
  other.presses(Key::control('s'));
  EXPECT_EQ(other.room("lobby").input.text(), "");
}

TEST(CtrlC, EmptiesTheLineAndLeavesOnlyWhenAskedTwice) {
  Scene scene;
  scene.types("text");
  scene.presses(Key::control('c'));
  EXPECT_EQ(scene.room("lobby").input.text(), "");
  EXPECT_EQ(scene.count_effects<Quit>(), 0u);
  scene.presses(Key::control('c'));
  EXPECT_THAT(scene.seen(), HasSubstr("Ctrl+C again leaves"));
  scene.types("x");
  scene.presses(Key::control('c'));
  scene.presses(Key::control('c'));
  EXPECT_EQ(scene.count_effects<Quit>(), 0u);
  scene.presses(Key::control('c'));
  EXPECT_EQ(scene.count_effects<Quit>(), 1u);
}

TEST(Paste, KeepsEveryLineAndShowsWhereTheyEnd) {
  Scene scene;
  scene.pastes("one\r\ntwo\rthree\n");
  EXPECT_EQ(scene.room("lobby").input.text(), "one\ntwo\nthree");
  EXPECT_THAT(scene.seen(), HasSubstr("one⏎two⏎three"));
  scene.presses(Key::of(KeyCode::enter));
  EXPECT_EQ(scene.effect<Say>().body, "one\ntwo\nthree");
}

TEST(Paste, OfManyLinesAsksBeforeItIsSentAndLosesNothing) {
  std::string text;
  for (int i = 1; i <= 500; ++i) text += "line " + std::to_string(i) + "\n";
  Scene scene;
  scene.pastes(text);
  scene.presses(Key::of(KeyCode::enter));
  EXPECT_EQ(scene.count_effects<Say>(), 0u);
  EXPECT_THAT(scene.seen(), HasSubstr("500 lines: Enter sends them"));
  scene.presses(Key::control('e'));  // no
  scene.presses(Key::of(KeyCode::enter));
  EXPECT_EQ(scene.count_effects<Say>(), 0u);
  scene.presses(Key::of(KeyCode::enter));
  EXPECT_EQ(scene.effect<Say>().body + "\n", text);
}

TEST(Typing, IsToldNowAndThenAndWhenItEnds) {
  Scene scene;
  scene.types("hello");
  EXPECT_EQ(scene.count_effects<TellTyping>(), 1u);
  scene.time_passes(4);
  scene.types("!");
  EXPECT_EQ(scene.count_effects<TellTyping>(), 1u);
  scene.presses(Key::control('u'));
  EXPECT_FALSE(scene.effect<TellTyping>().on);
}

TEST(Typing, IsToldAnewAfterSomethingWasSent) {
  Scene scene;
  scene.enters("hello");
  EXPECT_EQ(scene.count_effects<TellTyping>(), 1u);  // the message itself says that the typing has ended
  scene.types("more");
  EXPECT_EQ(scene.count_effects<TellTyping>(), 1u);
}

TEST(Sending, RefusesWhatNoMessageCanHoldAndKeepsIt) {
  Scene scene;
  const std::string huge(limits::body_bytes_max + 1, 'x');
  scene.pastes(huge);
  scene.presses(Key::of(KeyCode::enter));
  EXPECT_EQ(scene.count_effects<Say>(), 0u);
  EXPECT_THAT(scene.seen(), HasSubstr("send it in parts"));
  EXPECT_EQ(scene.room("lobby").input.text().size(), huge.size());
}

TEST(Sending, RefusesWhatIsNotUtf8AndKeepsIt) {
  Scene scene;
  scene.pastes("caf\xE9");
  scene.presses(Key::of(KeyCode::enter));
  EXPECT_EQ(scene.count_effects<Say>(), 0u);
  EXPECT_THAT(scene.seen(), HasSubstr("not UTF-8"));
  EXPECT_EQ(scene.room("lobby").input.text(), "caf\xE9");
}

TEST(Typing, OfACommandIsNobodysBusiness) {
  Scene scene;
  scene.types("/msg bob psst");
  EXPECT_EQ(scene.count_effects<TellTyping>(), 0u);
}

}  // namespace
}  // namespace hubbub::tui
