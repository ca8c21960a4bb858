#include "server/options.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cctype>
#include <sstream>

namespace hubbub::server {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

using Arguments = std::vector<std::string>;

Options parsed(const Arguments& arguments) {
  auto options = parse_options(arguments);
  EXPECT_TRUE(options) << options.error().sentence;
  return options ? *options : Options{};
}

TEST(OptionsOf, NothingServe) {
  const auto options = parsed({});
  EXPECT_EQ(options.action, Action::serve);
  EXPECT_TRUE(options.sources.flags.empty());
  EXPECT_FALSE(options.sources.file);
}

TEST(OptionsOf, SettingsAreHandedOnAsText) {
  const auto options = parsed({"--listen", "tcp://127.0.0.1:0", "--insecure", "--listen=/run/a", "--cores", "x"});
  EXPECT_THAT(options.sources.flags,
              ElementsAre(Pair("hub.listen", ElementsAre("tcp://127.0.0.1:0", "/run/a")),
                          Pair("hub.cores", ElementsAre("x")), Pair("hub.insecure", ElementsAre("true"))));
}

TEST(OptionsOf, ASwitchCanBeTurnedOff) {
  EXPECT_THAT(parsed({"--insecure=false"}).sources.flags, ElementsAre(Pair("hub.insecure", ElementsAre("false"))));
}

TEST(OptionsOf, AFileIsTaken) { EXPECT_EQ(parsed({"--config", "x.toml"}).sources.file, "x.toml"); }

TEST(OptionsOf, ChecksAreTaken) {
  EXPECT_EQ(parsed({"--check-config", "--config", "x.toml"}).action, Action::check_config);
  EXPECT_EQ(parsed({"--health"}).action, Action::health);
  EXPECT_EQ(parsed({"check", "--data", "d"}).action, Action::check);
  EXPECT_EQ(parsed({"check"}).path, "");
  EXPECT_EQ(parsed({"check", "f"}).path, "f");
  EXPECT_EQ(parsed({"--data", "d", "backup", "f"}).action, Action::backup);
  EXPECT_EQ(parsed({"restore", "--replace", "f"}).path, "f");
  EXPECT_TRUE(parsed({"restore", "--replace", "f"}).replace);
  EXPECT_TRUE(parsed({"backup", "f", "--replace"}).replace);
  EXPECT_EQ(parsed({"--health"}).health_url, "");
  EXPECT_EQ(parsed({"--health", "tcp://127.0.0.1:1"}).health_url, "tcp://127.0.0.1:1");
  EXPECT_EQ(parsed({"--health", "--config", "x.toml"}).sources.file, "x.toml");
}

TEST(OptionsOf, PrintingIsDoneAtOnce) {
  EXPECT_EQ(parsed({"--version"}).text, "hubbubd " HUBBUB_VERSION "\n");
  EXPECT_THAT(parsed({"--man"}).text, testing::StartsWith(".TH HUBBUBD 8"));
  EXPECT_THAT(parsed({"--print-settings", "toml"}).text, HasSubstr("[limits]"));
  const auto help = parsed({"--help"}).text;
  EXPECT_THAT(help, HasSubstr("--check-config"));
  EXPECT_THAT(help, testing::Not(HasSubstr("--man")));
}

TEST(OptionsOf, UnknownFlagsAreRefusedWithTheOneMeant) {
  const auto refused = [](const Arguments& arguments) { return parse_options(arguments).error().sentence; };
  EXPECT_EQ(refused({"--limits-conections", "3"}),
            "there is no option --limits-conections; did you mean --limits-connections?");
  EXPECT_EQ(refused({"--bananas"}), "there is no option --bananas");
  EXPECT_EQ(refused({"\x1b[2J"}), "there is no option \\x1b[2J");
  EXPECT_FALSE(parse_options(Arguments{"--cores"}));
  EXPECT_FALSE(parse_options(Arguments{"--print-settings", "xml"}));
  EXPECT_FALSE(parse_options(Arguments{"stray"}));
}

TEST(Manual, EscapesWhatRoffWouldTake) {
  std::istringstream lines(parsed({"--man"}).text);
  for (std::string line; std::getline(lines, line);) {
    const bool request =
        line.starts_with('.') && line.size() > 2 && std::isalpha(static_cast<unsigned char>(line[1])) != 0;
    EXPECT_TRUE(request || !line.starts_with('.')) << line;
    EXPECT_FALSE(line.starts_with('\'')) << line;
  }
}

}  // namespace
}  // namespace hubbub::server
