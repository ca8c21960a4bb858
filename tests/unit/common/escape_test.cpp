#include "common/escape.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>

#include "proto/text.hpp"

namespace hubbub {
namespace {

TEST(Escape, LeavesWhatPeopleWriteAsItIs) {
  for (const std::string text : {"hello, world", "C:\\path \"quoted\"", "grüße, žluťoučký, Ελλάδα", "שלום", "日本語",
                                 "👩‍👩‍👧 ❤️ é", ""}) {
    EXPECT_EQ(escape_for_terminal(text), text);
    EXPECT_TRUE(is_harmless(text));
  }
}

TEST(Escape, ShowsControlCharacters) {
  EXPECT_EQ(escape_for_terminal("\x1b[2J"), "\\x1b[2J");
  EXPECT_EQ(escape_for_terminal(std::string_view("\0\a\b\x7f", 4)), "\\x00\\x07\\x08\\x7f");
  EXPECT_EQ(escape_for_terminal("one\r\n\ttwo"), "one\\r\\n\\ttwo");
  EXPECT_EQ(escape_for_terminal("\xc2\x9b"
                                "31m\xc2\x80"),
            "\\u009b31m\\u0080")
      << "C1 controls in UTF-8";
}

TEST(Escape, ShowsWhatTurnsTheWritingDirection) {
  EXPECT_EQ(escape_for_terminal("a\u202eb\u2066c\u2069d\u200ee\u200ff"), "a\\u202eb\\u2066c\\u2069d\\u200ee\\u200ff");
  EXPECT_EQ(escape_for_terminal("\u2028\u2029\u061c"), "\\u2028\\u2029\\u061c");
}

TEST(Escape, ReplacesWhatIsNotUtf8) {
  const std::string mark = "\ufffd";
  EXPECT_EQ(escape_for_terminal("a\xff"
                                "b"),
            "a" + mark + "b");
  EXPECT_EQ(escape_for_terminal("\x9b"
                                "31m"),
            mark + "31m")
      << "a C1 control as a single byte";
  EXPECT_EQ(escape_for_terminal("\xe2\x82"), mark) << "cut off at the end";
  EXPECT_EQ(escape_for_terminal("\xe2\x82\x1b"), mark + "\\x1b") << "a control after a cut";
  EXPECT_EQ(escape_for_terminal("\xc0\x9b"), mark + mark) << "overlong";
  EXPECT_EQ(escape_for_terminal("\xed\xa0\x80"), mark + mark + mark) << "a surrogate";
  EXPECT_EQ(escape_for_terminal("\xf4\x90\x80\x80"), mark + mark + mark + mark) << "past U+10FFFF";
}

TEST(Escape, KeepsTheLinesOfABodyButNothingElse) {
  EXPECT_EQ(escape_lines_for_terminal("one\n\ttwo\r\x1b"), "one\n\ttwo\\r\\x1b");
}

TEST(Escape, GivesTheInsideOfAJsonString) {
  EXPECT_EQ(escape_for_json("say \"hi\" \\o/\n"), R"(say \"hi\" \\o/\n)");
  EXPECT_EQ(escape_for_json("\x1b\u202e\xff"), "\\u001b\\u202e\ufffd");
}

// ── properties, over bytes of all sorts ──────────────────────────────────────────────────────────────────────────────

std::string random_text(std::mt19937& random) {
  static const std::vector<std::string> pieces = {"a",    "\"",       "\\",   "\x1b",   "\n",  "\x7f",     "\xc2",
                                                  "\x9b", "\xe2\x80", "\xae", "\u202e", "é",   "\xf0\x9f", "\x98\x80",
                                                  "\xff", "\xed",     "\xa0", "\xf4",   "\x90"};
  std::string text;
  for (auto left = random() % 12; left > 0; --left)
    text += random() % 4 == 0 ? std::string(1, static_cast<char>(random())) : pieces[random() % pieces.size()];
  return text;
}

class EscapeProperties : public testing::Test {
 protected:
  template <class Check>
  void for_many_texts(Check&& check) {
    std::mt19937 random(4848);
    for (int i = 0; i < 50'000 && !HasFailure(); ++i) check(random_text(random));
  }
};

TEST_F(EscapeProperties, TheResultIsUtf8WithoutControls) {
  for_many_texts([](const std::string& text) {
    for (const auto& escaped : {escape_for_terminal(text), escape_for_json(text)}) {
      EXPECT_TRUE(is_utf8(escaped)) << testing::PrintToString(text);
      for (const char c : escaped) EXPECT_TRUE(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
      EXPECT_TRUE(is_harmless(escaped)) << testing::PrintToString(text);
    }
  });
}

TEST_F(EscapeProperties, OnceIsAsGoodAsTwice) {
  for_many_texts([](const std::string& text) {
    const auto once = escape_for_terminal(text);
    EXPECT_EQ(escape_for_terminal(once), once);
  });
}

TEST_F(EscapeProperties, HarmlessIsWhatStaysTheSame) {
  for_many_texts([](const std::string& text) { EXPECT_EQ(is_harmless(text), escape_for_terminal(text) == text); });
}

TEST_F(EscapeProperties, JsonDecodesToTheTextWhereThatIsUtf8) {
  for_many_texts([](const std::string& text) {
    const auto decoded = nlohmann::json::parse('"' + escape_for_json(text) + '"').get<std::string>();
    EXPECT_TRUE(is_utf8(decoded));
    EXPECT_TRUE(decoded == text || !is_utf8(text)) << testing::PrintToString(text);
  });
}

}  // namespace
}  // namespace hubbub
