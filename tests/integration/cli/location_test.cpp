// Where a command finds its hub and its name, and where options may stand.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/integration/cli/shell.hpp"

namespace hubbub::test {
namespace {

using testing::HasSubstr;

class Location : public testing::Test {
 protected:
  void configure(const std::string& text) {
    std::filesystem::create_directories(shell.path("config/hubbub"));
    write_file(shell.path("config/hubbub/config.toml"), text);
  }
  Shell shell;
};

TEST_F(Location, OptionsMayStandBeforeTheCommandOrAfterIt) {
  shell.environment.erase("HUBBUB_URL");
  const auto hub = "--hub " + shell.hub().url();
  EXPECT_EQ(shell.run("hubbub " + hub + " ping -c 1").code, 0);
  EXPECT_EQ(shell.run("hubbub ping -c 1 " + hub).code, 0);
}

TEST_F(Location, TheConfigurationFileIsUsedWhereNothingElseSaysMore) {
  configure("hub = \"" + shell.hub().url() + "\"\nname = \"bob\"\n");
  shell.environment.erase("HUBBUB_URL");
  EXPECT_THAT(shell.run("hubbub who").out, HasSubstr("~bob"));
  shell.environment["HUBBUB_NAME"] = "carol";
  EXPECT_THAT(shell.run("hubbub who").out, HasSubstr("~carol"));
  EXPECT_THAT(shell.run("hubbub --name dave who").out, HasSubstr("~dave"));
}

TEST_F(Location, AMistakeInItIsNamed) {
  configure("hubb = 1\n");
  shell.environment.erase("HUBBUB_URL");
  const auto ran = shell.run("hubbub who");
  EXPECT_EQ(ran.code, 64);
  EXPECT_THAT(ran.err, HasSubstr("config.toml"));
}

TEST_F(Location, OnAUnixSocketTheHubKnowsTheName) {
  const auto ran = shell.run("hubbub --hub " + shell.hub().unix_url() + " --name pretender who");
  EXPECT_EQ(ran.code, 0);
  EXPECT_THAT(ran.out, testing::Not(HasSubstr("~")));
  EXPECT_THAT(ran.out, testing::Not(HasSubstr("pretender")));
}

}  // namespace
}  // namespace hubbub::test
