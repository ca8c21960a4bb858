#include "client/tui/state/entry.hpp"

#include <algorithm>

#include "proto/text.hpp"

namespace hubbub::tui {

void put_text(Entry& entry, std::string_view text) {
  if (entry.kind == EntryKind::data && !is_utf8(text)) {
    entry.text = std::to_string(text.size()) + " bytes of data";
    return;
  }
  auto end = std::min(text.size(), shown_bytes_max);
  while (end > 0 && end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80)
    --end;  // not within a code point
  entry.text = text.substr(0, end);
  entry.bytes_left_out = text.size() - end;
}

}  // namespace hubbub::tui
