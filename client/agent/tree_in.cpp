#include "client/agent/tree_in.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

namespace hubbub::agent {

namespace {

/// A whole pipe. One for all FIFOs of a thread: nothing stays in it.
std::array<char, 64 * 1024>& read_buffer() {
  static thread_local std::array<char, 64 * 1024> buffer;
  return buffer;
}

}  // namespace

TreeIn::TreeIn(asio::io_context& loop, Descriptor fifo, Bounds bounds, Callbacks callbacks)
    : loop_(loop), bounds_(bounds), callbacks_(std::move(callbacks)), lines_(bounds.line_bytes_max), unfinished_(loop) {
  fifo_.emplace(loop_, fifo.release());
  wait();
}

void TreeIn::wait() {
  mind_unfinished();
  if (std::exchange(is_waiting_, true)) return;
  fifo_->async_wait(asio::posix::stream_descriptor::wait_read,
                    [this, alive = std::weak_ptr(alive_)](std::error_code error) {
                      if (error || alive.expired()) return;
                      is_waiting_ = false;
                      if (!has_stopped()) read_some();
                    });
}

/// Once, so that a writer who never stops doesn't keep others from their turn.
void TreeIn::read_some() {
  unfinished_.cancel();
  auto& buffer = read_buffer();
  const auto got = ::read(fd(), buffer.data(), buffer.size());
  if (got > 0 && !pass({buffer.data(), static_cast<std::size_t>(got)})) return;
  if (got == 0) return writers_have_gone();
  is_broken_ = got < 0 && errno != EAGAIN && errno != EINTR;
  if (is_broken_) return callbacks_.note("can't read in: " + std::generic_category().message(errno));
  wait();
}

/// A descriptor that has seen its last writer go is readable for ever; one that is opened anew isn't, until a writer
/// comes. The old one is closed after that, so that there is a reader at any moment.
void TreeIn::writers_have_gone() {
  if (!pass_rest()) return;
  auto anew = callbacks_.reopen();
  is_broken_ = !anew;
  if (!anew) return callbacks_.note(anew.error().sentence);
  fifo_.emplace(loop_, anew->release());
  wait();
}

/// False if it was told "not now".
bool TreeIn::pass(std::string_view bytes) {
  for (TreeLines::Line line; lines_.take(bytes, line);)
    if (!say(line)) {
      behind_it_ = bytes;
      return false;
    }
  return true;
}

bool TreeIn::pass_rest() {
  TreeLines::Line line;
  return !lines_.finish(line) || say(line);
}

bool TreeIn::say(const TreeLines::Line& line) {
  if (!line.is_too_long) return say(line.text);
  callbacks_.note("a line of " + std::to_string(line.bytes) + " bytes was not said: a message has at most " +
                  std::to_string(bounds_.line_bytes_max));
  return true;
}

bool TreeIn::say(std::string_view line) {
  const auto said = callbacks_.say(line);
  if (!said) callbacks_.note("not said: " + said.error().sentence);
  if (!said || *said) return true;
  held_ = line;
  return false;
}

void TreeIn::go_on() {
  if (!held_) return;
  const auto line = *std::exchange(held_, std::nullopt);
  if (!say(line)) return;
  const auto behind_it = std::exchange(behind_it_, {});
  if (pass(behind_it)) wait();
}

void TreeIn::mind_unfinished() {
  if (!lines_.has_unfinished()) return;
  unfinished_.expires_after(bounds_.unfinished_max);
  unfinished_.async_wait([this, alive = std::weak_ptr(alive_)](std::error_code error) {
    if (error || alive.expired() || held_ || !lines_.has_unfinished()) return;
    callbacks_.note("a line had no end for " + std::to_string(bounds_.unfinished_max.count()) +
                    " ms; it was said as it was");
    pass_rest();
  });
}

/// As much as lies in the FIFO now: a writer who never stops doesn't hold up the end.
std::string TreeIn::take_lying() {
  int lying = 0;
  if (::ioctl(fd(), FIONREAD, &lying) != 0 || lying <= 0) return {};
  std::string bytes(static_cast<std::size_t>(lying), '\0');
  const auto got = ::read(fd(), bytes.data(), bytes.size());
  bytes.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  return bytes;
}

std::size_t TreeIn::drain() {
  std::size_t refused = 0;
  const auto say_now = [&](const TreeLines::Line& line) {
    if (!say(line)) ++refused;
    held_.reset();
  };
  if (const auto line = std::exchange(held_, std::nullopt)) say_now({*line, line->size(), false});
  const auto bytes = std::exchange(behind_it_, {}) + take_lying();
  TreeLines::Line line;
  for (std::string_view rest = bytes; lines_.take(rest, line);) say_now(line);
  if (lines_.finish(line)) say_now(line);
  unfinished_.cancel();
  alive_.reset();
  return refused;
}

}  // namespace hubbub::agent
