// The table of settings: one row per key. Everything that knows keys derives from it.
//   limits.connections  →  limits.connections in hubbubd.toml, HUBBUBD_LIMITS_CONNECTIONS, --limits-connections
//   hub.listen          →  hub.listen in hubbubd.toml, HUBBUBD_LISTEN, --listen     ("hub" is left out where there's no
//   table)
// To add a setting: a field in Config, a row here.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "proto/status.hpp"
#include "server/config.hpp"

namespace hubbub::server {

// What kind of value a setting has, and where it lives in a Config.

struct WholeNumber {
  std::uint64_t& (*at)(Config&);
  Bound bound;
  std::string_view unit;  ///< empty where it just counts
};
struct Switch {
  bool& (*at)(Config&);
};
struct FilePath {
  std::string& (*at)(Config&);
  std::string_view placeholder = "FILE";
};
struct AddressList {
  std::vector<Address>& (*at)(Config&);
};
struct RuleList {
  std::vector<RoomRule>& (*at)(Config&);
};
struct LevelChoice {
  log::Level& (*at)(Config&);
};
struct FormatChoice {
  log::Format& (*at)(Config&);
};

enum class Reload {
  live,        ///< SIGHUP applies it
  next_start,  ///< only a restart does
};

struct Setting {
  std::string_view key;
  std::variant<WholeNumber, Switch, FilePath, AddressList, RuleList, LevelChoice, FormatChoice> kind;
  Reload reload;
  std::string_view help;  ///< one line
};

std::span<const Setting> settings();
/// nullptr if there is no such key.
const Setting* find_setting(std::string_view key);
/// The key that was probably meant, or empty.
std::string_view nearest_key(std::string_view misspelt);

/// The setting whose variable that is, or is but for a letter or two. Nothing if there is none.
const Setting* nearest_variable(std::string_view name);
std::string environment_name(const Setting& setting);  ///< HUBBUBD_LIMITS_CONNECTIONS
std::string flag_name(const Setting& setting);         ///< --limits-connections

/// A value before it is known to suit its setting: as the file gives it, or parsed from text.
using Value = std::variant<bool, std::int64_t, std::string, std::vector<std::string>>;

/// From the environment or flags. A list may be given as several texts or with commas in one.
/// Fails with invalid_argument and a sentence.
Result<Value> parse_value(const Setting& setting, const std::vector<std::string>& texts);

/// Fails with invalid_argument (another type), out_of_range, and a sentence; changes nothing then.
Result<void> assign(const Setting& setting, const Value& value, Config& config);

/// As it stands in hubbubd.toml.
std::string toml_value(const Setting& setting, const Config& config);
/// Those whose values differ.
std::vector<const Setting*> changed_settings(const Config& running, const Config& wanted);
/// What may stand there: "1 to 1000000", "true or false" …
std::string allowed_values(const Setting& setting);
/// The word for it in a usage line: N, MS, BYTES, URL, FILE …; empty for a switch.
std::string_view placeholder(const Setting& setting);

}  // namespace hubbub::server
