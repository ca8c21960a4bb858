// Memory that processes share by a descriptor, and that keeps its size whatever they do.
//   make_memory --> descriptor --> SCM_RIGHTS --> check_memory --> Mapping
#pragma once

#include <fcntl.h>

#include <cstddef>
#include <utility>

#include "common/descriptor.hpp"
#include "proto/status.hpp"

namespace hubbub::ring {

/// Seals (fcntl(2)) of memory that keeps its size, and of memory that is also written by nobody but who does so
/// already.
inline constexpr int seals_of_size = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW;
inline constexpr int seals_of_ring = seals_of_size | F_SEAL_FUTURE_WRITE;

/// Zeroes that are really there: nobody who touches them later finds that the machine has no memory left. `name` is for
/// /proc. Not sealed yet. Fails with unavailable or resource_exhausted.
Result<Descriptor> make_memory(const char* name, std::size_t bytes);

/// Fails with unavailable.
Result<void> seal(const Descriptor& memory, int seals);

/// Its size, if it is a memfd with at least these seals. Fails with failed_precondition.
Result<std::size_t> check_memory(const Descriptor& memory, int seals);

/// Some bytes of it, seen from here. Gone with its owner; outlives the descriptor.
class Mapping {
 public:
  enum class Access { read, read_and_write };
  /// From its beginning. Fails with unavailable.
  static Result<Mapping> map(const Descriptor& memory, std::size_t bytes, Access access);
  Mapping(Mapping&& other) noexcept
      : memory_(std::exchange(other.memory_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}
  Mapping& operator=(Mapping&& other) noexcept {
    std::swap(memory_, other.memory_);
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  ~Mapping();

  /// On a page's boundary.
  [[nodiscard]] std::byte* data() const { return static_cast<std::byte*>(memory_); }

 private:
  Mapping(void* memory, std::size_t bytes) : memory_(memory), bytes_(bytes) {}
  void* memory_;
  std::size_t bytes_;
};

}  // namespace hubbub::ring
