#include "client/cli/ipc/stream_end.hpp"

#include <cerrno>

namespace hubbub::ipc {

namespace {

class StreamEnd : public End {
 public:
  StreamEnd(Descriptor out, Descriptor in) : out_(std::move(out)), in_(std::move(in)) {}

  bool send(std::span<const std::byte> message) override {
    while (!message.empty()) {
      const auto wrote = ::write(out_.get(), message.data(), message.size());
      if (wrote < 0) return false;
      message = message.subspan(static_cast<std::size_t>(wrote));
    }
    return true;
  }

  bool receive(std::span<std::byte> message) override {
    while (!message.empty()) {
      const auto got = ::read(in(), message.data(), message.size());
      if (got == 0) errno = EPIPE;  // the other process has ended
      if (got <= 0) return false;
      message = message.subspan(static_cast<std::size_t>(got));
    }
    return true;
  }

 private:
  [[nodiscard]] int in() const { return in_.is_open() ? in_.get() : out_.get(); }

  Descriptor out_, in_;
};

}  // namespace

std::unique_ptr<End> stream_end(Descriptor out, Descriptor in) {
  return std::make_unique<StreamEnd>(std::move(out), std::move(in));
}

std::unique_ptr<End> stream_end(Descriptor socket) { return stream_end(std::move(socket), Descriptor()); }

}  // namespace hubbub::ipc
