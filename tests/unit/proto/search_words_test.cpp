// What people type to find messages, and what it means.
#include "proto/search_words.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hubbub::proto {
namespace {

using ::testing::HasSubstr;

/// Written back, one form for each meaning: `deploy fail* "out of memory"` …
std::string meaning(std::string_view typed) {
  const auto words = parse_search_words(typed);
  if (!words) return "refused: " + words.error().sentence;
  std::string text;
  for (const auto& word : *words)
    text += (text.empty() ? "" : " ") + std::string(word.without ? "-" : "") + '[' + word.text + ']' +
            (word.prefix ? "*" : "");
  return text;
}

TEST(SearchWords, AreWordsPrefixesPhrasesAndExclusions) {
  EXPECT_EQ(meaning("deploy"), "[deploy]");
  EXPECT_EQ(meaning("  deploy \t failed\n"), "[deploy] [failed]");
  EXPECT_EQ(meaning("fail*"), "[fail]*");
  EXPECT_EQ(meaning("\"out of memory\""), "[out of memory]");
  EXPECT_EQ(meaning("\"out of mem\"*"), "[out of mem]*");
  EXPECT_EQ(meaning("deploy -test -\"not yet\" -re*"), "[deploy] -[test] -[not yet] -[re]*");
}

TEST(SearchWords, TakeWhatIsNoSyntaxAsText) {
  EXPECT_EQ(meaning("a AND b OR NOT NEAR(c)"), "[a] [AND] [b] [OR] [NOT] [NEAR(c)]");
  EXPECT_EQ(meaning("body:x {y} ^z + w"), "[body:x] [{y}] [^z] [w]");
  EXPECT_EQ(meaning("well-known a*b"), "[well-known] [a*b]") << "only in front, only at the end";
  EXPECT_EQ(meaning("Grüße 日本"), "[Grüße] [日本]");
}

TEST(SearchWords, ForgiveQuotesThatDoNotClose) {
  EXPECT_EQ(meaning("\"out of memory"), "[out of memory]");
  EXPECT_EQ(meaning("say\"out of\"memory"), "[say] [out of] [memory]");
  EXPECT_EQ(meaning("\"\" deploy \""), "[deploy]");
}

TEST(SearchWords, DropWhatHasNoLettersOrDigits) {
  EXPECT_EQ(meaning("!!! deploy -- - * \"...\""), "[deploy]");
  EXPECT_EQ(meaning(std::string_view("a\0b \"c\x1b\x7f"
                                     "d\"",
                                     9)),
            "[a] [b] [c  d]");
}

TEST(SearchWords, RefuseToFindNothing) {
  for (const auto* nothing : {"", "   ", "!!!", "\"\"", "-", "\x01"})
    EXPECT_THAT(meaning(nothing), HasSubstr("give words of letters and digits")) << nothing;
  EXPECT_THAT(meaning("-test"), HasSubstr("at least one to find"));
  EXPECT_THAT(meaning("-a !!!"), HasSubstr("at least one to find"));
}

TEST(SearchWords, RefuseMoreThanTheLimits) {
  std::string words;
  for (std::size_t i = 0; i < limits::search_words_max; ++i) words += "w ";
  EXPECT_TRUE(parse_search_words(words));
  EXPECT_THAT(meaning(words + "w"), HasSubstr("at most 32 words"));
  EXPECT_TRUE(parse_search_words(std::string(limits::text_bytes_max, 'w')));
  EXPECT_THAT(meaning(std::string(limits::text_bytes_max + 1, 'w')), HasSubstr("at most 1024 bytes"));
}

}  // namespace
}  // namespace hubbub::proto
