// hubbub help.
#include "client/cli/help.hpp"

#include <array>

#include "client/cli/commands.hpp"
#include "client/cli/complain.hpp"
#include "client/cli/exit_codes.hpp"
#include "client/cli/output.hpp"

namespace hubbub::cli {

namespace {

class Help : public Action {
 public:
  void declare(Syntax& syntax) override {
    syntax.operand({"COMMAND", "about this one", store(name_), Hint::command, false});
    syntax.option({"--man", "", "the man page, in roff", store(man_)});
  }

  Result<void> check() override {
    if (name_.empty() || find_command(name_) != nullptr) return {};
    return fail(Status::invalid_argument, unknown_command(name_));
  }

  int run(const Globals&) override {
    const auto text = man_ ? manual_page() : name_.empty() ? general_help() : help_of(*find_command(name_));
    return print(text) ? exit_code::done : exit_code::input_output;
  }

 private:
  std::string name_;
  bool man_ = false;
};

constexpr std::array examples = {
    Example{"hubbub help pub", "about one command"},
    Example{"hubbub help --man | man -l -", "the man page, where it isn't installed"},
};

}  // namespace

extern const Command help_command;
const Command help_command = {
    "help",
    "tell about hubbub or one of its commands",
    "[COMMAND | --man]",
    "The same as hubbub --help, and hubbub COMMAND --help.",
    examples,
    make_action<Help>,
};

}  // namespace hubbub::cli
