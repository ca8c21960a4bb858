#include "proto/marks.hpp"

#include <algorithm>
#include <charconv>

namespace hubbub::proto {

namespace {

/// A number without a sign, blanks or leading zeros; zero for all else.
std::uint64_t number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool is_one = error == std::errc{} && stop == text.data() + text.size() && text.front() != '0';
  return is_one ? value : 0;
}

/// Marks that grow header by header.
class Reading {
 public:
  void add(std::string_view key, std::string_view value) {
    if (key == ttl_header) {
      good_ = good_ && (marks_.ttl_ms = number(value)) != 0;
    } else if (key == key_header) {
      good_ = good_ && marks_.key.empty() && !value.empty();
      marks_.key = value;
    } else if (key == undo_header) {
      marks_.undo = value == "1";
    } else if (const auto at = std::ranges::find(amends_headers, key); at != amends_headers.end() && !key.empty()) {
      good_ = good_ && marks_.amends == Amends::nothing && (marks_.target = Seq{number(value)}) != Seq{};
      marks_.amends = static_cast<Amends>(at - amends_headers.begin());
    }
  }
  [[nodiscard]] std::optional<Marks> marks() const { return good_ ? std::optional(marks_) : std::nullopt; }

 private:
  Marks marks_;
  bool good_ = true;
};

}  // namespace

bool is_mark(std::string_view key) {
  return key == ttl_header || key == key_header ||
         (!key.empty() && std::ranges::find(amends_headers, key) != amends_headers.end());
}

std::optional<Marks> read_marks(std::string_view headers) {
  Reading reading;
  const bool whole =
      walk_headers(headers, [&](std::string_view key, std::string_view value) { reading.add(key, value); });
  return whole ? reading.marks() : std::nullopt;
}

std::optional<Marks> read_marks(const Headers& headers) {
  Reading reading;
  for (const auto& [key, value] : headers.list) reading.add(key, value);
  return reading.marks();
}

}  // namespace hubbub::proto
