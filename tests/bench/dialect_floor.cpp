// The floor's bytes: see floor.cpp.
#include <cstring>

#include "tests/bench/dialect.hpp"

namespace hubbub::bench {

namespace {

class FloorDialect : public Dialect {
 public:
  explicit FloorDialect(std::size_t body_bytes) : body_bytes_(body_bytes) {}

  [[nodiscard]] std::string opening(const Part& part) const override {
    std::string out(1, part.publishes && part.subscribes ? 'b' : part.publishes ? 'p' : 's');
    out.append(reinterpret_cast<const char*>(&part.rooms.front()), sizeof part.rooms.front());
    return out;
  }

  [[nodiscard]] Greeting finish(const Part& part, std::string_view received) const override {
    if (received.empty()) return {};
    return {.done = true, .consumed = 1, .answer = {}, .room_handles = part.rooms};
  }

  void publish(std::string& out, std::uint32_t, std::uint32_t, std::string_view body) const override { out += body; }

  [[nodiscard]] Parsed parse(std::string_view received) const override {
    if (received.size() < body_bytes_) return {};
    return {.bytes = body_bytes_, .is_delivery = true, .body = received.substr(0, body_bytes_), .answer = {}};
  }

  void publish_acknowledged(std::string& out, std::uint32_t, std::uint32_t, std::uint64_t,
                            std::string_view body) const override {
    out += body;
  }

  /// How many bytes are kept.
  [[nodiscard]] Acknowledged parse_acknowledged(std::string_view received) const override {
    std::uint64_t bytes = 0;
    if (received.size() < sizeof bytes) return {};
    std::memcpy(&bytes, received.data(), sizeof bytes);
    return {.bytes = sizeof bytes, .up_to = bytes / body_bytes_, .answer = {}};
  }

  [[nodiscard]] std::size_t delivery_bytes(std::size_t body_bytes, bool) const override { return body_bytes; }

 private:
  std::size_t body_bytes_;
};

}  // namespace

std::unique_ptr<Dialect> floor_dialect(std::size_t body_bytes) { return std::make_unique<FloorDialect>(body_bytes); }

}  // namespace hubbub::bench
