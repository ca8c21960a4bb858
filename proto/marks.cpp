#include "proto/marks.hpp"

#include <algorithm>
#include <charconv>
#include <string>

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
      marks_.ttl_ms = number(value);
      good_ = good_ && marks_.ttl_ms != 0 && marks_.ttl_ms <= ttl_ms_max;
    } else if (key == key_header) {
      good_ = good_ && marks_.key.empty() && !value.empty() && value.size() <= key_bytes_max;
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

Result<void> check_marks(std::string_view headers, std::size_t body_bytes) {
  const auto marks = read_marks(headers);
  if (!marks)
    return fail(Status::invalid_argument,
                "one of ttl, key, edits, reacts and pins says nothing that it can mean: ttl takes milliseconds, key a "
                "text of at most 256 bytes, and one of the others the number of a message");
  if (marks->amends == Amends::redaction)
    return fail(Status::invalid_argument, "only the hub says that a message is redacted; call room.redact");
  const bool is_short = marks->amends == Amends::reaction || marks->amends == Amends::pin;
  if (is_short && body_bytes > reaction_bytes_max)
    return fail(Status::invalid_argument, "a reaction or a pin says at most " + std::to_string(reaction_bytes_max) +
                                              " bytes; say more in a message");
  return {};
}

std::optional<Marks> read_marks(const Headers& headers) {
  Reading reading;
  for (const auto& [key, value] : headers.list) reading.add(key, value);
  return reading.marks();
}

}  // namespace hubbub::proto
