#include "client/cli/help.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <sstream>

#include "client/cli/commands.hpp"
#include "client/cli/layout.hpp"

namespace hubbub::cli {
namespace {

using testing::HasSubstr;

std::size_t characters(const std::string& text) {
  std::size_t count = 0;
  for (const char c : text) count += (c & 0xc0) != 0x80;
  return count;
}

void expect_narrow(const std::string& text) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(characters(line), 100U) << line;
}

TEST(Help, NamesEveryCommandAndItsSummary) {
  const auto help = general_help();
  for (const auto* command : all_commands()) {
    EXPECT_THAT(help, HasSubstr("  " + std::string(command->name) + " "));
    EXPECT_THAT(help, HasSubstr(std::string(command->summary.substr(0, 20))));
  }
  expect_narrow(help);
}

TEST(Help, HasEveryOptionOfACommand) {
  for (const auto* command : all_commands()) {
    const auto help = help_of(*command);
    const auto action = command->make();
    Syntax syntax;
    action->declare(syntax);
    for (const auto& option : syntax.options) EXPECT_THAT(help, HasSubstr(std::string(option.long_name())));
    for (const auto& operand : syntax.operands) EXPECT_THAT(help, HasSubstr(std::string(operand.name)));
    expect_narrow(help);
  }
}

TEST(Commands, HaveOptionsOfDifferentNames) {
  for (const auto* command : all_commands()) {
    Globals globals;
    const auto action = command->make();
    std::set<std::string_view> names;
    for (const auto& option : syntax_of(*action, globals).options) {
      EXPECT_TRUE(names.insert(option.long_name()).second) << command->name << " " << option.long_name();
      if (!option.short_name().empty()) {
        EXPECT_TRUE(names.insert(option.short_name()).second) << command->name << " " << option.short_name();
      }
    }
  }
}

TEST(Commands, ComeWithExamples) {
  for (const auto* command : all_commands()) EXPECT_FALSE(command->examples.empty()) << command->name;
}

TEST(ManualPage, HasEveryCommand) {
  const auto page = manual_page();
  for (const auto* command : all_commands()) EXPECT_THAT(page, HasSubstr(".SS hubbub " + std::string(command->name)));
}

TEST(ManualPage, HasNoLineThatRoffTakesForARequestOfItsOwn) {
  static const std::set<std::string> requests = {".TH", ".SH", ".SS", ".PP", ".TP", ".RS", ".RE",
                                                 ".nf", ".fi", ".B",  ".BR", ".I",  ".br"};
  std::istringstream lines(manual_page());
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with('.')) {
      EXPECT_TRUE(requests.contains(line.substr(0, line.find(' ')))) << line;
    }
    EXPECT_FALSE(line.starts_with('\'')) << line;
  }
}

TEST(Layout, WrapsAtSpacesAndIndents) {
  const std::string words(50, 'x');
  EXPECT_EQ(wrapped(words + " " + words, 2), "  " + words + "\n  " + words + "\n");
  EXPECT_EQ(wrapped("a\n\nb", 0), "a\n\nb\n");
}

TEST(Layout, PutsLongTermsOnALineOfTheirOwn) {
  const std::string term(30, 't');
  EXPECT_EQ(definitions({{"a", "one"}, {term, "two"}}), "  a  one\n  " + term + "\n     two\n");
}

}  // namespace
}  // namespace hubbub::cli
