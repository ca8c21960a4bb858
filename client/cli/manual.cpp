// hubbub.1.
#include "client/cli/commands.hpp"
#include "client/cli/exit_codes.hpp"
#include "client/cli/help.hpp"
#include "client/cli/help_parts.hpp"

namespace hubbub::cli {

namespace {

/// A line's text for roff: backslashes and hyphens as they are, the ellipsis by its name, no request where it starts
/// with a dot or a quote.
std::string roff(std::string_view text) {
  constexpr std::string_view ellipsis = "…";
  std::string out;
  if (text.starts_with('.') || text.starts_with('\'')) out = "\\&";
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (text.substr(at).starts_with(ellipsis)) {
      out += "\\[u2026]";
      at += ellipsis.size() - 1;
    } else if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else {
      out += c;
    }
  }
  return out;
}

std::string trimmed(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  return std::string(text);
}

void add_definitions(const std::vector<Definition>& list, std::string& page) {
  for (const auto& [term, text] : list)
    page.append(".TP\n\\fB").append(roff(trimmed(term))).append("\\fR\n").append(roff(text)).append("\n");
}

void add_paragraphs(std::string_view text, std::string& page) {
  for (const auto paragraph : paragraphs(text)) page.append(".PP\n").append(roff(paragraph)).append("\n");
}

void add_examples(const Command& command, std::string& page) {
  for (const auto& [line, what] : command.examples)
    page.append(".PP\n").append(roff(what)).append(":\n.PP\n.RS 4\n.nf\n").append(roff(line)).append("\n.fi\n.RE\n");
}

void add_command(const Command& command, std::string& page) {
  const auto action = command.make();
  Syntax syntax;
  action->declare(syntax);
  page.append(".SS hubbub ").append(roff(command.name)).append(" ").append(roff(command.usage)).append("\n");
  auto summary = std::string(command.summary);
  summary.front() = static_cast<char>(summary.front() - 'a' + 'A');
  add_paragraphs(summary + ".", page);
  add_paragraphs(command.about, page);
  add_definitions(operand_definitions(syntax), page);
  add_definitions(option_definitions(syntax), page);
  add_examples(command, page);
}

void add_exit_codes(std::string& page) {
  std::vector<Definition> list;
  for (const auto& row : exit_code_rows()) list.push_back({std::to_string(row.code), std::string(row.meaning)});
  page += ".SH \"EXIT STATUS\"\n";
  add_definitions(list, page);
}

constexpr std::string_view page_start =
    ".TH HUBBUB 1 \"\" \"hubbub " HUBBUB_VERSION
    "\" \"User Commands\"\n"
    ".SH NAME\nhubbub \\- chat for people at terminals, publish/subscribe for their programs\n"
    ".SH SYNOPSIS\n.B hubbub\n[\\fIoptions\\fR] [\\fIcommand\\fR [\\fIarguments\\fR]]\n"
    ".SH DESCRIPTION\n.B hubbub\ntalks to a hub,\n.BR hubbubd (8),\nfor a person or a program.\n";

constexpr std::string_view page_end =
    ".SH FILES\n.TP\n.I $XDG_CONFIG_HOME/hubbub/config.toml\nhub and name, where nothing else says them.\n"
    ".TP\n.I $XDG_STATE_HOME/hubbub/identity\nthe secret by which a hub knows its owner again. Who has it can take the "
    "owner's name.\n"
    ".SH SEE ALSO\n.BR hubbubd (8)\n";

}  // namespace

std::string manual_page() {
  std::string page(page_start);
  add_paragraphs(general_about, page);
  page += ".SH OPTIONS\nThey may stand before the command or after it.\n";
  add_definitions(option_definitions(global_syntax()), page);
  page += ".SH COMMANDS\n";
  for (const auto* command : all_commands()) add_command(*command, page);
  page += ".SH FORMAT\nWhat \\fB\\-\\-format\\fR of sub and history may contain:\n";
  add_definitions(format_definitions(), page);
  page += ".SH ENVIRONMENT\n";
  add_definitions(environment_definitions(), page);
  add_exit_codes(page);
  page += page_end;
  return page;
}

}  // namespace hubbub::cli
