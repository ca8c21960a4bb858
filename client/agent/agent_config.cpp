#include "client/agent/agent_config.hpp"

#include <toml++/toml.h>

#include <array>
#include <utility>

#include "client/link/location.hpp"
#include "common/escape.hpp"

namespace hubbub::agent {

namespace {

/// Reads the file that it names; the first mistake stands.
class Reader {
 public:
  explicit Reader(const std::string& path) : path_(path) {}

  Result<AgentConfig> read(const toml::table& file) {
    if (const auto* agent = file.get("agent")) read_agent(*agent);
    if (const auto* hooks = file.get("hook")) read_hooks(*hooks);
    if (mistake_) return tl::unexpected(*mistake_);
    return std::move(config_);
  }

  void mistaken(const toml::source_region& source, const std::string& what) {
    if (mistake_) return;
    mistake_ = Error{Status::invalid_argument, path_ + ":" + std::to_string(source.begin.line) + ": " + what};
  }
  [[nodiscard]] const std::optional<Error>& mistake() const { return mistake_; }

 private:
  void read_agent(const toml::node& node);
  void read_hooks(const toml::node& node);
  void read_hook(const toml::table& table);
  void read_key_of_hook(HookRule& rule, std::string_view key, const toml::node& node);
  void read_on(HookRule& rule, const toml::node& node);
  void read_limit(HookRule& rule, const toml::node& node);

  std::optional<std::string> text(const toml::node& node, std::string_view key) {
    auto value = node.value_exact<std::string>();
    if (!value) mistaken(node.source(), "'" + std::string(key) + "' takes a text in quotes");
    return value;
  }
  bool truth(const toml::node& node, std::string_view key) {
    const auto value = node.value_exact<bool>();
    if (!value) mistaken(node.source(), "'" + std::string(key) + "' is true or false");
    return value.value_or(false);
  }
  /// With the sentence about each that is no text.
  std::vector<std::string> texts(const toml::node& node, const std::string& wanted) {
    std::vector<std::string> list;
    const auto* array = node.as_array();
    if (array == nullptr) mistaken(node.source(), wanted);
    for (std::size_t i = 0; array != nullptr && i < array->size(); ++i) {
      const auto word = (*array)[i].value_exact<std::string>();
      if (!word) mistaken((*array)[i].source(), wanted);
      list.push_back(word.value_or(""));
    }
    return list;
  }

  const std::string& path_;
  AgentConfig config_;
  std::optional<Error> mistake_;
};

void Reader::read_agent(const toml::node& node) {
  const auto* table = node.as_table();
  if (table == nullptr) return mistaken(node.source(), "agent is a table: [agent]");
  for (const auto& [key, value] : *table) {
    if (key != "rooms") {
      mistaken(value.source(), "there is no key '" + escape_for_terminal(key.str()) + "' in [agent]; there is rooms");
      continue;
    }
    const auto words = texts(value, R"('rooms' takes a list of rooms: ["ops", "ci.main"])");
    if (words.size() > kept_rooms_max)
      mistaken(value.source(), "at most " + std::to_string(kept_rooms_max) + " rooms can be kept");
    for (const auto& word : words) {
      auto room = parse_room_argument(word);
      room ? config_.rooms.push_back(*std::move(room)) : mistaken(value.source(), room.error().sentence);
    }
  }
}

void Reader::read_hooks(const toml::node& node) {
  const auto* array = node.as_array();
  if (array == nullptr) return mistaken(node.source(), "each hook is a table in double brackets: [[hook]]");
  if (array->size() > hooks_max)
    return mistaken(node.source(), "there can be at most " + std::to_string(hooks_max) + " hooks");
  for (const auto& element : *array) {
    const auto* table = element.as_table();
    table != nullptr ? read_hook(*table)
                     : mistaken(element.source(), "each hook is a table in double brackets: [[hook]]");
  }
}

void Reader::read_hook(const toml::table& table) {
  HookRule rule;
  for (const auto& [key, value] : table) read_key_of_hook(rule, key.str(), value);
  if (table.get("on") == nullptr)
    mistaken(table.source(), R"(this hook needs its event: on = "mention", "direct" or "message")");
  if (rule.run.empty()) mistaken(table.source(), R"(this hook needs a program: run = ["notify-send", "hubbub"])");
  if (rule.keep && rule.reply)
    mistaken(table.source(), "keep and reply exclude each other: nobody knows for which message it writes");
  config_.hooks.push_back(std::move(rule));
}

void Reader::read_key_of_hook(HookRule& rule, std::string_view key, const toml::node& node) {
  if (key == "on") return read_on(rule, node);
  if (key == "limit") return read_limit(rule, node);
  if (key == "keep") return void(rule.keep = truth(node, key));
  if (key == "reply") return void(rule.reply = truth(node, key));
  if (key == "run") {
    const std::string wanted = R"('run' takes the program and its arguments: ["notify-send", "hubbub"])";
    rule.run = texts(node, wanted);
    if (rule.run.empty() || rule.run.front().empty()) mistaken(node.source(), wanted);
    return;
  }
  if (key != "rooms")
    return mistaken(node.source(), "there is no key '" + escape_for_terminal(key) +
                                       "' in [[hook]]; there are on, rooms, run, limit, reply and keep");
  const auto pattern = text(node, key);
  if (!pattern) return;
  auto rooms = parse_pattern_argument(*pattern);
  rooms ? void(rule.rooms = *std::move(rooms)) : mistaken(node.source(), rooms.error().sentence);
}

void Reader::read_on(HookRule& rule, const toml::node& node) {
  constexpr std::array names = {std::pair{"mention", HookOn::mention}, std::pair{"direct", HookOn::direct},
                                std::pair{"message", HookOn::message}};
  const auto said = node.value_exact<std::string>();
  for (const auto& [name, on] : names)
    if (said == name) return void(rule.on = on);
  mistaken(node.source(), R"('on' is "mention", "direct" or "message")");
}

void Reader::read_limit(HookRule& rule, const toml::node& node) {
  const auto seconds = node.value_exact<std::int64_t>();
  if (!seconds || *seconds < 1 || *seconds > hook_limit_max.count())
    return mistaken(node.source(), "'limit' takes seconds, 1 to " + std::to_string(hook_limit_max.count()));
  rule.limit = std::chrono::seconds(*seconds);
}

}  // namespace

Result<AgentConfig> read_agent_config(const std::string& path) {
  const auto text = link::read_config_text(path);
  if (!text) return tl::unexpected(text.error());
  Reader reader(path);
  try {
    return reader.read(toml::parse(*text));
  } catch (const toml::parse_error& error) {
    reader.mistaken(error.source(), escape_for_terminal(error.description()));
  }
  return tl::unexpected(*reader.mistake());
}

}  // namespace hubbub::agent
