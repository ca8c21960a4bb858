#include "server/rooms/dead_letter.hpp"

#include <algorithm>
#include <string_view>
#include <vector>

#include "proto/codec.hpp"
#include "proto/dead_letters.hpp"
#include "proto/hot.hpp"
#include "proto/marks.hpp"

namespace hubbub::server {

namespace {

namespace key = proto::dead_header;

/// Less of dead-stderr than this says nothing.
constexpr std::size_t error_bytes_min = 16;

constexpr std::size_t bytes_of(std::string_view key, std::string_view value) {
  return sizeof(std::uint8_t) + key.size() + sizeof(std::uint16_t) + value.size();
}

/// So many bytes of UTF-8 at most, from its end.
std::string_view last_bytes(std::string_view text, std::size_t max) {
  if (text.size() <= max) return text;
  text.remove_prefix(text.size() - max);
  while (!text.empty() && (static_cast<unsigned char>(text.front()) & 0xc0) == 0x80) text.remove_prefix(1);
  return text;
}

/// Headers, as long as they have a place.
class Written {
 public:
  [[nodiscard]] std::size_t left() const { return limits::headers_bytes_max - bytes_; }
  void add(std::string_view key, std::string_view value) {
    bytes_ += bytes_of(key, value);
    headers_.list.push_back({std::string(key), std::string(value)});
  }
  [[nodiscard]] std::string bytes() const {
    std::string bytes;
    proto::encode_value(headers_, bytes);
    return bytes.erase(0, sizeof(std::uint16_t));
  }

 private:
  proto::Headers headers_;
  std::size_t bytes_ = 0;
};

/// A mark means nothing any more: the hub vouches for what the dead say, and would do again what it says.
std::string buried_name(std::string_view name) {
  const bool means_something = proto::is_mark(name) || name == proto::undo_header;
  return std::string(means_something ? proto::renamed_prefix : "").append(name);
}

/// Places are kept for what comes behind the message's own headers.
constexpr std::size_t kept_headers = 2;
constexpr std::size_t kept_bytes = bytes_of(key::cut, "32");

}  // namespace

DeadLetter dead_letter(const Burial& burial, const std::string& room) {
  const auto view = proto::DeliveryView::parse(burial.delivery).value_or(proto::DeliveryView{});
  Written written;
  written.add(key::room, room);
  written.add(key::seq, std::to_string(burial.seq.value));
  written.add(key::from, view.place.from);
  written.add(key::group, burial.group.str());
  written.add(key::attempts, std::to_string(burial.attempts));
  written.add(key::reason, burial.why.reason);
  std::size_t count = 6, cut = 0;
  proto::walk_headers(view.headers, [&](std::string_view name, std::string_view value) {
    if (name.starts_with(key::prefix)) return;  // of an earlier death
    const auto shown = buried_name(name);
    const bool fits =
        count + kept_headers < limits::headers_max && bytes_of(shown, value) + kept_bytes <= written.left();
    if (cut > 0 || !fits) {
      ++cut;
      return;
    }
    written.add(shown, value);
    ++count;
  });
  if (cut > 0) written.add(key::cut, std::to_string(cut));
  const auto overhead = bytes_of(key::error, {});
  if (const auto left = written.left(); !burial.why.detail.empty() && left >= overhead + error_bytes_min)
    written.add(key::error, last_bytes(burial.why.detail, left - overhead));
  return {view.place.kind, written.bytes(), std::string(view.body)};
}

}  // namespace hubbub::server
