// Descriptors that go from one process to another beside the bytes of a UNIX stream socket: SCM_RIGHTS (unix(7)).
//   send_with_descriptors --> bytes, and with the first of them the descriptors --> receive_with_descriptors
// Who receives says how many it expects, and never keeps one more. (A plain Stream expects none: what comes is closed
// by the kernel.)
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "common/descriptor.hpp"
#include "common/stream.hpp"

namespace hubbub {

/// In one message; the kernel takes 253 (SCM_MAX_FD).
inline constexpr std::size_t passed_descriptors_max = 16;

/// Never blocks. The descriptors stay the caller's, who may close them afterwards. If only some of the bytes were taken
/// (`bytes` of the result), the descriptors have gone with them, and the rest is sent without. Nothing was sent where
/// the result isn't `done`. REQUIRES: `bytes` aren't empty, at most passed_descriptors_max descriptors.
IoResult send_with_descriptors(int socket, std::span<const char> bytes, std::span<const int> descriptors);

struct Received {
  IoResult io;                          ///< of the bytes
  std::vector<Descriptor> descriptors;  ///< close-on-exec; in the order in which they were sent
  /// More came than were expected, or than this process has room for (RLIMIT_NOFILE): all were closed.
  bool refused = false;
};

/// Never blocks. Reads at most `into`, and ends where other descriptors begin: those of one call were sent in one call.
/// REQUIRES: `descriptors_max` is at most passed_descriptors_max.
Received receive_with_descriptors(int socket, std::span<char> into, std::size_t descriptors_max);

}  // namespace hubbub
