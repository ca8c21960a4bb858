#include "client/cli/complete.hpp"

#include <span>

#include "client/cli/commands.hpp"
#include "client/cli/help_parts.hpp"
#include "client/json/method_table.hpp"

namespace hubbub::cli {

namespace {

/// Reads the finished words of a line, and so knows what the last one is.
class Line {
 public:
  Line() : syntax_(global_syntax()) {}

  void read(const std::string& word) {
    if (expecting_ != nullptr)
      take_value(*expecting_, word);
    else if (!only_operands_ && word == "--")
      read_dashes();
    else if (!only_operands_ && word.starts_with("--"))
      read_long(word);
    else if (!only_operands_ && word.size() > 1 && word.starts_with('-'))
      read_short(word);
    else
      read_operand(word);
  }

  Completion finish(const std::string& last) const {
    Completion result;
    result.hub = hub_;
    const auto equals = last.find('=');
    if (expecting_ != nullptr)
      add_values(expecting_->hint, expecting_->choices, last, "", result);
    else if (!only_operands_ && last.starts_with("--") && equals != std::string::npos)
      add_option_value(last.substr(0, equals), last.substr(equals + 1), result);
    else if (!only_operands_ && last.starts_with('-') && last != "-")
      add_options(last, result);
    else if (command_ == nullptr)
      add_commands(last, result);
    else
      add_operand(last, result);
    return result;
  }

 private:
  void take_value(const Option& option, const std::string& value) {
    if (option.long_name() == "--hub") hub_ = value;
    expecting_ = nullptr;
  }

  void read_long(const std::string& word) {
    const auto equals = word.find('=');
    const auto* option = syntax_.find_option(std::string_view(word).substr(0, equals));
    if (option == nullptr || option->value.empty()) return;
    if (equals == std::string::npos)
      expecting_ = option;
    else
      take_value(*option, word.substr(equals + 1));
  }

  void read_dashes() {
    only_operands_ = true;
    before_dashes_ = operands_.size();
  }

  /// -vn5, -n 5: the first letter whose option takes a value has the rest of the word for it, or the next word.
  void read_short(const std::string& word) {
    for (std::size_t at = 1; at < word.size(); ++at) {
      const auto* option = syntax_.find_option(std::string("-") + word[at]);
      if (option == nullptr || option->value.empty()) continue;
      if (at + 1 == word.size()) expecting_ = option;
      return;
    }
  }

  void read_operand(const std::string& word) {
    if (command_ != nullptr) return operands_.push_back(word);
    command_ = find_command(word);
    if (command_ == nullptr) return;
    action_ = command_->make();
    syntax_ = syntax_of(*action_, globals_);
  }

  static void add(std::string_view word, std::string_view help, const std::string& last, Completion& result) {
    if (word.starts_with(last)) result.candidates.push_back({std::string(word), std::string(help)});
  }

  void add_commands(const std::string& last, Completion& result) const {
    for (const auto* command : all_commands()) add(command->name, command->summary, last, result);
  }

  void add_options(const std::string& last, Completion& result) const {
    for (const auto& option : syntax_.options) {
      if (last.starts_with("--") || option.short_name().empty()) add(option.long_name(), option.help, last, result);
      if (last == "-" && !option.short_name().empty()) add(option.short_name(), option.help, last, result);
    }
  }

  void add_option_value(const std::string& name, const std::string& value, Completion& result) const {
    const auto* option = syntax_.find_option(name);
    if (option != nullptr) add_values(option->hint, option->choices, value, name + "=", result);
  }

  void add_operand(const std::string& last, Completion& result) const {
    const auto* behind = syntax_.behind_dashes();
    if (behind != nullptr && only_operands_) return add_behind_dashes(*behind, last, result);
    const std::span operands(syntax_.operands.data(), syntax_.operands.size() - (behind == nullptr ? 0 : 1));
    if (operands.empty()) return;
    const auto at = std::min(operands_.size(), operands.size() - 1);
    if (operands_.size() > at && !operands[at].many) return;
    add_values(operands[at].hint, operands[at].choices, last, "", result);
  }

  void add_behind_dashes(const Operand& operand, const std::string& last, Completion& result) const {
    const bool is_argument = operand.hint == Hint::program && operands_.size() > before_dashes_;
    add_values(is_argument ? Hint::file : operand.hint, operand.choices, last, "", result);
  }

  void add_values(Hint hint, const std::vector<std::string_view>& choices, const std::string& last,
                  const std::string& prefix, Completion& result) const {
    for (const auto choice : choices) add(prefix + std::string(choice), "", prefix + last, result);
    if (hint == Hint::command) add_commands(last, result);
    if (hint == Hint::method)
      for (const auto& row : json::method_table()) add(row.name, row.help, last, result);
    if (hint == Hint::argument) add_arguments(last, result);
    const bool asks = hint == Hint::file || hint == Hint::program || hint == Hint::room || hint == Hint::person;
    if (asks) result.ask = hint;
  }

  void add_arguments(const std::string& last, Completion& result) const {
    const auto* method = operands_.empty() ? nullptr : json::find_method(operands_.front());
    if (method == nullptr) return;
    for (const auto& argument : method->arguments) {
      add(argument.name + "=", argument.form, last, result);
      for (const auto choice : argument.choices)
        if (last.starts_with(argument.name + "=")) add(argument.name + "=" + std::string(choice), "", last, result);
    }
  }

  Globals globals_;
  std::unique_ptr<Action> action_;
  Syntax syntax_;
  const Command* command_ = nullptr;
  const Option* expecting_ = nullptr;
  std::vector<std::string> operands_;
  std::string hub_;
  bool only_operands_ = false;
  std::size_t before_dashes_ = 0;  ///< operands
};

/// Bash hands over `--kind=te` as three words.
std::vector<std::string> rejoined(const std::vector<std::string>& words) {
  std::vector<std::string> list;
  bool joins = false;
  for (const auto& word : words) {
    const bool equals = word == "=" && !list.empty();
    if (equals || joins)
      list.back() += word;
    else
      list.push_back(word);
    joins = equals;
  }
  return list;
}

}  // namespace

Completion complete(const std::vector<std::string>& words) {
  const auto all = rejoined(words);
  Line line;
  for (std::size_t i = 0; i + 1 < all.size(); ++i) line.read(all[i]);
  return line.finish(all.empty() ? std::string() : all.back());
}

}  // namespace hubbub::cli
