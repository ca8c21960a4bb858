#include "client/tui/terminal/capabilities.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "client/tui/terminal/terminfo.hpp"

namespace hubbub::tui {

namespace {

struct KeyRow {
  const char* name;
  KeyCode code;
  bool shift = false;
};
constexpr std::array key_rows = {
    KeyRow{"kcuu1", KeyCode::up},      KeyRow{"kcud1", KeyCode::down},     KeyRow{"kcub1", KeyCode::left},
    KeyRow{"kcuf1", KeyCode::right},   KeyRow{"khome", KeyCode::home},     KeyRow{"kend", KeyCode::end},
    KeyRow{"kpp", KeyCode::page_up},   KeyRow{"knp", KeyCode::page_down},  KeyRow{"kdch1", KeyCode::del},
    KeyRow{"kbs", KeyCode::backspace}, KeyRow{"kcbt", KeyCode::tab, true}, KeyRow{"kent", KeyCode::enter}};

std::map<std::string, Key> keys_of_terminal() {
  std::map<std::string, Key> keys;
  for (const auto& row : key_rows) {
    auto sequence = terminfo_text(row.name);
    // A single byte means the same everywhere (and Ctrl+H is told apart from backspace by most).
    if (sequence.size() > 1) keys.emplace(std::move(sequence), Key{row.code, {}, false, false, row.shift});
  }
  return keys;
}

// Not in every description, but understood or ignored by everything that speaks ECMA-48.
constexpr std::string_view paste_on = "\x1b[?2004h";
constexpr std::string_view paste_off = "\x1b[?2004l";
constexpr std::string_view wrap_on = "\x1b[?7h";
constexpr std::string_view wrap_off = "\x1b[?7l";

void read_modes(Capabilities& terminal) {
  const bool ecma48 = terminal.move.starts_with("\x1b[");
  const auto or_standard = [&](std::string own, std::string_view standard) {
    return own.empty() && ecma48 ? std::string(standard) : own;
  };
  const auto no_wrap = terminfo_text("rmam");
  const auto other_screen = terminfo_text("smcup"), first_screen = terminfo_text("rmcup");
  terminal.can_stop_wrapping = !no_wrap.empty();  // the standard's sequence may be ignored
  terminal.begin = other_screen + terminfo_text("smkx") + or_standard(no_wrap, wrap_off) + or_standard({}, paste_on) +
                   terminal.clear;
  terminal.end = or_standard({}, paste_off) + terminal.reset + or_standard(terminfo_text("smam"), wrap_on) +
                 terminfo_text("rmkx") + terminal.show_cursor +
                 (first_screen.empty() ? terminal.clear : first_screen);  // else the shell writes over what was here
}

void read_attributes(Capabilities& terminal) {
  terminal.reset = terminfo_text("sgr0");
  terminal.bold = terminfo_text("bold");
  terminal.dim = terminfo_text("dim");
  terminal.reverse = terminfo_text("rev");
  terminal.foreground = terminfo_text("setaf");
  terminal.colours = std::max(0, terminfo_number("colors"));
  terminal.hide_cursor = terminfo_text("civis");
  terminal.show_cursor = terminfo_text("cnorm");
  terminal.bell = terminfo_text("bel");
}

}  // namespace

Result<Capabilities> capabilities_of(const std::string& term) {
  if (!load_terminfo(term))
    return fail(Status::failed_precondition,
                "the terminal type \"" + term + "\" isn't known here; try TERM=xterm-256color hubbub");
  Capabilities terminal;
  terminal.move = terminfo_text("cup");
  terminal.clear = terminfo_text("clear");
  if (terminal.move.empty() || terminal.clear.empty())
    return fail(Status::failed_precondition,
                "a terminal of type \"" + term + "\" can't show a screen; `hubbub tail` and `hubbub say` need none");
  read_attributes(terminal);
  read_modes(terminal);
  terminal.size = {std::max(1, terminfo_number("lines")), std::max(1, terminfo_number("cols"))};
  terminal.keys = keys_of_terminal();
  return terminal;
}

std::string move_to(const Capabilities& terminal, Place place) {
  return with_parameters(terminal.move, place.row, place.column);
}

std::string foreground(const Capabilities& terminal, int number) {
  return terminal.colours <= 0 ? ""
                               : with_parameters(terminal.foreground, number < terminal.colours ? number : number % 8);
}

}  // namespace hubbub::tui
