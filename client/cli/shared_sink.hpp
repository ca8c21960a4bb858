// Writing where others write too: stdout, stderr, all that a shell hands on.
//   bytes --> as many as it takes now, and a wait for more
// Never blocks, and never makes it non-blocking for those who share it: as Readiness, for the other direction.
#pragma once

#include <cstddef>
#include <string_view>

#include "client/cli/readiness.hpp"
#include "common/descriptor.hpp"

namespace hubbub::cli {

class SharedSink {
 public:
  /// REQUIRES: `fd` stays open as long as this.
  SharedSink(asio::io_context& loop, int fd);

  enum class Wrote { some, nothing_now, never };
  /// Takes what it has written off the front of `bytes`. never: errno says why.
  Wrote write_some(std::string_view& bytes);
  /// Until it takes more, or its reader is gone. Throws operation_aborted if the coroutine is cancelled.
  asio::awaitable<void> writable() { return writable_.ready(); }

  /// The descriptor that is written to.
  [[nodiscard]] int fd() const { return own_.is_open() ? own_.get() : shared_; }

 private:
  [[nodiscard]] std::size_t part_bytes() const;

  int shared_;
  Descriptor own_;        ///< the same opened anew, where the system lets us: its O_NONBLOCK is ours alone
  bool is_file_ = false;  ///< never blocks for long
  Readiness writable_;
};

}  // namespace hubbub::cli
