// Random bits from the kernel, fit for secrets.
#pragma once

#include <cstdint>
#include <span>

#include "proto/ids.hpp"

namespace hubbub {

/// By getrandom(2). Never blocks for longer than the kernel's start; ends the program where the kernel has none to
/// give.
void fill_random(std::span<std::uint8_t> bytes);

std::uint64_t random64();

template <class Id>
Id random_id() {
  Id id;
  fill_random(id.bytes);
  return id;
}

template <class Tag>
Random128<Tag> random128() {
  return random_id<Random128<Tag>>();
}

}  // namespace hubbub
