#include "client/cli/cursor_keeper.hpp"

#include <utility>

#include "client/cli/complain.hpp"
#include "client/cli/receiver.hpp"

namespace hubbub::cli {

namespace {

constexpr std::chrono::milliseconds keep_every{200};
constexpr std::size_t messages_at_once = 1000;

}  // namespace

CursorKeeper::CursorKeeper(Shell& shell, ConsumerName consumer)
    : shell_(shell), consumer_(std::move(consumer)), timer_(shell.loop) {}

void CursorKeeper::written(const RoomName& room, Seq seq) {
  written_[room] = seq;
  ++due_messages_;
}

void CursorKeeper::flushed() {
  if (written_.empty()) return;
  for (auto& [room, seq] : std::exchange(written_, {})) due_[room] = seq;
  keep_soon(due_messages_ >= messages_at_once ? std::chrono::milliseconds(0) : keep_every);
}

void CursorKeeper::keep_soon(std::chrono::milliseconds wait) {
  if (keeping_ || (armed_ && wait.count() > 0)) return;
  armed_ = true;
  timer_.expires_after(wait);
  timer_.async_wait([this](std::error_code error) {
    if (error) return;
    armed_ = false;
    asio::co_spawn(shell_.loop, keep(shell_.globals.call_timeout(), false), [this](const std::exception_ptr& problem) {
      if (problem) std::rethrow_exception(problem);
      if (!due_.empty() && !shell_.stopped()) keep_soon(keep_every);
    });
  });
}

asio::awaitable<void> CursorKeeper::keep(std::chrono::milliseconds patience, bool last) {
  using Clock = std::chrono::steady_clock;
  keeping_ = true;
  due_messages_ = 0;
  const auto until = Clock::now() + patience;
  const auto places = due_;
  for (const auto& [room, seq] : places) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now());
    if (left.count() <= 0 || finishing_ != last) break;
    proto::CursorSet set;
    set.room = room;
    set.consumer = consumer_;
    set.seq = seq;
    const link::CallOptions options{left};
    const auto reply = co_await shell_.link.call(std::move(set), options);
    const bool is_away = !reply && (!shell_.link.online() || reply.error().status == Status::unavailable ||
                                    reply.error().status == Status::deadline_exceeded);
    if (!is_away) settled(room, seq);
    if (reply || is_away || std::exchange(told_, true)) continue;
    shell_.complain({reply.error().status, "the place of " + consumer_.str() + " in " + display(room) +
                                               " can't be kept: " + reply.error().sentence});
  }
  keeping_ = false;
}

/// A place that has moved on meanwhile stays due.
void CursorKeeper::settled(const RoomName& room, Seq seq) {
  const auto found = due_.find(room);
  if (found != due_.end() && found->second == seq) due_.erase(found);
}

asio::awaitable<void> CursorKeeper::finish(std::chrono::milliseconds patience) {
  finishing_ = true;
  timer_.cancel();
  if (shell_.link.online()) co_await keep(patience, true);
  if (due_.empty()) co_return;
  const auto rooms = due_.size() == 1 ? display(due_.begin()->first) : std::to_string(due_.size()) + " rooms";
  complain("the hub was not told how far " + consumer_.str() + " has read " + rooms +
           ": the next run goes on behind the last place that it was told, and begins anew where that is none");
}

}  // namespace hubbub::cli
