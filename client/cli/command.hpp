// A subcommand: one row of the table, and the action behind it.
//   row: name, summary, usage, about, examples --> help, man page, completion
//   make(): an Action --declare--> Syntax --parse--> check --> run --> exit code
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "client/cli/globals.hpp"
#include "client/cli/syntax.hpp"

namespace hubbub::cli {

class Action {
 public:
  virtual ~Action() = default;
  /// Adds its options and operands, bound to its members.
  virtual void declare(Syntax& syntax) = 0;
  /// What only all options together can get wrong; a failure is a usage error.
  virtual Result<void> check() { return {}; }
  /// Returns the exit code; has said on stderr why it isn't 0.
  virtual int run(const Globals& globals) = 0;
};

struct Example {
  std::string_view line;
  std::string_view what;
};

struct Command {
  std::string_view name;
  std::string_view summary;  ///< in one line, lower case, without a full stop
  std::string_view usage;    ///< what follows the name
  std::string_view about;    ///< paragraphs, separated by empty lines
  std::span<const Example> examples;
  std::unique_ptr<Action> (*make)();
};

template <class T>
std::unique_ptr<Action> make_action() {
  return std::make_unique<T>();
}

}  // namespace hubbub::cli
