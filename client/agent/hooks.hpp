// Programs that are run for what is said.
//   message --rules--> each that applies: one process for the message, so many at once; the others wait in a queue
//                      or, with `keep`, a line to a process that runs all the time
//   what they write --> the log, or with `reply` the room
// A hook that hangs is ended at its time limit; what finds the queue full is left out, and that is noted.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include "client/agent/hook_rule.hpp"
#include "client/agent/kept_helper.hpp"

namespace hubbub::agent {

struct HookLimits {
  std::size_t running_max = 8;
  std::size_t queued_max = 64;
  std::size_t queued_bytes_max = 8 * 1024 * 1024;  ///< of bodies
  std::size_t reply_bytes_max = 4096;              ///< the lines behind those are left out
  std::chrono::milliseconds grace{2000};           ///< between SIGTERM and SIGKILL
  HelperLimits helper;
  RestartWaits waits;  ///< between two starts of one that is kept
};

class Hooks {
 public:
  struct Outlet {
    std::function<void(const RoomName& room, std::string text)> reply;
    std::function<std::string(const link::Message&)> json_line;  ///< with its newline, for those that are kept
    std::function<void(std::string_view hook, std::string_view line)> line = {};  ///< if not given: the log
    std::function<void(const std::string& sentence)> note = {};                   ///< if not given: the log
  };

  /// `variables`: NAME=VALUE for every hook, beside the message's, as HUBBUB_URL and HUBBUB_SOCK.
  Hooks(asio::io_context& loop, std::vector<std::string> variables, Outlet outlet, HookLimits limits = {});
  ~Hooks();  ///< SIGKILL to what still runs.
  Hooks(const Hooks&) = delete;
  Hooks& operator=(const Hooks&) = delete;

  /// From now on. What runs or waits for a message goes on; those that are kept are ended and started by the new rules.
  void set_rules(std::vector<HookRule> rules);
  /// Runs what applies. `self`: who we are now.
  void on_message(const link::Message& message, const PersonName& self);
  /// Starts nothing more. `stopped` is called in the loop when all have ended, at the latest after the limits' grace.
  void stop(std::function<void()> stopped);

  [[nodiscard]] std::size_t running() const { return running_.size(); }
  [[nodiscard]] std::size_t queued() const { return queue_.size(); }
  [[nodiscard]] std::uint64_t left_out() const { return left_out_; }

 private:
  struct Job {
    HookRule rule;
    link::Message message;
  };
  struct Running;
  struct Kept {
    HookRule rule;
    std::unique_ptr<KeptHelper> helper;
  };
  using RunningPlace = std::list<Running>::iterator;

  void enqueue(const HookRule& rule, const link::Message& message);
  void start_queued();
  void start(Job job);
  void take_line(Running& running, std::string_view line);
  void has_ended(RunningPlace place, int wait_status);
  void keep(const HookRule& rule);
  void let_go_of_kept();
  void forget_kept(KeptHelper* helper);
  void tell_if_stopped();
  void tell_line(const HookRule& rule, std::string_view line) const;
  void note(const std::string& sentence) const;

  asio::io_context& loop_;
  const std::vector<std::string> variables_;
  const Outlet outlet_;
  const HookLimits limits_;
  std::vector<HookRule> rules_;
  std::deque<Job> queue_;
  std::size_t queued_bytes_ = 0;
  std::list<Running> running_;
  std::vector<Kept> kept_;
  std::list<std::unique_ptr<KeptHelper>> ending_;  ///< kept by rules that are no more
  std::uint64_t left_out_ = 0, left_out_in_a_row_ = 0;
  bool stopping_ = false;
  std::function<void()> stopped_;
};

}  // namespace hubbub::agent
