// A program that runs beside us, and two pipes to it: what we tell it, and what it says.
//   send() --> a bounded queue --> pipe --> its stdin        its stdout and stderr --> pipe --> lines, so many a second
//   its end --pidfd--> what lies in the pipe by then --> ended(wait status)
// Whatever it does, it doesn't hold us up and doesn't grow us: who doesn't read is sent no more, who says too much
// isn't read for a while, and who leaves others behind that keep the pipes open has ended all the same.
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

struct HelperLimits {
  std::size_t input_bytes_max = 2 * 1024 * 1024;  ///< that wait for it, outside of its pipe: the largest message fits
  std::size_t line_bytes_max = 4096;              ///< the rest of a longer line is left out
  std::uint32_t lines_per_second_max = 100;       ///< past that it isn't read until the second is over
};

/// Used on one loop. Lives until its program has ended and was collected, whoever else has let go of it.
class Helper : public std::enable_shared_from_this<Helper> {
 public:
  struct Events {
    std::function<void(std::string_view line)> line = {};  ///< without its newline; any bytes
    std::function<void(int wait_status)> ended = {};       ///< the last event
  };

  /// The program's streams are set by this, it has a session and group of its own, no terminal, and inherits nothing.
  /// Fails as start_process(), or with EMFILE, and ENOSYS where the kernel has no pidfd. REQUIRES: SIGPIPE is ignored,
  /// SIGCHLD isn't, and nobody else collects its process.
  static tl::expected<std::shared_ptr<Helper>, std::error_code> start(asio::io_context& loop, Program program,
                                                                      const HelperLimits& limits, Events events);
  Helper(asio::io_context& loop, const HelperLimits& limits, Events events);
  ~Helper();
  Helper(const Helper&) = delete;
  Helper& operator=(const Helper&) = delete;

  /// Puts all of it behind what waits, or nothing: false if there is no room, or it reads no more.
  bool send(std::string_view bytes);
  /// Its stdin ends behind what was sent.
  void end_input();
  /// SIGTERM to its process group, and SIGKILL to what is left of that when `grace` is over, or it has ended.
  void stop(std::chrono::milliseconds grace);
  /// No more events, and SIGKILL to its group.
  void abandon();

  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] bool has_ended() const { return pid_ < 0; }
  [[nodiscard]] bool is_abandoned() const { return abandoned_; }
  [[nodiscard]] std::size_t bytes_waiting() const { return waiting_.size(); }
  /// Of those that lay in the pipe at its end, past what a second may have.
  [[nodiscard]] std::uint64_t lines_left_out() const { return lines_left_out_; }

 private:
  using Pipe = std::optional<asio::posix::stream_descriptor>;

  void await_end();
  void await_input_room();
  void await_output();
  void await_next_second();
  void write_some();
  void read_some();
  bool take(std::size_t bytes_max);
  void tell_lines();
  void tell_line(std::string_view line);
  void drain();
  void leave_out_rest();
  [[nodiscard]] bool is_over() const;
  void has_ended_now();
  void signal_group(int number) const;

  Events events_;
  const HelperLimits limits_;
  asio::steady_timer second_;
  asio::steady_timer grace_;
  pid_t pid_ = -1;  ///< and its group's id; -1: collected
  Pipe handle_, input_, output_;
  std::string waiting_;  ///< for its stdin
  bool writes_ = false;  ///< waits for room in the pipe
  bool input_ends_ = false;
  std::string said_;  ///< the line that isn't whole yet, and, while it isn't read, those behind it
  bool in_long_line_ = false;
  std::uint32_t lines_left_ = 0;  ///< in this second
  std::chrono::steady_clock::time_point second_began_;
  std::uint64_t lines_left_out_ = 0;
  bool stopping_ = false;
  bool abandoned_ = false;
};

}  // namespace hubbub
