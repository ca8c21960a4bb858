#include "client/json/pretty.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <random>

#include "client/json/tokens.hpp"

namespace hubbub::json {
namespace {

std::string pretty(std::string_view text) {
  std::string out;
  each_pretty_line(text, [&](const PrettyLine& line) {
    out.append(line.indent, ' ').append(line.key).append(line.key.empty() ? "" : ": ");
    out.append(line.value).append(line.comma ? ",\n" : "\n");
    return true;
  });
  return out;
}

std::string minified(std::string_view text) {
  std::string out;
  const auto depth = minify(text, out);
  return depth ? out : depth.error().sentence;
}

std::string flaw_of(std::string_view text) {
  const auto checked = check_json(text);
  return checked ? "" : checked.error().sentence;
}

/// Any JSON value, with blanks where they may be. Its numbers are such that a double can hold them.
class AnyJson {
 public:
  explicit AnyJson(unsigned seed) : dice_(seed) {}
  std::string value(int depth = 0) {
    switch (roll(depth < 5 ? 6 : 4)) {
      case 0: return blanks() + pick({"null", "true", "false", "\"\"", "{}", "[]"});
      case 1: return blanks() + pick({"0", "-0", "1.10", "1e5", "12345678901234567890123", "-0.0E-7", "100E+0"});
      case 2:
      case 3: return blanks() + text();
      case 4: return list('[', ']', depth, false);
      default: return list('{', '}', depth, true);
    }
  }
  std::string blanks() { return pick({"", "", " ", "\n\t", " \r\n "}); }
  std::size_t roll(std::size_t sides) { return dice_() % sides; }

 private:
  std::string pick(std::initializer_list<const char*> list) { return list.begin()[roll(list.size())]; }
  std::string text() {
    std::string inside;
    for (auto left = roll(4); left > 0; --left)
      inside += pick({"a", "ü", "\\\"", "\\\\", "\\u00e9", ",", "}", "[", ":"});
    return '"' + inside + '"';
  }
  std::string list(char open, char close, int depth, bool keys) {
    auto out = blanks() + open;
    for (auto count = roll(4), i = count; i > 0; --i) {
      if (keys) out += blanks() + text() + blanks() + ':';
      out += value(depth + 1) + blanks() + (i > 1 ? "," : "");
    }
    return out + blanks() + close;
  }
  std::minstd_rand dice_;
};

std::optional<bool> another_parser_accepts(const std::string& text) {
  try {
    return !nlohmann::json::parse(text).is_discarded();
  } catch (const nlohmann::json::out_of_range&) {
    return std::nullopt;  // a number that no double can hold: it looks no further
  } catch (const nlohmann::json::parse_error&) {
    return false;
  }
}

TEST(Pretty, PutsEachMemberOnALineOfItsOwn) {
  EXPECT_EQ(
      pretty(R"({"level":"error","list":[1,{"a":null}],"n":-1.5e3})"),
      "{\n  \"level\": \"error\",\n  \"list\": [\n    1,\n    {\n      \"a\": null\n    }\n  ],\n  \"n\": -1.5e3\n}\n");
}

TEST(Pretty, KeepsWhatIsEmptyOnOneLine) {
  EXPECT_EQ(pretty(R"({"a":{ },"b":[
  ],"c":""})"),
            "{\n  \"a\": {},\n  \"b\": [],\n  \"c\": \"\"\n}\n");
  EXPECT_EQ(pretty("[]"), "[]\n");
  EXPECT_EQ(pretty("[[],{}]"), "[\n  [],\n  {}\n]\n");
  EXPECT_EQ(pretty(" 7 "), "7\n");
}

TEST(Pretty, ChangesNoNumberAndNoText) {
  EXPECT_EQ(pretty(R"([12345678901234567890123,1e400,1.10,-0,"\u00fc\/"])"),
            "[\n  12345678901234567890123,\n  1e400,\n  1.10,\n  -0,\n  \"\\u00fc\\/\"\n]\n");
}

TEST(Pretty, ShowsWhatIsNoJsonAsItIs) {
  EXPECT_EQ(pretty(R"({"a":1,"b":"cut of)"), "{\n  \"a\": 1,\n  \"b\": \"cut of\n");
  EXPECT_EQ(pretty(R"({"a":[1,2)"), "{\n  \"a\": [\n    1,\n    2\n");
  EXPECT_EQ(pretty("no json"), "no json\n");
  EXPECT_EQ(pretty(""), "");
}

TEST(Pretty, GivesTheSameTokensAndTheSameTextAgain) {
  AnyJson any(1);
  for (int i = 0; i < 5'000; ++i) {
    const auto text = any.value() + any.blanks();
    ASSERT_EQ(flaw_of(text), "") << text;
    ASSERT_EQ(minified(pretty(text)), minified(text)) << text;
    ASSERT_EQ(pretty(minified(text)), pretty(text)) << text;
    ASSERT_EQ(pretty(pretty(text)), pretty(text)) << text;
    ASSERT_EQ(nlohmann::ordered_json::parse(minified(text)), nlohmann::ordered_json::parse(text)) << text;
  }
}

TEST(Pretty, AcceptsWhatAnotherParserAcceptsAndNothingElse) {
  AnyJson any(2);
  constexpr std::string_view signs =
      "{}[],:\"\\u0eE-+.1 \ntrfalsn\x01\xc3\xbc";  // no d: half a surrogate pair is fine here
  int sound = 0;
  for (int i = 0; i < 5'000; ++i) {
    auto text = any.value();
    for (auto changes = any.roll(3); changes > 0 && !text.empty(); --changes) {
      const auto at = any.roll(text.size());
      const char sign = signs[any.roll(signs.size())];
      if (any.roll(2) == 0)
        text[at] = sign;
      else
        text.insert(at, 1, sign);
    }
    const auto accepted = another_parser_accepts(text);
    if (!accepted) continue;
    sound += *accepted;
    ASSERT_EQ(flaw_of(text).empty(), *accepted) << text << "\n" << flaw_of(text);
  }
  EXPECT_GT(sound, 1'000);
  EXPECT_LT(sound, 4'000);
}

TEST(Pretty, SaysWhereTheFlawIs) {
  EXPECT_EQ(flaw_of(R"({"level" "error"})"), "line 1, column 10: a colon belongs here");
  EXPECT_EQ(flaw_of("{\n  \"ü\": 1\n  \"b\": 2\n}"), "line 3, column 3: a comma or } belongs here");
  EXPECT_EQ(flaw_of("{\"ü\":x}"), "line 1, column 6: a value belongs here");
  EXPECT_EQ(flaw_of("[1,]"), "line 1, column 4: a value belongs here");
  EXPECT_EQ(flaw_of("[1 2]"), "line 1, column 4: a comma or ] belongs here");
  EXPECT_EQ(flaw_of("{a:1}"), "line 1, column 2: a key in quotes belongs here");
  EXPECT_EQ(flaw_of("1 2"), "line 1, column 3: nothing more belongs here");
  EXPECT_EQ(flaw_of(""), "line 1, column 1: a value belongs here");
  EXPECT_EQ(flaw_of("\"a"), "line 1, column 1: a value belongs here");
  EXPECT_EQ(flaw_of("\"\xff\""), "line 1, column 1: a value belongs here");
  EXPECT_EQ(flaw_of("01"), "line 1, column 2: nothing more belongs here");
  EXPECT_EQ(flaw_of("NaN"), "line 1, column 1: a value belongs here");
}

TEST(Pretty, IsBoundedForAMegabyteOfBrackets) {
  const std::string deep(1 << 20, '[');
  EXPECT_NE(flaw_of(deep), "");
  EXPECT_LT(pretty(deep).size(), deep.size() * 45);
  std::string out;
  EXPECT_EQ(minify(std::string(100'000, '[') + std::string(100'000, ']'), out), 100'000u);
}

TEST(Pretty, StopsWhenNoMoreLinesAreWanted) {
  int lines = 0;
  each_pretty_line("[1,2,3,4]", [&](const PrettyLine&) { return ++lines < 3; });
  EXPECT_EQ(lines, 3);
  EXPECT_EQ(count_pretty_lines("[1,2,3,4]"), 6u);
}

}  // namespace
}  // namespace hubbub::json
