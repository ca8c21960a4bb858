#include "client/cli/highlight.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace hubbub::cli {
namespace {

/// The text with [what was found] in brackets.
std::string marked(std::string_view words, std::string_view text) {
  std::string out;
  std::size_t at = 0;
  for (const auto& range : find_words(proto::parse_search_words(words).value(), text)) {
    out.append(text.substr(at, range.begin - at)).append("[");
    out.append(text.substr(range.begin, range.end - range.begin)).append("]");
    at = range.end;
  }
  return out.append(text.substr(at));
}

TEST(FindWords, FindsWholeWordsInWhateverCase) {
  EXPECT_EQ(marked("deploy", "Deploy, redeploy: DEPLOY!"), "[Deploy], redeploy: [DEPLOY]!");
  EXPECT_EQ(marked("deploy", "nothing"), "nothing");
  EXPECT_EQ(marked("deploy", ""), "");
}

TEST(FindWords, FindsLettersWithAndWithoutMarks) {
  EXPECT_EQ(marked("malaga", "Grüße aus Málaga"), "Grüße aus [Málaga]");
  EXPECT_EQ(marked("GRÜSSE", "Gruesse, Grüße"), "Gruesse, [Grüße]");
}

TEST(FindWords, FindsBeginningsAndPhrases) {
  EXPECT_EQ(marked("re*", "re redo dore"), "[re] [redo] dore");
  EXPECT_EQ(marked("\"out of memory\"", "out of the memory, out-of memory"), "out of the memory, [out-of memory]");
  EXPECT_EQ(marked("\"out of mem\"*", "out of memory"), "[out of memory]");
}

TEST(FindWords, LeavesOutWhatIsToBeLeftOut) { EXPECT_EQ(marked("a -b", "a b"), "[a] b"); }

TEST(FindWords, JoinsWhatOverlaps) { EXPECT_EQ(marked("\"a b\" \"b c\"", "a b c d"), "[a b c] d"); }

TEST(FindWords, TakesAnyBytes) {
  EXPECT_EQ(marked("a",
                   "\xff"
                   "a\xc3"),
            "\xff[a]\xc3");
}

TEST(FindWords, TellsWhetherATextHasThemAllAndNoneThatItIsToBeWithout) {
  const auto has = [](const char* words, const char* text) {
    return has_words(proto::parse_search_words(words).value(), text);
  };
  EXPECT_TRUE(has("deploy fail*", "The Deploy has failed"));
  EXPECT_FALSE(has("deploy fail*", "the deploy"));
  EXPECT_TRUE(has("deploy -test", "deploy"));
  EXPECT_FALSE(has("deploy -test", "deploy the test"));
  EXPECT_FALSE(has("\"out of memory\"", "out of the memory"));
}

}  // namespace
}  // namespace hubbub::cli
