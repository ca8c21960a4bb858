// What hubbub notify tells, and how much that matters.
//   message, event --> Notice --encode--> a message queue, by priority --decode--> Notice --> bell, notify-send,
//   command
// Pure.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "client/link/types.hpp"

namespace hubbub::cli {

enum class Importance { presence, message, mention };
inline constexpr std::array<std::string_view, 3> importance_names = {"presence", "message", "mention"};
/// In the queue: what matters more overtakes.
constexpr unsigned priority_of(Importance importance) { return static_cast<unsigned>(importance) * 10; }

struct Notice {
  Importance importance = Importance::message;
  std::string room;  ///< as people see it: #ops; empty for what concerns every room
  std::string from;
  std::uint64_t seq = 0;  ///< zero: not a message
  std::string text;
  bool operator==(const Notice&) const = default;
};

/// Of one bytes_max at most in the queue; a longer text is cut.
inline constexpr std::size_t notice_bytes_max = 1024;

/// Nothing of what one has said oneself. A mention: one's name is in it, or it is for one alone.
std::optional<Notice> notice_of(const link::Message& message, const PersonName& self);
/// Who joined, left, went away or came back; nothing of oneself, nor of what isn't worth a notice.
std::optional<Notice> notice_of(const link::Presence& presence, const PersonName& self);

std::string encode(const Notice& notice);
/// Nothing if they aren't the bytes of one.
std::optional<Notice> decode_notice(std::string_view bytes);

/// "#ops alice": what a notification has above its text.
std::string title_of(const Notice& notice);
/// In one line, harmless on a terminal.
std::string line_of(const Notice& notice);

/// The beginning of a text in UTF-8, whole characters of it, with an ellipsis where that isn't all.
std::string cut(std::string_view text, std::size_t bytes_max);

}  // namespace hubbub::cli
