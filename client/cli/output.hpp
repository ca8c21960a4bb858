// Standard output of a command that also listens to the hub.
//   append to buffer() --flush--> stdout, in as few writes as it takes
// A reader that takes nothing (a pager, a stopped terminal) holds up the flush and nothing else: the loop goes on. A
// reader that is gone ends the program as SIGPIPE does, when it is written to.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "client/cli/readiness.hpp"
#include "client/cli/shared_sink.hpp"
#include "common/asio.hpp"

namespace hubbub::cli {

class Output {
 public:
  /// Beyond this much a caller with still more to say flushes first.
  static constexpr std::size_t batch_bytes = 64 * 1024;

  explicit Output(asio::io_context& loop);

  [[nodiscard]] std::string& buffer() { return buffer_; }
  /// Writes all of it. False if stdout takes no more (a full disk): that has been said on stderr, and the buffer is
  /// empty.
  asio::awaitable<bool> flush();
  /// From now on a reader of a pipe that is gone ends the program also while nothing is written: for a command that is
  /// there only to write, however rarely.
  void end_with_reader();

 private:
  SharedSink::Wrote write_some();

  asio::io_context& loop_;
  SharedSink stdout_;
  std::size_t written_ = 0;
  std::string buffer_;
  std::optional<Readiness> reader_gone_;
};

/// Ends the program the way SIGPIPE does by default: quietly, and the shell sees 141.
[[noreturn]] void die_of_closed_pipe();

/// For commands without a loop: writes all of `text` to stdout. False, said on stderr, if that failed.
bool print(std::string_view text);

}  // namespace hubbub::cli
