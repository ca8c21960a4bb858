#include "proto/hot.hpp"

namespace hubbub::proto {

namespace {

constexpr std::size_t publish_fixed_bytes = 4 + 8 + 1 + 1 + 2;
constexpr std::size_t delivery_seq_at = 4;

template <class T>
T load(const char* at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

template <class T>
char* store(char* at, T value) {
  std::memcpy(at, &value, sizeof value);
  return at + sizeof value;
}

char* store(char* at, std::string_view bytes) {
  if (!bytes.empty()) std::memcpy(at, bytes.data(), bytes.size());
  return at + bytes.size();
}

}  // namespace

std::optional<PublishView> PublishView::parse(std::string_view payload) {
  if (payload.size() < publish_fixed_bytes) return std::nullopt;
  const char* at = payload.data();
  const auto headers_bytes = load<std::uint16_t>(at + 14);
  if (payload.size() < publish_fixed_bytes + headers_bytes) return std::nullopt;
  return PublishView{RoomId{load<std::uint32_t>(at)},
                     PublishId{load<std::uint64_t>(at + 4)},
                     load<std::uint8_t>(at + 12),
                     load<Kind>(at + 13),
                     payload.substr(publish_fixed_bytes, headers_bytes),
                     payload.substr(publish_fixed_bytes + headers_bytes)};
}

char* write_delivery(char* at, const DeliveryPlace& place, std::string_view headers, std::string_view body) {
  const auto frame_bytes = delivery_frame_bytes(place.from.size(), headers.size(), body.size());
  write_frame_header(at, {Delivery::type, static_cast<std::uint32_t>(frame_bytes - frame_header_bytes)});
  at = store(at + frame_header_bytes, place.room.value);
  at = store(at, place.seq.value);
  at = store(at, place.time.ns);
  at = store(at, place.flags);
  at = store(at, place.kind);
  at = store(at, static_cast<std::uint8_t>(place.from.size()));
  at = store(at, place.from);
  at = store(at, static_cast<std::uint16_t>(headers.size()));
  at = store(at, headers);
  return store(at, body);
}

std::optional<Seq> seq_of_delivery(std::string_view payload) {
  if (payload.size() < delivery_seq_at + sizeof(std::uint64_t)) return std::nullopt;
  return Seq{load<std::uint64_t>(payload.data() + delivery_seq_at)};
}

}  // namespace hubbub::proto
