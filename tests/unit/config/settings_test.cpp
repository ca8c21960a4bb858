#include "server/config_settings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "server/manual.hpp"
#include "server/options.hpp"
#include "tests/unit/config/temporary_folder.hpp"

namespace hubbub::server {
namespace {

using testing::HasSubstr;

/// As a man page shows it, without the fonts.
std::string without_roff(std::string page) {
  for (const std::string_view mark : {"\\fB", "\\fR", "\\fI", "\\&"})
    for (std::size_t at; (at = page.find(mark)) != std::string::npos;) page.erase(at, mark.size());
  for (std::size_t at; (at = page.find("\\-")) != std::string::npos;) page.erase(at, 1);
  return page;
}

ConfigSources nothing_but(std::string file) {
  ConfigSources sources;
  sources.file = std::move(file);
  sources.environment = [](const std::string&) { return std::optional<std::string>(); };
  return sources;
}

TEST(Settings, AreNamedByOneRule) {
  EXPECT_EQ(flag_name(*find_setting("hub.listen")), "--listen");
  EXPECT_EQ(environment_name(*find_setting("hub.listen")), "HUBBUBD_LISTEN");
  EXPECT_EQ(flag_name(*find_setting("limits.queued_bytes")), "--limits-queued-bytes");
  EXPECT_EQ(environment_name(*find_setting("limits.queued_bytes")), "HUBBUBD_LIMITS_QUEUED_BYTES");
}

TEST(Settings, HaveNamesOfTheirOwn) {
  std::set<std::string> flags, variables;
  for (const auto& setting : settings()) {
    EXPECT_TRUE(flags.insert(flag_name(setting)).second) << setting.key;
    EXPECT_TRUE(variables.insert(environment_name(setting)).second) << setting.key;
    EXPECT_EQ(find_setting(setting.key), &setting);
  }
  EXPECT_FALSE(variables.contains("HUBBUBD_CONFIG"));
}

TEST(Settings, HaveDefaultsWithinTheirBounds) {
  for (const auto& setting : settings()) {
    if (const auto* const number = std::get_if<WholeNumber>(&setting.kind)) {
      EXPECT_GE(number->bound.standard, number->bound.min) << setting.key;
      EXPECT_LE(number->bound.standard, number->bound.max) << setting.key;
      EXPECT_EQ(std::to_string(number->bound.standard), toml_value(setting, Config{})) << setting.key;
    }
  }
}

/// Each row's accessor reaches a field that no other row reaches.
TEST(Settings, EachHaveAFieldOfTheirOwn) {
  for (const auto& setting : settings()) {
    if (const auto* const number = std::get_if<WholeNumber>(&setting.kind)) {
      Config config;
      number->at(config) = number->bound.standard + 1;
      const auto changed = changed_settings(Config{}, config);
      ASSERT_EQ(changed.size(), 1u) << setting.key;
      EXPECT_EQ(changed[0], &setting);
    }
  }
}

TEST(Settings, AreAllInTheManualTheHelpAndTheTables) {
  const auto manual = without_roff(manual_page());
  const auto help = parse_options(std::vector<std::string>{"--help"})->text;
  const auto markdown = *settings_as("markdown"), toml = *settings_as("toml");
  for (const auto& setting : settings()) {
    EXPECT_THAT(manual, HasSubstr(flag_name(setting)));
    EXPECT_THAT(manual, HasSubstr(environment_name(setting)));
    EXPECT_THAT(help, HasSubstr(flag_name(setting)));
    EXPECT_THAT(markdown, HasSubstr("| `" + std::string(setting.key) + "` |"));
    EXPECT_THAT(toml, HasSubstr("\n#" + std::string(setting.key.substr(setting.key.find('.') + 1)) + " = "));
  }
  EXPECT_FALSE(settings_as("xml"));
}

TEST(Settings, AsTomlAreAFileWithTheDefaults) {
  const auto toml = *settings_as("toml");
  std::string uncommented;
  for (std::size_t at = 0; at < toml.size(); ++at)
    if (!(toml[at] == '#' && (at == 0 || toml[at - 1] == '\n') && toml[at + 1] != ' ')) uncommented += toml[at];
  const TemporaryFolder folder;
  const auto loaded = load_config(nothing_but(folder.write("hubbubd.toml", uncommented)));
  for (const auto& mistake : loaded.mistakes) ADD_FAILURE() << str(mistake);
  EXPECT_TRUE(changed_settings(Config{}, loaded.config).empty());
  EXPECT_NE(uncommented.find("\nconnections = 65536\n"), std::string::npos);
}

TEST(Settings, SayWhichOfThemChanged) {
  Config running, wanted;
  EXPECT_TRUE(changed_settings(running, wanted).empty());
  wanted.hub.listen.push_back(*Address::parse("unix:///run/hub.sock"));
  wanted.log.level = log::Level::warn;
  const auto changed = changed_settings(running, wanted);
  ASSERT_EQ(changed.size(), 2u);
  EXPECT_EQ(changed[0]->key, "hub.listen");
  EXPECT_EQ(changed[0]->reload, Reload::next_start);
  EXPECT_EQ(changed[1]->key, "log.level");
  EXPECT_EQ(changed[1]->reload, Reload::live);
}

TEST(NearestKey, FindsNothingNearNonsense) {
  EXPECT_EQ(nearest_key("bananas"), "");
  EXPECT_EQ(nearest_key(""), "");
  EXPECT_EQ(nearest_key(std::string(100'000, 'x')), "");
}

}  // namespace
}  // namespace hubbub::server
