#include "client/cli/run.hpp"

#include <csignal>
#include <cstdio>

#include "client/cli/commands.hpp"
#include "client/cli/complain.hpp"
#include "client/cli/exit_codes.hpp"
#include "client/cli/help.hpp"
#include "client/cli/output.hpp"
#include "client/cli/parse.hpp"
#include "client/cli/terminal.hpp"

namespace hubbub::cli {

namespace {

int show(const std::string& text) { return print(text) ? exit_code::done : exit_code::input_output; }

int refuse(const std::string& sentence, const std::string& hint) {
  complain(sentence);
  complain(hint);
  return exit_code::usage;
}

int show_version() { return show("hubbub " HUBBUB_VERSION "\n"); }

/// Parses `words` by the command's syntax and runs it.
int run_command(const Command& command, Words words, Globals globals) {
  const auto action = command.make();
  const auto syntax = syntax_of(*action, globals);
  auto parsed = parse_words(syntax, std::move(words), globals.help);
  if (globals.help) return show(help_of(command));
  if (globals.version) return show_version();
  if (parsed) parsed = action->check();
  if (!parsed)
    return refuse(parsed.error().sentence,
                  usage_of(command) + "; hubbub help " + std::string(command.name) + " tells more");
  set_quiet(globals.quiet);
  return action->run(globals);
}

int run_without_command(const Globals& globals) {
  if (stdin_is_terminal() && stdout_is_terminal()) return run_command(*find_command("chat"), {}, globals);
  complain("without a terminal hubbub needs a command");
  const auto help = general_help();
  std::fwrite(help.data(), 1, help.size(), stderr);
  return exit_code::usage;
}

}  // namespace

int run(Words words) {
  std::signal(SIGPIPE, SIG_IGN);  // a closed pipe is noticed where it is written to
  Globals globals;
  Syntax syntax;
  declare_globals(syntax, globals);
  auto rest = parse_leading(syntax, std::move(words));
  if (!rest) return refuse(rest.error().sentence, "hubbub help tells the options");
  if (globals.version) return show_version();
  if (globals.help && rest->empty()) return show(general_help());
  if (rest->empty()) return run_without_command(globals);
  const auto* command = find_command(rest->front());
  if (command == nullptr) return refuse(unknown_command(rest->front()), "hubbub help lists the commands");
  return run_command(*command, {rest->begin() + 1, rest->end()}, globals);
}

}  // namespace hubbub::cli
