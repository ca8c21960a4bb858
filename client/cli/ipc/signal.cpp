// Real-time signals, which queue and carry a word each (sigqueue(3)).
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <memory>
#include <new>

#include "client/cli/ipc/shared.hpp"

namespace hubbub::ipc {

namespace {

constexpr std::size_t word_bytes = sizeof(sigval::sival_ptr);
static_assert(word_bytes >= message_bytes_min, "a message has to fit into what a signal carries");

/// So many of a user's signals wait at most, so that measuring doesn't use up what all of the user's programs share.
constexpr rlim_t pending_signals_max = 1024;

constexpr auto room_patience = std::chrono::seconds(1);

struct Pids {
  std::atomic<pid_t> asking, answering;
};

class SignalEnd : public End {
 public:
  SignalEnd(std::shared_ptr<SharedMemory> memory, std::atomic<pid_t>& own, std::atomic<pid_t>& peer)
      : memory_(std::move(memory)), own_(own), peer_(peer) {
    sigemptyset(&ours_);
    sigaddset(&ours_, SIGRTMIN);
  }

  /// Only who has blocked the signal says where it is: else the first one would end it.
  void enter() override {
    rlimit pending{};
    ::getrlimit(RLIMIT_SIGPENDING, &pending);
    pending.rlim_cur = std::min(pending.rlim_cur, pending_signals_max);
    ::setrlimit(RLIMIT_SIGPENDING, &pending);
    ::sigprocmask(SIG_BLOCK, &ours_, nullptr);
    own_.store(::getpid());
    while (peer_.load() == 0) ::sched_yield();
  }

  bool send(std::span<const std::byte> message) override {
    sigval value{};
    std::memcpy(&value.sival_ptr, message.data(), word_bytes);
    if (::sigqueue(peer_.load(std::memory_order_relaxed), SIGRTMIN, value) == 0) return true;
    return errno == EAGAIN && send_when_there_is_room(value);
  }

  /// Whoever else may send us signals isn't meant.
  bool receive(std::span<std::byte> message) override {
    siginfo_t info{};
    do {
      if (::sigwaitinfo(&ours_, &info) < 0 && errno != EINTR) return false;
    } while (info.si_code != SI_QUEUE || info.si_pid != peer_.load(std::memory_order_relaxed));
    std::memcpy(message.data(), &info.si_value.sival_ptr, word_bytes);
    return true;
  }

 private:
  /// No call waits for room in a queue of signals.
  bool send_when_there_is_room(sigval value) {
    const auto end = std::chrono::steady_clock::now() + room_patience;
    do {
      ::sched_yield();
      if (::sigqueue(peer_.load(), SIGRTMIN, value) == 0) return true;
    } while (errno == EAGAIN && std::chrono::steady_clock::now() < end);
    return false;
  }

  std::shared_ptr<SharedMemory> memory_;
  std::atomic<pid_t>& own_;
  std::atomic<pid_t>& peer_;
  sigset_t ours_{};
};

Result<Ends> open_signals(std::size_t) {
  rlimit pending{};
  if (::getrlimit(RLIMIT_SIGPENDING, &pending) == 0 && pending.rlim_cur == 0)
    return fail(Status::unavailable, "no signal may queue (ulimit -i)");
  auto mapped = SharedMemory::map(sizeof(Pids));
  if (!mapped) return tl::unexpected(mapped.error());
  const auto memory = std::make_shared<SharedMemory>(std::move(*mapped));
  auto* const pids = new (memory->data()) Pids{};
  return Ends{std::make_unique<SignalEnd>(memory, pids->asking, pids->answering),
              std::make_unique<SignalEnd>(memory, pids->answering, pids->asking)};
}

}  // namespace

extern const Mechanism signal_mechanism;
const Mechanism signal_mechanism = {
    "signal",
    "To tell a process that something has happened; what, it has to look up elsewhere. A signal carries one word at "
    "most.",
    "SIGTERM stops hub and clients, SIGHUP lets the hub read its settings anew",
    word_bytes,
    open_signals,
};

}  // namespace hubbub::ipc
