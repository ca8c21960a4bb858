// A child process that writes a dump of what its parent held when it was forked (as Redis's BGSAVE does): copy-on-write
// keeps the picture as it was, while the parent serves on.
//   parent: start(folder, write) --fork--> child: write(JsonWriter) --> folder/dump-….json
//           then(bytes, or why not) <--pipe--'
#pragma once

#include <sys/types.h>

#include <functional>
#include <memory>
#include <string>

#include "common/asio.hpp"
#include "common/descriptor.hpp"
#include "proto/ids.hpp"
#include "proto/status.hpp"
#include "server/dump/json_writer.hpp"

namespace hubbub::server {

class DumpChild {
 public:
  struct Written {
    std::string file;
    std::uint64_t bytes = 0;
  };

  explicit DumpChild(asio::io_context& loop) : loop_(loop), report_(loop), patience_(loop) {}
  /// Kills a child that still writes.
  ~DumpChild();
  DumpChild(const DumpChild&) = delete;
  DumpChild& operator=(const DumpChild&) = delete;

  [[nodiscard]] bool running() const { return child_ > 0; }
  /// Makes the file, and removes what was left of dumps that came to nothing. Fails with unavailable. REQUIRES: not
  /// running.
  Result<void> prepare(const std::string& folder, WallTime now);
  /// Forks, and returns in the parent; `write` runs in the child. It may read all memory, allocate, and call nothing
  /// that another thread would have to answer. Fails with unavailable. REQUIRES: prepare().
  Result<void> start(const std::function<void(JsonWriter&)>& write);
  /// Calls `then` when the child has ended, on the loop. Of the dumps in the folder only the newest stay then.
  void await(std::function<void(Result<Written>)> then);

 private:
  Result<void> fork_child(const std::function<void(JsonWriter&)>& write);
  [[noreturn]] void run_child(int report, const std::function<void(JsonWriter&)>& write);
  void read_report(std::function<void(Result<Written>)> then);
  Result<Written> reap();

  asio::io_context& loop_;
  std::string path_, draft_;
  Descriptor file_;
  pid_t child_ = -1;
  asio::posix::stream_descriptor report_;
  asio::steady_timer patience_;
  std::string said_;
};

}  // namespace hubbub::server
