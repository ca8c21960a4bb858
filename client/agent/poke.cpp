#include "client/agent/poke.hpp"

#include <poll.h>

#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "client/agent/poke_signal.hpp"
#include "client/agent/poke_target.hpp"

namespace hubbub::agent {

namespace {

constexpr std::array kinds{PokeOn::unread, PokeOn::mention, PokeOn::presence};

}  // namespace

bool Pokes::send_signal(Entry& entry, int signal) {
  return ::syscall(SYS_pidfd_send_signal, entry.process.native_handle(), signal, nullptr, 0) == 0;
}

std::string_view name_of(PokeOn kind) {
  switch (kind) {
    case PokeOn::unread: return "unread";
    case PokeOn::mention: return "mention";
    case PokeOn::presence: break;
  }
  return "presence";
}

std::optional<PokeOn> poke_on_named(std::string_view name) {
  const auto found = std::ranges::find_if(kinds, [name](PokeOn kind) { return name_of(kind) == name; });
  return found == kinds.end() ? std::nullopt : std::optional(*found);
}

Pokes::Pokes(asio::io_context& loop, const Clock& clock, Bounds bounds, Dropped dropped)
    : loop_(loop), clock_(clock), bounds_(bounds), dropped_(std::move(dropped)) {}

Result<void> Pokes::add(int pid, int signal, PokeSet on) {
  auto good = check_signal(signal);
  if (!good) return good;
  if (on.empty()) return fail(Status::invalid_argument, "poked on what? There are unread, mention and presence");
  if (pid == ::getpid())
    return fail(Status::invalid_argument, "the agent doesn't poke itself; say --pid of a status bar");
  const auto found =
      std::ranges::find_if(entries_, [=](const EntryPtr& one) { return one->pid == pid && one->signal == signal; });
  if (found == entries_.end()) return insert(pid, signal, on);
  const auto known = *found;
  if (send_signal(*known, 0)) {
    known->on = on;
    return {};
  }
  drop(known, known->name + " has ended");  // which the loop hasn't heard yet, and another one has its number
  return insert(pid, signal, on);
}

Result<void> Pokes::insert(int pid, int signal, PokeSet on) {
  if (entries_.size() >= bounds_.entries_max)
    return fail(Status::resource_exhausted, "the agent pokes " + std::to_string(entries_.size()) +
                                                " processes already, and no more; end one of them");
  auto process = open_process(pid);
  if (!process) return tl::unexpected(process.error());
  auto takes = check_takes(pid, signal);
  if (!takes) return takes;
  const auto entry = std::make_shared<Entry>(loop_, process->release());
  entry->pid = pid;
  entry->signal = signal;
  entry->on = on;
  entry->name = show_process(pid);
  entries_.push_back(entry);
  watch(entry);
  return {};
}

void Pokes::watch(const EntryPtr& entry) {
  entry->process.async_wait(asio::posix::stream_descriptor::wait_read, [this, weak = std::weak_ptr(entry)](auto error) {
    const auto ended = weak.lock();
    if (!ended || error) return;
    pollfd look{ended->process.native_handle(), POLLIN, 0};  // Asio may tell too early: see common/helper.cpp
    ::poll(&look, 1, 0) == 1 ? drop(ended, ended->name + " has ended") : watch(ended);
  });
}

void Pokes::happened(PokeOn kind) {
  const auto all = entries_;  // of which poking drops some
  for (const auto& entry : all)
    if (entry->on.has(kind)) poke_soon(entry);
}

void Pokes::poke_soon(const EntryPtr& entry) {
  if (entry->waits) return;
  const auto next = entry->poked ? *entry->poked + bounds_.interval_min : Clock::Steady::min();
  const auto now = clock_.steady_now();
  if (now >= next) return poke(entry);
  entry->waits = true;
  entry->timer.expires_after(next - now);
  entry->timer.async_wait([this, weak = std::weak_ptr(entry)](std::error_code error) {
    const auto due = weak.lock();
    if (!due || error) return;
    due->waits = false;
    poke(due);
  });
}

/// A program may have executed another one since it asked, which dies of the signal.
void Pokes::poke(const EntryPtr& entry) {
  const auto takes = check_takes(entry->pid, entry->signal);
  if (!takes) return drop(entry, takes.error().sentence);
  entry->poked = clock_.steady_now();
  if (send_signal(*entry, entry->signal)) return;
  if (errno == EAGAIN) return;  // so many are queued there already that this one says nothing new (sigqueue(3))
  drop(entry, entry->name + " can't be poked: " + std::strerror(errno));
}

void Pokes::drop(const EntryPtr& entry, const std::string& sentence) {
  std::erase(entries_, entry);
  dropped_(sentence);
}

}  // namespace hubbub::agent
