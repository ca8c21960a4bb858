#include "server/dump/json_writer.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "common/escape.hpp"

namespace hubbub::server {

namespace {

constexpr std::size_t buffer_bytes = 256 * 1024;

}  // namespace

void JsonWriter::begin(std::string_view name, char open, char close) {
  start(name);
  buffer_ += open;
  open_.push_back(close);
  needs_comma_ = false;
}

void JsonWriter::end() {
  buffer_ += open_.back();
  open_.pop_back();
  needs_comma_ = true;
  if (open_.empty()) buffer_ += '\n';
  if (buffer_.size() >= buffer_bytes) flush();
}

void JsonWriter::field(std::string_view name, std::string_view text) { raw(name, '"' + escape_for_json(text) + '"'); }

void JsonWriter::raw(std::string_view name, std::string_view value) {
  start(name);
  buffer_ += value;
  needs_comma_ = true;
}

/// A line for each element of the outer lists and objects, so that a dump can be read and searched with line tools.
void JsonWriter::start(std::string_view name) {
  constexpr std::size_t depth_of_lines = 2;
  if (needs_comma_) buffer_ += ',';
  if (!open_.empty() && open_.size() <= depth_of_lines) buffer_ += '\n';
  if (!name.empty()) buffer_ += '"' + escape_for_json(name) + "\":";
}

void JsonWriter::flush() {
  std::string_view left = buffer_;
  while (!left.empty() && error_ == 0) {
    const auto written = ::write(file_, left.data(), left.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      error_ = errno;
      break;
    }
    left.remove_prefix(static_cast<std::size_t>(written));
  }
  bytes_ += buffer_.size();
  buffer_.clear();
}

Result<void> JsonWriter::finish() {
  flush();
  if (error_ != 0) return fail(Status::unavailable, std::strerror(error_));
  return {};
}

}  // namespace hubbub::server
