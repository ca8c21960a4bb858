#include "proto/text.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace hubbub {
namespace {

TEST(RoomName, IsLowerCaseTokensJoinedByDots) {
  for (const char* good : {"lobby", "ci.main", "a", "0", "a_b-c.d", "x.y.z", "-", "_", "a.0.-"})
    EXPECT_TRUE(RoomName::parse(good)) << good;
  for (const char* bad :
       {"", ".", ".a", "a.", "a..b", "Lobby", "a b", "#a", "a/b", "é", "a*", "*", ">", "a.>", "a\n", "a@b"})
    EXPECT_FALSE(RoomName::parse(bad)) << bad;
}

TEST(RoomName, RefusesAnEmbeddedNul) { EXPECT_FALSE(RoomName::parse(std::string_view("a\0b", 3))); }

TEST(RoomName, HasAtMost128Bytes) {
  EXPECT_TRUE(RoomName::parse(std::string(128, 'a')));
  EXPECT_FALSE(RoomName::parse(std::string(129, 'a')));
}

TEST(RoomName, OfADirectConversationIsAPersonAfterAnAt) {
  EXPECT_TRUE(RoomName::parse("@alice"));
  EXPECT_TRUE(RoomName::parse("@" + std::string(32, 'a')));
  for (const std::string bad : {"@", "@@a", "@a.b", "@Alice", "@*", "@>"}) EXPECT_FALSE(RoomName::parse(bad)) << bad;
  EXPECT_FALSE(RoomName::parse("@" + std::string(33, 'a')));
  EXPECT_TRUE(is_direct(RoomName::literal("@alice")));
  EXPECT_FALSE(is_direct(RoomName::literal("alice")));
}

TEST(RoomName, IsRefusedWithASentenceThatShowsItHarmlessly) {
  const auto refused = RoomName::parse("\x1b[31m\xff Hostile");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().status, Status::invalid_argument);
  EXPECT_EQ(refused.error().sentence.find('\x1b'), std::string::npos);
  EXPECT_TRUE(is_utf8(refused.error().sentence));
  EXPECT_LT(RoomName::parse(std::string(100000, 'A')).error().sentence.size(), 300u);
}

TEST(RoomName, IsShownWithAHashUnlessDirect) {
  EXPECT_EQ(display(RoomName::literal("ci.main")), "#ci.main");
  EXPECT_EQ(display(RoomName::literal("@alice")), "@alice");
}

TEST(RoomName, IsTakenWithItsHashFromAPerson) {
  EXPECT_EQ(parse_room_argument("#ci.main")->str(), "ci.main");
  EXPECT_EQ(parse_room_argument("ci.main")->str(), "ci.main");
  EXPECT_FALSE(parse_room_argument("##ci"));
  EXPECT_FALSE(parse_room_argument("#"));
  EXPECT_EQ(parse_pattern_argument("#ci.*")->str(), "ci.*");
}

TEST(Pattern, HasWildTokensOnlyAsWholeTokens) {
  for (const char* good : {"lobby", "*", ">", "*.*", "ci.*", "ci.>", "*.main", "a.*.b", "*.>", "@alice", "@*"})
    EXPECT_TRUE(Pattern::parse(good)) << good;
  for (const char* bad :
       {"", "a*", "*a", "a.**", ">.a", "a.>.b", ">>", "a>", ".>", ">.", "*.", "A.*", "@", "@>", "@a*"})
    EXPECT_FALSE(Pattern::parse(bad)) << bad;
}

TEST(Pattern, HasAtMost128Bytes) {
  EXPECT_TRUE(Pattern::parse(std::string(126, 'a') + ".>"));
  EXPECT_FALSE(Pattern::parse(std::string(127, 'a') + ".>"));
}

TEST(Pattern, IsWildWithAStarOrAnAngle) {
  EXPECT_TRUE(is_wild(Pattern::literal("ci.*")));
  EXPECT_TRUE(is_wild(Pattern::literal("ci.>")));
  EXPECT_FALSE(is_wild(Pattern::literal("ci.main")));
}

bool match(const char* pattern, const char* room) {
  return matches(Pattern::literal(pattern), RoomName::literal(room));
}

TEST(Pattern, MatchesItselfAndNothingElse) {
  EXPECT_TRUE(match("ci.main", "ci.main"));
  EXPECT_FALSE(match("ci.main", "ci"));
  EXPECT_FALSE(match("ci", "ci.main"));
  EXPECT_FALSE(match("ci.main", "ci.mai"));
  EXPECT_FALSE(match("ci.main", "ci.main.x"));
}

TEST(Pattern, StarMatchesExactlyOneToken) {
  EXPECT_TRUE(match("*", "lobby"));
  EXPECT_FALSE(match("*", "ci.main"));
  EXPECT_TRUE(match("ci.*", "ci.main"));
  EXPECT_FALSE(match("ci.*", "ci"));
  EXPECT_FALSE(match("ci.*", "ci.main.x"));
  EXPECT_TRUE(match("*.main", "ci.main"));
  EXPECT_TRUE(match("a.*.c", "a.b.c"));
  EXPECT_FALSE(match("a.*.c", "a.b.d"));
}

TEST(Pattern, AngleMatchesOneOrMoreTokens) {
  EXPECT_TRUE(match(">", "lobby"));
  EXPECT_TRUE(match(">", "a.b.c"));
  EXPECT_FALSE(match("ci.>", "ci"));
  EXPECT_TRUE(match("ci.>", "ci.main"));
  EXPECT_TRUE(match("ci.>", "ci.main.x"));
  EXPECT_FALSE(match("*.>", "ci"));
  EXPECT_TRUE(match("*.>", "ci.main.x"));
}

TEST(Pattern, NoWildCardReachesADirectConversation) {
  EXPECT_FALSE(match(">", "@alice"));
  EXPECT_FALSE(match("*", "@alice"));
  EXPECT_TRUE(match("@alice", "@alice"));
  EXPECT_FALSE(match("@alice", "@bob"));
  EXPECT_FALSE(match("@alice", "alice"));
  EXPECT_FALSE(match("alice", "@alice"));
}

TEST(Pattern, AtStarMatchesEveryDirectConversationAndNoOtherRoom) {
  EXPECT_TRUE(match("@*", "@alice"));
  EXPECT_FALSE(match("@*", "alice"));
  EXPECT_TRUE(is_wild(Pattern::literal("@*")));
}

TEST(PersonName, IsOneTokenOf32Bytes) {
  EXPECT_TRUE(PersonName::parse("alice-2_x"));
  EXPECT_TRUE(PersonName::parse(std::string(32, 'a')));
  for (const auto& bad : std::vector<std::string>{"", "a.b", "Alice", "@alice", "al ice", std::string(33, 'a')})
    EXPECT_FALSE(PersonName::parse(bad)) << bad;
}

TEST(GroupName, MayBeEmpty) {
  EXPECT_TRUE(GroupName::parse(""));
  EXPECT_TRUE(GroupName::parse(std::string(64, 'g')));
  EXPECT_FALSE(GroupName::parse(std::string(65, 'g')));
  EXPECT_FALSE(GroupName::parse("a.b"));
}

TEST(MethodName, IsTokensJoinedByDots) {
  EXPECT_TRUE(MethodName::parse("room.set_topic"));
  for (const char* bad : {"", "room.", "room join", "Room.join", "room/join"})
    EXPECT_FALSE(MethodName::parse(bad)) << bad;
  EXPECT_FALSE(MethodName::parse(std::string(65, 'm')));
}

TEST(Text, IsBoundedByBytesAndNotByLetters) {
  EXPECT_TRUE(AwayText::parse(std::string(256, 'a')));
  EXPECT_FALSE(AwayText::parse(std::string(257, 'a')));
  std::string umlauts;
  for (int i = 0; i < 128; ++i) umlauts += "ü";
  EXPECT_TRUE(AwayText::parse(umlauts));
  EXPECT_FALSE(AwayText::parse(umlauts + "ü"));
}

TEST(Text, MustBeUtf8) {
  EXPECT_TRUE(Text::parse(""));
  EXPECT_TRUE(
      Text::parse("grüß Gott 👋🏽 \xe2\x80\xae"));  // a bidi control is UTF-8; the screen makes it harmless
  EXPECT_FALSE(Text::parse("\xff"));
}

TEST(CheckedDeathTest, ALiteralThatBreaksItsRuleIsABugOfOurs) {
  EXPECT_DEATH((void)RoomName::literal("Not A Room"), "breaks the rule");
}

struct Utf8Case {
  const char* what;
  std::string bytes;
  bool good;
};

// The Unicode standard's table 3-7, edge by edge, and the classics of Markus Kuhn's stress test.
const Utf8Case utf8_cases[] = {
    {"nothing", "", true},
    {"ASCII and its controls", std::string("\x00\x01\x7f", 3), true},
    {"U+0080, the first of two bytes", "\xc2\x80", true},
    {"U+07FF, the last of two bytes", "\xdf\xbf", true},
    {"U+0800, the first of three bytes", "\xe0\xa0\x80", true},
    {"U+D7FF, before the surrogates", "\xed\x9f\xbf", true},
    {"U+E000, after the surrogates", "\xee\x80\x80", true},
    {"U+FFFE, a noncharacter", "\xef\xbf\xbe", true},
    {"U+FFFF, the last of three bytes", "\xef\xbf\xbf", true},
    {"U+10000, the first of four bytes", "\xf0\x90\x80\x80", true},
    {"U+10FFFF, the very last", "\xf4\x8f\xbf\xbf", true},
    {"U+110000, past the end", "\xf4\x90\x80\x80", false},
    {"a lead of F5", "\xf5\x80\x80\x80", false},
    {"five bytes", "\xf8\x88\x80\x80\x80", false},
    {"six bytes", "\xfc\x84\x80\x80\x80\x80", false},
    {"FE", "\xfe", false},
    {"FF", "\xff", false},
    {"a lone continuation", "\x80", false},
    {"a lone last continuation", "\xbf", false},
    {"a lead and nothing", "\xc2", false},
    {"a lead and ASCII", "\xc2\x41", false},
    {"three bytes cut after two", "\xe2\x82", false},
    {"four bytes cut after three", "\xf0\x9f\x91", false},
    {"a lead and another lead", "\xe2\xe2\x82\xac", false},
    {"slash, overlong in two", "\xc0\xaf", false},
    {"slash, overlong in three", "\xe0\x80\xaf", false},
    {"slash, overlong in four", "\xf0\x80\x80\xaf", false},
    {"NUL, overlong", "\xc0\x80", false},
    {"U+007F, overlong", "\xc1\xbf", false},
    {"U+07FF, overlong", "\xe0\x9f\xbf", false},
    {"U+FFFF, overlong", "\xf0\x8f\xbf\xbf", false},
    {"the first high surrogate", "\xed\xa0\x80", false},
    {"the last low surrogate", "\xed\xbf\xbf", false},
    {"a pair of surrogates (CESU-8)", "\xed\xa0\xbd\xed\xb1\x8b", false},
    {"a third byte that continues nothing", "\xe2\x82\x41", false},
    {"a fourth byte that continues nothing", "\xf0\x9f\x91\x41", false},
    {"Latin-1", "gr\xfc\xdf", false},
};

TEST(Utf8, IsDecidedEdgeByEdge) {
  for (const auto& [what, bytes, good] : utf8_cases) {
    EXPECT_EQ(is_utf8(bytes), good) << what;
    EXPECT_EQ(is_utf8("ab" + bytes + "cd"), good) << what << ", inside a text";
  }
}

/// The definition, the slow way: decode, then look at what came out.
bool is_utf8_by_definition(const std::string& bytes) {
  for (std::size_t at = 0; at < bytes.size();) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
    const unsigned lead = byte(at);
    const std::size_t size = lead < 0x80 ? 1 : lead >> 5 == 6 ? 2 : lead >> 4 == 14 ? 3 : lead >> 3 == 30 ? 4 : 0;
    if (size == 0 || at + size > bytes.size()) return false;
    char32_t point = size == 1 ? lead : lead & (0x7fu >> size);
    for (std::size_t i = 1; i < size; ++i) {
      if (byte(at + i) >> 6 != 2) return false;
      point = point << 6 | (byte(at + i) & 0x3f);
    }
    const std::size_t shortest = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    if (size != shortest || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) return false;
    at += size;
  }
  return true;
}

TEST(Utf8, AgreesWithTheDefinitionOnEveryPairAndTripleOfLeads) {
  std::string bytes(3, '\0');
  for (unsigned word = 0; word < 1u << 20; ++word) {
    bytes[0] = static_cast<char>(0x80 | word >> 13);
    bytes[1] = static_cast<char>(word >> 5);
    bytes[2] = static_cast<char>((word & 0x1f) << 3);
    ASSERT_EQ(is_utf8(bytes), is_utf8_by_definition(bytes)) << std::hex << word;
  }
  bytes = std::string("\xf0\x90\x80\x80", 4);
  for (unsigned word = 0; word < 1u << 16; ++word) {
    bytes[0] = static_cast<char>(0xf0 | word >> 12);
    bytes[1] = static_cast<char>(word >> 4);
    bytes[2] = static_cast<char>((word & 0xf) << 4);
    ASSERT_EQ(is_utf8(bytes), is_utf8_by_definition(bytes)) << std::hex << word;
  }
}

}  // namespace
}  // namespace hubbub
