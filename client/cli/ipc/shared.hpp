// Memory that two processes have in common: a parent maps it, and what it forks afterwards sees the same bytes.
// Anonymous (mmap(2)): it has no name that could be left behind, and costs what a mapped file in /dev/shm costs.
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <utility>

#include "client/cli/ipc/mechanism.hpp"

namespace hubbub::ipc {

class SharedMemory {
 public:
  /// Zeroes. Fails with unavailable.
  static Result<SharedMemory> map(std::size_t bytes) {
    void* const memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return cannot("map shared memory");
    return SharedMemory(memory, bytes);
  }
  SharedMemory(SharedMemory&& other) noexcept
      : memory_(std::exchange(other.memory_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}
  SharedMemory& operator=(SharedMemory&&) = delete;
  ~SharedMemory() {
    if (memory_ != nullptr) ::munmap(memory_, bytes_);
  }

  /// On a page's boundary.
  [[nodiscard]] std::byte* data() const { return static_cast<std::byte*>(memory_); }

 private:
  SharedMemory(void* memory, std::size_t bytes) : memory_(memory), bytes_(bytes) {}
  void* memory_;
  std::size_t bytes_;
};

}  // namespace hubbub::ipc
