// The largest single allocation on this thread while it lives, in bytes.
#pragma once

#include <cstddef>

namespace hubbub {

class LargestAllocation {
 public:
  LargestAllocation();
  ~LargestAllocation();
  LargestAllocation(const LargestAllocation&) = delete;
  LargestAllocation& operator=(const LargestAllocation&) = delete;
  [[nodiscard]] std::size_t bytes() const;
};

}  // namespace hubbub
