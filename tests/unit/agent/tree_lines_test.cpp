#include "client/agent/tree_lines.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace hubbub::agent {
namespace {

std::vector<std::string> take_all(TreeLines& lines, std::string_view bytes) {
  std::vector<std::string> taken;
  for (TreeLines::Line line; lines.take(bytes, line);)
    taken.push_back(line.is_too_long ? "too long: " + std::to_string(line.bytes) : std::string(line.text));
  return taken;
}

using Strings = std::vector<std::string>;

TEST(TreeLines, AreWhatStandsBeforeANewlineAndMayBeEmpty) {
  TreeLines lines(10);
  EXPECT_EQ(take_all(lines, "a\n\nb\n"), (Strings{"a", "", "b"}));
  EXPECT_FALSE(lines.has_unfinished());
}

TEST(TreeLines, ArePutTogetherFromPieces) {
  TreeLines lines(10);
  EXPECT_EQ(take_all(lines, "ab"), Strings());
  EXPECT_EQ(take_all(lines, "cd"), Strings());
  EXPECT_EQ(take_all(lines, "e\nf"), Strings{"abcde"});
  EXPECT_EQ(take_all(lines, "\n"), Strings{"f"});
}

TEST(TreeLines, KeepEveryByteButTheNewline) {
  TreeLines lines(10);
  const std::string odd("\0\xff\r\x1b\n", 5);
  EXPECT_EQ(take_all(lines, odd), Strings{odd.substr(0, 4)});
}

TEST(TreeLines, OfTheLimitAreTakenAndOneByteMoreIsRefusedWithItsSize) {
  TreeLines lines(4);
  EXPECT_EQ(take_all(lines, "abcd\nabcde\nf\n"), (Strings{"abcd", "too long: 5", "f"}));
  EXPECT_EQ(take_all(lines, "abc"), Strings());
  EXPECT_EQ(take_all(lines, "defg"), Strings());
  EXPECT_EQ(take_all(lines, "hi\nj\n"), (Strings{"too long: 9", "j"}));
}

TEST(TreeLines, FinishWithoutANewline) {
  TreeLines lines(4);
  TreeLines::Line line;
  EXPECT_FALSE(lines.finish(line));
  take_all(lines, "a\nbc");
  ASSERT_TRUE(lines.finish(line));
  EXPECT_EQ(line.text, "bc");
  EXPECT_FALSE(lines.finish(line));
  EXPECT_EQ(take_all(lines, "d\n"), Strings{"d"});
}

}  // namespace
}  // namespace hubbub::agent
