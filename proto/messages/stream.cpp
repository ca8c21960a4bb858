#include "proto/messages/stream.hpp"

#include <algorithm>

namespace hubbub::proto {

namespace {

std::size_t wire_bytes(const Headers& headers) {
  std::size_t bytes = 0;
  for (const auto& [key, value] : headers.list) bytes += 1 + key.size() + 2 + value.size();
  return bytes;
}

}  // namespace

bool is_header_key(std::string_view key) {
  const auto allowed = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-'; };
  return !key.empty() && key.size() <= limits::header_key_bytes_max && std::ranges::all_of(key, allowed);
}

void CEREAL_SAVE_FUNCTION_NAME(WireOutput& archive, const Headers& headers) {
  archive.scalar(static_cast<std::uint16_t>(wire_bytes(headers)));
  for (const auto& [key, value] : headers.list) {
    archive.scalar(static_cast<std::uint8_t>(key.size()));
    archive.bytes(key);
    archive.scalar(static_cast<std::uint16_t>(value.size()));
    archive.bytes(value);
  }
}

void CEREAL_LOAD_FUNCTION_NAME(WireInput& archive, Headers& headers) {
  headers.list.clear();
  const auto bytes = archive.bytes(archive.scalar<std::uint16_t>());
  const bool good = walk_headers(bytes, [&](std::string_view key, std::string_view value) {
    headers.list.push_back({std::string(key), std::string(value)});
  });
  if (!good) archive.refuse();
}

bool are_headers(std::string_view bytes) {
  return bytes.empty() || walk_headers(bytes, [](std::string_view, std::string_view) {});
}

Result<void> check_outgoing(Kind kind, const Headers& headers, std::string_view body) {
  if (body.size() > limits::body_bytes_max)
    return fail(Status::invalid_argument, "the message has " + std::to_string(body.size()) + " bytes; " +
                                              std::to_string(limits::body_bytes_max) + " are allowed");
  if (!is_known(kind)) return fail(Status::invalid_argument, "there is no such kind of message");
  if (kind != Kind::data && !is_utf8(body))
    return fail(Status::invalid_argument, "the text is not UTF-8; send other bytes with --kind data");
  if (headers.list.size() > limits::headers_max)
    return fail(Status::invalid_argument, "a message has at most " + std::to_string(limits::headers_max) + " headers");
  for (const auto& [key, value] : headers.list) {
    if (!is_header_key(key)) return fail(Status::invalid_argument, "a header's key is 1 to 64 of a-z 0-9 _ -");
    if (!is_utf8(value)) return fail(Status::invalid_argument, "a header's value is UTF-8");
  }
  if (wire_bytes(headers) > limits::headers_bytes_max)
    return fail(Status::invalid_argument,
                "all headers together have at most " + std::to_string(limits::headers_bytes_max) + " bytes");
  return {};
}

}  // namespace hubbub::proto
