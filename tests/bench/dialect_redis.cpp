// Redis's RESP2 (https://redis.io/docs/latest/develop/reference/protocol-spec/). Whoever has subscribed can't publish
// on the same connection; whoever publishes asks for no replies, which favours Redis.
#include <charconv>

#include "tests/bench/dialect.hpp"
#include "tests/bench/system.hpp"

namespace hubbub::bench {

namespace {

void bulk(std::string& out, std::string_view text) {
  out += "$" + std::to_string(text.size()) + "\r\n";
  out += text;
  out += "\r\n";
}

/// The number after `at`'s type byte, and where its line ends. Nothing: the line isn't complete.
struct Line {
  std::size_t number = 0;
  std::size_t next = 0;
};
Line read_line(std::string_view received, std::size_t at) {
  const auto end = received.find("\r\n", at);
  if (end == received.npos) return {};
  Line line{.next = end + 2};
  std::from_chars(received.data() + at + 1, received.data() + end, line.number);
  return line;
}

class RedisDialect : public Dialect {
 public:
  [[nodiscard]] std::string opening(const Part& part) const override {
    std::string out;
    if (part.acknowledged) return "*3\r\n$6\r\nCLIENT\r\n$5\r\nREPLY\r\n$2\r\nON\r\n";
    if (!part.subscribes)
      return "*3\r\n$6\r\nCLIENT\r\n$5\r\nREPLY\r\n$2\r\nON\r\n*3\r\n$6\r\nCLIENT\r\n$5\r\nREPLY\r\n$3\r\nOFF\r\n";
    out = "*" + std::to_string(part.rooms.size() + 1) + "\r\n";
    bulk(out, part.by_pattern ? "PSUBSCRIBE" : "SUBSCRIBE");
    for (const auto room : part.rooms) bulk(out, part.by_pattern ? room_pattern(room, '*') : room_name(room));
    return out;
  }

  [[nodiscard]] Greeting finish(const Part& part, std::string_view received) const override {
    if (received.starts_with('-')) throw Failed("redis refuses: " + std::string(received));
    const auto last = part.subscribes ? ":" + std::to_string(part.rooms.size()) + "\r\n" : std::string("+OK\r\n");
    const auto at = received.find(last);
    if (at == received.npos) return {};
    return {.done = true, .consumed = at + last.size(), .answer = {}, .room_handles = part.rooms};
  }

  void publish(std::string& out, std::uint32_t room, std::uint32_t, std::string_view body) const override {
    out += "*3\r\n$7\r\nPUBLISH\r\n";
    bulk(out, room_name(room));
    bulk(out, body);
  }

  /// *3 $7 message $10 room $n body
  [[nodiscard]] Parsed parse(std::string_view received) const override {
    constexpr std::size_t to_body = 4 + 4 + 9 + 5 + 12;
    if (received.size() < to_body) return {};
    if (!received.starts_with("*3\r\n$7\r\nmessage\r\n"))
      throw Failed("redis says: " + std::string(received.substr(0, 80)));
    const auto [size, next] = read_line(received, to_body);
    if (next == 0 || received.size() < next + size + 2) return {};
    return {.bytes = next + size + 2, .is_delivery = true, .body = received.substr(next, size), .answer = {}};
  }

  /// Into a stream: Redis keeps nothing of what goes through PUBLISH.
  void publish_acknowledged(std::string& out, std::uint32_t room, std::uint32_t, std::uint64_t,
                            std::string_view body) const override {
    out += "*5\r\n$4\r\nXADD\r\n";
    bulk(out, room_name(room));
    out += "$1\r\n*\r\n$1\r\nm\r\n";
    bulk(out, body);
  }

  /// $n entry's id
  [[nodiscard]] Acknowledged parse_acknowledged(std::string_view received) const override {
    if (received.empty()) return {};
    if (received.front() != '$') throw Failed("redis says: " + std::string(received.substr(0, 80)));
    const auto [size, next] = read_line(received, 0);
    if (next == 0 || received.size() < next + size + 2) return {};
    return {.bytes = next + size + 2, .more = 1, .answer = {}};
  }

  [[nodiscard]] std::size_t delivery_bytes(std::size_t body_bytes, bool) const override {
    std::string out = "*3\r\n$7\r\nmessage\r\n";
    bulk(out, room_name(0));
    bulk(out, std::string(body_bytes, ' '));
    return out.size();
  }
  [[nodiscard]] bool duplex() const override { return false; }
};

}  // namespace

std::unique_ptr<Dialect> redis_dialect() { return std::make_unique<RedisDialect>(); }

}  // namespace hubbub::bench
