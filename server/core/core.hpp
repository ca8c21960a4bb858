// One core: a thread, its loop, and the sessions and rooms that live on it. Nothing of it is shared; other cores reach
// it by its mailbox alone.
//
//   readable sockets --> Session: frames --> Room (here, or by a lane to its home) ┐
//   mailbox of tasks from other cores ------------------------------------------> ├ tick: flush rooms --> Fanout -->
//   outboxes deadlines -------------------------------------------------------------------> ┘       flush lanes, one
//   write a session
//
// A tick runs once after everything that was readable has been read: batches grow by themselves under load, and nothing
// waits for a timer when there is none.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <thread>
#include <vector>

#include "common/asio.hpp"
#include "common/mailbox.hpp"
#include "server/config.hpp"
#include "server/core/deadlines.hpp"
#include "server/core/home.hpp"
#include "server/core/lanes.hpp"
#include "server/core/task.hpp"
#include "server/fanout/fanout.hpp"
#include "server/session/session.hpp"

namespace hubbub::server {

class Directory;

/// One read from a socket takes at most this; the buffer is the core's, not the session's.
inline constexpr std::size_t read_buffer_bytes = 256 * 1024;

/// Counted by the core, read by anybody.
struct CoreFigures {
  std::atomic<std::uint64_t> published{0};
  std::atomic<std::uint64_t> delivered{0};
};

/// For a counter with one writer: no locked instruction.
inline void count(std::atomic<std::uint64_t>& counter, std::uint64_t more) {
  counter.store(counter.load(std::memory_order_relaxed) + more, std::memory_order_relaxed);
}

/// What all cores of a hub know: each other, and what stays the same for the life of the hub.
struct HubShared {
  std::vector<std::unique_ptr<Core>> cores;
  HubLife life;
  StoreId store_id;        ///< zero without a store
  Store* store = nullptr;  ///< none: every room lives in memory
  SteadyTime started;
  /// A connection from that host has ended. Called on core 0.
  std::function<void(const std::string& host)> on_left;
  /// Writes the live state to a file. Called on core 0, as is `then`.
  std::function<void(std::function<void(Result<proto::HubDump::Reply>)> then)> dump;
};

class Core {
 public:
  Core(unsigned index, unsigned cores, HubShared& hub, const Config& config);
  ~Core();

  /// Runs the loop on the calling thread until finish() was called.
  void run();
  /// Ends run(), after everything that was posted before. On this core.
  void finish();

  /// Runs `function(Core&)` on core `index`: after everything that this thread sent there before; at the latest in the
  /// next tick. From any core's thread. `weight` in bytes counts towards that core's backlog.
  template <class Function>
  void run_on(unsigned index, Function function, std::size_t weight = 0);
  /// The same, but at once if that is this core.
  template <class Function>
  void on_core(unsigned index, Function function, std::size_t weight = 0);
  /// Runs `function(Session&)` on that session's core, if the session is still there. At once if it lives here.
  template <class Function>
  void on_session(SessionRef ref, Function function);
  /// Runs `function(Room&, Core& home)` on the home core of `room`. At once if that is here.
  template <class Function>
  void at_home(RoomId room, Function function);
  /// Runs `function(Directory&)` on core 0, in the order of the calls.
  template <class Function>
  void with_directory(Function function);
  /// Runs `task` after the next flush of this core's rooms: what was said before is in their logs.
  void after_flush(Task task);
  /// Runs `task` once all of that is committed, too, and what is owed for it is queued.
  void after_commit(Task task);
  /// From outside of all cores, before run().
  void put(Task task, std::size_t weight = 0);

  /// Something waits to be flushed: see to it that a tick comes.
  void need_tick();

  /// Takes over a connected socket of that address family. With a reason, only to say that it has to close.
  void adopt(int family, int descriptor, const std::string& host, std::optional<proto::CloseReason> refusal);
  /// The session has ended. It is destroyed at the end of the tick, not under its callers.
  void forget(Session& session);
  Session* find(SessionRef ref);
  /// Writes the session's output at the end of this tick.
  void flush_later(Session& session);
  /// Reads from it again once the lanes to other cores have room.
  void resume_later(Session& session);
  template <class Each>
  void for_each_session(Each&& each);

  [[nodiscard]] unsigned index() const { return index_; }
  [[nodiscard]] unsigned core_count() const { return core_count_; }
  [[nodiscard]] unsigned home_of(RoomId room) const { return room.value % core_count_; }
  [[nodiscard]] asio::io_context& loop() { return loop_; }
  [[nodiscard]] const Config& config() const { return config_; }
  void reconfigure(const Config& config);
  [[nodiscard]] Home& home() { return home_; }
  [[nodiscard]] Fanout& fanout() { return fanout_; }
  [[nodiscard]] Lanes& lanes() { return lanes_; }
  [[nodiscard]] Deadlines& deadlines() { return deadlines_; }
  [[nodiscard]] CoreFigures& figures() { return figures_; }
  [[nodiscard]] HubShared& hub() { return hub_; }
  [[nodiscard]] std::span<char> read_buffer() { return read_buffer_; }
  /// The time of this tick; one system call for all that happens in it.
  [[nodiscard]] WallTime wall_now();
  [[nodiscard]] SteadyTime steady_now();
  /// Bytes that wait in this core's mailbox, or for their commit.
  [[nodiscard]] std::size_t backlog() const { return mailbox_.weight() + home_.backlog(); }
  [[nodiscard]] Waiters& waiters() { return waiters_; }

  void set_directory(Directory* directory) { directory_ = directory; }
  /// Runs `task` here once there is no session (any more).
  void when_empty(Task task);

 private:
  void check_thread() const;
  Session* make_session(int family, int descriptor, const std::string& host);
  void wait_for_mail();
  void take_mail();
  void tick();
  void flush_sessions();
  void bury_gone();

  const unsigned index_;
  const unsigned core_count_;
  HubShared& hub_;
  Config config_;
  Directory* directory_ = nullptr;  // on core 0 only
  asio::io_context loop_;
  asio::executor_work_guard<asio::io_context::executor_type> stay_;
  asio::posix::stream_descriptor wake_;  // an eventfd(2)
  Mailbox<Task> mailbox_;
  Waiters waiters_;
  std::thread::id thread_;

  std::vector<std::unique_ptr<Session>> sessions_;  // by slot
  std::vector<std::uint32_t> generations_;          // by slot
  std::vector<std::uint32_t> free_slots_;
  std::vector<std::unique_ptr<Session>> gone_;  // ended in this tick
  std::vector<SessionRef> to_flush_, to_resume_;
  std::size_t session_count_ = 0;

  std::vector<char> read_buffer_;
  CoreFigures figures_;
  Deadlines deadlines_;
  Home home_;
  Fanout fanout_;
  Lanes lanes_;
  std::vector<Task> local_tasks_;
  std::vector<Task> after_flush_;
  std::optional<Task> when_empty_;
  bool tick_posted_ = false;
  WallTime wall_now_;
  SteadyTime steady_now_;
};

template <class Function>
void Core::run_on(unsigned index, Function function, std::size_t weight) {
  if (index != index_) return hub_.cores[index]->put(Task(std::move(function)), weight);
  local_tasks_.emplace_back(std::move(function));
  need_tick();
}

template <class Function>
void Core::on_core(unsigned index, Function function, std::size_t weight) {
  if (index == index_)
    function(*this);
  else
    run_on(index, std::move(function), weight);
}

template <class Function>
void Core::on_session(SessionRef ref, Function function) {
  on_core(ref.core, [ref, function = std::move(function)](Core& core) mutable {
    if (auto* const session = core.find(ref)) function(*session);
  });
}

template <class Function>
void Core::at_home(RoomId room, Function function) {
  on_core(home_of(room), [room, function = std::move(function)](Core& core) mutable {
    if (auto* const here = core.home().find(room)) function(*here, core);
  });
}

template <class Function>
void Core::with_directory(Function function) {
  run_on(0, [function = std::move(function)](Core& core) mutable { function(*core.directory_); });
}

template <class Each>
void Core::for_each_session(Each&& each) {
  for (const auto& session : sessions_)
    if (session) each(*session);
}

}  // namespace hubbub::server
