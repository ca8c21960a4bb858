#include "client/cli/dead_letter.hpp"

#include <optional>
#include <string_view>

#include "proto/dead_letters.hpp"
#include "proto/marks.hpp"

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

namespace {

/// As it is to be said again; nothing for what is of the letter alone. The hub has renamed the marks in it: what the
/// message was about may be another message by now, so only its time and its key come back.
std::optional<proto::Header> header_again(const proto::Header& header) {
  std::string_view name = header.key;
  const bool is_renamed = name.starts_with(proto::renamed_prefix);
  if (is_renamed) name.remove_prefix(proto::renamed_prefix.size());
  if (name == proto::ttl_header || name == proto::key_header) return proto::Header{std::string(name), header.value};
  if (proto::is_mark(name) || name == proto::undo_header) return std::nullopt;
  if (header.key.starts_with(key::prefix) || header.key == proto::retried_header) return std::nullopt;
  return header;
}

}  // namespace

proto::RoomPost again(const link::Message& message, const RoomName& room) {
  proto::RoomPost post;
  post.room = room;
  post.kind = message.kind;
  for (const auto& header : message.headers.list)
    if (auto kept = header_again(header)) post.headers.list.push_back(*std::move(kept));
  post.headers.list.push_back({std::string(proto::retried_header), std::to_string(message.seq.value)});
  post.body.bytes = message.body;
  return post;
}

Result<RoomName> room_of_dead(const RoomName& room) {
  if (is_direct(room)) return fail(Status::invalid_argument, "direct conversations have no dead messages");
  return RoomName::parse(room.str() + std::string(proto::dead_suffix));
}

}  // namespace hubbub::cli
