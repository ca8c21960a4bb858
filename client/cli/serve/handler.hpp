// How a call of a service is run by a program on this host.
//   ServedCall --run--> Handler --> a process, or a line to one --> Served, once
//     exec:  /bin/sh -c COMMAND for each call: arguments on stdin, result on stdout, exit code and stderr for the
//     status lines: one process for all of them: {"id":7,"method":"scale","arguments":{}} --> {"id":7,"result":42}
// Free of the hub: who calls, how often at once and how the answer gets back is the owner's. Used on one loop.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/asio.hpp"
#include "proto/status.hpp"

namespace hubbub::cli {

struct ServedCall {
  std::uint64_t id = 0;                   ///< of the run: no other has it, before or after
  std::string method;                     ///< its last token: `scale`
  std::string arguments;                  ///< checked JSON on one line
  std::vector<std::string> variables;     ///< NAME=VALUE for the program: HUBBUB_METHOD, HUBBUB_FROM, HUBBUB_CALL …
  std::chrono::milliseconds deadline{0};  ///< how long it may take; zero: as long as it likes
};

struct Served {
  Status status = Status::ok;
  std::string result;  ///< any bytes; with another status than ok a sentence, harmless and sentence_bytes_max at most
};

inline constexpr std::size_t sentence_bytes_max = 1000;

struct HandlerLimits {
  std::chrono::milliseconds grace{2000};  ///< between SIGTERM, or the line that tells it, and SIGKILL
  std::size_t result_bytes_max = 1'000'000;
  std::size_t input_bytes_max = 2 * 1024 * 1024;  ///< lines: what waits for a program that doesn't read
  std::chrono::milliseconds restart_min{100}, restart_max{10'000};  ///< lines: before it is started again
};

class Handler {
 public:
  using Done = std::function<void(Served)>;

  virtual ~Handler() = default;

  /// Calls `done` exactly once, in the loop and never within run(); or not at all if the handler goes before: then all
  /// that runs of it is killed. `done` may call any of these functions, but not destroy the handler. At the call's
  /// deadline it is stopped, and the status is deadline_exceeded.
  virtual void run(ServedCall call, Done done) = 0;
  /// Nobody wants that call any more: `done` comes with `cancelled` once nothing of it runs, or its grace is over.
  /// Unless it is beyond its deadline already. Nothing, if no such call is under way.
  virtual void stop(std::uint64_t id) = 0;
  /// For good: stops all that runs. Later calls are refused as unavailable. `ended` is posted once, when the last one
  /// is done and no process is left; it may destroy the handler.
  virtual void end(std::chrono::milliseconds grace, std::function<void()> ended) = 0;
  /// Calls under way.
  [[nodiscard]] virtual std::size_t running() const = 0;
};

/// What there is to be told to who has started us: a line that the command wrote to its stderr, or a sentence about it.
using Tell = std::function<void(std::string_view line)>;

// REQUIRES, for both: SIGPIPE is ignored, SIGCHLD isn't, and nobody else collects our processes. `tell` may be called
// within any of their functions.

/// One process a call. Exit codes: see exit_status.hpp.
std::unique_ptr<Handler> make_exec_handler(asio::io_context& loop, std::string command, const HandlerLimits& limits,
                                           Tell tell);
/// One process with these `variables`, started at once and again whenever it ends. Lines: see call_lines.hpp.
std::unique_ptr<Handler> make_lines_handler(asio::io_context& loop, std::string command, const HandlerLimits& limits,
                                            Tell tell, std::vector<std::string> variables = {});

}  // namespace hubbub::cli
