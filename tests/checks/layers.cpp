#include "tests/checks/layers.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <regex>
#include <span>
#include <sstream>

namespace hubbub::checks {

namespace {

using Names = std::vector<std::string_view>;

/// A folder, and the folders and files whose headers it may include.
struct Layer {
  std::string_view folder;
  Names includes;
};

const std::array layers{
    Layer{"proto/", {"proto/"}},
    Layer{"common/", {"common/", "proto/"}},
    Layer{"server/", {"server/", "common/", "proto/"}},
    Layer{"client/link/", {"client/link/", "common/", "proto/"}},
    Layer{"client/cli/ipc/", {"client/cli/ipc/", "common/", "proto/"}},  // the inner folder first
    Layer{"client/json/", {"client/json/", "client/link/", "common/", "proto/"}},
    Layer{"client/agent/", {"client/agent/", "client/json/", "client/link/", "common/", "proto/"}},
    Layer{"client/cli/",
          {"client/cli/", "client/tui/tui.hpp", "client/agent/", "client/json/", "client/link/", "common/", "proto/"}},
    Layer{"client/tui/",
          {"client/tui/", "client/json/content_type.hpp", "client/json/method_table.hpp", "client/json/pretty.hpp",
           "client/link/", "common/", "proto/"}},
};

/// Headers of an outside library, and the only places that may include them.
struct Door {
  std::string_view headers;
  Names places;
};

const std::array doors{
    Door{"asio", {"common/asio.hpp"}},
    Door{"cereal/", {"proto/"}},
    Door{"spdlog/", {"common/log"}},
    Door{"ncurses", {"client/tui/terminal/"}},
    Door{"curses", {"client/tui/terminal/"}},
    Door{"term.h", {"client/tui/terminal/"}},
    Door{"utf8proc", {"client/tui/text/", "client/cli/highlight.cpp"}},
    Door{"sqlite3", {"server/log/", "client/link/outbox/"}},
    Door{"CLI/", {"client/cli/", "server/"}},
    Door{"toml++/", {"client/", "server/"}},
    Door{"nlohmann/", {"client/json/", "client/cli/", "client/agent/"}},
};

bool begins_with_any(std::string_view name, const Names& beginnings) {
  return std::ranges::any_of(beginnings, [name](std::string_view beginning) { return name.starts_with(beginning); });
}

const Layer* layer_of(std::string_view path) {
  const auto found =
      std::ranges::find_if(layers, [path](const Layer& layer) { return path.starts_with(layer.folder); });
  return found == layers.end() ? nullptr : &*found;
}

/// proto says what bytes mean and asks the system for nothing: the C++ library, cereal and tl::expected.
bool is_pure(std::string_view header) {
  const bool standard = header.find_first_of("/.") == std::string_view::npos;
  return standard || header.starts_with("cereal/") || header == "tl/expected.hpp";
}

std::optional<std::string> objection_to_ours(const Layer& layer, std::string_view header) {
  if (begins_with_any(header, layer.includes)) return std::nullopt;
  return std::string(layer.folder) + " may not include \"" + std::string(header) + "\": see the layers in " +
         "docs/architecture.md, and name headers from the top of the tree";
}

std::optional<std::string> objection_to_theirs(std::string_view path, const Layer& layer, std::string_view header) {
  for (const auto& door : doors) {
    if (header.starts_with(door.headers) && !begins_with_any(path, door.places))
      return "<" + std::string(header) + "> may only be included in " + std::string(door.places.front());
  }
  if (layer.folder == "proto/" && !is_pure(header))
    return "proto/ may not include <" + std::string(header) + ">: only the C++ library, cereal and tl/expected.hpp";
  return std::nullopt;
}

}  // namespace

Findings wrong_includes(const Source& source) {
  static const std::regex include(R"(^\s*#\s*include\s*(["<])([^">]+)[">])");
  Findings findings;
  const Layer* layer = layer_of(source.path);
  if (layer == nullptr) return findings;
  std::istringstream lines(source.text);
  std::string line;
  for (std::size_t number = 1; std::getline(lines, line); ++number) {
    std::smatch match;
    if (!std::regex_search(line, match, include)) continue;
    const auto header = match[2].str();
    auto objection =
        match[1] == "\"" ? objection_to_ours(*layer, header) : objection_to_theirs(source.path, *layer, header);
    if (objection) findings.push_back({source.path, number, std::move(*objection)});
  }
  return findings;
}

}  // namespace hubbub::checks
