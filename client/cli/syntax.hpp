// What a command accepts, as data: its options and operands, each with its help and where its value goes.
//   command --declares--> Syntax --parse--> values in the command
//                            +--> help, man page, completion
// Free of any parser: CLI11 is behind parse.cpp.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proto/status.hpp"
#include "proto/text.hpp"

namespace hubbub::cli {

/// What completes a value.
/// program: the first word is a program's name, those after it files.
enum class Hint { none, choice, file, room, person, method, argument, command, program };

/// Takes one value as typed; a failure's sentence is shown and is a usage error.
using Take = std::function<Result<void>(std::string_view)>;

struct Option {
  std::string_view names;  ///< "-n,--count" or "--count"
  std::string_view value;  ///< "COUNT"; empty: a flag, whose Take gets an empty text
  std::string_view help;
  Take take;
  Hint hint = Hint::none;
  std::vector<std::string_view> choices = {};
  bool repeatable = false;

  /// The long name with its dashes, or the short one where there is no other.
  [[nodiscard]] std::string_view long_name() const;
  /// Of "-n": empty if it has none.
  [[nodiscard]] std::string_view short_name() const;
};

struct Operand {
  std::string_view name;  ///< "ROOM"
  std::string_view help;
  Take take;  ///< called once for each word
  Hint hint = Hint::none;
  bool required = true;
  bool many = false;  ///< takes all words that are left; only the last operand may
  std::vector<std::string_view> choices = {};
  bool behind_dashes = false;  ///< takes what stands behind `--`, and nothing else does; only the last operand may
};

struct Syntax {
  std::vector<Option> options;
  std::vector<Operand> operands;

  void option(Option option) { options.push_back(std::move(option)); }
  void operand(Operand operand) { operands.push_back(std::move(operand)); }
  [[nodiscard]] const Option* find_option(std::string_view name) const;
  /// The operand behind `--`, if there is one of its own.
  [[nodiscard]] const Operand* behind_dashes() const;
};

// ── where values go: each makes a Take that checks a word and stores it; what it points to outlives the Syntax ──────

Take store(bool& on);
Take store(std::string& text);
Take store(std::optional<std::string>& text);
Take store(RoomName& room);
Take store(Pattern& pattern);
Take store(GroupName& group);
Take store(std::optional<std::chrono::milliseconds>& duration);
/// A whole number of at least `min`.
Take store(std::optional<std::uint64_t>& number, std::uint64_t min, std::uint64_t max = UINT64_MAX);
Take append(std::vector<std::string>& words);
Take append(std::vector<RoomName>& rooms);
Take append(std::vector<Pattern>& patterns);

}  // namespace hubbub::cli
