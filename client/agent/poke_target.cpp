#include "client/agent/poke_target.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/syscall.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstring>
#include <fstream>
#include <iterator>
#include <optional>
#include <thread>

#include "client/agent/caller.hpp"
#include "client/agent/poke_signal.hpp"

namespace hubbub::agent {

namespace {

/// The words behind "Name:", in a text of one line a field.
std::optional<std::string_view> field(std::string_view text, std::string_view name) {
  const auto at = text.find(std::string("\n").append(name).append(":\t"));
  if (at == std::string_view::npos) return std::nullopt;
  const auto begin = at + name.size() + 3;
  return text.substr(begin, text.find('\n', begin) - begin);
}

/// Takes the first number off the front.
template <class Number>
bool take_number(std::optional<std::string_view>& words, Number& into, int base) {
  if (!words) return false;
  const auto begin = std::min(words->find_first_not_of('\t'), words->size());
  words->remove_prefix(begin);
  const auto [end, error] = std::from_chars(words->data(), words->data() + words->size(), into, base);
  words->remove_prefix(static_cast<std::size_t>(end - words->data()));
  return error == std::errc{};
}

tl::unexpected<Error> no_such_process(int pid) {
  return fail(Status::not_found, fmt::format("there is no process {}", pid));
}

std::string read_proc(int pid, const char* file) {
  std::ifstream stream(fmt::format("/proc/{}/{}", pid, file));
  return {std::istreambuf_iterator<char>(stream), {}};
}

Result<ProcessStatus> status_of(int pid) {
  const auto text = read_proc(pid, "status");
  if (text.empty()) return no_such_process(pid);
  return parse_process_status(text);
}

bool has_ended(int pidfd) {
  pollfd look{pidfd, POLLIN, 0};
  return ::poll(&look, 1, 0) == 1;
}

std::uint64_t bit(int signal) { return std::uint64_t{1} << (signal - 1); }

/// signal(7): what is ignored unless a program says otherwise.
bool harms_nobody(int signal) { return signal == SIGWINCH; }

}  // namespace

Result<ProcessStatus> parse_process_status(std::string_view text) {
  ProcessStatus status;
  std::uint64_t caught = 0, blocked = 0, ignored = 0;
  auto uids = field(text, "Uid"), catches = field(text, "SigCgt"), blocks = field(text, "SigBlk"),
       ignores = field(text, "SigIgn");
  const bool whole = take_number(uids, status.uid_real, 10) && take_number(uids, status.uid_effective, 10) &&
                     take_number(catches, caught, 16) && take_number(blocks, blocked, 16) &&
                     take_number(ignores, ignored, 16);
  if (!whole)
    return fail(Status::internal, "the system doesn't tell in /proc/PID/status what a process does at signals");
  status.takes = caught | blocked | ignored;
  return status;
}

/// Asked whether it runs after its status was read: so the status was that of the process that the pidfd stands for,
/// and not of another one that got its number since.
Result<Descriptor> open_process(int pid) {
  if (pid <= 0) return no_such_process(pid);
  Descriptor process(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  if (!process.is_open() && errno == ESRCH) return no_such_process(pid);
  if (!process.is_open() && errno == EINVAL)
    return fail(Status::not_found, fmt::format("{} is a thread and no process", pid));
  if (!process.is_open())
    return fail(Status::unavailable, fmt::format("can't watch process {} (pidfd_open: {})", pid, std::strerror(errno)));
  const auto status = status_of(pid);
  if (has_ended(process.get())) return no_such_process(pid);
  if (!status) return tl::unexpected(status.error());
  if (status->uid_real != ::geteuid() || status->uid_effective != ::geteuid())
    return fail(Status::permission_denied,
                fmt::format("{} is another user's (user {}); only your own processes are poked", show_process(pid),
                            status->uid_effective));
  return process;
}

/// While a process is in sigwait(3), what it waits for doesn't count as blocked; and where a process is that runs just
/// now, wchan doesn't tell. So only what sleeps elsewhere, each time that we look, is told no: it may go in and out.
Result<void> check_takes(int pid, int signal) {
  constexpr int looks = 20;
  for (int look = 0; look < looks; ++look) {
    const auto status = status_of(pid);
    if (!status) return tl::unexpected(status.error());
    if (harms_nobody(signal) || (status->takes & bit(signal)) != 0) return {};
    const auto sleeps_in = read_proc(pid, "wchan");
    if (sleeps_in.find("sigtimedwait") != std::string::npos) return {};
    const bool runs = sleeps_in.empty() || sleeps_in == "0";
    if (runs && look + 1 == looks) return {};
    if (runs) std::this_thread::sleep_for(std::chrono::microseconds(100));
  }
  return fail(Status::failed_precondition,
              fmt::format("{} would die of {}; it must catch that signal before it asks to be poked", show_process(pid),
                          show_signal(signal)));
}

std::string show_process(int pid) {
  const auto name = caller_of({pid, 0, 0}).program;
  return name.starts_with("pid ") ? fmt::format("process {}", pid) : fmt::format("{} (process {})", name, pid);
}

}  // namespace hubbub::agent
