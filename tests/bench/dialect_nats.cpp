// NATS's text protocol (https://docs.nats.io/reference/reference-protocols/nats-protocol), without its `verbose` +OK.
#include <charconv>

#include "tests/bench/dialect.hpp"
#include "tests/bench/system.hpp"

namespace hubbub::bench {

namespace {

constexpr std::string_view line_end = "\r\n";
constexpr std::string_view connect_line =
    "CONNECT {\"verbose\":false,\"pedantic\":false,\"tls_required\":false,\"name\":\"bench\",\"lang\":\"c\","
    "\"version\":\"1\",\"protocol\":1}\r\n";

// Each delivery repeats the number that its subscriber gave the subscription. All have as many digits, so that
// deliveries have one size.
constexpr std::size_t first_of_many = 10'000;
constexpr std::size_t subscription_digits(bool many_rooms) { return many_rooms ? 5 : 1; }

class NatsDialect : public Dialect {
 public:
  [[nodiscard]] std::string opening(const Part& part) const override {
    std::string out(connect_line);
    if (part.subscribes) {
      auto subscription = part.rooms.size() > 1 ? first_of_many : 1;
      for (const auto room : part.rooms)
        out += "SUB " + (part.by_pattern ? room_pattern(room, '*') : room_name(room)) + " " +
               std::to_string(subscription++) + "\r\n";
    }
    return out + "PING\r\n";
  }

  [[nodiscard]] Greeting finish(const Part& part, std::string_view received) const override {
    if (received.find("-ERR") != received.npos) throw Failed("nats refuses: " + std::string(received));
    constexpr std::string_view pong = "PONG\r\n";
    const auto at = received.find(pong);
    if (at == received.npos) return {};
    return {.done = true, .consumed = at + pong.size(), .answer = {}, .room_handles = part.rooms};
  }

  void publish(std::string& out, std::uint32_t room, std::uint32_t, std::string_view body) const override {
    out += "PUB " + room_name(room) + " " + std::to_string(body.size());
    out += line_end;
    out += body;
    out += line_end;
  }

  [[nodiscard]] Parsed parse(std::string_view received) const override {
    const auto end = received.find(line_end);
    if (end == received.npos) return {};
    const auto line = received.substr(0, end);
    if (line == "PING") return {.bytes = end + 2, .is_delivery = false, .body = {}, .answer = "PONG\r\n"};
    if (line.starts_with("INFO ")) return {.bytes = end + 2, .is_delivery = false, .body = {}, .answer = {}};
    if (!line.starts_with("MSG ")) throw Failed("nats says: " + std::string(line));
    std::size_t size = 0;
    std::from_chars(line.data() + line.rfind(' ') + 1, line.data() + line.size(), size);
    const auto whole = end + 2 + size + 2;
    if (received.size() < whole) return {};
    return {.bytes = whole, .is_delivery = true, .body = received.substr(end + 2, size), .answer = {}};
  }

  [[nodiscard]] std::size_t delivery_bytes(std::size_t body_bytes, bool many_rooms) const override {
    return std::string_view("MSG ").size() + room_name(0).size() + 2 + subscription_digits(many_rooms) +
           std::to_string(body_bytes).size() + 2 + body_bytes + 2;
  }
  [[nodiscard]] std::size_t ping_bytes() const override { return 6; }
};

}  // namespace

std::unique_ptr<Dialect> nats_dialect() { return std::make_unique<NatsDialect>(); }

}  // namespace hubbub::bench
