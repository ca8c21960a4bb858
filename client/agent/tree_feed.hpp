// A room's `feed`: each line goes to exactly one of those who read the FIFO.
//   push --> a bounded queue --> FIFO, one line in it at a time --> whoever reads first
// The FIFO has room for one page and is written to only when it is empty. So one read(2) of PIPE_BUF bytes or more gets
// exactly one line, whole, however many wait in it (pipe(7): a read takes what is there under the pipe's lock). Whoever
// stops reading costs the queue's limit: past it the oldest lines go, and that is noted. Both ends are held open here:
// readers never see an end while the room is joined. Used only in the loop's thread; never blocks.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "common/asio.hpp"
#include "common/descriptor.hpp"

namespace hubbub::agent {

class TreeFeed {
 public:
  /// What is written at once and arrives at once (pipe(7)), newline included.
  static constexpr std::size_t line_bytes_max = 4096;

  /// REQUIRES: `fifo` is open for reading and writing, non-blocking.
  TreeFeed(asio::io_context& loop, Descriptor fifo, std::size_t queue_bytes_max,
           std::function<void(std::string sentence)> note);

  /// REQUIRES: `line` ends with its only newline, and has at most line_bytes_max bytes.
  void push(std::string_view line);
  /// Another FIFO, since the name of the old one is lost. What nobody had read goes into it.
  void replace(Descriptor fifo);

  [[nodiscard]] int fd() { return fifo_->native_handle(); }
  /// Somebody has read a line of it.
  [[nodiscard]] bool is_used() const { return ever_read_; }
  [[nodiscard]] std::size_t queued_bytes() const { return queue_.size() - taken_; }

 private:
  void open(Descriptor fifo);
  void pump();
  void wait();
  void wait_a_while();
  void was_read();
  std::string_view take_oldest();
  void drop_oldest();
  [[nodiscard]] std::size_t lying_bytes();

  asio::io_context& loop_;
  std::optional<asio::posix::stream_descriptor> fifo_;
  std::size_t queue_bytes_max_;
  std::function<void(std::string)> note_;
  std::string queue_;      ///< lines, the oldest first
  std::size_t taken_ = 0;  ///< bytes of the queue that are done with
  std::string in_pipe_;    ///< the line that was written last, until it was read
  bool is_waiting_ = false;
  bool ever_read_ = false;
  std::uint64_t dropped_ = 0;  ///< lines, and not yet noted
  std::string first_dropped_, last_dropped_;
  asio::steady_timer again_;
  std::shared_ptr<int> alive_ = std::make_shared<int>();  ///< gone with this: handlers may come later
};

}  // namespace hubbub::agent
