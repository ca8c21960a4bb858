// The figures as a table with bars, for a person to read.
//              ROUND TRIP            ONE WAY     p50 and p99 µs, log scale
//            p50 µs   p99 µs  messages/s   MB/s   0.1     1       10
//   pipe       7.12     15.3       812 k    104   ████████████████░░░
//   queue   this kernel has no POSIX message queues
// A bar is a round trip on a logarithmic scale: every power of ten is as wide as the next. Pure.
#pragma once

#include <string>
#include <vector>

#include "client/cli/ipc/figures.hpp"

namespace hubbub::ipc {

struct Look {
  std::size_t columns = 80;  ///< of the terminal
  bool utf8 = true;          ///< else plain ASCII
  bool color = false;
};

/// "Two processes, 2 CPUs (load average before: 0.31), messages of 128 bytes." Other programs are told of, since what
/// is measured on a busy machine is a busy machine.
std::string headline(const Machine& machine, std::size_t message_bytes);

/// Lines, each with its newline. Where there is little room, without bars.
std::string chart(const std::vector<Row>& rows, const Look& look);

/// Three digits that matter: "0.21", "7.12", "15.3", "812".
std::string show_microseconds(std::chrono::nanoseconds time);
/// The same of large numbers: "950", "812 k", "2.41 M".
std::string show_rate(double per_second);

}  // namespace hubbub::ipc
