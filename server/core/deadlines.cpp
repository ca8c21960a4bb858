#include "server/core/deadlines.hpp"

#include <algorithm>
#include <vector>

namespace hubbub::server {

void Deadlines::add(const Due& due) {
  const auto [at, added] = dues_.insert(due);
  if (added && at == dues_.begin()) arm();
}

void Deadlines::arm() {
  timer_.expires_at(dues_.begin()->when);
  timer_.async_wait([this](std::error_code error) {
    if (!error) fire();
  });
}

/// What is added meanwhile waits for its turn of the loop, even if its time has come: one that is always due blocks
/// nobody.
void Deadlines::fire() {
  const auto now = std::chrono::steady_clock::now();
  const auto later = std::ranges::find_if(dues_, [now](const Due& due) { return due.when > now; });
  const std::vector<Due> come(dues_.begin(), later);
  dues_.erase(dues_.begin(), later);
  for (const auto& due : come) on_due_(due);
  if (!dues_.empty()) arm();
}

}  // namespace hubbub::server
