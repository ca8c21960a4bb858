// Connections of the generator, brought as far as their greeting.
//   Parts --connect_all--> Connections, each of which the server knows and has subscribed
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/bench/dialect.hpp"
#include "tests/bench/system.hpp"

namespace hubbub::bench {

struct Connection {
  Fd fd;
  Part part;
  std::vector<std::uint32_t> room_handles;
  std::string received;  ///< read, but not parsed yet
  std::string unsent;    ///< of the opening
  bool waits_to_write = false;
  bool ready = false;
};

struct ConnectOptions {
  std::size_t at_once = 256;     ///< greetings under way at the same time
  double deadline_s = 60;        ///< for all of them together
  int receive_buffer_bytes = 0;  ///< zero: as the kernel likes
};

/// All parts at once, non-blocking; comes back when every server has answered every greeting. Throws Failed.
std::vector<Connection> connect_all(int port, const Dialect& dialect, std::vector<Part> parts,
                                    const ConnectOptions& options = {});

/// Ends connections by a reset, so that thousands of them don't stay behind as TIME_WAIT.
void reset_all(std::vector<Connection>& connections);

/// An epoll set whose events carry an index.
class Poller {
 public:
  Poller();
  void add(const Fd& fd, std::size_t index, std::uint32_t events) const;
  void change(const Fd& fd, std::size_t index, std::uint32_t events) const;
  void remove(const Fd& fd) const;
  /// Calls `handle(index, events)` for each; waits at most that long. Returns how many there were.
  template <class Handle>
  int wait(std::int64_t timeout_ns, Handle handle) {
    const int count = wait_for(timeout_ns);
    for (int i = 0; i < count; ++i) handle(index_of(i), events_of(i));
    return count;
  }

 private:
  int wait_for(std::int64_t timeout_ns);
  [[nodiscard]] std::size_t index_of(int i) const;
  [[nodiscard]] std::uint32_t events_of(int i) const;
  Fd epoll_;
  std::vector<char> events_;
};

}  // namespace hubbub::bench
