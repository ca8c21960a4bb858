#include "server/core/core.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "common/log.hpp"

namespace hubbub::server {

namespace {

/// Only the core's own thread touches its loop; others come by the mailbox. So Asio may leave its locks out.
constexpr int one_thread_only = ASIO_CONCURRENCY_HINT_UNSAFE;

constexpr std::uint32_t generation_max = (1u << 24) - 1;

}  // namespace

Core::Core(unsigned index, unsigned cores, HubShared& hub, const Config& config)
    : index_(index),
      core_count_(cores),
      hub_(hub),
      config_(config),
      loop_(one_thread_only),
      stay_(asio::make_work_guard(loop_)),
      wake_(loop_, ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)),
      read_buffer_(read_buffer_bytes),
      deadlines_(loop_,
                 [this](const Due& due) {
                   if (auto* const session = find(due.session)) session->due(due);
                 }),
      home_(*this, cores, config, hub.store),
      fanout_(*this),
      lanes_(*this, cores) {}

Core::~Core() = default;

void Core::run() {
  thread_ = std::this_thread::get_id();
  wait_for_mail();
  take_mail();
  loop_.run();
}

/// The sessions stay until the core goes: what comes after this in the same mail may still be for them.
void Core::finish() {
  deadlines_.stop();
  stay_.reset();
  loop_.stop();
}

void Core::reconfigure(const Config& config) {
  const auto& before = config_.limits;
  const auto& now = config.limits;
  if (before.message_rate != now.message_rate || before.message_burst != now.message_burst)
    for_each_session([&](Session& session) { session.set_message_rate(now.message_rate, now.message_burst); });
  config_ = config;
  home_.reconfigure(config);
}

void Core::check_thread() const {
  if (thread_ == std::thread::id() || thread_ == std::this_thread::get_id()) return;
  std::fprintf(stderr, "hubbubd: bug: core %u was touched from another thread\n", index_);
  std::abort();
}

// ── mail ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

void Core::put(Task task, std::size_t weight) {
  if (!mailbox_.put(std::move(task), weight)) return;
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(wake_.native_handle(), &one, sizeof one);  // full: it is awake anyway
}

void Core::wait_for_mail() {
  wake_.async_wait(asio::posix::stream_descriptor::wait_read, [this](std::error_code error) {
    if (error) return;
    std::uint64_t count = 0;
    [[maybe_unused]] const auto read =
        ::read(wake_.native_handle(), &count, sizeof count);  // before the mail: none is missed
    take_mail();
    wait_for_mail();
  });
}

void Core::take_mail() {
  const auto taken = mailbox_.take_all([this](Task&& task) { task(*this); });
  if (taken == 0) return;
  waiters_.release([this](unsigned core) {
    hub_.cores[core]->put(Task([opened = index_](Core& there) {
      there.home().lane_opened(opened);
      there.need_tick();  // its lane has room again
    }));
  });
  need_tick();
}

void Core::after_flush(Task task) {
  after_flush_.push_back(std::move(task));
  need_tick();
}

void Core::after_commit(Task task) {
  const auto held = std::make_shared<Task>(std::move(task));
  after_flush(Task([held](Core& core) {
    if (core.hub_.store == nullptr) return (*held)(core);
    core.hub_.store->change(core.index_, {}, [held, &core] { (*held)(core); });
  }));
}

// ── the tick ─────────────────────────────────────────────────────────────────────────────────────────────────────────

void Core::need_tick() {
  check_thread();
  if (std::exchange(tick_posted_, true)) return;
  asio::post(loop_, [this] { tick(); });
}

void Core::tick() {
  for (auto& task : std::exchange(local_tasks_, {})) task(*this);
  home_.flush();
  lanes_.flush();
  for (auto& task : std::exchange(after_flush_, {})) task(*this);
  flush_sessions();
  bury_gone();
  wall_now_ = {};
  steady_now_ = {};
  tick_posted_ = false;
  if (!local_tasks_.empty() || !after_flush_.empty() || !to_flush_.empty()) need_tick();
}

void Core::flush_sessions() {
  if (!lanes_.blocked())
    for (const auto ref : std::exchange(to_resume_, {}))
      if (auto* const session = find(ref)) session->lanes_opened();
  for (const auto ref : std::exchange(to_flush_, {}))
    if (auto* const session = find(ref)) session->flush();
}

void Core::bury_gone() {
  gone_.clear();
  if (session_count_ > 0 || !when_empty_) return;
  auto task = *std::move(when_empty_);
  when_empty_.reset();
  task(*this);
}

WallTime Core::wall_now() {
  if (wall_now_.ns == 0) {
    const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
    wall_now_.ns = static_cast<std::uint64_t>(std::chrono::nanoseconds(since_epoch).count());
    need_tick();
  }
  return wall_now_;
}

SteadyTime Core::steady_now() {
  if (steady_now_ == SteadyTime{}) {
    steady_now_ = std::chrono::steady_clock::now();
    need_tick();
  }
  return steady_now_;
}

// ── sessions ─────────────────────────────────────────────────────────────────────────────────────────────────────────

void Core::adopt(int family, int descriptor, const std::string& host, std::optional<proto::CloseReason> refusal) {
  auto* const session = make_session(family, descriptor, host);
  if (session == nullptr) return run_on(0, [host](Core& core) { core.hub().on_left(host); });
  try {
    session->start();
    if (refusal) session->close(*refusal);
  } catch (const std::bad_alloc&) {
    session->drop(proto::CloseReason::no_memory);
  }
}

/// Nothing if there is no memory for it, in this process or in the kernel. The descriptor is closed then.
Session* Core::make_session(int family, int descriptor, const std::string& host) try {
  Stream::Socket socket(loop_);
  std::error_code error;  // of epoll_ctl(2)
  socket.assign(asio::generic::stream_protocol(family, 0), descriptor, error);
  if (error) {
    ::close(descriptor);
    log::error("the kernel has no resources for another connection", {{"host", host}, {"error", error.message()}});
    return nullptr;
  }
  if (free_slots_.empty()) {
    free_slots_.reserve(sessions_.size() + 1);  // so that forget() can't fail
    sessions_.emplace_back();
    generations_.resize(sessions_.size());
    free_slots_.push_back(static_cast<std::uint32_t>(sessions_.size() - 1));
  }
  const auto slot = free_slots_.back();
  auto& generation = generations_[slot];
  const auto next = generation == generation_max ? 1 : generation + 1;
  sessions_[slot] = std::make_unique<Session>(*this, SessionRef{static_cast<std::uint16_t>(index_), slot, next},
                                              Stream(std::move(socket)), host);
  free_slots_.pop_back();
  generation = next;
  ++session_count_;
  return sessions_[slot].get();
} catch (const std::bad_alloc&) {
  log::error("no memory for another connection", {{"host", host}});
  return nullptr;
}

void Core::forget(Session& session) {
  const auto ref = session.ref();
  run_on(0, [host = session.host()](Core& core) { core.hub().on_left(host); });
  gone_.push_back(std::move(sessions_[ref.slot]));
  free_slots_.push_back(ref.slot);
  --session_count_;
  need_tick();
}

Session* Core::find(SessionRef ref) {
  if (ref.core != index_ || ref.slot >= sessions_.size() || generations_[ref.slot] != ref.generation) return nullptr;
  return sessions_[ref.slot].get();
}

void Core::flush_later(Session& session) {
  to_flush_.push_back(session.ref());
  need_tick();
}

void Core::resume_later(Session& session) {
  to_resume_.push_back(session.ref());
  need_tick();
}

void Core::when_empty(Task task) {
  when_empty_ = std::move(task);
  need_tick();
}

}  // namespace hubbub::server
