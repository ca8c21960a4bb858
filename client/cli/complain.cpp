#include "client/cli/complain.hpp"

#include <cerrno>
#include <cstdio>
#include <string>
#include <system_error>

#include "client/cli/exit_codes.hpp"
#include "common/escape.hpp"

namespace hubbub::cli {

namespace {

bool quiet_ = false;

}  // namespace

void complain(std::string_view sentence) {
  const auto line = "hubbub: " + escape_lines_for_terminal(sentence) + "\n";
  std::fwrite(line.data(), 1, line.size(), stderr);
}

int complain(const Error& error) {
  complain(error.sentence.empty() ? name_of(error.status) : std::string_view(error.sentence));
  return exit_code_of(error.status);
}

void complain_errno(std::string_view doing) {
  const auto why = std::generic_category().message(errno);
  complain(std::string(doing) + ": " + why);
}

void set_quiet(bool quiet) { quiet_ = quiet; }

void note(std::string_view sentence) {
  if (!quiet_) complain(sentence);
}

}  // namespace hubbub::cli
