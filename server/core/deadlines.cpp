#include "server/core/deadlines.hpp"

namespace hubbub::server {

void Deadlines::add(const Due& due) {
  const bool earliest = queue_.empty() || due.when < queue_.top().when;
  queue_.push(due);
  if (earliest) arm();
}

void Deadlines::arm() {
  timer_.expires_at(queue_.top().when);
  timer_.async_wait([this](std::error_code error) {
    if (!error) fire();
  });
}

void Deadlines::fire() {
  const auto now = std::chrono::steady_clock::now();
  while (!queue_.empty() && queue_.top().when <= now) {
    const auto due = queue_.top();
    queue_.pop();
    on_due_(due);
  }
  if (!queue_.empty()) arm();
}

}  // namespace hubbub::server
