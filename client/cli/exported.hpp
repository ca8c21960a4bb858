// A line of `hubbub export` or `sub --json` as a message to publish again.
//   {"room":…,"seq":7,"time":"…","from":"alice","kind":"text","headers":{},"text":"hi"}
//       --> hi, with the headers original-from, original-time, original-seq
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "client/link/types.hpp"
#include "proto/marks.hpp"
#include "proto/status.hpp"

namespace hubbub::cli {

/// The lines of one import, in their order. Keeps a few bytes of each.
class ExportedLines {
 public:
  /// Everything but the room. Where the message was imported before, its first origin stays. Where the origin finds no
  /// room among its headers, it goes without. What would mean something else in the new room becomes a header that
  /// means nothing: `original-redacts`, since the hub alone says that; `original-edits`, `original-reacts` and
  /// `original-pins` of a message that has another number there, if the room was empty; and `original-edits` where
  /// somebody else had said that message: both are of whoever imports now. Fails with invalid_argument and a sentence
  /// that says what is missing or wrong; the line isn't counted then.
  Result<link::Outgoing> parse(std::string_view line);

 private:
  void disarm_marks(proto::Headers& headers, std::uint32_t author) const;
  [[nodiscard]] bool stays(std::string_view header, std::string_view target, std::uint32_t author) const;
  std::uint32_t id_of(std::string author);

  std::uint64_t lines_ = 0;
  std::vector<std::uint32_t> authors_;  ///< of the first messages, as long as each has the number of its line
  std::unordered_map<std::string, std::uint32_t> ids_;
};

}  // namespace hubbub::cli
