#include "client/cli/dead_letter.hpp"

#include "proto/dead_letters.hpp"

namespace hubbub::cli {

namespace key = proto::dead_header;

std::optional<DeadLetter> read_dead_letter(const link::Message& message, const RoomName& room) {
  if (message.erased || !message.by_hub) return std::nullopt;
  DeadLetter letter;
  bool is_of_room = false;
  for (const auto& [name, value] : message.headers.list) {
    if (name == key::room) is_of_room = value == room.str();
    if (name == key::from) letter.from = value;
    if (name == key::group) letter.group = value;
    if (name == key::attempts) letter.attempts = value;
    if (name == key::reason) letter.reason = value;
    if (name == key::error) letter.error = value;
  }
  return is_of_room ? std::optional(letter) : std::nullopt;
}

proto::RoomPost again(const link::Message& message, const RoomName& room) {
  proto::RoomPost post;
  post.room = room;
  post.kind = message.kind;
  for (const auto& header : message.headers.list)
    if (!header.key.starts_with(key::prefix) && header.key != proto::retried_header)
      post.headers.list.push_back(header);
  post.headers.list.push_back({std::string(proto::retried_header), std::to_string(message.seq.value)});
  post.body.bytes = message.body;
  return post;
}

Result<RoomName> room_of_dead(const RoomName& room) {
  if (is_direct(room)) return fail(Status::invalid_argument, "direct conversations have no dead messages");
  return RoomName::parse(room.str() + std::string(proto::dead_suffix));
}

}  // namespace hubbub::cli
