// What came out of measuring one mechanism.
//   samples --percentile--> Figures --> table, JSON
// Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "client/cli/ipc/machine.hpp"
#include "proto/status.hpp"

namespace hubbub::ipc {

/// Plain data: it travels from the process that has measured in memory that is shared.
struct Figures {
  std::uint64_t round_trips = 0;
  std::chrono::nanoseconds p50{0}, p99{0};  ///< of a round trip: there and back
  std::uint64_t messages = 0;               ///< one way, all of which arrived
  std::chrono::nanoseconds took{0};         ///< for these
  std::uint64_t message_bytes = 0;

  [[nodiscard]] double messages_per_second() const;
  [[nodiscard]] double megabytes_per_second() const;  ///< of 10^6 bytes
};

/// The smallest sample that at least `percent` of them don't exceed (nearest rank). REQUIRES: sorted, not empty.
std::chrono::nanoseconds percentile(const std::vector<std::chrono::nanoseconds>& sorted, std::size_t percent);

struct Row {
  std::string_view mechanism;
  Result<Figures> figures;
};

/// One line of JSON, without its newline. `machine`: as it was before measuring.
std::string json_row(const Row& row, const Machine& machine);

}  // namespace hubbub::ipc
