#include "client/cli/serve/exit_status.hpp"

#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "client/cli/exit_codes.hpp"
#include "common/escape.hpp"

namespace hubbub::cli {

namespace {

struct Row {
  int code;
  Status status;
};

constexpr std::array rows = {
    Row{exit_code::done, Status::ok},
    Row{exit_code::usage, Status::invalid_argument},
    Row{exit_code::data, Status::invalid_argument},
    Row{exit_code::no_input, Status::not_found},
    Row{exit_code::unavailable, Status::unavailable},
    Row{exit_code::software, Status::internal},
    Row{exit_code::try_again, Status::resource_exhausted},
    Row{exit_code::denied, Status::permission_denied},
    Row{exit_code::deadline, Status::deadline_exceeded},
    Row{126, Status::unimplemented},  // sh: found, and can't be executed
    Row{127, Status::unimplemented},  // sh: not found
};

constexpr std::string_view ellipsis = "…";

}  // namespace

Status status_of_exit_code(int code) {
  const auto* const row = std::ranges::find(rows, code, &Row::code);
  return row == rows.end() ? Status::unknown : row->status;
}

std::string show_end(int wait_status) {
  if (WIFEXITED(wait_status))
    return WEXITSTATUS(wait_status) == 0 ? "has ended" : "exited with " + std::to_string(WEXITSTATUS(wait_status));
  const char* const name = ::sigabbrev_np(WTERMSIG(wait_status));
  return "was killed by " + (name != nullptr ? "SIG" + std::string(name) : std::to_string(WTERMSIG(wait_status)));
}

Served served_by_end(int wait_status, std::string_view last_words) {
  if (WIFSIGNALED(wait_status)) {
    const auto how = "the command " + show_end(wait_status);
    return {Status::internal, sentence_of(last_words.empty() ? how : how + ": " + std::string(last_words))};
  }
  const auto status = status_of_exit_code(WEXITSTATUS(wait_status));
  if (status == Status::ok) return {};
  return {status, last_words.empty() ? "the command " + show_end(wait_status) : sentence_of(last_words)};
}

std::string sentence_of(std::string_view text) {
  auto sentence = escape_for_terminal(text);
  if (sentence.size() <= sentence_bytes_max) return sentence;
  auto end = sentence_bytes_max - ellipsis.size();
  while ((static_cast<unsigned char>(sentence[end]) & 0xc0) == 0x80) --end;
  return sentence.replace(end, std::string::npos, ellipsis);
}

}  // namespace hubbub::cli
