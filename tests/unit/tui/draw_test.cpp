// The screen as a function of the state.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "client/tui/text/clusters.hpp"
#include "tests/unit/tui/scene.hpp"

namespace hubbub::tui {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

// Cells add up to the width of the screen, and a wide cell is followed by its other half.
void expect_whole(const Screen& screen) {
  for (int row = 0; row < screen.size().rows; ++row) {
    int sum = 0;
    for (int column = 0; column < screen.size().columns; ++column) {
      const auto& cell = screen.at(row, column);
      sum += cell.width;
      if (cell.width == 2) {
        ASSERT_LT(column + 1, screen.size().columns);
        ASSERT_EQ(screen.at(row, column + 1).width, 0);
      }
      if (cell.width == 0) {
        ASSERT_GT(column, 0);
        ASSERT_EQ(screen.at(row, column - 1).width, 2);
      } else {
        ASSERT_EQ(width_of(std::string_view(cell.text)), cell.width) << cell.text;
      }
    }
    ASSERT_EQ(sum, screen.size().columns);
  }
}

TEST(Screen, BlanksTheOtherHalfOfAWideCellThatIsWrittenOver) {
  const auto after = [](int column) {
    Screen screen({1, 6});
    screen.put(0, 0, 6, {{"漢", 2, {}}, {"字", 2, {}}, {"x", 1, {}}});
    screen.put(0, column, 6, {{"a", 1, {}}});
    expect_whole(screen);
    return screen.text(0);
  };
  EXPECT_EQ(after(0), "a 字x");
  EXPECT_EQ(after(1), " a字x");
  EXPECT_EQ(after(2), "漢a x");
  EXPECT_EQ(after(3), "漢 ax");
}

TEST(Draw, ShowsThroughWhichProgramSomethingWasSaid) {
  Scene scene({6, 60}, {"lobby"});
  link::Message message;
  message.room = RoomName::literal("lobby");
  message.seq = Seq{1};
  message.from = PersonName::literal("bob");
  message.body = "done";
  message.headers.list = {{"via", "backup.sh"}};
  scene.happens(link::Incoming(message));
  EXPECT_THAT(scene.rows(), testing::Contains(HasSubstr("<~bob via backup.sh> done")));
}

TEST(Draw, LaysOutJsonThatIsLongerThanALine) {
  Scene scene({24, 60});
  scene.goes_online();
  const auto says = [&](std::uint64_t seq, const std::string& text) {
    auto said = message("lobby", seq, "bob", text);
    said.headers.list = {{"content-type", "application/json"}};
    scene.happens(said);
  };
  says(1, R"({"short":1})");
  says(2, R"({"level":"error","text":"a disk is full","n":1.10})");
  EXPECT_THAT(scene.seen(), HasSubstr(R"(~bob> {"short":1})"));
  for (const auto* row : {"<~bob> {  ", "│         \"level\": \"error\",", "│         \"text\": \"a disk is full\",",
                          "│         \"n\": 1.10  ", "│       }  "})
    EXPECT_THAT(scene.rows(), testing::Contains(HasSubstr(row)));
  std::string many = "[0";
  for (int i = 0; i < 100; ++i) many += ",0";
  says(3, many + "]");
  EXPECT_THAT(scene.seen(), HasSubstr("… 73 more lines"));
}

TEST(Draw, ShowsAConversation) {
  Scene scene({10, 70}, {"lobby", "ci.main"});
  scene.happens(MembersCame{
      RoomName::literal("lobby"),
      {person("alice"), person("bob", proto::Presence::away), person("carol", proto::Presence::online, true)}});
  scene.happens(link::Incoming(event("lobby", proto::EventKind::topic, person("bob"), "tea")));
  scene.hears("lobby", "bob", "hi there");
  scene.hears("lobby", "bob", "waves", proto::Kind::action);
  scene.hears("lobby", "ci", "build 7 is red", proto::Kind::notice);
  scene.hears("ci.main", "ci", "red");
  scene.types("hello");
  EXPECT_THAT(scene.rows(), ElementsAre(" #lobby  tea",                                                       //
                                        "1 #lobby    │                                            │ ~alice",  //
                                        "2 #ci.main 1│                                            │z~bob",    //
                                        "            │── Sunday, 15 June 2025 ────────────────────│ carol",   //
                                        "            │15:06 -- ~bob has set the topic: tea        │",         //
                                        "            │15:06 <~bob> hi there                       │",         //
                                        "            │15:06 * ~bob waves                          │",         //
                                        "            │15:06 -~ci- build 7 is red                  │",         //
                                        " ~alice  online", "#lobby > hello"));
}

TEST(Draw, PutsMessagesAtTheBottom) {
  Scene scene({10, 50});
  scene.hears("lobby", "bob", "hi");
  EXPECT_THAT(scene.rows().at(7), HasSubstr("<~bob> hi"));
}

TEST(Draw, IndentsWhatDoesNotFit) {
  Scene scene({8, 39});
  scene.hears("lobby", "bob", "the quick brown fox jumps over the lazy dog");
  EXPECT_EQ(scene.rows().at(4), "<~bob> the quick brown fox jumps over");
  EXPECT_EQ(scene.rows().at(5), "       the lazy dog");
}

TEST(Draw, PutsNoEmptyRowBeforeALongWord) {
  Scene scene({9, 39});
  scene.hears("lobby", "bob", "first\n" + std::string(60, 'x') + "\n  " + std::string(40, 'y'));
  EXPECT_EQ(scene.rows().at(2), "<~bob> first");
  EXPECT_EQ(scene.rows().at(3), "       " + std::string(32, 'x'));
  EXPECT_EQ(scene.rows().at(5), "         " + std::string(30, 'y'));
}

TEST(Draw, GivesEachDayALine) {
  Scene scene({10, 60});
  scene.hears("lobby", "bob", "today");
  scene.time_passes(24 * 3600);
  scene.hears("lobby", "bob", "tomorrow");
  EXPECT_THAT(scene.seen(), HasSubstr("Sunday, 15 June 2025"));
  EXPECT_THAT(scene.seen(), HasSubstr("Monday, 16 June 2025"));
}

TEST(Draw, MarksNamesThatAreOnlyClaimed) {
  Scene scene;
  auto verified = message("lobby", 1, "carol", "true");
  verified.verified = true;
  scene.happens(link::Incoming(verified));
  scene.happens(link::Incoming(message("lobby", 2, "bob", "claimed")));
  EXPECT_THAT(scene.seen(), HasSubstr("<carol> true"));
  EXPECT_THAT(scene.seen(), HasSubstr("<~bob> claimed"));
}

TEST(Draw, MarksWhoTypesAndWhoWasRenamedLikewise) {
  Scene scene;
  const auto carol = person("carol", proto::Presence::online, true);
  scene.happens(MembersCame{RoomName::literal("lobby"), {person("bob"), carol}});
  scene.happens(link::Incoming(event("lobby", proto::EventKind::typing, person("bob"), "on")));
  scene.happens(link::Incoming(event("lobby", proto::EventKind::typing, carol, "on")));
  EXPECT_THAT(scene.seen(), HasSubstr(" ~bob, carol are typing…"));
  scene.happens(link::Incoming(event("", proto::EventKind::renamed, person("robert"), "bob")));
  EXPECT_THAT(scene.seen(), HasSubstr("-- ~bob is now called ~robert"));
}

TEST(Draw, DropsTheListsOnNarrowScreens) {
  Scene scene({24, 80});
  scene.happens(MembersCame{RoomName::literal("lobby"), {person("bob")}});
  const auto has = [&](Size size, const std::string& text) {
    scene.happens(Resized{size});
    return scene.seen().find(text) != std::string::npos;
  };
  EXPECT_TRUE(has({24, 60}, "~bob"));
  EXPECT_FALSE(has({24, 59}, "~bob"));
  EXPECT_TRUE(has({24, 40}, "1 #lobby"));
  EXPECT_FALSE(has({24, 39}, "1 #lobby"));
  EXPECT_TRUE(has({5, 20}, "#lobby"));
  EXPECT_TRUE(has({4, 20}, "too small"));
  EXPECT_TRUE(has({5, 19}, "too small"));
}

TEST(Draw, WorksDownToTwentyByFive) {
  Scene scene({5, 20});
  scene.hears("lobby", "bob", "hi");
  scene.types("hello");
  EXPECT_THAT(scene.rows(), ElementsAre(" #lobby", "── Sunday, 15 June …", "<~bob> hi", " ~alice  online", "> hello"));
}

TEST(Draw, NamesActiveRoomsWhereThereIsNoList) {
  Scene scene({10, 30}, {"lobby", "ci", "ops"});
  scene.hears("ci", "bob", "red");
  scene.hears("ops", "bob", "alice!");
  EXPECT_THAT(scene.seen(), HasSubstr("act 2,3!"));
}

TEST(Draw, KeepsTheCursorInView) {
  Scene scene({5, 20});
  EXPECT_EQ(scene.screen().cursor, (Place{4, 2}));
  scene.types("abc");
  EXPECT_EQ(scene.screen().cursor, (Place{4, 5}));
  for (int i = 0; i < 200; ++i) {
    scene.types("x");
    ASSERT_LT(scene.screen().cursor->column, 20);
    ASSERT_GE(scene.screen().cursor->column, 2);
  }
  EXPECT_THAT(scene.rows().at(4), HasSubstr("xxx"));
  scene.presses(Key::control('a'));
  EXPECT_EQ(scene.screen().cursor, (Place{4, 2}));
  EXPECT_THAT(scene.rows().at(4), HasSubstr("> abc"));
}

TEST(Draw, ShowsTheEndOfALineThatIsLongerThanTheScreen) {
  Scene scene({5, 20});
  scene.types(std::string(50, 'x') + "the end");
  EXPECT_THAT(scene.rows().at(4), HasSubstr("the end"));
}

TEST(Draw, ListsWhoIsOfflineLast) {
  Scene scene({10, 80});
  scene.happens(MembersCame{RoomName::literal("lobby"), {person("anna", proto::Presence::offline), person("bob")}});
  EXPECT_THAT(scene.rows().at(1), HasSubstr(" ~bob"));
  EXPECT_THAT(scene.rows().at(2), HasSubstr("-~anna"));
}

TEST(Draw, SaysHowManyMembersThereIsNoRowFor) {
  Scene scene({8, 80});
  MembersCame came{RoomName::literal("lobby"), {}};
  for (char c = 'a'; c <= 'z'; ++c) came.members.push_back(person(std::string(3, c)));
  scene.happens(came);
  EXPECT_THAT(scene.rows().at(5), HasSubstr("and 22 more"));
}

TEST(Draw, KeepsTheRoomInViewInTheList) {
  std::vector<std::string> names;
  for (int i = 1; i <= 30; ++i) names.push_back("room" + std::to_string(i));
  Scene scene({10, 50}, names);
  scene.enters("/join room30");
  EXPECT_THAT(scene.seen(), HasSubstr("30 #room30"));
  scene.enters("/join room15");
  EXPECT_THAT(scene.seen(), HasSubstr("15 #room15"));
}

TEST(Draw, PutsTheCursorBehindWideCharacters) {
  Scene scene({5, 20});
  scene.presses(Key::typed("漢"));
  scene.presses(Key::typed("👍"));
  EXPECT_EQ(scene.screen().cursor, (Place{4, 6}));
}

TEST(Draw, ShowsOnlyTheBeginningOfAHugeMessage) {
  Scene scene;
  scene.hears("lobby", "bob", std::string(1 << 20, 'x'));
  EXPECT_THAT(scene.seen(), HasSubstr("bytes more"));
}

TEST(Draw, GivesOneMessageABoundedNumberOfRows) {
  Scene scene({40, 80});
  scene.hears("lobby", "bob", "up here\n" + std::string(10000, '\n') + "down there");
  EXPECT_THAT(scene.seen(), HasSubstr("… and 9803 rows more"));
  for (int page = 0; page < 6; ++page) scene.presses(Key::of(KeyCode::page_up));
  EXPECT_THAT(scene.seen(), HasSubstr("<~bob> up here"));
}

TEST(Draw, SaysWhyEvenAMessageThatIsCutWasNotSent) {
  Scene scene;
  scene.pastes(std::string(1000, '\n') + "x");
  scene.presses(Key::of(KeyCode::enter));
  scene.presses(Key::of(KeyCode::enter));
  scene.is_told(scene.effect<Say>(), fail(Status::resource_exhausted, "too fast"));
  EXPECT_THAT(scene.seen(), HasSubstr("rows more (not sent: too"));
}

TEST(Draw, ShowsDataAsWhatItIs) {
  Scene scene;
  scene.hears("lobby", "bob", "\xFF\xFE\x01", proto::Kind::data);
  scene.hears("lobby", "bob", "{\"a\":1}", proto::Kind::data);
  EXPECT_THAT(scene.seen(), HasSubstr("3 bytes of data"));
  EXPECT_THAT(scene.seen(), HasSubstr("{\"a\":1}"));
}

TEST(Draw, NeverContainsWhatATerminalWouldObey) {
  Scene scene;
  const std::string evil = "\x1b]0;pwned\x07\x1b[2J\u202Egnp.exe\u009b31m\r\n\x1b[H";
  scene.hears("lobby", "bob", evil);
  scene.happens(link::Incoming(event("lobby", proto::EventKind::topic, person("bob"), evil)));
  scene.pastes(evil);
  scene.happens(Refused{{Status::unknown, evil}});
  const auto text = scene.seen();
  for (const char byte : text) EXPECT_TRUE(static_cast<unsigned char>(byte) >= 0x20 || byte == '\n');
  EXPECT_THAT(text, Not(HasSubstr("\x7f")));
  EXPECT_THAT(text, Not(HasSubstr("\u202E")));
  EXPECT_THAT(text, Not(HasSubstr("\u009b")));
  EXPECT_THAT(text, HasSubstr("^[[2J"));
}

TEST(Draw, SameNameSameColour) {
  Scene scene;
  scene.hears("lobby", "bob", "one");
  scene.hears("lobby", "carol", "two");
  scene.hears("lobby", "bob", "three");
  const auto screen = scene.screen();
  const auto colour = [&](int row) { return screen.at(row, 14 + 7).style.fg; };
  EXPECT_GE(colour(21), 0);
  EXPECT_EQ(colour(19), colour(21));
  EXPECT_NE(colour(19), colour(20));
}

// A property: whatever is said, typed and resized, every row is exactly as wide as the screen.
TEST(Draw, FillsEveryRowExactlyForRandomText) {
  std::mt19937 random(20250615);
  const auto below = [&](std::uint32_t bound) {
    return std::uniform_int_distribution<std::uint32_t>(0, bound - 1)(random);
  };
  const std::vector<std::string> pieces = {"a",       " ",      "漢",     "👍🏽", "👨‍👩‍👧‍👦",
                                           "e\u0301", "\u0301", "\u200D", "\uFE0F",   "🇩🇪",
                                           "🇩",       "\x1b[",  "\t",     "\n",       "\u202E",
                                           "ﷺ",       "하",     "ก็",      "\u0600",   "\u1F468",
                                           "½",       "word ",  "ไทย",    "\xFF",     "स्ते",
                                           "…",       "\u3164"};
  const auto random_text = [&] {
    std::string text;
    for (auto left = below(60); left > 0; --left) {
      if (below(4) > 0) {
        text += pieces[below(static_cast<std::uint32_t>(pieces.size()))];
      } else {
        const auto point = below(0x110000);
        if (point < 0x80)
          text += static_cast<char>(point);
        else if (point < 0x800)
          text += {static_cast<char>(0xC0 | point >> 6), static_cast<char>(0x80 | (point & 0x3F))};
        else if (point < 0x10000)
          text += {static_cast<char>(0xE0 | point >> 12), static_cast<char>(0x80 | (point >> 6 & 0x3F)),
                   static_cast<char>(0x80 | (point & 0x3F))};
        else
          text += {static_cast<char>(0xF0 | point >> 18), static_cast<char>(0x80 | (point >> 12 & 0x3F)),
                   static_cast<char>(0x80 | (point >> 6 & 0x3F)), static_cast<char>(0x80 | (point & 0x3F))};
      }
    }
    return text;
  };
  Scene scene;
  for (int round = 0; round < 400; ++round) {
    scene.hears("lobby", "bob", random_text(), static_cast<proto::Kind>(below(4)));
    scene.pastes(random_text());
    if (below(3) == 0) scene.presses(Key::of(KeyCode::page_up));
    if (below(5) == 0) scene.presses(Key::of(KeyCode::page_down));
    if (below(3) == 0) scene.presses(Key::control("abefuwt"[below(7)]));
    const Size size{static_cast<int>(1 + below(30)), static_cast<int>(1 + below(100))};
    scene.happens(Resized{size});
    ASSERT_NO_FATAL_FAILURE(expect_whole(scene.screen())) << size.rows << "x" << size.columns;
  }
}

}  // namespace
}  // namespace hubbub::tui
