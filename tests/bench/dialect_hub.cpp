// Our own protocol, straight from proto/'s frames.
#include "proto/codec.hpp"
#include "proto/hot.hpp"
#include "proto/methods.hpp"
#include "tests/bench/dialect.hpp"
#include "tests/bench/system.hpp"

namespace hubbub::bench {

namespace {

using namespace hubbub::proto;

/// One person with many sessions: who publishes is then always named the same, and all deliveries have one size.
constexpr std::string_view person = "bench";

ClientId next_client() {
  static std::uint64_t count = 0;
  ClientId id;
  ++count;
  std::memcpy(id.bytes.data(), &count, sizeof count);
  return id;
}

std::optional<Frame> first_frame(std::string_view received) {
  if (received.size() < frame_header_bytes) return std::nullopt;
  const auto header = read_frame_header(received.data());
  if (received.size() < frame_header_bytes + header.payload_bytes) return std::nullopt;
  return Frame{header.type, received.substr(frame_header_bytes, header.payload_bytes)};
}

std::size_t bytes_of(const Frame& frame) { return frame_header_bytes + frame.payload.size(); }

template <class Message>
Message read(const Frame& frame) {
  auto message = decode_value<Message>(frame.payload);
  if (!message) throw Failed("the hub sends a malformed frame of type " + std::to_string(frame.type));
  return *std::move(message);
}

[[noreturn]] void closed(const Frame& frame) {
  const auto closing = read<Closing>(frame);
  throw Failed("the hub closes: " + closing.sentence.str());
}

template <class Method>
void call(std::string& out, std::uint64_t id, const Method& method) {
  std::string arguments;
  encode_value(method, arguments);
  Call message;
  message.id = CallId{id};
  message.method = MethodName::literal(Method::name);
  message.arguments = Rest{arguments};
  encode(message, out);
}

class HubDialect : public Dialect {
 public:
  [[nodiscard]] std::string opening(const Part&) const override {
    Hello hello;
    hello.program = Text::literal("hubbub_bench");
    hello.client = next_client();
    hello.owner.bytes[0] = 1;
    hello.name = Text::literal(person);
    return encoded(hello);
  }

  [[nodiscard]] Greeting finish(const Part& part, std::string_view received) const override {
    const auto first = first_frame(received);
    if (!first) return {};
    if (first->type == Welcome::type)
      return {.done = false, .consumed = bytes_of(*first), .answer = calls(part), .room_handles = {}};
    return read_replies(part, received);
  }

  void publish(std::string& out, std::uint32_t, std::uint32_t handle, std::string_view body) const override {
    Publish message;
    message.room = RoomId{handle};
    message.kind = Kind::data;
    message.body = Rest{body};
    encode(message, out);
  }

  [[nodiscard]] Parsed parse(std::string_view received) const override {
    const auto frame = first_frame(received);
    if (!frame) return {};
    const auto bytes = bytes_of(*frame);
    switch (frame->type) {
      case Delivery::type: return {.bytes = bytes, .is_delivery = true, .body = body_of(*frame), .answer = {}};
      case Ping::type:
        return {.bytes = bytes, .is_delivery = false, .body = {}, .answer = encoded(Pong{read<Ping>(*frame).token})};
      case Closing::type: closed(*frame);
      case PublishRefused::type: throw Failed("the hub refuses: " + read<PublishRefused>(*frame).sentence.str());
      case Lost::type: throw Failed("the hub says that messages were lost for this reader");
      default: return {.bytes = bytes, .is_delivery = false, .body = {}, .answer = {}};
    }
  }

  void publish_acknowledged(std::string& out, std::uint32_t, std::uint32_t handle, std::uint64_t id,
                            std::string_view body) const override {
    Publish message;
    message.room = RoomId{handle};
    message.id = PublishId{id};
    message.body = Rest{body};
    encode(message, out);
  }

  [[nodiscard]] Acknowledged parse_acknowledged(std::string_view received) const override {
    const auto frame = first_frame(received);
    if (frame && frame->type == Published::type)
      return {.bytes = bytes_of(*frame), .up_to = read<Published>(*frame).id.value, .answer = {}};
    auto other = parse(received);
    return {.bytes = other.bytes, .answer = std::move(other.answer)};
  }

  [[nodiscard]] std::size_t delivery_bytes(std::size_t body_bytes, bool) const override {
    return delivery_frame_bytes(person.size(), 0, body_bytes);
  }
  [[nodiscard]] std::size_t ping_bytes() const override { return frame_header_bytes + sizeof(Ping::token); }

 private:
  /// Calls 1 to n open the rooms of a publisher; the ones after them subscribe.
  static std::string calls(const Part& part) {
    std::string out;
    std::uint64_t id = 0;
    if (part.publishes)
      for (const auto room : part.rooms) call(out, ++id, open(room));
    if (part.subscribes)
      for (const auto room : part.rooms) call(out, ++id, subscribe(room, part));
    return out;
  }

  /// Nothing is consumed until the last reply is there.
  static Greeting read_replies(const Part& part, std::string_view received) {
    const auto opens = part.publishes ? part.rooms.size() : 0;
    const auto last = opens + (part.subscribes ? part.rooms.size() : 0);
    std::vector<std::uint32_t> handles;
    std::size_t at = 0;
    while (const auto frame = first_frame(received.substr(at))) {
      at += bytes_of(*frame);
      if (frame->type == Closing::type) closed(*frame);
      if (frame->type != Reply::type) continue;
      const auto reply = read<Reply>(*frame);
      if (reply.status != Status::ok) throw Failed("the hub refuses: " + std::string(reply.result.bytes));
      if (reply.id.value <= opens) handles.push_back(opened(reply));
      if (reply.id.value == last) return {.done = true, .consumed = at, .answer = {}, .room_handles = handles};
    }
    return {};
  }

  static RoomOpen open(std::uint32_t room) {
    RoomOpen method;
    method.room = RoomName::literal(room_name(room));
    return method;
  }

  static RoomSubscribe subscribe(std::uint32_t room, const Part& part) {
    RoomSubscribe method;
    method.pattern = Pattern::literal(part.by_pattern ? room_pattern(room, '*') : room_name(room));
    if (part.from_start) {
      method.from = From::seq;
      method.seq = Seq{1};
    }
    return method;
  }

  static std::uint32_t opened(const Reply& reply) {
    const auto result = decode_value<RoomOpen::Reply>(reply.result.bytes);
    if (!result) throw Failed("the hub's reply to room.open is malformed");
    return result->id.value;
  }

  /// Past the fixed fields, the sender's name and the headers: see write_delivery.
  static std::string_view body_of(const Frame& frame) {
    constexpr std::size_t before_name = 4 + 8 + 8 + 1 + 1;
    const auto& payload = frame.payload;
    if (payload.size() < before_name + 1) throw Failed("the hub sends a delivery that is too short");
    const auto name = static_cast<std::uint8_t>(payload[before_name]);
    const auto skip = before_name + 1 + name + 2;  // no headers were published
    if (payload.size() < skip) throw Failed("the hub sends a delivery that is too short");
    return payload.substr(skip);
  }
};

}  // namespace

std::unique_ptr<Dialect> hub_dialect() { return std::make_unique<HubDialect>(); }

}  // namespace hubbub::bench
