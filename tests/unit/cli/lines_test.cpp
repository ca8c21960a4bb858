#include "client/cli/lines.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hubbub::cli {
namespace {

/// All lines of what comes in `pieces`.
std::vector<std::string> lines_of(const std::vector<std::string>& pieces, LineSplitter& splitter) {
  std::vector<std::string> lines;
  std::string_view line;
  for (const auto& piece : pieces)
    for (std::string_view bytes = piece; splitter.take_line(bytes, line);) lines.emplace_back(line);
  if (splitter.take_rest(line)) lines.emplace_back(line);
  return lines;
}

std::vector<std::string> lines_of(const std::vector<std::string>& pieces) {
  LineSplitter splitter(1000);
  return lines_of(pieces, splitter);
}

using testing::ElementsAre;
using testing::IsEmpty;

TEST(LineSplitter, CutsAtNewlinesAndKeepsEmptyLines) {
  EXPECT_THAT(lines_of({"a\n\nb\n"}), ElementsAre("a", "", "b"));
  EXPECT_THAT(lines_of({"\n"}), ElementsAre(""));
}

TEST(LineSplitter, NeedsNoNewlineAtTheEnd) {
  EXPECT_THAT(lines_of({"a\nlast"}), ElementsAre("a", "last"));
  EXPECT_THAT(lines_of({"a\n"}), ElementsAre("a"));
  EXPECT_THAT(lines_of({}), IsEmpty());
}

TEST(LineSplitter, JoinsLinesThatComeInPieces) {
  EXPECT_THAT(lines_of({"a", "b", "c\nd", "\n", "e\n"}), ElementsAre("abc", "d", "e"));
  EXPECT_THAT(lines_of({"a\nb", "\n\n"}), ElementsAre("a", "b", ""));
}

TEST(LineSplitter, ChangesNoOtherByte) {
  const std::string odd("\r\0\xff\t ", 5);
  EXPECT_THAT(lines_of({odd + "\n"}), ElementsAre(odd));
}

TEST(LineSplitter, StopsAtALineThatIsTooLong) {
  LineSplitter splitter(3);
  EXPECT_THAT(lines_of({"abc\nabcd\nx\n"}, splitter), ElementsAre("abc"));
  EXPECT_TRUE(splitter.too_long());
  EXPECT_EQ(splitter.count(), 1U);
}

TEST(LineSplitter, NoticesALineThatIsTooLongBeforeItsEndHasCome) {
  LineSplitter splitter(3);
  EXPECT_THAT(lines_of({"ab", "cd", "ef"}, splitter), IsEmpty());
  EXPECT_TRUE(splitter.too_long());
}

}  // namespace
}  // namespace hubbub::cli
