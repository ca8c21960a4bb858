#include "client/cli/nearest.hpp"

#include <gtest/gtest.h>

#include "client/cli/commands.hpp"

namespace hubbub::cli {
namespace {

TEST(Nearest, FindsWhatWasMeant) {
  EXPECT_EQ(nearest("pubb", {"pub", "sub"}), "pub");
  EXPECT_EQ(nearest("tial", {"topic", "tail"}), "tail");
  EXPECT_EQ(nearest("hist", {"help", "history"}), "history");
  EXPECT_EQ(nearest("--verbos", {"--version", "--verbose"}), "--verbose");
}

TEST(Nearest, DoesNotGuessWildly) {
  EXPECT_EQ(nearest("frobnicate", {"pub", "sub"}), "");
  EXPECT_EQ(nearest(std::string(10'000, 'x'), {"pub"}), "");
  EXPECT_EQ(nearest("", {"pub"}), "");
}

TEST(UnknownCommand, NamesTheOneThatWasMeant) {
  EXPECT_EQ(unknown_command("histroy"), "there is no command 'histroy'; did you mean history?");
  EXPECT_EQ(unknown_command("frobnicate"), "there is no command 'frobnicate'");
}

}  // namespace
}  // namespace hubbub::cli
