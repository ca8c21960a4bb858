#include "client/cli/said.hpp"

#include <utility>

#include "client/cli/render.hpp"
#include "common/escape.hpp"

namespace hubbub::cli {

namespace {

/// At most so many bytes, no code point cut, up to the first line feed.
std::string_view first_words(std::string_view body, std::size_t bytes) {
  body = body.substr(0, body.find('\n'));
  if (body.size() <= bytes) return body;
  while (bytes > 0 && (static_cast<unsigned char>(body[bytes]) & 0xC0) == 0x80) --bytes;
  return body.substr(0, bytes);
}

std::string beginning_of(const link::Message& message) {
  const auto name = shown_name(message.from, message.verified);
  if (message.kind == proto::Kind::data) return name + ": data";
  const auto words = first_words(message.body, Said::shown_bytes);
  return name + ": " + escape_for_terminal(words) + (words.size() < message.body.size() ? "…" : "");
}

}  // namespace

void Said::note(const link::Message& message) {
  auto name = key(message.room, message.seq);
  Beginning beginning{shown_name(message.from, message.verified), beginning_of(message)};
  const bool is_new = beginnings_.insert_or_assign(name, std::move(beginning)).second;
  if (is_new) order_.push_back(std::move(name));
  if (order_.size() <= kept_max) return;
  beginnings_.erase(order_.front());
  order_.pop_front();
}

void Said::amend(const link::Message& message, const link::Amendment& amendment) {
  const auto found = beginnings_.find(key(message.room, amendment.target));
  if (found == beginnings_.end()) return;
  auto& [author, text] = found->second;
  if (amendment.what == proto::Amends::redaction) text.clear();
  const bool is_edit = amendment.what == proto::Amends::edit && author == shown_name(message.from, message.verified);
  if (is_edit && !text.empty()) text = beginning_of(message);
}

std::string Said::beginning(const RoomName& room, Seq seq) const {
  const auto found = beginnings_.find(key(room, seq));
  return found == beginnings_.end() ? std::string() : found->second.text;
}

}  // namespace hubbub::cli
