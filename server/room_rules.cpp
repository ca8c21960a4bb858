#include "server/room_rules.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <span>

#include "common/escape.hpp"

namespace hubbub::server {

namespace {

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};
constexpr std::array<Unit, 1> plain = {{{"", 1}}};
constexpr std::array<Unit, 5> sizes = {{{"", 1}, {"K", 1u << 10}, {"M", 1u << 20}, {"G", 1u << 30}, {"T", 1ull << 40}}};
constexpr std::uint64_t second_ns = 1'000'000'000;
constexpr std::array<Unit, 5> times = {{{"s", second_ns},
                                        {"m", 60 * second_ns},
                                        {"h", 3600 * second_ns},
                                        {"d", 86'400 * second_ns},
                                        {"w", 604'800 * second_ns}}};

/// Nothing if it is no number of such a unit, zero, or more than 63 bits hold.
std::optional<std::uint64_t> parse_amount(std::string_view text, std::span<const Unit> units) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || number == 0) return std::nullopt;
  const auto unit = std::ranges::find(units, text.substr(static_cast<std::size_t>(end - text.data())), &Unit::name);
  if (unit == units.end() || number > std::uint64_t{INT64_MAX} / unit->factor) return std::nullopt;
  return number * unit->factor;
}

/// In the largest unit that shows it in whole numbers.
std::string show_amount(std::uint64_t amount, std::span<const Unit> units) {
  auto best = units.front();
  for (const auto& unit : units)
    if (amount % unit.factor == 0) best = unit;
  return fmt::format("{}{}", amount / best.factor, best.name);
}

tl::unexpected<Error> wrong(std::string_view word) {
  return fail(
      Status::invalid_argument,
      fmt::format("'{}' is not one of durability={}, messages=N, bytes=N (or K, M, G, T) and age=N followed by s, "
                  "m, h, d or w, as in 'ci.> durability=fsync messages=100000 age=30d'",
                  escape_for_terminal(word.substr(0, 60)), fmt::join(durability_names, "|")));
}

Result<void> take(std::string_view word, RoomPolicy& policy) {
  const auto equals = std::min(word.find('='), word.size());
  const auto key = word.substr(0, equals);
  const auto value = word.substr(std::min(equals + 1, word.size()));
  if (key == "durability") {
    const auto found = std::ranges::find(durability_names, value);
    if (found == durability_names.end()) return wrong(word);
    policy.durability = static_cast<Durability>(found - durability_names.begin());
    return {};
  }
  const auto amount = parse_amount(value, key == "bytes" ? std::span<const Unit>(sizes)
                                          : key == "age" ? std::span<const Unit>(times)
                                                         : std::span<const Unit>(plain));
  if (!amount) return wrong(word);
  if (key == "messages")
    policy.messages = *amount;
  else if (key == "bytes")
    policy.bytes = *amount;
  else if (key == "age")
    policy.age = std::chrono::nanoseconds(static_cast<std::int64_t>(*amount));
  else
    return wrong(word);
  return {};
}

std::string_view next_word(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
  const auto word = text.substr(0, text.find_first_of(" \t"));
  text.remove_prefix(word.size());
  return word;
}

}  // namespace

Result<RoomRule> parse_room_rule(std::string_view text) {
  auto pattern = parse_pattern_argument(next_word(text));
  if (!pattern) return tl::unexpected(pattern.error());
  RoomRule rule{*std::move(pattern), {}};
  for (auto word = next_word(text); !word.empty(); word = next_word(text))
    if (auto taken = take(word, rule.policy); !taken) return tl::unexpected(taken.error());
  if (rule.policy.durability == Durability::memory &&
      rule.policy != RoomPolicy{Durability::memory, 0, 0, std::chrono::nanoseconds(0)})
    return fail(Status::invalid_argument,
                "rooms in memory keep what tail.messages and tail.bytes say; leave messages, bytes and age out");
  return rule;
}

std::string show(const RoomRule& rule) {
  const auto& policy = rule.policy;
  auto text = rule.pattern.str();
  if (policy.durability != Durability::commit)
    text += fmt::format(" durability={}", durability_names[static_cast<std::size_t>(policy.durability)]);
  if (policy.messages > 0) text += fmt::format(" messages={}", policy.messages);
  if (policy.bytes > 0) text += " bytes=" + show_amount(policy.bytes, sizes);
  if (policy.age.count() > 0) text += " age=" + show_amount(static_cast<std::uint64_t>(policy.age.count()), times);
  return text;
}

RoomPolicy policy_for(const std::vector<RoomRule>& rules, const RoomName& name) {
  for (const auto& rule : rules)
    if (matches(rule.pattern, name)) return rule.policy;
  return {};
}

}  // namespace hubbub::server
