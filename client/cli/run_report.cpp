#include "client/cli/run_report.hpp"

#include <fmt/format.h>
#include <sys/wait.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>

#include "common/escape.hpp"
#include "common/signals.hpp"

namespace hubbub::cli {

namespace {

constexpr std::size_t title_bytes_max = 512;

bool is_plain(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x80 || std::isalnum(byte) != 0 || std::string_view("_-+./:,=@%^").find(c) != std::string_view::npos;
}

/// As sh(1) reads it back.
std::string quoted(const std::string& word) {
  if (!word.empty() && std::ranges::all_of(word, is_plain)) return word;
  std::string text = "'";
  for (const char c : word) c == '\'' ? text += "'\\''" : text += c;
  return text + "'";
}

std::string command_line(const std::vector<std::string>& words) {
  std::string line;
  for (const auto& word : words) line.append(line.empty() ? "" : " ").append(quoted(word));
  return line;
}

/// At the last whole character within `bytes_max`.
std::string cut_at(std::string text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  auto end = bytes_max;
  while (end > 0 && (text[end] & 0xc0) == 0x80) --end;
  text.resize(end);
  return text + "…";
}

std::string tell_how(const RunEnd& end) {
  const auto after = " after " + show_span(end.took);
  switch (end.how) {
    case RunEnd::How::not_started: return "could not be started";
    case RunEnd::How::killed: return "killed by " + signal_name(end.number) + after;
    case RunEnd::How::exited: break;
  }
  if (end.number == 0) return "succeeded" + after;
  return "failed with exit code " + std::to_string(end.number) + after;
}

link::Outgoing tell(const RunSubject& subject, std::string_view phase, std::string body) {
  link::Outgoing message;
  message.kind = proto::Kind::notice;
  message.body = std::move(body);
  message.headers.list = {{"run", std::string(phase)}, {"run-id", subject.id}, {"run-host", subject.host}};
  if (subject.pid > 0) message.headers.list.push_back({"run-pid", std::to_string(subject.pid)});
  return message;
}

}  // namespace

RunEnd end_of(int wait_status, std::chrono::milliseconds took) {
  if (WIFSIGNALED(wait_status)) return {RunEnd::How::killed, WTERMSIG(wait_status), took};
  return {RunEnd::How::exited, WEXITSTATUS(wait_status), took};
}

int exit_code_of(const RunEnd& end) {
  switch (end.how) {
    case RunEnd::How::exited: return end.number;
    case RunEnd::How::killed: return 128 + end.number;
    case RunEnd::How::not_started: break;
  }
  return end.number == ENOENT || end.number == ENOTDIR ? 127 : 126;
}

std::string title_of(const std::optional<std::string>& title, const std::vector<std::string>& words) {
  return cut_at(escape_for_terminal(title ? *title : command_line(words)), title_bytes_max);
}

std::string show_span(std::chrono::milliseconds span) {
  const auto ms = span.count();
  if (ms < 1000) return fmt::format("{}ms", ms);
  if (ms < 10'000) return fmt::format("{}.{}s", ms / 1000, ms % 1000 / 100);
  if (ms < 60'000) return fmt::format("{}s", ms / 1000);
  if (ms < 3'600'000) return fmt::format("{}m{:02}s", ms / 60'000, ms % 60'000 / 1000);
  return fmt::format("{}h{:02}m", ms / 3'600'000, ms % 3'600'000 / 60'000);
}

link::Outgoing tell_start(const RunSubject& subject) {
  return tell(subject, "start", fmt::format("started: {} (pid {} on {})", subject.title, subject.pid, subject.host));
}

link::Outgoing tell_vanished(const RunSubject& subject) {
  return tell(
      subject, "vanished",
      fmt::format("vanished: {} (pid {} on {}); nobody tells how it ends", subject.title, subject.pid, subject.host));
}

link::Outgoing tell_end(const RunSubject& subject, const RunEnd& end, std::string_view last_lines) {
  auto body = fmt::format("{}: {} (on {})", tell_how(end), subject.title, subject.host);
  if (end.how == RunEnd::How::not_started) body.append(": ").append(std::strerror(end.number));
  if (!last_lines.empty()) body.append("\n").append(last_lines);
  auto message = tell(subject, "end", std::move(body));
  auto& headers = message.headers.list;
  headers.push_back({"run-ms", std::to_string(end.took.count())});
  if (end.how == RunEnd::How::killed)
    headers.push_back({"run-signal", signal_name(end.number)});
  else
    headers.push_back({"run-exit", std::to_string(exit_code_of(end))});
  return message;
}

}  // namespace hubbub::cli
