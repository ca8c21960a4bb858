#include "server/config.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pwd.h>
#include <sys/stat.h>

#include <map>

#include "server/config_settings.hpp"
#include "tests/unit/config/temporary_folder.hpp"

namespace hubbub::server {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class ConfigTest : public testing::Test {
 protected:
  /// Loads `toml` as hubbubd.toml, under the environment and the flags set before.
  LoadedConfig load(const std::string& toml) {
    file_ = folder_.write("hubbubd.toml", toml);
    return load_without_file(file_);
  }
  LoadedConfig load_without_file(std::optional<std::string> file = "/dev/null") {
    ConfigSources sources;
    sources.file = std::move(file);
    sources.flags = flags_;
    sources.environment = [this](const std::string& name) {
      const auto found = environment_.find(name);
      return found == environment_.end() ? std::nullopt : std::optional(found->second);
    };
    for (const auto& [name, value] : environment_) sources.environment_names.push_back(name);
    return load_config(sources);
  }
  /// As they are printed, without the folder.
  std::vector<std::string> mistakes_in(const std::string& toml) {
    std::vector<std::string> shown;
    for (const auto& mistake : load(toml).mistakes) {
      auto line = str(mistake);
      if (const auto at = line.find(folder_.path() + '/'); at == 0) line.erase(0, folder_.path().size() + 1);
      shown.push_back(line);
    }
    return shown;
  }

  TemporaryFolder folder_;
  std::string file_;
  std::map<std::string, std::string> environment_;
  std::vector<std::pair<std::string, std::vector<std::string>>> flags_;
};

TEST_F(ConfigTest, StandsByItself) {
  const auto loaded = load_without_file();
  EXPECT_THAT(loaded.mistakes, IsEmpty());
  ASSERT_EQ(loaded.config.hub.listen.size(), 1u);
  EXPECT_EQ(loaded.config.hub.listen[0].str(), "tcp://127.0.0.1:4848");
  EXPECT_EQ(loaded.config.limits.connections, 65536u);
  EXPECT_EQ(loaded.config.tail.total_bytes, 256u << 20);
}

TEST_F(ConfigTest, ReadsEveryTypeOfValue) {
  const auto loaded = load(R"(
[hub]
listen = ["tcp://127.0.0.1:0", "unix:///run/hub.sock"]
cores = 2
insecure = true
ready_file = "/run/hub.url"
[limits]
connections = 1_000
[log]
level = "debug"
format = "json"
)");
  EXPECT_THAT(loaded.mistakes, IsEmpty());
  const auto& config = loaded.config;
  ASSERT_EQ(config.hub.listen.size(), 2u);
  EXPECT_EQ(config.hub.listen[1].str(), "unix:///run/hub.sock");
  EXPECT_EQ(config.hub.cores, 2u);
  EXPECT_TRUE(config.hub.insecure);
  EXPECT_EQ(config.hub.ready_file, "/run/hub.url");
  EXPECT_EQ(config.limits.connections, 1000u);
  EXPECT_EQ(config.log.level, log::Level::debug);
  EXPECT_EQ(config.log.format, log::Format::json);
  EXPECT_EQ(loaded.file, file_);
}

// ── mistakes ─────────────────────────────────────────────────────────────────────────────────────────────────────────

TEST_F(ConfigTest, NamesFileLineAndKeyOfEveryMistake) {
  EXPECT_THAT(mistakes_in("[hub]\n"
                          "cores = 100\n"
                          "insecure = \"yes\"\n"
                          "\n"
                          "[limits]\n"
                          "conections = 5\n"
                          "rooms = 1.5\n"
                          "connections = 0\n"
                          "[log]\n"
                          "level = \"loud\"\n"),
              testing::UnorderedElementsAre(
                  "hubbubd.toml:2: hub.cores: 100 is out of range; it may be 0 to 64",
                  "hubbubd.toml:3: hub.insecure: this takes true or false, not a text",
                  "hubbubd.toml:6: limits.conections: there is no such key; did you mean limits.connections?",
                  "hubbubd.toml:7: limits.rooms: this takes no number with a decimal point",
                  "hubbubd.toml:8: limits.connections: 0 is out of range; it may be 1 to 1000000",
                  "hubbubd.toml:10: log.level: 'loud' is not one of trace, debug, info, warn, error"));
}

TEST_F(ConfigTest, KnowsWhichKeyWasMeant) {
  EXPECT_THAT(
      mistakes_in("listen = []\n"),
      ElementsAre("hubbubd.toml:1: listen: there is no such key outside of a [section]; did you mean hub.listen?"));
  EXPECT_THAT(mistakes_in("[limit]\nrooms = 3\n"),
              ElementsAre("hubbubd.toml:2: limit.rooms: there is no such key; did you mean limits.rooms?"));
  EXPECT_THAT(mistakes_in("[hub]\nping_ms = 3\n"),
              ElementsAre("hubbubd.toml:2: hub.ping_ms: there is no such key; did you mean liveness.ping_ms?"));
  EXPECT_THAT(
      mistakes_in("[hub]\nmotd = 3\n"),
      ElementsAre("hubbubd.toml:2: hub.motd: there is no such key; hubbubd --print-settings toml lists them all"));
  EXPECT_THAT(mistakes_in("[storage]\n"), ElementsAre("hubbubd.toml:1: storage: there is no such section"));
}

TEST_F(ConfigTest, RefusesWrongTypesEverywhere) {
  EXPECT_THAT(
      mistakes_in("[hub]\nlisten = \"tcp://127.0.0.1\"\n"),
      ElementsAre("hubbubd.toml:2: hub.listen: this takes a list of addresses, such as [\"tcp://127.0.0.1:4848\"], "
                  "not a text"));
  EXPECT_THAT(
      mistakes_in("[hub]\nlisten = [1]\n"),
      ElementsAre("hubbubd.toml:2: hub.listen: this takes a list of texts in quotes, and something else is in it"));
  EXPECT_THAT(mistakes_in("[hub]\ncores = true\n"),
              ElementsAre("hubbubd.toml:2: hub.cores: this takes a whole number, not true or false"));
  EXPECT_THAT(mistakes_in("[hub]\nready_file = 3\n"),
              ElementsAre("hubbubd.toml:2: hub.ready_file: this takes the name of a file, not a whole number"));
  EXPECT_THAT(
      mistakes_in("[log]\nlevel = 3\n"),
      ElementsAre("hubbubd.toml:2: log.level: this takes one of trace, debug, info, warn, error, not a whole number"));
  EXPECT_THAT(mistakes_in("[tail]\nbytes = -1\n"),
              ElementsAre("hubbubd.toml:2: tail.bytes: -1 is out of range; it may be 65536 to 68719476736"));
  EXPECT_THAT(mistakes_in("[tail.bytes]\nx = 1\n"),
              ElementsAre("hubbubd.toml:1: tail.bytes: this takes no date, time or table"));
}

TEST_F(ConfigTest, RefusesWhatIsNoToml) {
  const auto mistakes = mistakes_in("[hub]\ncores = \n");
  ASSERT_EQ(mistakes.size(), 1u);
  EXPECT_THAT(mistakes[0], testing::StartsWith("hubbubd.toml:2: "));
}

TEST_F(ConfigTest, RefusesAFileThatCannotBeRead) {
  const auto missing = load_without_file(folder_.path("none.toml"));
  ASSERT_EQ(missing.mistakes.size(), 1u);
  EXPECT_EQ(str(missing.mistakes[0]),
            folder_.path("none.toml") + ": this file can't be read: No such file or directory");
  const auto directory = load_without_file(folder_.path());
  ASSERT_EQ(directory.mistakes.size(), 1u);
  EXPECT_THAT(str(directory.mistakes[0]), HasSubstr("Is a directory"));
}

TEST_F(ConfigTest, ShowsHostileKeysHarmlessly) {
  const auto mistakes = mistakes_in("[hub]\n\"\\u001b[2J\" = 1\n[\"\\u202e\"]\nx = 1\n");
  ASSERT_EQ(mistakes.size(), 2u);
  for (const auto& mistake : mistakes) {
    EXPECT_EQ(mistake.find('\x1b'), std::string::npos);
    EXPECT_EQ(mistake.find("\u202e"), std::string::npos);
  }
}

// ── what must fit together ───────────────────────────────────────────────────────────────────────────────────────────

TEST_F(ConfigTest, RefusesToListenBeyondTheLoopbackUnlessAllowed) {
  for (const std::string url : {"tcp://0.0.0.0:4848", "tcp://[::]:4848", "tcp://192.0.2.1", "tcp://hub.example.org"}) {
    const auto toml = "[hub]\nlisten = [\"tcp://127.0.0.1\", \"" + url + "\"]\n";
    const auto mistakes = mistakes_in(toml);
    ASSERT_EQ(mistakes.size(), 1u) << url;
    EXPECT_THAT(mistakes[0],
                testing::StartsWith("hubbubd.toml:2: hub.listen: " + Address::parse(url)->str() + " can be reached"));
    EXPECT_THAT(mistakes[0], HasSubstr("--insecure"));
    EXPECT_THAT(mistakes_in(toml + "insecure = true\n"), IsEmpty());
  }
}

TEST_F(ConfigTest, ListensOnEveryLoopbackAddressAsItIs) {
  EXPECT_THAT(
      mistakes_in(
          "[hub]\nlisten = [\"tcp://127.0.0.1\", \"tcp://127.1.2.3:1\", \"tcp://[::1]\", \"tcp://localhost:2\", "
          "\"tcp://[::ffff:127.0.0.1]:3\", \"unix:///run/hub.sock\"]\n"),
      IsEmpty());
}

TEST_F(ConfigTest, RefusesListsOfAddressesThatMakeNoSense) {
  EXPECT_THAT(mistakes_in("[hub]\nlisten = []\n"),
              ElementsAre("hubbubd.toml:2: hub.listen: at least one address is needed, or nobody can come in"));
  EXPECT_THAT(mistakes_in("[hub]\nlisten = [\"tcp://127.0.0.1\", \"127.0.0.1:4848\"]\n"),
              ElementsAre("hubbubd.toml:2: hub.listen: tcp://127.0.0.1:4848 stands there twice"));
  EXPECT_THAT(mistakes_in("[hub]\nlisten = [\"tcp://127.0.0.1:0\", \"tcp://127.0.0.1:0\"]\n"), IsEmpty())
      << "two free ports are two addresses";
  EXPECT_THAT(mistakes_in("[hub]\nlisten = [\"http://127.0.0.1\"]\n"),
              ElementsAre(HasSubstr("'http://127.0.0.1' is not an address")));
}

TEST_F(ConfigTest, RefusesLimitsThatContradictEachOther) {
  EXPECT_THAT(
      mistakes_in("[tail]\nbytes = 1048576\ntotal_bytes = 65536\n"),
      ElementsAre("hubbubd.toml:3: tail.total_bytes: all rooms together may remember 65536 bytes, but a single one "
                  "tail.bytes = 1048576; raise this or lower that"));
  EXPECT_THAT(
      mistakes_in("[limits]\nmessage_burst = 10\n"),
      ElementsAre("hubbubd.toml:2: limits.message_burst: this has no effect while limits.message_rate is 0, which "
                  "stands for no limit; set both or neither"));
  EXPECT_THAT(mistakes_in("[limits]\nmessage_rate = 5\nmessage_burst = 10\n"), IsEmpty());
}

// ── precedence ───────────────────────────────────────────────────────────────────────────────────────────────────────

TEST_F(ConfigTest, TakesTheEnvironmentOverTheFileAndFlagsOverBoth) {
  const std::string toml = "[hub]\ncores = 1\n[limits]\nrooms = 10\nconnections = 100\n";
  environment_ = {{"HUBBUBD_CORES", "2"}, {"HUBBUBD_LIMITS_ROOMS", "20"}};
  flags_ = {{"hub.cores", {"3"}}};
  const auto loaded = load(toml);
  EXPECT_THAT(loaded.mistakes, IsEmpty());
  EXPECT_EQ(loaded.config.hub.cores, 3u);
  EXPECT_EQ(loaded.config.limits.rooms, 20u);
  EXPECT_EQ(loaded.config.limits.connections, 100u);
}

TEST_F(ConfigTest, ReplacesAListAsAWhole) {
  environment_ = {{"HUBBUBD_LISTEN", "tcp://127.0.0.1:1, unix:///run/a.sock"}};
  EXPECT_EQ(load_without_file().config.hub.listen.size(), 2u);
  flags_ = {{"hub.listen", {"tcp://127.0.0.1:2", "tcp://127.0.0.1:3", "tcp://127.0.0.1:4"}}};
  const auto config = load("[hub]\nlisten = [\"tcp://127.0.0.1:9\"]\n").config;
  ASSERT_EQ(config.hub.listen.size(), 3u);
  EXPECT_EQ(config.hub.listen[0].port, 2);
}

TEST_F(ConfigTest, NamesTheVariableOrFlagOfAMistake) {
  environment_ = {
      {"HUBBUBD_CORES", "many"}, {"HUBBUBD_INSECURE", "perhaps"}, {"HUBBUBD_TAIL_BYTES", "99999999999999999999"}};
  flags_ = {{"limits.rooms", {"0"}}};
  std::vector<std::string> shown;
  for (const auto& mistake : load_without_file().mistakes) shown.push_back(str(mistake));
  EXPECT_THAT(shown, ElementsAre("HUBBUBD_CORES: hub.cores: 'many' is not a whole number",
                                 "HUBBUBD_INSECURE: hub.insecure: 'perhaps' is neither true nor false",
                                 "HUBBUBD_TAIL_BYTES: tail.bytes: '99999999999999999999' is far out of range",
                                 "--limits-rooms: limits.rooms: 0 is out of range; it may be 1 to 1000000"));
}

TEST_F(ConfigTest, AVariableThatIsNearlyASettingIsAMistakeAndOthersAreNot) {
  environment_ = {{"HUBBUBD_LIMITS_CONECTIONS", "10"},
                  {"HUBBUBD_PORT", "tcp://10.0.0.1:4848"},
                  {"HUBBUBD_SERVICE_HOST", "10.0.0.1"},
                  {"HUBBUBD_CONFIG", ""},
                  {"HUBBUBD_CORES", "2"}};
  const auto mistakes = load_without_file().mistakes;
  ASSERT_EQ(mistakes.size(), 1u);
  EXPECT_EQ(str(mistakes.front()),
            "HUBBUBD_LIMITS_CONECTIONS: there is no such setting; did you mean HUBBUBD_LIMITS_CONNECTIONS?");
}

TEST_F(ConfigTest, TakesAnEmptyVariableAsNotSet) {
  environment_ = {{"HUBBUBD_CORES", ""}, {"HUBBUBD_CONFIG", ""}};
  EXPECT_THAT(load_without_file(std::nullopt).mistakes, IsEmpty());
}

TEST_F(ConfigTest, FindsItsFileByFlagThenByVariable) {
  environment_ = {{"HUBBUBD_CONFIG", folder_.write("variable.toml", "[hub]\ncores = 1\n")}};
  EXPECT_EQ(load_without_file(std::nullopt).config.hub.cores, 1u);
  EXPECT_EQ(load_without_file(folder_.write("flag.toml", "[hub]\ncores = 2\n")).config.hub.cores, 2u);
}

TEST_F(ConfigTest, APipeIsNoFileAndNobodyWaitsForIt) {
  const auto pipe = folder_.path() + "/pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_EQ(load_without_file(pipe).mistakes.size(), 1u);
}

TEST_F(ConfigTest, UnderstandsSwitchesInTheEnvironment) {
  for (const char* const yes : {"true", "1", "yes", "on"}) {
    environment_ = {{"HUBBUBD_INSECURE", yes}};
    EXPECT_TRUE(load_without_file().config.hub.insecure) << yes;
  }
  for (const char* const no : {"false", "0", "no", "off"}) {
    environment_ = {{"HUBBUBD_INSECURE", no}};
    EXPECT_FALSE(load("[hub]\ninsecure = true\n").config.hub.insecure) << no;
  }
}

class DataDirectoryOf : public ::testing::Test {
 protected:
  /// The directory, or why there is none.
  std::string of(uid_t user, const std::map<std::string, std::string>& variables) const {
    const auto found = data_directory(config_, user, [&](const std::string& name) {
      const auto variable = variables.find(name);
      return variable == variables.end() ? std::nullopt : std::optional(variable->second);
    });
    return found ? found->value_or("nothing is kept") : found.error().sentence;
  }
  static constexpr uid_t root = 0, daemon = 1, nobody_known = 4'000'000'000;
  Config config_;
};

TEST_F(DataDirectoryOf, RootIsTheSystems) {
  EXPECT_EQ(of(root, {{"HOME", "/root"}, {"XDG_STATE_HOME", "/root/state"}}), "/var/lib/hubbub");
}

TEST_F(DataDirectoryOf, APersonIsInTheirState) {
  EXPECT_EQ(of(nobody_known, {{"HOME", "/home/al"}, {"XDG_STATE_HOME", "/state"}}), "/state/hubbub");
  EXPECT_EQ(of(nobody_known, {{"HOME", "/home/al"}}), "/home/al/.local/state/hubbub");
}

TEST_F(DataDirectoryOf, ARelativePathCountsAsNotSet) {
  EXPECT_EQ(of(nobody_known, {{"HOME", "/home/al"}, {"XDG_STATE_HOME", "state"}}), "/home/al/.local/state/hubbub");
  EXPECT_EQ(of(nobody_known, {{"HOME", "/home/al"}, {"XDG_STATE_HOME", ""}}), "/home/al/.local/state/hubbub");
}

TEST_F(DataDirectoryOf, WhoHasNoHomeSetIsInTheOneOfTheirAccount) {
  const std::string home = ::getpwuid(daemon)->pw_dir;
  EXPECT_EQ(of(daemon, {}), home + "/.local/state/hubbub");
  EXPECT_EQ(of(daemon, {{"HOME", "home"}}), home + "/.local/state/hubbub");
}

TEST_F(DataDirectoryOf, WhoHasNoHomeAtAllIsToBeNamed) {
  EXPECT_THAT(of(nobody_known, {}), HasSubstr("name a directory with --data"));
  config_.hub.data = "/data";
  EXPECT_EQ(of(nobody_known, {}), "/data");
  config_.hub.data = "none";
  EXPECT_EQ(of(nobody_known, {}), "nothing is kept");
}

}  // namespace
}  // namespace hubbub::server
