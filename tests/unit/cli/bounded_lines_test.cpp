#include "client/cli/serve/bounded_lines.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace hubbub::cli {
namespace {

using testing::ElementsAre;

class BoundedLinesTest : public testing::Test {
 protected:
  BoundedLines::Line collects() {
    return [this](std::string_view line, bool cut) { seen.push_back(std::string(line) + (cut ? "…" : "")); };
  }
  BoundedLines lines{5};
  std::vector<std::string> seen;
};

TEST_F(BoundedLinesTest, GivesEachLineAndWhatNoNewlineHasEnded) {
  for (const std::string_view part : {"a", "b\n\ncd\n", "12345", "\n", "end"}) lines.append(part, collects());
  EXPECT_THAT(seen, ElementsAre("ab", "", "cd", "12345"));
  lines.finish(collects());
  lines.finish(collects());
  EXPECT_THAT(seen, ElementsAre("ab", "", "cd", "12345", "end"));
}

TEST_F(BoundedLinesTest, GivesTheBeginningOfALineThatIsTooLongAndSkipsItsRest) {
  for (const std::string_view part : {"1234567\nok\n", "123", "456", "78901234567", "8\nok\n", "123456"})
    lines.append(part, collects());
  lines.finish(collects());
  EXPECT_THAT(seen, ElementsAre("12345…", "ok", "12345…", "ok", "12345…"));
}

TEST_F(BoundedLinesTest, CutsTheSameWhereverTheBytesAreCut) {
  const std::string text = "a\n123456\n\nxyz\n12345\n1234567890123\nend";
  lines.append(text, collects());
  lines.finish(collects());
  const auto whole = std::exchange(seen, {});
  for (std::size_t at = 0; at <= text.size(); ++at) {
    lines.append(text.substr(0, at), collects());
    lines.append(text.substr(at), collects());
    lines.finish(collects());
    EXPECT_EQ(std::exchange(seen, {}), whole) << "cut at " << at;
  }
}

}  // namespace
}  // namespace hubbub::cli
