// What a setting's value may be: read, checked, shown.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <functional>

#include "common/escape.hpp"
#include "server/config_settings.hpp"

namespace hubbub::server {

namespace {

template <class... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};
template <class... Cases>
Overloaded(Cases...) -> Overloaded<Cases...>;

std::string quoted(std::string_view text) {
  constexpr std::size_t shown_max = 60;
  const bool cut = text.size() > shown_max;
  return fmt::format("'{}{}'", escape_for_terminal(text.substr(0, shown_max)), cut ? "…" : "");
}

Result<Value> parse_number(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc::result_out_of_range) return fail(Status::out_of_range, quoted(text) + " is far out of range");
  if (error != std::errc{} || end != text.data() + text.size())
    return fail(Status::invalid_argument, quoted(text) + " is not a whole number");
  return number;
}

Result<Value> parse_switch(std::string_view text) {
  for (const std::string_view yes : {"true", "1", "yes", "on"})
    if (text == yes) return true;
  for (const std::string_view no : {"false", "0", "no", "off"})
    if (text == no) return false;
  return fail(Status::invalid_argument, quoted(text) + " is neither true nor false");
}

/// Of addresses at commas and blanks, which they don't have; of rules at semicolons.
std::vector<std::string> split(const std::vector<std::string>& texts, std::string_view separators) {
  std::vector<std::string> items;
  for (std::string_view text : texts) {
    while (!text.empty()) {
      const auto end = std::min(text.find_first_of(separators), text.size());
      if (end > 0) items.emplace_back(text.substr(0, end));
      text.remove_prefix(std::min(end + 1, text.size()));
    }
  }
  return items;
}

constexpr std::array<std::string_view, 4> value_names = {"true or false", "a whole number", "a text",
                                                         "a list of texts"};

tl::unexpected<Error> wrong_type(std::string_view wanted, const Value& value) {
  return fail(Status::invalid_argument, fmt::format("this takes {}, not {}", wanted, value_names[value.index()]));
}

Result<void> assign_number(const WholeNumber& kind, const Value& value, Config& config) {
  const auto* const number = std::get_if<std::int64_t>(&value);
  if (number == nullptr) return wrong_type("a whole number", value);
  if (*number < 0 || static_cast<std::uint64_t>(*number) < kind.bound.min ||
      static_cast<std::uint64_t>(*number) > kind.bound.max)
    return fail(Status::out_of_range,
                fmt::format("{} is out of range; it may be {} to {}", *number, kind.bound.min, kind.bound.max));
  kind.at(config) = static_cast<std::uint64_t>(*number);
  return {};
}

Result<void> assign_path(const FilePath& kind, const Value& value, Config& config) {
  const auto* const text = std::get_if<std::string>(&value);
  if (text == nullptr) return wrong_type("the name of a file", value);
  if (text->find('\0') != std::string::npos)
    return fail(Status::invalid_argument, "the name of a file has no zero byte");
  kind.at(config) = *text;
  return {};
}

Result<void> assign_addresses(const AddressList& kind, const Value& value, Config& config) {
  const auto* const texts = std::get_if<std::vector<std::string>>(&value);
  if (texts == nullptr) return wrong_type("a list of addresses, such as [\"tcp://127.0.0.1:4848\"]", value);
  if (texts->empty()) return fail(Status::invalid_argument, "at least one address is needed, or nobody can come in");
  std::vector<Address> addresses;
  for (const auto& text : *texts) {
    auto address = Address::parse(text);
    if (!address) return tl::unexpected(address.error());
    if (std::ranges::find(addresses, *address) != addresses.end() && address->port != 0)
      return fail(Status::invalid_argument, address->str() + " stands there twice");
    addresses.push_back(*std::move(address));
  }
  kind.at(config) = std::move(addresses);
  return {};
}

Result<void> assign_rules(const RuleList& kind, const Value& value, Config& config) {
  const auto* const texts = std::get_if<std::vector<std::string>>(&value);
  if (texts == nullptr) return wrong_type("a list of rules, such as [\"ci.> durability=fsync age=30d\"]", value);
  std::vector<RoomRule> rules;
  for (const auto& text : *texts) {
    auto rule = parse_room_rule(text);
    if (!rule) return tl::unexpected(rule.error());
    rules.push_back(*std::move(rule));
  }
  kind.at(config) = std::move(rules);
  return {};
}

template <class Choice, class Names>
Result<void> assign_choice(Choice& into, const Names& names, const Value& value) {
  const auto* const text = std::get_if<std::string>(&value);
  const auto choices = fmt::format("one of {}", fmt::join(names, ", "));
  if (text == nullptr) return wrong_type(choices, value);
  const auto found = std::ranges::find(names, *text);
  if (found == names.end()) return fail(Status::invalid_argument, fmt::format("{} is not {}", quoted(*text), choices));
  into = static_cast<Choice>(found - names.begin());
  return {};
}

std::string toml_string(std::string_view text) { return '"' + escape_for_json(text) + '"'; }

}  // namespace

Result<Value> parse_value(const Setting& setting, const std::vector<std::string>& texts) {
  if (std::holds_alternative<AddressList>(setting.kind)) return split(texts, ", \t");
  if (std::holds_alternative<RuleList>(setting.kind)) return split(texts, ";");
  if (texts.empty()) return fail(Status::invalid_argument, "a value is missing");
  const auto& last = texts.back();  // given twice, the later one counts
  if (std::holds_alternative<WholeNumber>(setting.kind)) return parse_number(last);
  if (std::holds_alternative<Switch>(setting.kind)) return parse_switch(last);
  return last;
}

Result<void> assign(const Setting& setting, const Value& value, Config& config) {
  return std::visit(
      Overloaded{
          [&](const WholeNumber& kind) { return assign_number(kind, value, config); },
          [&](const Switch& kind) -> Result<void> {
            if (!std::holds_alternative<bool>(value)) return wrong_type("true or false", value);
            kind.at(config) = std::get<bool>(value);
            return {};
          },
          [&](const FilePath& kind) { return assign_path(kind, value, config); },
          [&](const AddressList& kind) { return assign_addresses(kind, value, config); },
          [&](const RuleList& kind) { return assign_rules(kind, value, config); },
          [&](const LevelChoice& kind) { return assign_choice(kind.at(config), log::level_names, value); },
          [&](const FormatChoice& kind) { return assign_choice(kind.at(config), log::format_names, value); },
      },
      setting.kind);
}

std::string toml_value(const Setting& setting, const Config& config) {
  auto& fields = const_cast<Config&>(config);  // the rows hand out references; nothing is written here
  const auto list = [](const auto& values, const auto& shown) {
    std::vector<std::string> items;
    for (const auto& value : values) items.push_back(toml_string(shown(value)));
    return fmt::format("[{}]", fmt::join(items, ", "));
  };
  return std::visit(
      Overloaded{
          [&](const WholeNumber& kind) { return fmt::to_string(kind.at(fields)); },
          [&](const Switch& kind) { return std::string(kind.at(fields) ? "true" : "false"); },
          [&](const FilePath& kind) { return toml_string(kind.at(fields)); },
          [&](const AddressList& kind) { return list(kind.at(fields), std::mem_fn(&Address::str)); },
          [&](const RuleList& kind) { return list(kind.at(fields), [](const RoomRule& rule) { return show(rule); }); },
          [&](const LevelChoice& kind) {
            return toml_string(log::level_names[static_cast<std::size_t>(kind.at(fields))]);
          },
          [&](const FormatChoice& kind) {
            return toml_string(log::format_names[static_cast<std::size_t>(kind.at(fields))]);
          },
      },
      setting.kind);
}

std::vector<const Setting*> changed_settings(const Config& running, const Config& wanted) {
  std::vector<const Setting*> changed;
  for (const auto& setting : settings())
    if (toml_value(setting, running) != toml_value(setting, wanted)) changed.push_back(&setting);
  return changed;
}

std::string allowed_values(const Setting& setting) {
  return std::visit(Overloaded{
                        [](const WholeNumber& kind) {
                          const auto range = fmt::format("{} to {}", kind.bound.min, kind.bound.max);
                          return kind.unit.empty() ? range : fmt::format("{} {}", range, kind.unit);
                        },
                        [](const Switch&) { return std::string("true or false"); },
                        [](const FilePath&) { return std::string("a path"); },
                        [](const AddressList&) { return std::string("addresses"); },
                        [](const RuleList&) { return std::string("rules"); },
                        [](const LevelChoice&) { return fmt::format("{}", fmt::join(log::level_names, ", ")); },
                        [](const FormatChoice&) { return fmt::format("{}", fmt::join(log::format_names, ", ")); },
                    },
                    setting.kind);
}

std::string_view placeholder(const Setting& setting) {
  return std::visit(Overloaded{
                        [](const WholeNumber& kind) {
                          return std::string_view(kind.unit == "ms" ? "MS" : kind.unit == "bytes" ? "BYTES" : "N");
                        },
                        [](const Switch&) { return std::string_view(); },
                        [](const FilePath& kind) { return kind.placeholder; },
                        [](const AddressList&) { return std::string_view("URL"); },
                        [](const RuleList&) { return std::string_view("RULE"); },
                        [](const LevelChoice&) { return std::string_view("LEVEL"); },
                        [](const FormatChoice&) { return std::string_view("FORMAT"); },
                    },
                    setting.kind);
}

}  // namespace hubbub::server
