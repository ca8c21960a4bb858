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

// JetStream: a stream that keeps every room, and the two inboxes of a publisher.
constexpr std::string_view make_stream =
    "{\"name\":\"bench\",\"subjects\":[\"b.*.m\"],\"storage\":\"file\",\"retention\":\"limits\",\"discard\":\"old\","
    "\"num_replicas\":1,\"max_consumers\":-1,\"max_msgs\":-1,\"max_bytes\":-1,\"max_age\":0,\"max_msg_size\":-1}";
constexpr std::string_view stream_inbox = "_INBOX.s";
constexpr std::string_view kept_inbox = "_INBOX.k";

/// A whole line and, where it is a MSG, its payload.
struct Said {
  std::size_t bytes = 0;  ///< zero: more must come
  std::string_view line;
  std::string_view payload;
};
Said read_said(std::string_view received) {
  const auto end = received.find(line_end);
  if (end == received.npos) return {};
  const auto line = received.substr(0, end);
  if (!line.starts_with("MSG ")) return {.bytes = end + 2, .line = line, .payload = {}};
  std::size_t size = 0;
  std::from_chars(line.data() + line.rfind(' ') + 1, line.data() + line.size(), size);
  const auto whole = end + 2 + size + 2;
  if (received.size() < whole) return {};
  return {.bytes = whole, .line = line, .payload = received.substr(end + 2, size)};
}

class NatsDialect : public Dialect {
 public:
  [[nodiscard]] std::string opening(const Part& part) const override {
    std::string out(connect_line);
    if (part.acknowledged) out += open_stream();
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
    if (part.acknowledged) return finish_stream(part, received);
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
    const auto said = read_said(received);
    if (said.bytes == 0) return {};
    if (said.line == "PING") return {.bytes = said.bytes, .is_delivery = false, .body = {}, .answer = "PONG\r\n"};
    if (said.line.starts_with("INFO ")) return {.bytes = said.bytes, .is_delivery = false, .body = {}, .answer = {}};
    if (!said.line.starts_with("MSG ")) throw Failed("nats says: " + std::string(said.line));
    return {.bytes = said.bytes, .is_delivery = true, .body = said.payload, .answer = {}};
  }

  void publish_acknowledged(std::string& out, std::uint32_t room, std::uint32_t, std::uint64_t,
                            std::string_view body) const override {
    publish_to(out, room_name(room), kept_inbox, body);
  }

  [[nodiscard]] Acknowledged parse_acknowledged(std::string_view received) const override {
    const auto said = read_said(received);
    if (said.bytes == 0) return {};
    if (said.line == "PING") return {.bytes = said.bytes, .answer = "PONG\r\n"};
    if (said.line == "PONG" || said.line.starts_with("INFO ")) return {.bytes = said.bytes, .answer = {}};
    if (!said.line.starts_with("MSG ") || said.payload.find("\"seq\":") == said.payload.npos)
      throw Failed("nats says: " + std::string(said.line) + " " + std::string(said.payload));
    return {.bytes = said.bytes, .more = 1, .answer = {}};
  }

  [[nodiscard]] std::size_t delivery_bytes(std::size_t body_bytes, bool many_rooms) const override {
    return std::string_view("MSG ").size() + room_name(0).size() + 2 + subscription_digits(many_rooms) +
           std::to_string(body_bytes).size() + 2 + body_bytes + 2;
  }
  [[nodiscard]] std::size_t ping_bytes() const override { return 6; }

 private:
  static void publish_to(std::string& out, std::string_view subject, std::string_view reply_to, std::string_view body) {
    out += "PUB ";
    out += subject;
    out += ' ';
    out += reply_to;
    out += ' ';
    out += std::to_string(body.size());
    out += line_end;
    out += body;
    out += line_end;
  }

  static std::string open_stream() {
    std::string out = "SUB " + std::string(stream_inbox) + " 1\r\nSUB " + std::string(kept_inbox) + " 2\r\n";
    publish_to(out, "$JS.API.STREAM.CREATE.bench", stream_inbox, make_stream);
    return out;
  }

  static Greeting finish_stream(const Part& part, std::string_view received) {
    for (std::size_t at = 0;;) {
      const auto said = read_said(received.substr(at));
      if (said.bytes == 0) return {};
      at += said.bytes;
      if (!said.line.starts_with("MSG ")) continue;
      if (said.payload.find("\"error\":") != said.payload.npos)
        throw Failed("nats makes no stream: " + std::string(said.payload));
      return {.done = true, .consumed = at, .answer = {}, .room_handles = part.rooms};
    }
  }
};

}  // namespace

std::unique_ptr<Dialect> nats_dialect() { return std::make_unique<NatsDialect>(); }

}  // namespace hubbub::bench
