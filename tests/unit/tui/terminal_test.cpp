// Between the state and a real terminal: keys out of bytes, bytes out of screens.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "client/tui/terminal/keys.hpp"
#include "client/tui/terminal/paint.hpp"
#include "client/tui/text/cells.hpp"
#include "tests/support/virtual_screen.hpp"
#include "tests/unit/tui/scene.hpp"

namespace hubbub::tui {

void PrintTo(const Key& key, std::ostream* out) {
  *out << "key " << static_cast<int>(key.code) << " '" << key.text << '\'' << (key.ctrl ? " ctrl" : "")
       << (key.alt ? " alt" : "") << (key.shift ? " shift" : "");
}

namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(KeyDecoder, ReadsCharacters) {
  KeyDecoder decoder;
  EXPECT_THAT(decoder.feed("aé👍"), ElementsAre(Key::typed("a"), Key::typed("é"), Key::typed("👍")));
}

TEST(KeyDecoder, WaitsForTheRestOfACharacter) {
  KeyDecoder decoder;
  EXPECT_THAT(decoder.feed("\xF0\x9F"), IsEmpty());
  EXPECT_TRUE(decoder.waits());
  EXPECT_THAT(decoder.feed("\x91\x8D"), ElementsAre(Key::typed("👍")));
  EXPECT_FALSE(decoder.waits());
}

TEST(KeyDecoder, ReadsControlCodes) {
  KeyDecoder decoder;
  EXPECT_THAT(decoder.feed("\x01\x7f\r\t\x1f\x08"),
              ElementsAre(Key::control('a'), Key::of(KeyCode::backspace), Key::of(KeyCode::enter),
                          Key::of(KeyCode::tab), Key::control('_'), Key::control('h')));
}

TEST(KeyDecoder, ReadsSequences) {
  KeyDecoder decoder;
  EXPECT_THAT(
      decoder.feed("\x1b[A\x1bOB\x1b[5~\x1b[1;5D\x1b[Z\x1b[3~"),
      ElementsAre(Key::of(KeyCode::up), Key::of(KeyCode::down), Key::of(KeyCode::page_up),
                  (Key{KeyCode::left, {}, true}), (Key{KeyCode::tab, {}, false, false, true}), Key::of(KeyCode::del)));
}

TEST(KeyDecoder, ReadsSequencesThatComeInPieces) {
  KeyDecoder decoder;
  EXPECT_THAT(decoder.feed("\x1b"), IsEmpty());
  EXPECT_THAT(decoder.feed("[6"), IsEmpty());
  EXPECT_THAT(decoder.feed("~x"), ElementsAre(Key::of(KeyCode::page_down), Key::typed("x")));
}

TEST(KeyDecoder, TellsAltFromALoneEscape) {
  KeyDecoder decoder;
  EXPECT_THAT(decoder.feed("\x1b"
                           "a\x1b"
                           "1\x1b\r"),
              ElementsAre(Key::meta('a'), Key::meta('1'), (Key{KeyCode::enter, {}, false, true})));
  EXPECT_THAT(decoder.feed("\x1b"), IsEmpty());
  EXPECT_TRUE(decoder.waits());
  EXPECT_THAT(decoder.flush(), ElementsAre(Key::of(KeyCode::escape)));
}

TEST(KeyDecoder, SwallowsSequencesItDoesntKnow) {
  KeyDecoder decoder;
  EXPECT_THAT(decoder.feed("\x1b[?1;2c\x1b[99~z"), ElementsAre(Key{}, Key{}, Key::typed("z")));
}

TEST(KeyDecoder, DropsASequenceThatNeverEnds) {
  KeyDecoder decoder;
  EXPECT_THAT(decoder.feed("\x1b[1;"), IsEmpty());
  EXPECT_THAT(decoder.flush(), ElementsAre(Key{}));
  EXPECT_THAT(decoder.feed("x"), ElementsAre(Key::typed("x")));
}

TEST(KeyDecoder, PrefersTheTerminalsOwnSequences) {
  KeyDecoder decoder({{"\x1b[7~", Key::of(KeyCode::page_up)}});
  EXPECT_THAT(decoder.feed("\x1b[7~"), ElementsAre(Key::of(KeyCode::page_up)));
}

TEST(KeyDecoder, TakesAPasteAsOneKey) {
  KeyDecoder decoder;
  EXPECT_THAT(decoder.feed("\x1b[200~two\nlines\x1b[A \x1b[20"), IsEmpty());
  EXPECT_THAT(decoder.feed("1~x"), ElementsAre((Key{KeyCode::paste, "two\nlines\x1b[A "}), Key::typed("x")));
}

TEST(KeyDecoder, SwallowsTheFunctionKeysOfTheLinuxConsoleWhole) {
  KeyDecoder decoder;
  EXPECT_THAT(decoder.feed("\x1b[[Ax"), ElementsAre(Key{}, Key::typed("x")));
  EXPECT_THAT(decoder.feed("\x1b[["), IsEmpty());
  EXPECT_THAT(decoder.feed("E"), ElementsAre(Key{}));
}

TEST(KeyDecoder, TellsTheKeypadFromAMouseAndAWindowThatComesToTheFront) {
  KeyDecoder decoder;
  EXPECT_THAT(decoder.feed("\x1bOM\x1bOI\x1b[I\x1b[O\x1b[M"),
              ElementsAre(Key::of(KeyCode::enter), Key::of(KeyCode::tab), Key{}, Key{}, Key{}));
}

TEST(KeyDecoder, EndsAPasteWhoseEndWasLostWhenNothingFollows) {
  KeyDecoder decoder;
  EXPECT_THAT(decoder.feed("\x1b[200~some te"), IsEmpty());
  EXPECT_TRUE(decoder.waits());
  EXPECT_TRUE(decoder.pasting());
  EXPECT_THAT(decoder.flush(), ElementsAre((Key{KeyCode::paste, "some te"})));
  EXPECT_THAT(decoder.feed("x"), ElementsAre(Key::typed("x")));
}

TEST(KeyDecoder, KeepsOfAPasteNotMuchMoreThanCanBeSent) {
  KeyDecoder decoder;
  decoder.feed("\x1b[200~");
  for (int i = 0; i < 100; ++i) EXPECT_THAT(decoder.feed(std::string(100000, 'x')), IsEmpty());
  const auto keys = decoder.feed("\x1b[201~y");
  ASSERT_EQ(keys.size(), 2u);
  EXPECT_EQ(keys[0].text.size(), 2 * limits::body_bytes_max);
  EXPECT_EQ(keys[1], Key::typed("y"));
}

TEST(KeyDecoder, SurvivesAnyBytes) {
  std::mt19937 random(1);
  KeyDecoder decoder;
  for (int i = 0; i < 20000; ++i) {
    std::string bytes;
    for (auto left = random() % 8; left > 0; --left) bytes += "\x1b[O~;9A\x80\xF0"[random() % 9];
    decoder.feed(bytes);
    if (random() % 4 == 0) decoder.flush();
  }
}

class Painting : public testing::Test {
 protected:
  Painting() : terminal(*capabilities_of("xterm-256color")), glass(6, 24) { glass.feed(terminal.begin); }

  void shows(const std::vector<std::string>& rows) {
    Screen next({6, 24});
    for (std::size_t i = 0; i < rows.size(); ++i) next.put(static_cast<int>(i), 0, 24, cells_of(rows[i]));
    next.cursor = Place{1, 2};
    bytes = paint(last, next, terminal);
    glass.feed(bytes);
    last = next;
  }

  Capabilities terminal;
  test::VirtualScreen glass;
  Screen last;
  std::string bytes;
};

TEST_F(Painting, ShowsTheScreen) {
  shows({"hello", "  world", "", "x"});
  EXPECT_EQ(glass.row(0), "hello");
  EXPECT_EQ(glass.row(1), "  world");
  EXPECT_EQ(glass.row(3), "x");
  EXPECT_EQ(glass.cursor_row(), 1);
  EXPECT_EQ(glass.cursor_column(), 2);
  EXPECT_TRUE(glass.cursor_visible());
}

TEST_F(Painting, WritesOnlyDifferences) {
  shows({"hello", "world"});
  shows({"hello", "wOrld"});
  EXPECT_EQ(bytes.find("hello"), std::string::npos);
  EXPECT_LT(bytes.size(), 60u);
  EXPECT_EQ(glass.row(1), "wOrld");
  shows({"hello", "wOrld"});
  EXPECT_EQ(bytes, "");
}

TEST_F(Painting, ReplacesWideCharactersByNarrowOnesAndBack) {
  shows({"a漢字b"});
  shows({"axyzwb"});
  EXPECT_EQ(glass.row(0), "axyzwb");
  shows({"ab漢cd"});
  EXPECT_EQ(glass.row(0), "ab漢cd");
}

// libvterm adds up the widths of an emoji's parts, and gives a heart with VS16 one column: it disagrees with us.
TEST_F(Painting, ShiftsNothingWhereTheTerminalTakesMoreColumnsOrFewer) {
  shows({"👨‍👩‍👧|left  right|", "❤️|left  right|", "🇩🇪|left", "e\u0301|left"});
  for (int row = 0; row < 3; ++row) EXPECT_EQ(glass.cell(row, 2).text, "|") << row;
  EXPECT_EQ(glass.cell(3, 1).text, "|");
  for (int row = 0; row < 2; ++row) EXPECT_EQ(glass.cell(row, 14).text, "|") << row;
  shows({"👨‍👩‍👧|left  RIGHT|", "❤️|LEFT  right|"});
  for (int row = 0; row < 2; ++row) EXPECT_EQ(glass.cell(row, 14).text, "|") << row;
  shows({"plain", "plain"});
  EXPECT_EQ(glass.row(0), "plain");
  EXPECT_EQ(glass.row(1), "plain");
}

TEST_F(Painting, LeavesNothingOfWhatStoodBehindANarrowerCluster) {
  shows({"xxxxxx"});
  shows({"❤️xxxx"});
  EXPECT_EQ(glass.cell(0, 1).text, " ");
  EXPECT_EQ(glass.row(0), "❤️ xxxx");
}

TEST_F(Painting, WritesAgainWhatAWiderClusterRanOver) {
  shows({"abcdefghij"});
  shows({"👨‍👩‍👧cdefghij"});
  EXPECT_EQ(glass.cell(0, 2).text, "c");
  EXPECT_EQ(glass.cell(0, 3).text, "d");
  EXPECT_EQ(glass.cell(0, 5).text, "f");
}

TEST_F(Painting, WrapsNothingAtTheEdge) {
  shows({std::string(22, 'a') + "👨‍👩‍👧", "second"});
  EXPECT_EQ(glass.row(1), "second");
  shows({std::string(24, 'a'), std::string(24, 'b')});
  EXPECT_EQ(glass.row(0), std::string(24, 'a'));
  EXPECT_EQ(glass.row(1), std::string(24, 'b'));
}

TEST_F(Painting, FromUnknownPaintsEverything) {
  shows({"hello"});
  glass.feed("\x1b[2J\x1b[Hgarbage");
  last = Screen{};
  shows({"hello"});
  EXPECT_EQ(glass.row(0), "hello");
}

TEST_F(Painting, CarriesAttributes) {
  Screen next({6, 24});
  next.put(0, 0, 24, cells_of("bold", {.bold = true}));
  next.put(0, 4, 24, cells_of("plain"));
  next.put(0, 9, 24, cells_of("rev", {.fg = 200, .reverse = true}));
  glass.feed(paint(last, next, terminal));
  EXPECT_TRUE(glass.cell(0, 3).bold);
  EXPECT_FALSE(glass.cell(0, 4).bold);
  EXPECT_TRUE(glass.cell(0, 9).reverse);
}

TEST_F(Painting, EndsAsTheTerminalWas) {
  EXPECT_TRUE(glass.on_alternate_screen());
  shows({"hello"});
  glass.feed(terminal.end);
  EXPECT_FALSE(glass.on_alternate_screen());
  EXPECT_TRUE(glass.cursor_visible());
}

// A property: after any series of screens of plain and wide text the glass shows exactly the last one.
TEST_F(Painting, ShowsTheLastOfAnySeriesOfScreens) {
  std::mt19937 random(7);
  const std::vector<std::string> pieces = {"a", "b", " ", "  ", "漢", "字", "é", "한", "x"};
  for (int round = 0; round < 500; ++round) {
    std::vector<std::string> rows(6);
    for (auto& row : rows)
      for (auto left = random() % 20; left > 0; --left) row += pieces[random() % pieces.size()];
    shows(rows);
    for (int row = 0; row < 6; ++row) ASSERT_EQ(glass.row(row), last.text(row)) << "round " << round;
  }
}

TEST(Capabilities, LeaveNothingBehindOnATerminalWithOneScreen) {
  const auto terminal = *capabilities_of("ansi");
  test::VirtualScreen glass(6, 24);
  glass.feed(terminal.begin);
  Screen screen({6, 24});
  screen.put(3, 0, 24, cells_of("hello"));
  glass.feed(paint(Screen{}, screen, terminal));
  EXPECT_EQ(glass.row(3), "hello");
  glass.feed(terminal.end);
  EXPECT_EQ(glass.row(3), "");
}

TEST(Capabilities, StopWrappingWhereOnlyTheDescriptionDoesntKnowHow) {
  const auto terminal = *capabilities_of("ansi");
  test::VirtualScreen glass(6, 24);
  glass.feed(terminal.begin + "\x1b[6;1H" + std::string(30, 'x'));
  EXPECT_EQ(glass.row(4), "");
  glass.feed(terminal.end + std::string(30, 'x'));
  EXPECT_EQ(glass.row(1), std::string(6, 'x'));
}

TEST(Capabilities, OfATerminalThatCantMoveItsCursorAreRefusedInWords) {
  const auto dumb = capabilities_of("dumb");
  ASSERT_FALSE(dumb);
  EXPECT_THAT(dumb.error().sentence, testing::HasSubstr("can't show a screen"));
  const auto unknown = capabilities_of("no-such-terminal");
  ASSERT_FALSE(unknown);
  EXPECT_THAT(unknown.error().sentence, testing::HasSubstr("TERM=xterm-256color"));
}

}  // namespace
}  // namespace hubbub::tui
