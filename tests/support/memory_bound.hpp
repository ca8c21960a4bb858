// A bound of a program's memory. A sanitizer has memory of its own for each byte, and gives none back: nothing is
// bounded there.
#pragma once

#include <cstddef>

namespace hubbub::test {

inline bool is_below(std::size_t bytes, std::size_t bound) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  static_cast<void>(bytes), static_cast<void>(bound);
  return true;
#else
  return bytes < bound;
#endif
}

}  // namespace hubbub::test
