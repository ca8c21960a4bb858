// An end made of two rings in one piece of shared memory.
#pragma once

#include <memory>

#include "client/cli/ipc/ring.hpp"

namespace hubbub::ipc {

template <class Wait>
class RingEnd : public End {
 public:
  RingEnd(std::shared_ptr<SharedMemory> memory, Ring<Wait> out, Ring<Wait> in)
      : memory_(std::move(memory)), out_(out), in_(in) {}

  bool send(std::span<const std::byte> message) override {
    out_.push(message);
    return true;
  }
  bool receive(std::span<std::byte> message) override {
    in_.pop(message);
    return true;
  }

 private:
  std::shared_ptr<SharedMemory> memory_;
  Ring<Wait> out_, in_;
};

template <class Wait>
Result<Ends> open_rings(std::size_t message_bytes) {
  const auto bytes = ring_bytes(message_bytes);
  auto mapped = SharedMemory::map(2 * bytes);
  if (!mapped) return tl::unexpected(mapped.error());
  const auto memory = std::make_shared<SharedMemory>(std::move(*mapped));
  const Ring<Wait> there(memory->data(), message_bytes), back(memory->data() + bytes, message_bytes);
  return Ends{std::make_unique<RingEnd<Wait>>(memory, there, back),
              std::make_unique<RingEnd<Wait>>(memory, back, there)};
}

}  // namespace hubbub::ipc
