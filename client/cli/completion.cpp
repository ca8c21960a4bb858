// hubbub completion: scripts for shells, and the words that they ask for.
#include <array>

#include "client/cli/complain.hpp"
#include "client/cli/complete.hpp"
#include "client/cli/completion_scripts.hpp"
#include "client/cli/exit_codes.hpp"
#include "client/cli/room_list.hpp"
#include "client/cli/shell.hpp"
#include "common/escape.hpp"

namespace hubbub::cli {

namespace {

class CompletionWords : public OnlineAction {
 public:
  void declare(Syntax& syntax) override {
    syntax.operand({"SHELL",
                    "bash, zsh or fish; words is for their scripts",
                    store(shell_),
                    Hint::choice,
                    true,
                    false,
                    {"bash", "zsh", "fish"}});
    syntax.operand({"WORD", "after words --: the command line so far", append(words_), Hint::none, false, true});
  }

  Result<void> check() override {
    if (shell_ == "words" || (script_of(shell_) != nullptr && words_.empty())) return {};
    return fail(Status::invalid_argument, "there are scripts for bash, zsh and fish");
  }

  int run(const Globals& globals) override {
    if (shell_ != "words") return print(*script_of(shell_)) ? exit_code::done : exit_code::input_output;
    completion_ = complete(words_);
    std::string lines;
    if (completion_.ask == Hint::file) lines = ":files\n";
    if (completion_.ask == Hint::program) lines = ":programs\n";
    for (const auto& [word, help] : completion_.candidates) lines.append(word).append("\t").append(help).append("\n");
    if (!print(lines)) return exit_code::input_output;
    return completion_.ask == Hint::room || completion_.ask == Hint::person ? ask_hub(globals) : exit_code::done;
  }

 protected:
  asio::awaitable<int> talk(Shell& shell) override {
    const auto last = words_.empty() ? std::string() : words_.back();
    if (completion_.ask == Hint::room) {
      const auto rooms = co_await list_rooms(shell, Pattern::literal(">"));
      if (rooms)
        for (const auto& room : *rooms) add(room.name.str(), room.topic.str(), last, shell.out.buffer());
    }
    const proto::PeopleWho question;
    const auto people = co_await shell.link.call(question, shell.call_options());
    if (!people) co_return shell.complain(people.error());
    const auto* sign = completion_.ask == Hint::room ? "@" : "";
    for (const auto& person : people->people) add(sign + person.name.str(), "", last, shell.out.buffer());
    co_return exit_code::done;
  }

 private:
  int ask_hub(Globals globals) {
    globals.timeout = std::chrono::milliseconds(500);  // a person waits for this at every press of Tab
    if (!completion_.hub.empty()) globals.hub = completion_.hub;
    return OnlineAction::run(globals);
  }

  static void add(std::string_view word, std::string_view help, std::string_view last, std::string& out) {
    if (word.starts_with(last)) out.append(word).append("\t").append(escape_for_terminal(help)).append("\n");
  }

  std::string shell_;
  std::vector<std::string> words_;
  Completion completion_;
};

constexpr std::array examples = {
    Example{"hubbub completion bash > ~/.local/share/bash-completion/completions/hubbub", "for bash"},
    Example{"hubbub completion zsh > ~/.zfunc/_hubbub", "for zsh, with ~/.zfunc in fpath"},
    Example{"hubbub completion fish > ~/.config/fish/completions/hubbub.fish", "for fish"},
};

}  // namespace

extern const Command completion_command;
const Command completion_command = {
    "completion",
    "print a script that completes hubbub's words in a shell",
    "bash|zsh|fish",
    "Completes commands, options, their values, methods of call and their arguments, and asks the hub for rooms and "
    "people.",
    examples,
    make_action<CompletionWords>,
};

}  // namespace hubbub::cli
