// A way for two processes of one machine to exchange messages.
//   open() --Ends--> fork() --> asking process | answering process, each with its end of it
// Opened before the fork, so that both have it; what has a name has lost it again when open() returns. Blocking calls
// only: whoever may not wait for them for ever kills the process that makes them.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

#include "proto/status.hpp"

namespace hubbub::ipc {

/// The stamp of a message has to fit in.
inline constexpr std::size_t message_bytes_min = 8;
/// Some of them have to fit into memory that is shared.
inline constexpr std::size_t message_bytes_max = std::size_t{1} << 20;

/// One process's end: messages go out and come in, whole and in order.
class End {
 public:
  virtual ~End() = default;
  /// Called once by its own process, before the first message.
  virtual void enter() {}
  /// Waits for room. False: it can't be sent, and errno says why.
  virtual bool send(std::span<const std::byte> message) = 0;
  /// Waits for a message, which is as long as `message`. False: none will come, and errno says why.
  virtual bool receive(std::span<std::byte> message) = 0;
};

struct Ends {
  std::unique_ptr<End> asking, answering;
};

struct Mechanism {
  std::string_view name;
  std::string_view when;       ///< to use it: a sentence
  std::string_view in_hubbub;  ///< what it does here today: a sentence; empty: nothing
  std::size_t message_bytes_max;
  /// For messages of that many bytes. Fails with unavailable, and why this machine can't.
  Result<Ends> (*open)(std::size_t message_bytes);
};

/// Failure of a system call, by errno: "can't make a pipe: Too many open files".
tl::unexpected<Error> cannot(std::string_view do_what);

}  // namespace hubbub::ipc
