#include "client/tui/terminal/terminfo.hpp"

#include <curses.h>
#include <term.h>
#include <unistd.h>

namespace hubbub::tui {

namespace {

// Delays ("$<5>") were for terminals of paper and glass.
std::string without_delays(std::string text) {
  for (auto at = text.find("$<"); at != std::string::npos; at = text.find("$<", at)) {
    const auto end = text.find('>', at);
    if (end == std::string::npos) break;
    text.erase(at, end - at + 1);
  }
  return text;
}

}  // namespace

bool load_terminfo(const std::string& term) {
  if (cur_term != nullptr) del_curterm(cur_term);
  int found = 0;
  return setupterm(term.c_str(), STDOUT_FILENO, &found) == OK;
}

std::string terminfo_text(const char* name) {
  const char* text = tigetstr(name);
  if (text == nullptr || text == reinterpret_cast<const char*>(-1)) return {};
  return without_delays(text);
}

int terminfo_number(const char* name) { return tigetnum(name); }

std::string with_parameters(const std::string& capability, int first, int second) {
  if (capability.empty()) return {};
  const char* text =
      tparm(capability.c_str(), static_cast<long>(first), static_cast<long>(second), 0L, 0L, 0L, 0L, 0L, 0L, 0L);
  return text == nullptr ? std::string() : text;
}

}  // namespace hubbub::tui
