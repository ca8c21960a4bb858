#include "client/cli/help_parts.hpp"

#include "client/cli/format.hpp"
#include "client/cli/globals.hpp"

namespace hubbub::cli {

namespace {

std::string term_of(const Option& option) {
  std::string term = option.short_name().empty() ? "    " : std::string(option.short_name());
  if (!option.short_name().empty() && option.long_name() != option.short_name()) term += ", ";
  if (option.long_name() != option.short_name()) term += option.long_name();
  if (!option.value.empty()) term.append(" ").append(option.value);
  return term;
}

}  // namespace

Syntax global_syntax() {
  static Globals globals;  // what the options would be stored to; nothing is parsed with this Syntax
  Syntax syntax;
  declare_globals(syntax, globals);
  return syntax;
}

std::vector<Definition> option_definitions(const Syntax& syntax) {
  std::vector<Definition> list;
  for (const auto& option : syntax.options) list.push_back({term_of(option), std::string(option.help)});
  return list;
}

std::vector<Definition> operand_definitions(const Syntax& syntax) {
  std::vector<Definition> list;
  for (const auto& operand : syntax.operands)
    list.push_back({std::string(operand.name) + (operand.many ? "…" : ""), std::string(operand.help)});
  return list;
}

std::vector<Definition> environment_definitions() {
  return {{"HUBBUB_URL", "where the hub is, unless --hub says so"},
          {"HUBBUB_NAME", "who to be, unless --name says so"},
          {"NO_COLOR", "if set: no colours"},
          {"XDG_CONFIG_HOME", "where hubbub/config.toml is, with the keys hub and name; ~/.config if not set"}};
}

std::vector<Definition> format_definitions() {
  std::vector<Definition> list;
  for (const auto& row : format_places()) list.push_back({std::string(row.place), std::string(row.help)});
  list.push_back({"{{  }}", "braces"});
  list.push_back({R"(\n \t \r \e \0 \\)", "as in printf(1)"});
  list.push_back({R"(\c)", "at the end: nothing after the message"});
  return list;
}

bool has_format(const Syntax& syntax) { return syntax.find_option("--format") != nullptr; }

}  // namespace hubbub::cli
