// hubbubd.toml → settings, each with its line.
#include <fmt/format.h>

#include <toml++/toml.h>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>

#include "common/escape.hpp"
#include "server/config_reading.hpp"

namespace hubbub::server {

namespace {

std::string at_line(const std::string& path, const toml::source_region& source) {
  return fmt::format("{}:{}", path, source.begin.line);
}

Result<Value> list_from(const toml::array& array) {
  std::vector<std::string> items;
  for (const auto& item : array) {
    const auto text = item.value_exact<std::string>();
    if (!text)
      return fail(Status::invalid_argument, "this takes a list of texts in quotes, and something else is in it");
    items.push_back(*text);
  }
  return items;
}

Result<Value> value_from(const toml::node& node) {
  if (const auto truth = node.value_exact<bool>()) return *truth;
  if (const auto number = node.value_exact<std::int64_t>()) return *number;
  if (const auto text = node.value_exact<std::string>()) return *text;
  if (const auto* const array = node.as_array()) return list_from(*array);
  return fail(Status::invalid_argument, node.is_floating_point() ? "this takes no number with a decimal point"
                                                                 : "this takes no date, time or table");
}

std::string unknown(std::string_view what, std::string_view name) {
  const auto meant = nearest_key(name);
  if (meant.empty()) return fmt::format("there is no such {}; hubbubd --print-settings toml lists them all", what);
  return fmt::format("there is no such {}; did you mean {}?", what, meant);
}

bool is_section(std::string_view name) {
  for (const auto& setting : settings())
    if (setting.key.substr(0, setting.key.find('.')) == name) return true;
  return false;
}

class FileReader {
 public:
  FileReader(const std::string& path, Reading& reading) : path_(path), reading_(reading) {}

  void read(const toml::table& file) {
    for (const auto& [name, node] : file) {
      const auto* const section = node.as_table();
      const auto where = at_line(path_, node.source());
      if (section == nullptr)
        note(where, name.str(), unknown("key outside of a [section]", name.str()));
      else if (!is_section(name.str()))
        read_unknown_section(name.str(), *section, where);
      else
        read_section(name.str(), *section);
    }
  }

 private:
  void read_section(std::string_view section, const toml::table& table) {
    for (const auto& [name, node] : table) {
      const auto key = fmt::format("{}.{}", section, name.str());
      const auto where = at_line(path_, node.source());
      if (const auto* const setting = find_setting(key))
        reading_.take(*setting, value_from(node), where);
      else
        note(where, key, unknown("key", key));
    }
  }

  /// Its keys are shown where they would be known elsewhere: the section is misspelt, or they are in the wrong one.
  void read_unknown_section(std::string_view section, const toml::table& table, const std::string& where) {
    if (table.empty()) note(where, section, "there is no such section");
    for (const auto& [name, node] : table) {
      const auto key = fmt::format("{}.{}", section, name.str());
      note(at_line(path_, node.source()), key, unknown("key", key));
    }
  }

  void note(const std::string& where, std::string_view key, std::string sentence) {
    reading_.note(where, escape_for_terminal(key), std::move(sentence));
  }

  const std::string& path_;
  Reading& reading_;
};

std::optional<std::string> file_text(const std::string& path, Reading& reading) {
  std::error_code missing;
  if (std::filesystem::is_fifo(path, missing)) {  // to open one would stop the hub until somebody writes to it
    reading.note(path, {}, "this is a pipe and no file");
    return std::nullopt;
  }
  std::ifstream in(path, std::ios::binary);
  const bool opened = in.is_open();
  std::string text;
  std::array<char, 4096> part;
  while (in.read(part.data(), part.size()) || in.gcount() > 0) text.append(part.data(), std::size_t(in.gcount()));
  if (opened && !in.bad()) return text;
  reading.note(path, {}, fmt::format("this file can't be read: {}", std::strerror(errno)));
  return std::nullopt;
}

}  // namespace

void read_config_file(const std::string& path, Reading& reading) {
  const auto text = file_text(path, reading);
  if (!text) return;
  try {
    const toml::table file = toml::parse(*text, path);
    FileReader(path, reading).read(file);
  } catch (const toml::parse_error& error) {
    reading.note(at_line(path, error.source()), {}, escape_for_terminal(error.description()));
  }
}

}  // namespace hubbub::server
