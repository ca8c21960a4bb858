#include "client/agent/reader.hpp"

#include "client/json/message_json.hpp"
#include "client/link/trace.hpp"
#include "proto/codec.hpp"

namespace hubbub::agent {

proto::Attached attached_to(const LocalRoom& room, Seq next) {
  proto::Attached attached;
  attached.room = room.id;
  attached.name = room.name;
  attached.next = next;
  attached.last = room.next.previous();
  attached.durable = room.durable;
  return attached;
}

proto::Headers LocalMessage::headers() const {
  auto headers = message_.headers;
  if (message_.traced) link::add_stamp(headers, {"agent", link::Stamp::Side::sent, "local", link::stamp_time()});
  return headers;
}

namespace {

std::uint8_t flags_of(const link::Message& message) {
  namespace flags = proto::flags;
  return static_cast<std::uint8_t>((message.retain ? flags::retain : 0) | (message.verified ? flags::verified : 0) |
                                   (message.traced ? flags::traced : 0) | (message.marked ? flags::marked : 0) |
                                   (message.by_hub ? flags::by_hub : 0) | (message.erased ? flags::erased : 0));
}

}  // namespace

const std::string& LocalMessage::frame() const {
  if (!frame_.empty()) return frame_;
  proto::Delivery delivery;
  delivery.room = room_.id;
  delivery.seq = message_.seq;
  delivery.time = message_.time;
  delivery.flags = flags_of(message_);
  delivery.kind = message_.kind;
  delivery.from = message_.from;
  delivery.headers = headers();
  delivery.body.bytes = message_.body;
  proto::encode(delivery, frame_);
  return frame_;
}

const std::string& LocalMessage::json() const {
  if (!json_.empty()) return json_;
  if (message_.traced) {
    auto stamped = message_;
    stamped.headers = headers();
    json::append_json(stamped, json_);
  } else {
    json::append_json(message_, json_);
  }
  json_.insert(1, R"("op":"message",)");
  json_ += '\n';
  return json_;
}

}  // namespace hubbub::agent
