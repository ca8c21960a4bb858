// Tests wait for conditions, never for time: each wait has an end at which the test has failed.
#pragma once

#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>
#include <type_traits>

namespace hubbub::test {

using Milliseconds = std::chrono::milliseconds;

/// Long enough for a loaded machine under a sanitizer: only a test that fails waits so long.
inline constexpr Milliseconds patience{60'000};

/// What a test gets when something didn't come true: GoogleTest reports it as a failure.
struct Failure : std::runtime_error {
  using std::runtime_error::runtime_error;
};

class Deadline {
 public:
  explicit Deadline(Milliseconds left = patience) : at_(std::chrono::steady_clock::now() + left) {}
  [[nodiscard]] bool passed() const { return std::chrono::steady_clock::now() >= at_; }
  /// For poll(2): never negative.
  [[nodiscard]] int left_ms() const {
    const auto left = std::chrono::ceil<Milliseconds>(at_ - std::chrono::steady_clock::now()).count();
    return left > 0 ? static_cast<int>(left) : 0;
  }

 private:
  std::chrono::steady_clock::time_point at_;
};

/// Looks every few milliseconds until `holds()`. Throws Failure with `what` at the deadline: a text, or what makes one
/// out of what is to be seen by then.
template <class What, class Condition>
void wait_until(const What& what, Condition holds, Deadline deadline = Deadline()) {
  while (!holds()) {
    if (deadline.passed()) {
      if constexpr (std::is_invocable_v<What>)
        throw Failure("waited in vain until " + what());
      else
        throw Failure(std::string("waited in vain until ") + what);
    }
    std::this_thread::sleep_for(Milliseconds(3));
  }
}

/// As much of a log as somebody reads: its end.
inline std::string end_of(const std::string& log) {
  constexpr std::size_t shown_bytes = 2048;
  return log.size() <= shown_bytes ? log : "…" + log.substr(log.size() - shown_bytes);
}

}  // namespace hubbub::test
