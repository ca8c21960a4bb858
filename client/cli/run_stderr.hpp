// The command's stderr on its way through us.
//   command --> a pipe --> our stderr, every byte          and its end is kept for the report
// While our stderr takes nothing, nothing is read, and the command waits as it would without us; so what is held here
// is one read's worth. Who doesn't want stderr any more (a closed pipe, a full disk) costs the command nothing.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "client/cli/last_lines.hpp"
#include "client/cli/shared_sink.hpp"
#include "client/link/wake.hpp"
#include "common/descriptor.hpp"

namespace hubbub::cli {

class RunStderr {
 public:
  /// One read: a whole pipe.
  static constexpr std::size_t read_bytes_max = 64 * 1024;

  /// REQUIRES: `from` is the pipe's end to read from, non-blocking.
  RunStderr(asio::io_context& loop, Descriptor from);

  /// Passes on what comes, until everybody has closed the pipe, or finish() was called and all of it is out.
  asio::awaitable<void> pass();
  /// The command has ended: takes what lies in the pipe now, and no more. Whatever it has left running and still has
  /// the pipe writes to nobody.
  void finish();
  /// Waits until all of it is out.
  asio::awaitable<void> passed();

  [[nodiscard]] const LastLines& last_lines() const { return last_lines_; }

 private:
  asio::awaitable<bool> read_some();
  asio::awaitable<void> write_all();
  bool take(std::size_t bytes);

  std::optional<asio::posix::stream_descriptor> from_;
  SharedSink stderr_;
  LastLines last_lines_;
  std::string waiting_;  ///< for our stderr
  bool is_unwanted_ = false;
  bool has_passed_ = false;
  link::Wake changed_;
};

}  // namespace hubbub::cli
