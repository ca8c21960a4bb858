#include "common/log.hpp"

#include <fmt/format.h>

#include <cmath>
#include <iterator>
#include <string>

#include "common/escape.hpp"
#include "common/log_output.hpp"

namespace hubbub::log {

namespace {

std::atomic<Format> format_in_force{Format::text};

bool needs_no_quotes(std::string_view text) {
  for (const char c : text)
    if (c <= ' ' || c >= 0x7f || c == '"' || c == '=' || c == '\\') return false;
  return !text.empty();
}

/// logfmt: quoted where a bare word could be read as something else.
void append_text_value(std::string_view value, std::string& line) {
  if (needs_no_quotes(value))
    line += value;
  else
    fmt::format_to(std::back_inserter(line), "\"{}\"", escape_for_json(value));
}

template <class Number>
void append_number(Number number, std::string& line) {
  if constexpr (std::is_floating_point_v<Number>)
    if (!std::isfinite(number)) return void(line += "null");  // JSON has no other word for it
  fmt::format_to(std::back_inserter(line), "{}", number);
}

void append_value(const Field& field, Format format, std::string& line) {
  const auto* const text = std::get_if<std::string_view>(&field.value);
  if (text == nullptr)
    std::visit(
        [&](auto value) {
          if constexpr (!std::is_same_v<decltype(value), std::string_view>) append_number(value, line);
        },
        field.value);
  else if (format == Format::text)
    append_text_value(*text, line);
  else
    fmt::format_to(std::back_inserter(line), "\"{}\"", escape_for_json(*text));
}

std::string compose(Format format, Level level, std::string_view message, Fields fields) {
  const bool text = format == Format::text;
  const auto name = level_names[static_cast<std::size_t>(level)];
  std::string line = text ? fmt::format("{:5} {}", name, escape_for_terminal(message))
                          : fmt::format(R"("level":"{}","message":"{}")", name, escape_for_json(message));
  for (const auto& field : fields) {
    line += text ? fmt::format(" {}=", field.key) : fmt::format(",\"{}\":", field.key);
    append_value(field, format, line);
  }
  return line;
}

}  // namespace

void configure(Level level, Format format) {
  detail::lowest.store(level, std::memory_order_relaxed);
  format_in_force.store(format, std::memory_order_relaxed);
}

void detail::write(Level level, std::string_view message, Fields fields) {
  const auto format = format_in_force.load(std::memory_order_relaxed);
  if (const auto dropped = newly_dropped())
    put(format,
        compose(format, Level::warn, "log lines were dropped, since nobody took them", {{"dropped_so_far", dropped}}));
  put(format, compose(format, level, message, fields));
}

void write_in_background() { detail::start_background(); }

void finish(std::chrono::milliseconds limit) { detail::wait_until_written(limit); }

}  // namespace hubbub::log
