#include "tests/bench/system.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/bench/percentile.hpp"

namespace hubbub::bench {

void fail_with_errno(const std::string& what) { throw Failed(what + ": " + std::strerror(errno)); }

void Fd::reset() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

std::uint64_t now_ns() {
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now().time_since_epoch()).count());
}

Cores usable_cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) != 0) fail_with_errno("sched_getaffinity");
  Cores cores;
  for (int core = 0; core < CPU_SETSIZE; ++core)
    if (CPU_ISSET(core, &set)) cores.all.push_back(core);
  return cores;
}

void pin_this_thread(const std::vector<int>& cores) {
  cpu_set_t set;
  CPU_ZERO(&set);
  for (const int core : cores) CPU_SET(core, &set);
  if (sched_setaffinity(0, sizeof set, &set) != 0) fail_with_errno("sched_setaffinity");
}

std::size_t raise_file_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) fail_with_errno("getrlimit");
  limit.rlim_cur = limit.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0) fail_with_errno("setrlimit");
  return limit.rlim_cur;
}

namespace {

double read_clock(clockid_t clock) {
  timespec time{};
  if (clock_gettime(clock, &time) != 0) fail_with_errno("clock_gettime");
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

}  // namespace

double cpu_seconds(pid_t pid) {
  clockid_t clock{};
  if (clock_getcpuclockid(pid, &clock) != 0) throw Failed("the server's process is gone");
  return read_clock(clock);
}

double own_cpu_seconds() { return read_clock(CLOCK_PROCESS_CPUTIME_ID); }

std::uint64_t memory_bytes(pid_t pid) {
  std::ifstream rollup("/proc/" + std::to_string(pid) + "/smaps_rollup");
  for (std::string line; std::getline(rollup, line);)
    if (line.starts_with("Pss:")) return std::stoull(line.substr(4)) * 1024;
  throw Failed("the server's memory can't be read from /proc");
}

namespace {

constexpr int sync_samples = 100;

std::string file_system_of(const std::string& folder) {
  struct statfs about {};
  if (statfs(folder.c_str(), &about) != 0) fail_with_errno(folder);
  switch (static_cast<unsigned>(about.f_type)) {
    case 0xEF53: return "ext4";
    case 0x58465342: return "xfs";
    case 0x9123683E: return "btrfs";
    case 0x2FC12FC1: return "zfs";
    case 0x794C7630: return "an overlay";
    case 0x01021994: return "tmpfs, which is no disk: nothing below says what keeping costs";
    default: return "a file system of another kind";
  }
}

/// Appends a little and waits until the disk has it, again and again.
double sync_p50_us(const std::string& folder) {
  auto file = folder + "/sync-XXXXXX";
  const Fd fd(mkstemp(file.data()));
  if (!fd.is_open()) fail_with_errno("a file in " + folder);
  unlink(file.c_str());
  const std::string little(128, ' ');
  std::vector<double> samples;
  for (int i = 0; i < sync_samples; ++i) {
    const auto start = Clock::now();
    if (write(fd.get(), little.data(), little.size()) < 0 || fdatasync(fd.get()) != 0) fail_with_errno("fdatasync");
    samples.push_back(seconds_since(start) * 1e6);
  }
  return percentile(samples, 0.5);
}

}  // namespace

std::string disk_at(const std::string& folder) {
  std::filesystem::create_directories(folder);
  return file_system_of(folder) + " (" + folder + "), where fdatasync takes " +
         std::to_string(static_cast<int>(sync_p50_us(folder))) + " us";
}

std::string find_program(const std::string& name) {
  if (name.find('/') != std::string::npos) return ::access(name.c_str(), X_OK) == 0 ? name : "";
  const char* path = std::getenv("PATH");
  std::istringstream folders(std::string(path ? path : "") + ":/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin");
  for (std::string folder; std::getline(folders, folder, ':');) {
    auto candidate = folder + "/" + name;
    if (!folder.empty() && ::access(candidate.c_str(), X_OK) == 0) return candidate;
  }
  return "";
}

std::string sibling(const std::string& name) {
  return (std::filesystem::read_symlink("/proc/self/exe").parent_path() / name).lexically_normal();
}

}  // namespace hubbub::bench
