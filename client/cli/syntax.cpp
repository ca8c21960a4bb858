#include "client/cli/syntax.hpp"

#include <charconv>

#include "common/duration.hpp"

namespace hubbub::cli {

namespace {

/// Stores what `parse` makes of a word.
template <class T, class Parse>
Take store_parsed(T& into, Parse parse) {
  return [&into, parse](std::string_view word) -> Result<void> {
    auto value = parse(word);
    if (!value) return tl::unexpected(value.error());
    into = *std::move(value);
    return {};
  };
}

template <class T, class Parse>
Take append_parsed(std::vector<T>& into, Parse parse) {
  return [&into, parse](std::string_view word) -> Result<void> {
    auto value = parse(word);
    if (!value) return tl::unexpected(value.error());
    into.push_back(*std::move(value));
    return {};
  };
}

Result<std::uint64_t> parse_number(std::string_view word, std::uint64_t min, std::uint64_t max) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error == std::errc{} && end == word.data() + word.size() && value >= min && value <= max) return value;
  const auto range = max == UINT64_MAX ? "from " + std::to_string(min) + " up"
                                       : "from " + std::to_string(min) + " to " + std::to_string(max);
  return fail(Status::invalid_argument, "'" + std::string(word) + "' is not a whole number " + range);
}

}  // namespace

std::string_view Option::long_name() const {
  const auto comma = names.find(',');
  return comma == std::string_view::npos ? names : names.substr(comma + 1);
}

std::string_view Option::short_name() const {
  const auto first = names.substr(0, names.find(','));
  return first.size() == 2 ? first : std::string_view{};
}

const Option* Syntax::find_option(std::string_view name) const {
  for (const auto& option : options)
    if (option.long_name() == name || option.short_name() == name) return &option;
  return nullptr;
}

const Operand* Syntax::behind_dashes() const {
  return !operands.empty() && operands.back().behind_dashes ? &operands.back() : nullptr;
}

Take store(bool& on) {
  return [&on](std::string_view) -> Result<void> {
    on = true;
    return {};
  };
}

Take store(std::string& text) {
  return [&text](std::string_view word) -> Result<void> {
    text = word;
    return {};
  };
}

Take store(std::optional<std::string>& text) {
  return [&text](std::string_view word) -> Result<void> {
    text = word;
    return {};
  };
}

Take store(RoomName& room) { return store_parsed(room, parse_room_argument); }
Take store(Pattern& pattern) { return store_parsed(pattern, parse_pattern_argument); }
Take store(GroupName& group) {
  return store_parsed(group, [](std::string_view word) -> Result<GroupName> {
    if (word.empty()) return fail(Status::invalid_argument, "a name is needed here");
    return GroupName::parse(word);
  });
}
Take store(std::optional<std::chrono::milliseconds>& duration) { return store_parsed(duration, parse_duration); }
Take store(std::optional<std::uint64_t>& number, std::uint64_t min, std::uint64_t max) {
  return store_parsed(number, [min, max](std::string_view word) { return parse_number(word, min, max); });
}

Take append(std::vector<std::string>& words) {
  return [&words](std::string_view word) -> Result<void> {
    words.emplace_back(word);
    return {};
  };
}
Take append(std::vector<RoomName>& rooms) { return append_parsed(rooms, parse_room_argument); }
Take append(std::vector<Pattern>& patterns) { return append_parsed(patterns, parse_pattern_argument); }

}  // namespace hubbub::cli
