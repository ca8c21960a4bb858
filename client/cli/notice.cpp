#include "client/cli/notice.hpp"

#include <algorithm>
#include <charconv>

#include "client/link/amendments.hpp"
#include "common/escape.hpp"
#include "common/mention.hpp"

namespace hubbub::cli {

namespace {

std::string what_happened(const proto::Event& event) {
  switch (event.kind) {
    case proto::EventKind::joined: return "has joined";
    case proto::EventKind::left: return "has left";
    case proto::EventKind::presence: break;
    default: return {};
  }
  if (event.person.presence != proto::Presence::away) return "is " + std::string(name_of(event.person.presence));
  return "is away" + (event.person.away.empty() ? "" : ": " + event.person.away.str());
}

/// Up to a newline, which is taken off, too; nothing if there is none.
std::optional<std::string_view> take_field(std::string_view& bytes) {
  const auto end = bytes.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  const auto field = bytes.substr(0, end);
  bytes.remove_prefix(end + 1);
  return field;
}

}  // namespace

std::string cut(std::string_view text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return std::string(text);
  auto end = bytes_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return std::string(text.substr(0, end)) + "…";
}

std::optional<Notice> notice_of(const link::Message& message, const PersonName& self) {
  if (message.from == self || message.retained || message.erased) return std::nullopt;
  if (link::amendment_of(message)) return std::nullopt;
  const bool to_people = message.kind == proto::Kind::text || message.kind == proto::Kind::action;
  const bool called = is_direct(message.room) || mentions(message.body, self.str());
  const auto importance = to_people && called ? Importance::mention : Importance::message;
  const auto text = is_utf8(message.body) ? message.body : std::to_string(message.body.size()) + " bytes of data";
  return Notice{importance, display(message.room), message.from.str(), message.seq.value, text};
}

std::optional<Notice> notice_of(const link::Presence& presence, const PersonName& self) {
  auto text = what_happened(presence.event);
  if (text.empty() || presence.event.person.name == self) return std::nullopt;
  const auto room = presence.room.empty() ? std::string() : display(presence.room);
  return Notice{Importance::presence, room, presence.event.person.name.str(), 0, std::move(text)};
}

std::string encode(const Notice& notice) {
  auto bytes = std::string(importance_names[static_cast<std::size_t>(notice.importance)]) + '\n' + notice.room + '\n' +
               notice.from + '\n' + std::to_string(notice.seq) + '\n';
  constexpr std::size_t ellipsis = 3;
  return bytes + cut(notice.text, notice_bytes_max - bytes.size() - ellipsis);
}

std::optional<Notice> decode_notice(std::string_view bytes) {
  const auto importance = take_field(bytes), room = take_field(bytes), from = take_field(bytes),
             seq = take_field(bytes);
  if (!seq) return std::nullopt;
  const auto name = std::ranges::find(importance_names, *importance);
  Notice notice{Importance::message, std::string(*room), std::string(*from), 0, std::string(bytes)};
  const auto number = std::from_chars(seq->data(), seq->data() + seq->size(), notice.seq);
  if (name == importance_names.end() || number.ec != std::errc() || number.ptr != seq->data() + seq->size())
    return std::nullopt;
  notice.importance = static_cast<Importance>(name - importance_names.begin());
  return notice;
}

std::string title_of(const Notice& notice) {
  return escape_for_terminal(notice.room + (notice.room.empty() || notice.from.empty() ? "" : " ") + notice.from);
}

std::string line_of(const Notice& notice) {
  const auto title = title_of(notice);
  const auto* const between = title.empty() ? "" : notice.importance == Importance::presence ? " " : ": ";
  return title + between + escape_for_terminal(notice.text);
}

}  // namespace hubbub::cli
