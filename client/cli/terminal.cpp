#include "client/cli/terminal.hpp"

#include <langinfo.h>
#include <locale.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstdlib>

namespace hubbub::cli {

namespace {

bool is_set(const char* variable) {
  const char* value = std::getenv(variable);
  return value != nullptr && *value != '\0';
}

}  // namespace

bool stdin_is_terminal() { return ::isatty(STDIN_FILENO) == 1; }
bool stdout_is_terminal() { return ::isatty(STDOUT_FILENO) == 1; }

bool wants_color(bool no_color_option) {
  if (no_color_option || is_set("NO_COLOR") || !stdout_is_terminal()) return false;
  const char* term = std::getenv("TERM");
  return term != nullptr && std::string_view(term) != "dumb";
}

std::size_t terminal_columns() {
  winsize size{};
  return ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

bool locale_is_utf8() {
  const locale_t locale = ::newlocale(LC_CTYPE_MASK, "", nullptr);
  if (locale == nullptr) return false;  // it isn't installed
  const bool utf8 = std::string_view(::nl_langinfo_l(CODESET, locale)) == "UTF-8";
  ::freelocale(locale);
  return utf8;
}

std::string_view color_of_name(std::string_view name) {
  // Red is left to trouble, and black and white are somebody's background.
  static constexpr std::array<std::string_view, 10> colors = {"\x1b[32m", "\x1b[33m", "\x1b[34m", "\x1b[35m",
                                                              "\x1b[36m", "\x1b[92m", "\x1b[93m", "\x1b[94m",
                                                              "\x1b[95m", "\x1b[96m"};
  std::uint32_t hash = 2166136261U;  // FNV-1a
  for (const char c : name) hash = (hash ^ static_cast<std::uint8_t>(c)) * 16777619U;
  return colors[hash % colors.size()];
}

std::string painted(std::string_view text, std::string_view code, bool on) {
  if (!on) return std::string(text);
  return std::string(code).append(text).append(color::reset);
}

}  // namespace hubbub::cli
