// MQTT 3.1.1 with QoS 0 (https://docs.oasis-open.org/mqtt/mqtt/v3.1.1/). A topic's levels are joined by '/', and a
// level's wildcard is '+': room names are translated.
#include <algorithm>

#include "tests/bench/dialect.hpp"
#include "tests/bench/system.hpp"

namespace hubbub::bench {

namespace {

enum Packet : std::uint8_t { connect = 0x10, connack = 0x20, publish_qos0 = 0x30, subscribe = 0x82, suback = 0x90 };

void text(std::string& out, std::string_view text) {
  out += static_cast<char>(text.size() >> 8);
  out += static_cast<char>(text.size());
  out += text;
}

void packet(std::string& out, Packet type, std::string_view rest) {
  out += static_cast<char>(type);
  auto size = rest.size();
  do {
    out += static_cast<char>((size & 0x7f) | (size > 0x7f ? 0x80 : 0));
    size >>= 7;
  } while (size > 0);
  out += rest;
}

struct Found {
  std::uint8_t type = 0;
  std::string_view rest;
  std::size_t bytes = 0;  ///< zero: incomplete
};

Found read_packet(std::string_view received) {
  std::size_t size = 0;
  for (std::size_t at = 1; at < received.size() && at < 5; ++at) {
    const auto byte = static_cast<std::uint8_t>(received[at]);
    size |= static_cast<std::size_t>(byte & 0x7f) << (7 * (at - 1));
    if (byte & 0x80) continue;
    if (received.size() < at + 1 + size) return {};
    return {static_cast<std::uint8_t>(received[0]), received.substr(at + 1, size), at + 1 + size};
  }
  return {};
}

std::string topic(std::string name) {
  std::ranges::replace(name, '.', '/');
  return name;
}

class MqttDialect : public Dialect {
 public:
  [[nodiscard]] std::string opening(const Part& part) const override {
    std::string variable;
    text(variable, "MQTT");
    variable += '\x04';                // 3.1.1
    variable += '\x02';                // a clean session
    variable += std::string(2, '\0');  // no keep-alive
    text(variable, "");                // the server names the client
    std::string out;
    packet(out, connect, variable);
    if (part.subscribes) packet(out, subscribe, filters(part));
    return out;
  }

  [[nodiscard]] Greeting finish(const Part& part, std::string_view received) const override {
    const auto first = read_packet(received);
    if (first.bytes == 0) return {};
    if (first.type != connack || first.rest[1] != 0) throw Failed("mosquitto refuses the connection");
    if (!part.subscribes) return {.done = true, .consumed = first.bytes, .answer = {}, .room_handles = part.rooms};
    const auto second = read_packet(received.substr(first.bytes));
    if (second.bytes == 0) return {};
    if (second.type != suback || second.rest.find('\x80') != second.rest.npos)
      throw Failed("mosquitto refuses to subscribe");
    return {.done = true, .consumed = first.bytes + second.bytes, .answer = {}, .room_handles = part.rooms};
  }

  void publish(std::string& out, std::uint32_t room, std::uint32_t, std::string_view body) const override {
    std::string rest;
    text(rest, topic(room_name(room)));
    rest += body;
    packet(out, publish_qos0, rest);
  }

  [[nodiscard]] Parsed parse(std::string_view received) const override {
    const auto found = read_packet(received);
    if (found.bytes == 0) return {};
    if (found.type != publish_qos0) throw Failed("mosquitto sends packet type " + std::to_string(found.type));
    return {
        .bytes = found.bytes, .is_delivery = true, .body = found.rest.substr(2 + room_name(0).size()), .answer = {}};
  }

  [[nodiscard]] std::size_t delivery_bytes(std::size_t body_bytes, bool) const override {
    std::string out;
    publish(out, 0, 0, std::string(body_bytes, ' '));
    return out.size();
  }

 private:
  static std::string filters(const Part& part) {
    std::string rest("\0\1", 2);  // the packet's id
    for (const auto room : part.rooms) {
      text(rest, topic(part.by_pattern ? room_pattern(room, '+') : room_name(room)));
      rest += '\0';  // QoS 0
    }
    return rest;
  }
};

}  // namespace

std::unique_ptr<Dialect> mqtt_dialect() { return std::make_unique<MqttDialect>(); }

}  // namespace hubbub::bench
