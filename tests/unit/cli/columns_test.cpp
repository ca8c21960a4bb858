#include "client/cli/columns.hpp"

#include <gtest/gtest.h>

namespace hubbub::cli {
namespace {

TEST(Columns, AlignsAllButTheLast) {
  Columns columns;
  columns.add({"a", "bb", "one"});
  columns.add({"ccc", "d", "another one"});
  EXPECT_EQ(columns.str(), "a    bb  one\nccc  d   another one\n");
}

TEST(Columns, LeavesNoSpaceAtTheEndOfALine) {
  Columns columns;
  columns.add({"room", "3", ""});
  EXPECT_EQ(columns.str(), "room  3\n");
}

TEST(Columns, MeasuresCharactersAndNotBytes) {
  Columns columns;
  columns.add({"é", "x"});
  columns.add({"ab", "y"});
  EXPECT_EQ(columns.str(), "é   x\nab  y\n");
}

}  // namespace
}  // namespace hubbub::cli
