// What `hubbub help` prints.
#include "client/cli/commands.hpp"
#include "client/cli/exit_codes.hpp"
#include "client/cli/help.hpp"
#include "client/cli/help_parts.hpp"
#include "client/cli/layout.hpp"

namespace hubbub::cli {

namespace {

std::string examples_of(const Command& command) {
  std::string text;
  for (const auto& [line, what] : command.examples)
    text.append("  # ").append(what).append("\n  ").append(line).append("\n");
  return text;
}

std::string section(std::string_view title, const std::string& body) {
  return body.empty() ? std::string() : "\n" + std::string(title) + ":\n" + body;
}

}  // namespace

std::string general_help() {
  std::vector<Definition> commands, codes;
  for (const auto* command : all_commands())
    commands.push_back({std::string(command->name), std::string(command->summary)});
  for (const auto& row : exit_code_rows()) codes.push_back({std::to_string(row.code), std::string(row.meaning)});
  return "hubbub: chat for people at terminals, publish/subscribe for their programs\n\n"
         "usage: hubbub [OPTION…] [COMMAND [ARGUMENT…]]\n\n" +
         wrapped(general_about, 0) + section("Commands", definitions(commands)) +
         section("Options, before the command or after it", definitions(option_definitions(global_syntax()))) +
         section("Environment", definitions(environment_definitions())) + section("Exit codes", definitions(codes)) +
         "\nhubbub help COMMAND tells more about one.\n";
}

std::string usage_of(const Command& command) {
  return "usage: hubbub " + std::string(command.name) + (command.usage.empty() ? "" : " ") + std::string(command.usage);
}

std::string help_of(const Command& command) {
  const auto action = command.make();
  Syntax syntax;
  action->declare(syntax);
  return "hubbub " + std::string(command.name) + ": " + std::string(command.summary) + "\n\n" + usage_of(command) +
         "\n\n" + wrapped(command.about, 0) + section("Arguments", definitions(operand_definitions(syntax))) +
         section("Options", definitions(option_definitions(syntax))) +
         section("Format", has_format(syntax) ? definitions(format_definitions()) : "") +
         section("Examples", examples_of(command)) + "\nhubbub help tells the options of every command.\n";
}

}  // namespace hubbub::cli
