#include "client/link/location.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/unit/link/scratch.hpp"

namespace hubbub::link {
namespace {

struct LocationTest : ::testing::Test {
  ScratchFolder scratch;
  Environment environment;
  std::string path = scratch.path() + "/hubbub/config.toml";

  LocationTest() {
    environment.set("XDG_CONFIG_HOME", scratch.path());
    environment.unset("HUBBUB_URL");
    environment.unset("HUBBUB_NAME");
  }
  void configure(const std::string& text) const {
    std::filesystem::create_directories(scratch.path() + "/hubbub");
    std::ofstream(path) << text;
  }
  static std::string hub(const std::string& flag = "") {
    const auto location = locate(flag, "");
    return location ? location->hub.str() : location.error().sentence;
  }
  static std::string name(const std::string& flag = "") {
    const auto location = locate("", flag);
    return location ? location->name.str() : location.error().sentence;
  }
};

TEST_F(LocationTest, IsTheLoopbackWhereNobodySaysAnything) { EXPECT_EQ(hub(), "tcp://127.0.0.1:4848"); }

TEST_F(LocationTest, GoesByTheFlagThenTheVariableThenTheFile) {
  configure("hub = \"tcp://file\"\nname = \"filer\"\n");
  EXPECT_EQ(hub(), "tcp://file:4848");
  EXPECT_EQ(name(), "filer");
  environment.set("HUBBUB_URL", "variable:5");
  environment.set("HUBBUB_NAME", "vera");
  EXPECT_EQ(hub(), "tcp://variable:5");
  EXPECT_EQ(name(), "vera");
  EXPECT_EQ(hub("unix:///run/flag"), "unix:///run/flag");
  EXPECT_EQ(name("flag"), "flag");
}

TEST_F(LocationTest, SaysWhereAMistakeStands) {
  EXPECT_TRUE(hub("ftp://x").starts_with("--hub: "));
  EXPECT_TRUE(name("Bob Smith").starts_with("--name: "));
  environment.set("HUBBUB_URL", "ftp://x");
  EXPECT_TRUE(hub().starts_with("HUBBUB_URL: "));
  environment.unset("HUBBUB_URL");
  configure("hub = \"ftp://x\"\n");
  EXPECT_TRUE(hub().starts_with(path + ": "));
}

TEST_F(LocationTest, TakesAnUnknownKeyForAMistake) {
  configure("# mine\nhub = \"tcp://file\"\nnmae = \"filer\"\n");
  const auto config = read_client_config(path);
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().status, Status::invalid_argument);
  EXPECT_EQ(config.error().sentence, path + ":3: there is no key 'nmae'; there are hub and name");
}

TEST_F(LocationTest, NamesTheLineOfWhatIsNoTomlOrNoText) {
  configure("hub = tcp://file\n");
  EXPECT_TRUE(read_client_config(path).error().sentence.starts_with(path + ":1: "));
  configure("\n\nname = 5\n");
  EXPECT_EQ(read_client_config(path).error().sentence, path + ":3: 'name' takes a text in quotes");
}

TEST_F(LocationTest, FailsOnAFileThatCantBeRead) {
  std::filesystem::create_directories(path);
  EXPECT_FALSE(read_client_config(path));
}

TEST_F(LocationTest, MakesALoginNameFit) {
  EXPECT_EQ(fit_person_name("alice").str(), "alice");
  EXPECT_EQ(fit_person_name("John.Doe").str(), "john-doe");
  EXPECT_EQ(fit_person_name("j\xc3\xb6rg").str(), "j-rg");
  EXPECT_EQ(fit_person_name("EXAMPLE\\bob").str(), "example-bob");
  EXPECT_EQ(fit_person_name("").str(), "somebody");
  EXPECT_EQ(fit_person_name("\xe6\x97\xa5").str(), "somebody");
  EXPECT_EQ(fit_person_name(std::string(100, 'x')).str(), std::string(32, 'x'));
}

}  // namespace
}  // namespace hubbub::link
