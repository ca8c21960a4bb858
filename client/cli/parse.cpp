#include "client/cli/parse.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>

#include "client/cli/nearest.hpp"

namespace hubbub::cli {

namespace {

/// CLI11 marks a lone "{}" among several values with a "%%" of its own; here "{}" is a word like any other.
CLI::results_t words_of(CLI::results_t results) {
  if (results.size() == 2 && results[0] == "{}" && results[1] == "%%") results.pop_back();
  return results;
}

/// What CLI11 calls with all the values of one option or operand.
CLI::callback_t callback(const Take& take, std::string name, bool flag) {
  return [&take, name = std::move(name), flag](const CLI::results_t& results) {
    for (const auto& word : words_of(results)) {
      if (flag && word != "true") throw CLI::ValidationError(name + " takes no value");
      if (const auto taken = take(word); !taken) throw CLI::ValidationError(name + ": " + taken.error().sentence);
    }
    return true;
  };
}

void add_option(CLI::App& app, const Option& option) {
  const bool flag = option.value.empty();
  auto* added = app.add_option(std::string(option.names), callback(option.take, std::string(option.long_name()), flag));
  added->expected(flag ? 0 : 1)->type_size(flag ? 0 : 1)->allow_extra_args(false);
  added->multi_option_policy(option.repeatable ? CLI::MultiOptionPolicy::TakeAll : CLI::MultiOptionPolicy::TakeLast);
}

/// `place` stands for the name, of which CLI11 doesn't take any ("-", "ROOM|@NAME").
CLI::Option* add_operand(CLI::App& app, const Operand& operand, std::size_t place) {
  constexpr int many = 1 << 20;
  const int words = operand.many ? many : 1;
  auto* added =
      app.add_option("operand" + std::to_string(place), callback(operand.take, std::string(operand.name), false));
  // A large number expected, and not CLI11's own "extra arguments": with those it takes "[a,b]" apart.
  added->type_size(1)->expected(words, words)->allow_extra_args(false);
  added->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  return added;
}

std::string unknown_option(const Syntax& syntax, const std::string& word) {
  const auto name = word.substr(0, word.find('='));
  std::vector<std::string_view> candidates;
  for (const auto& option : syntax.options) candidates.push_back(option.long_name());
  const auto near = nearest(name, candidates);
  auto sentence = "there is no option " + name;
  return near.empty() ? sentence + "; an operand that begins with a dash goes after --"
                      : sentence + "; did you mean " + std::string(near) + "?";
}

std::string unexpected_word(const Syntax& syntax, const std::string& word) {
  if (word.size() > 1 && word.starts_with('-')) return unknown_option(syntax, word);
  const auto* behind = syntax.behind_dashes();
  return "'" + word + "' is one word too many" +
         (behind == nullptr ? "" : "; " + std::string(behind->name) + " goes after --");
}

/// Cuts off the first `--` and what stands behind it, if that is an operand of its own.
Words take_behind_dashes(const Syntax& syntax, Words& words) {
  const auto dashes = std::ranges::find(words, "--");
  if (syntax.behind_dashes() == nullptr || dashes == words.end()) return {};
  Words behind(dashes + 1, words.end());
  words.erase(dashes, words.end());
  return behind;
}

Result<void> take_all(const Operand& operand, const Words& words) {
  for (const auto& word : words)
    if (auto taken = operand.take(word); !taken)
      return fail(Status::invalid_argument, std::string(operand.name) + ": " + taken.error().sentence);
  return {};
}

std::string sentence_of(const CLI::ParseError& error) {
  if (error.get_name() != "ArgumentMismatch") return error.what();
  const std::string_view what = error.what();  // "--count: 1 required TEXT missing"
  return std::string(what.substr(0, what.find(':'))) + " needs a value";
}

/// CLI11 takes its words from the back.
Result<void> run_parser(CLI::App& app, Words words) {
  std::ranges::reverse(words);
  try {
    app.parse(words);
  } catch (const CLI::ParseError& error) {
    return fail(Status::invalid_argument, sentence_of(error));
  }
  return {};
}

void set_up(CLI::App& app, const Syntax& syntax) {
  app.set_help_flag();
  app.allow_extras();
  for (const auto& option : syntax.options) add_option(app, option);
}

}  // namespace

Result<Words> parse_leading(const Syntax& syntax, Words words) {
  CLI::App app;
  set_up(app, syntax);
  app.prefix_command();
  if (auto parsed = run_parser(app, std::move(words)); !parsed) return tl::unexpected(parsed.error());
  auto rest = app.remaining();
  if (!rest.empty() && rest.front().starts_with('-'))
    return fail(Status::invalid_argument, unknown_option(syntax, rest.front()));
  return rest;
}

Result<void> parse_words(const Syntax& syntax, Words words, const bool& help_wanted) {
  CLI::App app;
  set_up(app, syntax);
  const auto behind = take_behind_dashes(syntax, words);
  const auto mixed = syntax.operands.size() - (syntax.behind_dashes() == nullptr ? 0 : 1);
  std::vector<CLI::Option*> operands;
  for (std::size_t i = 0; i < mixed; ++i) operands.push_back(add_operand(app, syntax.operands[i], i));
  if (auto parsed = run_parser(app, std::move(words)); !parsed) return parsed;
  if (help_wanted) return {};
  auto rest = app.remaining();
  std::erase(rest, "--");  // CLI11 counts the mark itself as left over
  if (!rest.empty()) return fail(Status::invalid_argument, unexpected_word(syntax, rest.front()));
  for (std::size_t i = 0; i < syntax.operands.size(); ++i)
    if (syntax.operands[i].required && (i < mixed ? operands[i]->count() : behind.size()) == 0)
      return fail(Status::invalid_argument, std::string(syntax.operands[i].name) + " is missing");
  return behind.empty() ? Result<void>() : take_all(*syntax.behind_dashes(), behind);
}

}  // namespace hubbub::cli
