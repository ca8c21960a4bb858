#include "server/manual.hpp"

#include <fmt/format.h>

#include <iterator>

#include "server/config_settings.hpp"
#include "server/options.hpp"

namespace hubbub::server {

namespace {

using Out = std::back_insert_iterator<std::string>;

std::string_view section_of(const Setting& setting) { return setting.key.substr(0, setting.key.find('.')); }

/// A line's text for roff: backslashes and hyphens as they are, and no request where it starts with a dot or a quote.
std::string roff(std::string_view text) {
  std::string out;
  if (text.starts_with('.') || text.starts_with('\'')) out = "\\&";
  for (const char c : text) {
    if (c == '\\')
      out += "\\e";
    else if (c == '-')
      out += "\\-";
    else
      out += c;
  }
  return out;
}

void definition(std::string& page, std::string_view name, std::string_view text) {
  fmt::format_to(Out(page), ".TP\n\\fB{}\\fR\n{}\n", roff(name), roff(text));
}

std::string flag_with_value(const Setting& setting) {
  const auto value = placeholder(setting);
  return value.empty() ? flag_name(setting) : fmt::format("{} {}", flag_name(setting), value);
}

void add_settings(std::string& page) {
  std::string_view section;
  for (const auto& setting : settings()) {
    if (section_of(setting) != section) fmt::format_to(Out(page), ".SS [{}]\n", section = section_of(setting));
    definition(page, flag_with_value(setting), setting.help);
    fmt::format_to(Out(page), ".br\nKey {}, variable {}; {}; default {}{}.\n", roff(setting.key),
                   roff(environment_name(setting)), roff(allowed_values(setting)), roff(toml_value(setting, Config{})),
                   setting.reload == Reload::live ? "; SIGHUP applies it" : "");
  }
}

void add_rows(std::string& page, std::string_view title, std::span<const HelpRow> rows) {
  fmt::format_to(Out(page), ".SH {}\n", title);
  for (const auto& row : rows) definition(page, row.name, row.help);
}

constexpr std::string_view page_start =
    ".TH HUBBUBD 8 \"\" \"hubbub " HUBBUB_VERSION
    "\" \"System Administration\"\n"
    ".SH NAME\nhubbubd \\- hub for people's chat and programs' publish/subscribe, in one set of rooms\n"
    ".SH SYNOPSIS\n.B hubbubd\n[\\fIoptions\\fR]\n.br\n.B hubbubd\n\\fBbackup\\fR|\\fBrestore\\fR|\\fBcheck\\fR "
    "[\\fIoptions\\fR]\n"
    ".SH DESCRIPTION\n"
    ".B hubbubd\n"
    "serves rooms: each a totally ordered stream of messages, for people with\n.BR hubbub (1)\n"
    "and for programs. Without options it listens on tcp://127.0.0.1:4848, on which only this machine can reach "
    "it.\n.PP\n"
    "Durable rooms, and who is in them, are kept in the data directory (hub.data).\n"
    "It stays in the foreground, says on its standard output where it listens, and logs to its standard error.\n";

constexpr std::string_view settings_start =
    ".SH SETTINGS\n"
    "Each setting is a key in hubbubd.toml, an environment variable and a flag; of these the later one counts. "
    "Unknown\n"
    "keys and wrong values are refused, all of them at once;\n.B hubbubd \\-\\-check\\-config\nsays where they "
    "stand.\n";

constexpr std::string_view page_end =
    ".SH FILES\n.TP\n.I /etc/hubbub/hubbubd.toml\nread if there is one, and neither \\fB\\-\\-config\\fR nor "
    "\\fBHUBBUBD_CONFIG\\fR "
    "names another.\n"
    ".SH ENVIRONMENT\n.TP\n.B HUBBUBD_CONFIG\nthe file to read. Beside it, one variable per setting, named above; an "
    "empty "
    "one counts as not set.\n.TP\n.BR NOTIFY_SOCKET , \" WATCHDOG_USEC\"\nset by a service manager, which is told as "
    "in\n"
    ".BR sd_notify (3).\n"
    ".SH EXAMPLES\n.nf\nhubbubd\nhubbubd \\-\\-listen tcp://127.0.0.1:0 \\-\\-ready\\-file /tmp/hub.url\n"
    "hubbubd \\-\\-listen unix:///run/hubbub/hub.sock \\-\\-listen tcp://[::1]:4848\n"
    "hubbubd \\-\\-print\\-settings toml > /etc/hubbub/hubbubd.toml\n.fi\n"
    ".SH SEE ALSO\n.BR hubbub (1)\n";

/// A cell of a table can't hold a bar.
std::string cell(std::string_view text) {
  std::string out;
  for (const char c : text) out += c == '|' ? "\\|" : std::string(1, c);
  return out;
}

std::string markdown() {
  std::string out =
      "| key | flag | environment | values | default | SIGHUP applies it | what it is |\n| --- | --- | --- | --- | --- "
      "| --- | --- |\n";
  for (const auto& setting : settings())
    fmt::format_to(Out(out), "| `{}` | `{}` | `{}` | {} | `{}` | {} | {} |\n", setting.key, flag_with_value(setting),
                   environment_name(setting), cell(allowed_values(setting)), toml_value(setting, Config{}),
                   setting.reload == Reload::live ? "yes" : "no", cell(setting.help));
  return out;
}

std::string toml() {
  std::string out = "# Every setting of hubbubd with its default. What stands behind a # is not in force.\n";
  std::string_view section;
  for (const auto& setting : settings()) {
    if (section_of(setting) != section) fmt::format_to(Out(out), "\n[{}]\n", section = section_of(setting));
    fmt::format_to(Out(out), "# {} ({})\n#{} = {}\n", setting.help, allowed_values(setting),
                   setting.key.substr(section.size() + 1), toml_value(setting, Config{}));
  }
  return out;
}

}  // namespace

std::string manual_page() {
  std::string page(page_start);
  add_rows(page, "COMMANDS", commands_help());
  add_rows(page, "OPTIONS", general_flags());
  page += settings_start;
  add_settings(page);
  add_rows(page, "SIGNALS", signals_help());
  add_rows(page, "\"EXIT STATUS\"", exit_codes_help());
  page += page_end;
  return page;
}

Result<std::string> settings_as(std::string_view form) {
  if (form == "markdown") return markdown();
  if (form == "toml") return toml();
  return fail(Status::invalid_argument, "settings are printed as markdown or as toml");
}

}  // namespace hubbub::server
