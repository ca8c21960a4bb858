// A program with three pipes to it, as bytes.
//   send() --> pipe --> its stdin        its stdout, its stderr --> a pipe each --> output(bytes), error(bytes)
//   its end --pidfd--> what lies in the pipes by then --> ended(wait status)
// It has a session and a process group of its own, no terminal, and inherits nothing. Whatever it does, it doesn't hold
// the loop up: one read of a pipe at a time, and no read waits for those that it has left behind with its pipes open.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include "common/asio.hpp"
#include "common/process.hpp"

namespace hubbub {

/// Used on one loop. Lives until its program has ended and was collected, whoever else has let go of it.
class PipedProcess : public std::enable_shared_from_this<PipedProcess> {
 public:
  struct Events {
    std::function<void(std::string_view bytes)> output = {}, error = {};  ///< some bytes, valid during the call
    std::function<void()> output_closed = {};                             ///< while it still runs
    std::function<void(int wait_status)> ended = {};                      ///< the last event
  };

  /// The program's streams are set by this, but for its stdout where there is no event for that. Fails as
  /// start_process(), or with EMFILE, and ENOSYS where the kernel has no pidfd. REQUIRES: SIGPIPE is ignored, SIGCHLD
  /// isn't, and nobody else collects its process.
  static tl::expected<std::shared_ptr<PipedProcess>, std::error_code> start(asio::io_context& loop, Program program,
                                                                            Events events);
  PipedProcess(asio::io_context& loop, Events events);
  ~PipedProcess();
  PipedProcess(const PipedProcess&) = delete;
  PipedProcess& operator=(const PipedProcess&) = delete;

  /// Puts all of it behind what waits, whose size is the caller's to bound. False if it reads no more.
  bool send(std::string_view bytes);
  /// Its stdin ends behind what was sent.
  void end_input();
  /// SIGTERM to its process group. SIGKILL to what is left of that when `grace` is over, or sooner, when the program
  /// has ended and all who had its stdout and stderr have closed them. Then it counts as ended. Again: the shorter
  /// grace holds.
  void stop(std::chrono::milliseconds grace);
  /// SIGKILL to its group. What it said until then still comes.
  void kill();
  /// The same, and no more events.
  void abandon();

  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] bool has_ended() const { return pid_ < 0; }
  [[nodiscard]] std::size_t bytes_waiting() const { return waiting_.size() - written_; }
  /// All that the pipe to it has taken so far, whether or not it was read.
  [[nodiscard]] std::uint64_t bytes_taken() const { return bytes_taken_; }

 private:
  using Pipe = std::optional<asio::posix::stream_descriptor>;
  using Receive = std::function<void(std::string_view)> Events::*;

  void write_some();
  void await_input_room();
  void await(Pipe& pipe, Receive receive);
  void read_some(Pipe& pipe, Receive receive);
  bool take(Pipe& pipe, Receive receive, std::size_t bytes_max);
  void closed(Pipe& pipe);
  void drain(Pipe& pipe, Receive receive);
  void await_end();
  [[nodiscard]] bool is_over() const;
  void is_over_now();
  void collect();
  void signal_group(int number) const;

  Events events_;
  asio::steady_timer grace_;
  pid_t pid_ = -1;  ///< and its group's id, which nobody else gets before it is collected; -1: collected
  Pipe handle_, input_, output_, error_;
  std::string waiting_;      ///< for its stdin
  std::size_t written_ = 0;  ///< of that
  std::uint64_t bytes_taken_ = 0;
  bool writes_ = false;  ///< waits for room in the pipe
  bool input_ends_ = false;
  bool stopping_ = false;
  bool killed_ = false;
  bool is_over_seen_ = false;  ///< it has ended, and what it has left of its group has still some of its grace
  bool abandoned_ = false;
};

}  // namespace hubbub
