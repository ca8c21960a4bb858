#include "client/agent/agent_config.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "client/link/location.hpp"

namespace hubbub::agent {
namespace {

class AgentConfigTest : public testing::Test {
 protected:
  ~AgentConfigTest() override { ::unlink(path.c_str()); }

  Result<AgentConfig> read(const std::string& text) const {
    std::ofstream(path) << text;
    return read_agent_config(path);
  }
  /// Without the file's name.
  [[nodiscard]] std::string mistake_in(const std::string& text) const {
    const auto config = read(text);
    return config ? "none" : config.error().sentence.substr(path.size() + 1);
  }

  std::string path = testing::TempDir() + "agent_config." + std::to_string(::getpid()) + ".toml";
};

TEST_F(AgentConfigTest, OfAFileThatIsNotThereIsEmpty) {
  const auto config = read_agent_config(path);
  ASSERT_TRUE(config);
  EXPECT_TRUE(config->hooks.empty());
  EXPECT_TRUE(config->rooms.empty());
}

TEST_F(AgentConfigTest, HasRoomsAndHooksBesideWhereTheHubIs) {
  const auto config = read(R"(
    hub = "tcp://chat.example.org:4848"
    [agent]
    rooms = ["ops", "#ci.main"]
    [[hook]]
    on = "mention"
    run = ["notify-send", "hubbub"]
    [[hook]]
    on = "message"
    rooms = "ci.>"
    run = ["./bot"]
    limit = 5
    reply = true
  )");
  ASSERT_TRUE(config) << config.error().sentence;
  ASSERT_EQ(config->rooms.size(), 2u);
  EXPECT_EQ(config->rooms[1].str(), "ci.main");
  ASSERT_EQ(config->hooks.size(), 2u);
  EXPECT_EQ(config->hooks[0].on, HookOn::mention);
  EXPECT_EQ(config->hooks[0].run, (std::vector<std::string>{"notify-send", "hubbub"}));
  EXPECT_EQ(config->hooks[0].limit, std::chrono::seconds(60));
  EXPECT_FALSE(config->hooks[0].rooms);
  EXPECT_EQ(config->hooks[1].rooms->str(), "ci.>");
  EXPECT_EQ(config->hooks[1].limit, std::chrono::seconds(5));
  EXPECT_TRUE(config->hooks[1].reply);
}

TEST_F(AgentConfigTest, IsNoneOfTheOtherReadersBusiness) {
  std::ofstream(path) << "hub = \"unix:///hub\"\n[agent]\nrooms = [1]\n[[hook]]\nnonsense = 1\n";
  const auto client = link::read_client_config(path);
  ASSERT_TRUE(client) << client.error().sentence;
  EXPECT_EQ(client->hub, "unix:///hub");
}

TEST_F(AgentConfigTest, SaysInWhichLineWhatIsWrong) {
  EXPECT_EQ(mistake_in("[[hook]]\non = \"mention\"\n"),
            R"(1: this hook needs a program: run = ["notify-send", "hubbub"])");
  EXPECT_EQ(mistake_in("[[hook]]\nrun = [\"x\"]\n"),
            R"(1: this hook needs its event: on = "mention", "direct" or "message")");
  EXPECT_EQ(mistake_in("[[hook]]\nrun = [\"x\"]\non = \"mentions\"\n"),
            R"(3: 'on' is "mention", "direct" or "message")");
  EXPECT_EQ(mistake_in("[[hook]]\non = \"direct\"\nrun = \"x\"\n"),
            R"(3: 'run' takes the program and its arguments: ["notify-send", "hubbub"])");
  EXPECT_EQ(mistake_in("[[hook]]\non = \"direct\"\nrun = [\"x\", 1]\n"),
            R"(3: 'run' takes the program and its arguments: ["notify-send", "hubbub"])");
  EXPECT_EQ(mistake_in("[[hook]]\non = \"direct\"\nrun = [\"\"]\n"),
            R"(3: 'run' takes the program and its arguments: ["notify-send", "hubbub"])");
  EXPECT_EQ(mistake_in("[[hook]]\non = \"direct\"\nrun = [\"x\"]\nlimit = 0\n"), "4: 'limit' takes seconds, 1 to 3600");
  EXPECT_EQ(mistake_in("[[hook]]\non = \"direct\"\nrun = [\"x\"]\nwhen = 0\n"),
            "4: there is no key 'when' in [[hook]]; there are on, rooms, run, limit, reply and keep");
  EXPECT_EQ(mistake_in("[[hook]]\non = \"direct\"\nrun = [\"x\"]\nreply = 1\n"), "4: 'reply' is true or false");
  EXPECT_TRUE(mistake_in("[[hook]]\non = \"direct\"\nrun = [\"x\"]\nrooms = \"CI\"\n").starts_with("4: "));
  EXPECT_TRUE(
      mistake_in("[[hook]]\non = \"direct\"\nrun = [\"x\"]\nreply = true\nkeep = true\n").starts_with("1: keep and"));
  EXPECT_EQ(mistake_in("[hook]\non = \"direct\"\n"), "1: each hook is a table in double brackets: [[hook]]");
  EXPECT_EQ(mistake_in("hook = [1]\n"), "1: each hook is a table in double brackets: [[hook]]");
  EXPECT_EQ(mistake_in("\nagent = 1\n"), "2: agent is a table: [agent]");
  EXPECT_EQ(mistake_in("[agent]\nroom = 1\n"), "2: there is no key 'room' in [agent]; there is rooms");
  EXPECT_EQ(mistake_in("[agent]\nrooms = \"x\"\n"), R"(2: 'rooms' takes a list of rooms: ["ops", "ci.main"])");
  EXPECT_TRUE(mistake_in("[agent]\nrooms = [\"ops\",\n \"No Room\"]\n").starts_with("2: "));
  EXPECT_TRUE(mistake_in("[agent\n").starts_with("1: "));
}

}  // namespace
}  // namespace hubbub::agent
