// The messages of a queue group that acknowledges, a process for each, so many at a time.
//   Message --take--> /bin/sh -c COMMAND --its end--> Link::settle: done | again | dead
// A message that comes again while its process runs still (the connection was lost meanwhile) isn't run beside itself:
// what comes of the process counts for both. One that is known to be done is settled again, and not run again.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <system_error>
#include <tuple>

#include "client/cli/last_lines.hpp"
#include "client/cli/serve/bounded_lines.hpp"
#include "client/cli/serve/told.hpp"
#include "client/cli/shell.hpp"
#include "common/piped_process.hpp"

namespace hubbub::cli {

/// What a command's end says about its message; of what wait(2) tells.
struct Handled {
  proto::Verdict verdict = proto::Verdict::done;
  std::string reason;  ///< "exit code 3", "signal 9"
};
/// Exit code 0 is done, exit_code::data (65) dead, everything else again.
Handled handled_by_end(int wait_status);

class Workers {
 public:
  /// `changed` is called whenever a message was settled. REQUIRES: SIGPIPE is ignored, SIGCHLD isn't.
  Workers(Shell& shell, std::string command, std::size_t at_once, std::function<void()> changed);
  ~Workers();
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  /// From a group that acknowledges.
  void take(link::Message message);
  /// On another connection: what wasn't begun is the hub's again.
  void reconnected() { waiting_.clear(); }
  /// No more than so many are begun in all.
  void begin_at_most(std::uint64_t count) { may_begin_ = count; }
  [[nodiscard]] std::size_t running() const { return running_.size(); }
  [[nodiscard]] std::uint64_t finished() const { return finished_; }

  /// Begins nothing more. Waits for those that run, then stops them; what isn't done is given back.
  asio::awaitable<void> finish(std::chrono::milliseconds patience, std::chrono::milliseconds grace);
  /// Kills what runs.
  void abandon();

 private:
  using Key = std::tuple<RoomName, Seq, WallTime>;
  struct Run {
    link::Message message;
    std::shared_ptr<PipedProcess> process;
    LastLines last_lines;
    BoundedLines lines{sentence_bytes_max};
  };
  static Key key_of(const link::Message& message) { return {message.room, message.seq, message.time}; }
  void begin_waiting();
  /// False: it waits in front again, until a process has ended.
  bool begin(link::Message message);
  bool could_not_start(const Key& key, std::error_code why);
  [[nodiscard]] Program program_for(const link::Message& message) const;
  void has_ended(const Key& key, int wait_status);
  void tell_failure(const Run& run, int wait_status, const Handled& handled) const;
  void settle(const link::Message& message, const Handled& handled, std::string_view detail);
  void give_back_what_waits();
  void note_done(const Key& key);

  Shell& shell_;
  const std::string command_;
  const std::size_t at_once_;
  const std::function<void()> changed_;
  Told told_;
  std::map<Key, Run> running_;
  std::deque<link::Message> waiting_;
  std::deque<Key> done_;  ///< the newest
  std::uint64_t may_begin_ = UINT64_MAX, finished_ = 0;
  bool ending_ = false, cut_off_ = false;
};

}  // namespace hubbub::cli
