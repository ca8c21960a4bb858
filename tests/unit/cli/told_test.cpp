#include "client/cli/serve/told.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/deadline.hpp"

namespace hubbub::cli {
namespace {

using testing::HasSubstr;

TEST(Told, LeavesOutWhatIsTooMuchForASecondAndSaysHowMuchThatWas) {
  std::vector<std::string> lines;
  {
    Told told([&](std::string_view line) { lines.emplace_back(line); });
    for (std::size_t i = 0; i < 2 * Told::lines_per_second_max; ++i) told.tell("more");
    ASSERT_GE(lines.size(), Told::lines_per_second_max);
    hubbub::test::wait_until("the second is over", [&] {
      told.tell("then");
      return lines.back() == "then";
    });
    EXPECT_THAT(lines[lines.size() - 2], testing::AllOf(HasSubstr("… and "), HasSubstr(" more lines")));
    for (std::size_t i = 0; i < 3 * Told::lines_per_second_max; ++i) told.tell("more");
  }
  EXPECT_THAT(lines.back(), HasSubstr(" more lines")) << "in the end, too";
}

TEST(Told, MakesEachLineHarmless) {
  std::string line;
  Told told([&](std::string_view one) { line = one; });
  told.tell("it says ", "\033[2J");
  EXPECT_EQ(line, "it says \\x1b[2J");
}

}  // namespace
}  // namespace hubbub::cli
