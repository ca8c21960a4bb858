#include "tests/unit/proto/largest_allocation.hpp"

#include <cstdlib>
#include <new>

namespace {

thread_local bool watched = false;
thread_local std::size_t largest = 0;

}  // namespace

// Replaces the allocator of the whole test program, as [replacement.functions] allows.
void* operator new(std::size_t size) {
  if (watched && size > largest) largest = size;
  if (void* made = std::malloc(size)) return made;
  throw std::bad_alloc();
}
void operator delete(void* gone) noexcept { std::free(gone); }
void operator delete(void* gone, std::size_t) noexcept { std::free(gone); }

namespace hubbub {

LargestAllocation::LargestAllocation() {
  largest = 0;
  watched = true;
}

LargestAllocation::~LargestAllocation() { watched = false; }

std::size_t LargestAllocation::bytes() const { return largest; }

}  // namespace hubbub
