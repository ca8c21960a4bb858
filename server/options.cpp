#include "server/options.hpp"

#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <deque>

#include "common/escape.hpp"
#include "server/config_settings.hpp"
#include "server/manual.hpp"

namespace hubbub::server {

namespace {

constexpr std::array command_rows = {
    HelpRow{
        "backup FILE",
        "write a consistent copy of the data to FILE, also while a hub serves it; over one that is there: --replace"},
    HelpRow{"restore FILE", "put such a copy into the data directory, which must be empty, or with --replace"},
    HelpRow{"check [FILE]",
            "look for damage in the data, or in the copy FILE: SQLite's own check, every room's numbers and frames, "
            "producers"},
};

constexpr std::array general_rows = {
    HelpRow{"--config FILE", "read this file instead of /etc/hubbub/hubbubd.toml"},
    HelpRow{"--check-config", "say what is wrong with the configuration, and where, and exit"},
    HelpRow{"--health [URL]", "ask the hub that runs with this configuration, or at URL, whether it serves, and exit"},
    HelpRow{"--print-settings FORM", "print every setting as markdown or toml, and exit"},
    HelpRow{"--version", "print the version and exit"},
    HelpRow{"--help", "print this help and exit"},
};

constexpr std::array signal_rows = {
    HelpRow{"SIGTERM, SIGINT",
            "stop: accept nobody, tell every client, let them take what is queued, exit. A second one: stop "
            "at once"},
    HelpRow{"SIGHUP", "read the configuration again; if it is bad, log why and keep the old one"},
    HelpRow{"SIGUSR1", "log a summary: sessions, rooms, queues, rates"},
    HelpRow{"SIGUSR2",
            "write a picture of the live state (sessions, rooms, queues, cursors, memory) to a JSON file in the data "
            "directory, from a forked child while the hub serves on"},
};

constexpr std::array exit_rows = {
    HelpRow{"0", "stopped when asked to; or the check went well"},
    HelpRow{"1", "--health: no hub serves there; check: something is damaged; backup, restore: it didn't work"},
    HelpRow{"64", "a flag that doesn't exist, or without its value"},
    HelpRow{"69", "can't listen: an address is in use, or not allowed"},
    HelpRow{"73", "can't write the ready file, or open the data directory"},
    HelpRow{"78", "mistakes in the configuration"},
};

constexpr std::string_view footer =
    "Each setting is also a key in hubbubd.toml and an environment variable; flags count most, the file least:\n"
    "  --limits-connections    limits.connections    HUBBUBD_LIMITS_CONNECTIONS\n"
    "See hubbubd(8).";

/// What CLI11 fills while it parses, for one setting.
struct Slot {
  const Setting* setting;
  CLI::Option* option = nullptr;
  std::string text{};
  std::vector<std::string> list{};
};

std::string setting_help(const Setting& setting) {
  return fmt::format("{} ({}; default {})", setting.help, allowed_values(setting), toml_value(setting, Config{}));
}

/// A deque, whose elements stay where they are: CLI11 keeps pointers to them.
std::deque<Slot> add_settings(CLI::App& app) {
  std::deque<Slot> slots;
  for (const auto& setting : settings()) {
    auto& slot = slots.emplace_back(Slot{&setting});
    const auto name = flag_name(setting), help = setting_help(setting);
    if (std::holds_alternative<Switch>(setting.kind))
      slot.option = app.add_flag(name, slot.text, help);
    else if (std::holds_alternative<AddressList>(setting.kind) || std::holds_alternative<RuleList>(setting.kind))
      slot.option = app.add_option(name, slot.list, help)->allow_extra_args(false);
    else
      slot.option = app.add_option(name, slot.text, help)->take_last();
    slot.option->type_name(std::string(placeholder(setting)));
    slot.option->group(fmt::format("[{}]", setting.key.substr(0, setting.key.find('.'))));
  }
  return slots;
}

struct GeneralFlags {
  std::string config, health, print_form, path;
  bool check = false, version = false, man = false, replace = false;
};

std::string_view help_of(std::string_view flag) {
  for (const auto& row : general_rows)
    if (row.name.substr(0, row.name.find(' ')) == flag) return row.help;
  return {};
}

void add_general(CLI::App& app, GeneralFlags& flags) {
  const auto help = [](std::string_view flag) { return std::string(help_of(flag)); };
  app.set_help_flag("--help,-h", help("--help"))->group("General");
  app.add_flag("--version", flags.version, help("--version"))->group("General");
  app.add_option("--config", flags.config, help("--config"))->type_name("FILE")->group("General");
  app.add_flag("--check-config", flags.check, help("--check-config"))->group("General");
  app.add_option("--health", flags.health, help("--health"))->type_name("[URL]")->expected(0, 1)->group("General");
  app.add_option("--print-settings", flags.print_form, help("--print-settings"))->type_name("FORM")->group("General");
  app.add_flag("--man", flags.man)->group("");  // for the build, which installs the page
}

void add_commands(CLI::App& app, GeneralFlags& flags) {
  const auto add = [&](std::size_t row) {
    const auto name = command_rows[row].name.substr(0, command_rows[row].name.find(' '));
    return app.add_subcommand(std::string(name), std::string(command_rows[row].help))->fallthrough();
  };
  for (const std::size_t row : {0, 1}) {
    auto* const command = add(row);
    command->add_option("FILE", flags.path)->required();
    command->add_flag("--replace", flags.replace, "replace what is there");
  }
  add(2)->add_option("FILE", flags.path);
  app.require_subcommand(0, 1);
}

Action action_of(const CLI::App& app, const GeneralFlags& flags) {
  if (app.got_subcommand("backup")) return Action::backup;
  if (app.got_subcommand("restore")) return Action::restore;
  if (app.got_subcommand("check")) return Action::check;
  if (app.count("--health") > 0) return Action::health;
  return flags.check ? Action::check_config : Action::serve;
}

Result<Options> printing(std::string text) {
  Options options;
  options.action = Action::print;
  options.text = std::move(text);
  return options;
}

Result<Options> chosen(const CLI::App& app, const GeneralFlags& flags, const std::deque<Slot>& slots) {
  if (flags.version) return printing("hubbubd " HUBBUB_VERSION "\n");
  if (flags.man) return printing(manual_page());
  if (app.count("--print-settings") > 0) return settings_as(flags.print_form).and_then(printing);
  Options options;
  options.action = action_of(app, flags);
  options.path = flags.path;
  options.replace = flags.replace;
  options.health_url = flags.health;
  options.sources.environment = environment_variable;
  options.sources.environment_names = our_environment_names();
  if (app.count("--config") > 0) options.sources.file = flags.config;
  for (const auto& slot : slots)
    if (slot.option->count() > 0)
      options.sources.flags.emplace_back(slot.setting->key, slot.list.empty() ? std::vector{slot.text} : slot.list);
  return options;
}

/// `--limits-conections` is looked up as `limits-conections` among the keys: near enough to find the one meant.
std::string not_expected(const std::vector<std::string>& extras) {
  const auto shown = escape_for_terminal(extras.front().substr(0, 60));
  const auto meant = nearest_key(shown.substr(std::min(shown.size(), shown.find_first_not_of('-'))));
  const auto* const setting = find_setting(meant);
  if (setting == nullptr) return fmt::format("there is no option {}", shown);
  return fmt::format("there is no option {}; did you mean {}?", shown, flag_name(*setting));
}

}  // namespace

std::span<const HelpRow> commands_help() { return command_rows; }
std::span<const HelpRow> general_flags() { return general_rows; }
std::span<const HelpRow> signals_help() { return signal_rows; }
std::span<const HelpRow> exit_codes_help() { return exit_rows; }

Result<Options> parse_options(std::span<const std::string> arguments) {
  CLI::App app("hubbubd: a hub for people's chat and programs' publish/subscribe.", "hubbubd");
  app.get_formatter()->column_width(44);
  app.footer(std::string(footer));
  GeneralFlags flags;
  add_general(app, flags);
  add_commands(app, flags);
  const auto slots = add_settings(app);
  try {
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));  // CLI11 wants the last one first
  } catch (const CLI::CallForHelp&) {
    return printing(app.help());
  } catch (const CLI::ExtrasError&) {
    return fail(Status::invalid_argument, not_expected(app.remaining()));
  } catch (const CLI::Error& error) {
    return fail(Status::invalid_argument, escape_for_terminal(error.what()));
  }
  return chosen(app, flags, slots);
}

}  // namespace hubbub::server
