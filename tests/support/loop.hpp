// Runs a loop until something is so.
#pragma once

#include <chrono>
#include <functional>

#include "common/asio.hpp"

namespace hubbub::test {

/// Runs it until `condition`, 60 s at most. True if it is so.
inline bool run_until(asio::io_context& loop, const std::function<bool()>& condition) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (!condition()) {
    if (std::chrono::steady_clock::now() >= end) return false;
    loop.restart();
    loop.run_one_for(std::chrono::milliseconds(100));
  }
  return true;
}

}  // namespace hubbub::test
