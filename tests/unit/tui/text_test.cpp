// Text into cells: clusters, widths, and nothing that a terminal would obey.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/tui/text/cells.hpp"
#include "client/tui/text/clusters.hpp"

namespace hubbub::tui {
namespace {

using testing::ElementsAre;

std::vector<std::string> clusters(std::string_view text) {
  std::vector<std::string> all;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = cluster_end(text, at);
    all.emplace_back(text.substr(at, end - at));
    at = end;
  }
  return all;
}

std::string shown(const Run& run) {
  std::string text;
  for (const auto& cell : run) text += cell.text;
  return text;
}
std::string shown(std::string_view text) { return shown(cells_of(text)); }

std::vector<std::string> shown(const std::vector<Run>& lines) {
  std::vector<std::string> all;
  for (const auto& line : lines) all.push_back(shown(line));
  return all;
}

TEST(Clusters, AreWhatAPersonSeesAsOneCharacter) {
  EXPECT_THAT(clusters("ae\u0301o"), ElementsAre("a", "e\u0301", "o"));
  EXPECT_THAT(clusters("👨‍👩‍👧!"), ElementsAre("👨‍👩‍👧", "!"));
  EXPECT_THAT(clusters("🇩🇪🇫🇷"), ElementsAre("🇩🇪", "🇫🇷"));
  EXPECT_THAT(clusters("👍🏽👍"), ElementsAre("👍🏽", "👍"));
  EXPECT_THAT(clusters("नमस्ते"), ElementsAre("न", "म", "स्", "ते"));
  EXPECT_THAT(clusters("각각"), ElementsAre("각", "각"));
}

TEST(Clusters, TakeEveryBadByteForItself) {
  EXPECT_THAT(clusters("a\xFF\xC3"), ElementsAre("a", "\xFF", "\xC3"));
  EXPECT_THAT(clusters("\xE2\x82"), ElementsAre("\xE2", "\x82"));
}

TEST(Clusters, AreFoundBackwardsToo) {
  const std::string text = "x👨‍👩‍👧y\nz";
  EXPECT_EQ(cluster_begin(text, text.size()), text.size() - 1);
  EXPECT_EQ(cluster_begin(text, text.find('y')), 1u);
  EXPECT_EQ(cluster_begin(text, 0), 0u);
  EXPECT_EQ(cluster_begin(text, text.find('z')), text.find('\n'));
}

TEST(Clusters, HaveTheWidthThatNewerTerminalsGiveThem) {
  EXPECT_EQ(width_of(std::string_view("a")), 1);
  EXPECT_EQ(width_of(std::string_view("e\u0301")), 1);
  EXPECT_EQ(width_of(std::string_view("漢")), 2);
  EXPECT_EQ(width_of(std::string_view("ｱ")), 1);  // half-width
  EXPECT_EQ(width_of(std::string_view("👍🏽")), 2);
  EXPECT_EQ(width_of(std::string_view("👨‍👩‍👧‍👦")), 2);
  EXPECT_EQ(width_of(std::string_view("🇩🇪")), 2);
  EXPECT_EQ(width_of(std::string_view("❤")), 1);
  EXPECT_EQ(width_of(std::string_view("❤️")), 2);  // VARIATION SELECTOR-16
  EXPECT_EQ(width_of(std::string_view("1️⃣")), 2);
}

TEST(Cells, ShowControlCharactersInsteadOfObeyingThem) {
  EXPECT_EQ(shown("a\x1b[31mb"), "a^[[31mb");
  EXPECT_EQ(shown(std::string_view("\0\a\b\r\x7f", 5)), "^@^G^H^M^?");
  EXPECT_EQ(shown("\u009b31m\u0085"), "<9B>31m<85>");
  EXPECT_EQ(shown("a\nb"), "a^Jb");
  EXPECT_EQ(shown("\u2028\u2029"), "<2028><2029>");
}

TEST(Cells, ShowWhatTurnsTheWritingDirectionRound) {
  EXPECT_EQ(shown("\u202Eevil\u202C"), "<202E>evil<202C>");
  EXPECT_EQ(shown("\u2066a\u2069\u200E\u200F\u061C"), "<2066>a<2069><200E><200F><61C>");
}

TEST(Cells, ShowWhatHides) {
  EXPECT_EQ(shown("a\u200Bb\uFEFF\u00AD"), "a<200B>b<FEFF><AD>");
  EXPECT_EQ(shown("x\U000E0041\U000E0042"), "x<E0041><E0042>");  // a text in tag characters behind a letter
  EXPECT_EQ(shown("\u200D"), "<200D>");
  EXPECT_EQ(shown("🏴󠁧󠁢󠁥󠁮󠁧󠁿"), "🏴󠁧󠁢󠁥󠁮󠁧󠁿");  // where they make a flag
}

TEST(Cells, MarkWhatTheyReplaced) {
  const auto run = cells_of("a\x1b");
  ASSERT_EQ(run.size(), 3u);
  EXPECT_FALSE(run[0].style.reverse);
  EXPECT_TRUE(run[1].style.reverse);
  EXPECT_TRUE(run[2].style.reverse);
}

TEST(Cells, ReplaceWhatIsNotText) {
  EXPECT_EQ(shown("a\xFF"), "a\uFFFD");
  EXPECT_EQ(shown("\U000378FF"), "\uFFFD");  // not assigned
}

TEST(Cells, PutAMarkWithoutABaseOnADottedCircle) {
  const auto run = cells_of("\u0301");
  ASSERT_EQ(run.size(), 1u);
  EXPECT_EQ(run[0].text, "◌\u0301");
  EXPECT_EQ(run[0].width, 1);
}

TEST(Cells, BoundWhatPilesUpInOne) {
  std::string pile = "a";
  for (int i = 0; i < 1000; ++i) pile += "\u0301";
  const auto run = cells_of(pile);
  ASSERT_EQ(run.size(), 1u);
  EXPECT_LE(run[0].text.size(), 16u);
}

TEST(Cells, MoveATabToTheNextMultipleOfEight) {
  EXPECT_EQ(shown("a\tb"), "a       b");
  EXPECT_EQ(shown("12345678\tb"), "12345678        b");
}

TEST(Lines, EndAtLineFeeds) {
  EXPECT_THAT(lines_of(""), ElementsAre(""));
  EXPECT_THAT(lines_of("a\nb"), ElementsAre("a", "b"));
  EXPECT_THAT(lines_of("a\r\n\nb\n"), ElementsAre("a", "", "b"));
}

TEST(Wrap, BreaksAtBlanks) {
  EXPECT_THAT(shown(wrap(cells_of("the quick brown fox"), 10, 10)), ElementsAre("the quick", "brown fox"));
  EXPECT_THAT(shown(wrap(cells_of("the quick brown fox"), 5, 100)), ElementsAre("the", "quick brown fox"));
  EXPECT_THAT(shown(wrap(cells_of(""), 10, 10)), ElementsAre(""));
}

TEST(Wrap, BreaksAWordThatIsTooLong) {
  EXPECT_THAT(shown(wrap(cells_of("abcdefghij"), 4, 4)), ElementsAre("abcd", "efgh", "ij"));
}

TEST(Wrap, KeepsTheIndentationOfCode) {
  EXPECT_THAT(shown(wrap(cells_of("    if (x)"), 20, 20)), ElementsAre("    if (x)"));
}

TEST(Wrap, NeverCutsAWideCellNorExceedsTheWidth) {
  for (const auto& line : wrap(cells_of("漢字漢字漢 👍🏽👍🏽👍🏽"), 5, 5))
    EXPECT_LE(width_of(line), 5);
  EXPECT_THAT(shown(wrap(cells_of("漢字漢"), 5, 5)), ElementsAre("漢字", "漢"));
}

TEST(Shorten, PutsAnEllipsisWhereItCuts) {
  EXPECT_EQ(shown(shorten(cells_of("abcdef"), 4)), "abc…");
  EXPECT_EQ(shown(shorten(cells_of("漢字漢"), 4)), "漢…");
  EXPECT_EQ(shown(shorten(cells_of("abc"), 3)), "abc");
}

}  // namespace
}  // namespace hubbub::tui
