// A room's `in`: whatever anybody writes into the FIFO is said in the room, a line at a time.
//   writers --> FIFO --> lines --say--> accepted | not now | refused
// We hold the end to read from and nothing else, so that a read of nothing tells that the last writer has gone: what it
// left without a newline is a message then, and never the beginning of another writer's. "Not now" stops the reading;
// the FIFO fills, and writers wait as a shell expects. Used only in the loop's thread.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "client/agent/tree_lines.hpp"
#include "common/asio.hpp"
#include "common/descriptor.hpp"
#include "proto/status.hpp"

namespace hubbub::agent {

class TreeIn {
 public:
  struct Callbacks {
    /// True: accepted. False: not now; the same comes again after go_on(). An error: never; it is noted.
    std::function<Result<bool>(std::string_view line)> say;
    std::function<void(std::string sentence)> note;
    /// The same FIFO anew, to read from and non-blocking.
    std::function<Result<Descriptor>()> reopen;
  };
  struct Bounds {
    std::size_t line_bytes_max;
    std::chrono::milliseconds unfinished_max;  ///< how long a line may lie there without a newline or another byte
  };

  /// REQUIRES: `fifo` is non-blocking. What is called back doesn't destroy this.
  TreeIn(asio::io_context& loop, Descriptor fifo, Bounds bounds, Callbacks callbacks);

  /// Reads again after a "not now".
  void go_on();
  /// Says what lies in the FIFO at this moment and what is left of a line. For the end: no more is read after it.
  /// Returns how many lines nobody took.
  std::size_t drain();

  [[nodiscard]] int fd() { return fifo_->native_handle(); }
  [[nodiscard]] bool has_stopped() const { return held_.has_value(); }
  /// The system doesn't let it go on: this one reads no more.
  [[nodiscard]] bool is_broken() const { return is_broken_; }

 private:
  void wait();
  void read_some();
  bool pass(std::string_view bytes);
  bool pass_rest();
  bool say(const TreeLines::Line& line);
  bool say(std::string_view line);
  void writers_have_gone();
  void mind_unfinished();
  std::string take_lying();

  asio::io_context& loop_;
  std::optional<asio::posix::stream_descriptor> fifo_;
  Bounds bounds_;
  Callbacks callbacks_;
  TreeLines lines_;
  std::optional<std::string> held_;  ///< a line that was told "not now"
  std::string behind_it_;            ///< what was read with it
  asio::steady_timer unfinished_;
  bool is_waiting_ = false;
  bool is_broken_ = false;
  std::shared_ptr<int> alive_ = std::make_shared<int>();  ///< gone with this: handlers may come later
};

}  // namespace hubbub::agent
