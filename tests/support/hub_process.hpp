// A real hubbubd for a test: started on free ports, stopped with the test, its log kept.
//   HubProcess hub({"--cores", "2"});   WireClient alice(hub.url());   …   EXPECT_EQ(hub.stop(), 0);
// It listens on 127.0.0.1 and on a UNIX socket in a folder of its own, which goes away with it.
#pragma once

#include <sys/types.h>

#include <csignal>
#include <string>
#include <vector>

#include "tests/support/deadline.hpp"

namespace hubbub::test {

struct HubOptions {
  std::vector<std::string> flags;
  std::string config;                    ///< the text of its hubbubd.toml
  std::vector<std::string> environment;  ///< NAME=VALUE, beside the test's own
  unsigned long files_max = 0;           ///< RLIMIT_NOFILE; zero: as it is
  bool wait_until_ready = true;
  std::vector<std::string> started_by = {};  ///< a program and its arguments; none: by the test itself
};

class HubProcess {
 public:
  /// Throws Failure, with what it logged, if it doesn't become ready.
  explicit HubProcess(HubOptions options);
  explicit HubProcess(std::vector<std::string> flags = {})
      : HubProcess(HubOptions{std::move(flags), {}, {}, 0, true}) {}
  ~HubProcess();  ///< Kills it if it still runs.
  HubProcess(const HubProcess&) = delete;
  HubProcess& operator=(const HubProcess&) = delete;

  [[nodiscard]] const std::string& url() const { return tcp_url_; }        ///< tcp://127.0.0.1:PORT
  [[nodiscard]] const std::string& unix_url() const { return unix_url_; }  ///< unix:///…/hub.sock
  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] const std::string& folder() const { return folder_; }
  [[nodiscard]] std::string ready_file() const { return folder_ + "/ready"; }
  [[nodiscard]] std::string config_file() const { return folder_ + "/hubbubd.toml"; }

  void signal(int number) const;
  /// Lets it stand still (SIGSTOP). Returns once all of its threads do.
  void pause() const;
  [[nodiscard]] bool running();
  /// Sends `number` and waits. The exit code, or 128 + the signal that ended it.
  int stop(int number = SIGTERM);
  /// Waits until it has ended by itself.
  int wait();
  /// As the first time, at the same addresses and in the same folder. REQUIRES: it has ended.
  void start_again();

  [[nodiscard]] std::string log() const;     ///< its stderr so far
  [[nodiscard]] std::string output() const;  ///< its stdout so far
  void wait_for_log(const std::string& text) const;

  /// Bytes of memory that it alone uses (Private_* in /proc/PID/smaps_rollup).
  [[nodiscard]] std::size_t memory_bytes() const;
  /// CPU time that it has used.
  [[nodiscard]] Milliseconds cpu_time() const;

 private:
  void start();
  void wait_until_ready();
  bool reap(bool block);

  HubOptions options_;
  std::string folder_, tcp_url_, unix_url_;
  pid_t pid_ = -1;
  int status_ = 0;
  bool ended_ = false;
};

/// What a program did that ran to its end.
struct Finished {
  int code = 0;  ///< or 128 + the signal that ended it
  std::string output;
  std::string errors;
};
/// Runs hubbubd with exactly these arguments and waits for its end. `started_by` as of HubOptions.
Finished run_hubbubd(const std::vector<std::string>& arguments, const std::vector<std::string>& environment = {},
                     std::vector<std::string> started_by = {});

/// The whole of a file; empty if there is none.
std::string read_file(const std::string& path);
void write_file(const std::string& path, const std::string& text);

}  // namespace hubbub::test
