// What the bench asks of the machine: descriptors, cores, clocks, and what another process has used.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace hubbub::bench {

/// A measurement can't go on: a server died, refused, or lost something. The sentence says what.
struct Failed : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Fails with `what` and the system's own reason.
[[noreturn]] void fail_with_errno(const std::string& what);

/// A file descriptor and its one owner.
class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    if (this != &other) {
      reset();
      fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
  }
  ~Fd() { reset(); }
  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] bool is_open() const { return fd_ >= 0; }
  void reset();

 private:
  int fd_ = -1;
};

using Clock = std::chrono::steady_clock;
inline double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}
std::uint64_t now_ns();  ///< of Clock

/// The cores that this process may use, and which of them the generator and a pinned server take.
struct Cores {
  std::vector<int> all;
  [[nodiscard]] int generator() const { return all.back(); }
  [[nodiscard]] int server() const { return all.front(); }
};
Cores usable_cores();
void pin_this_thread(const std::vector<int>& cores);

/// Raises the limit of open files as far as it goes. Returns it.
std::size_t raise_file_limit();

/// User and system time of all threads of a process so far, in seconds.
double cpu_seconds(pid_t pid);
double own_cpu_seconds();

/// The process's proportional share of the memory it uses (PSS), in bytes; the kernel's socket buffers aside.
std::uint64_t memory_bytes(pid_t pid);

/// The kind of file system that a folder is on and how long a small write to the disk takes there, for people. Makes
/// the folder where there is none.
std::string disk_at(const std::string& folder);

/// The path of a program: itself if it has a slash in it, else where PATH or the usual system folders have it; or
/// empty.
std::string find_program(const std::string& name);

/// From the folder of the running program.
std::string sibling(const std::string& name);

}  // namespace hubbub::bench
