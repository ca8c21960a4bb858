#include "common/log.hpp"

#include <fmt/format.h>
#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <cmath>
#include <iterator>
#include <memory>
#include <string>

#include "common/escape.hpp"

namespace hubbub::log {

namespace {

std::atomic<Format> format_in_force{Format::text};

spdlog::level::level_enum spdlog_level(Level level) {
  switch (level) {
    case Level::trace: return spdlog::level::trace;
    case Level::debug: return spdlog::level::debug;
    case Level::info: return spdlog::level::info;
    case Level::warn: return spdlog::level::warn;
    case Level::error: return spdlog::level::err;
  }
  return spdlog::level::err;
}

/// The level is ours (spdlog says "warning"), so it stands in the line and not in the pattern.
std::unique_ptr<spdlog::logger> make_logger(std::string pattern) {
  auto sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  sink->set_formatter(
      std::make_unique<spdlog::pattern_formatter>(std::move(pattern), spdlog::pattern_time_type::utc, "\n"));
  auto logger = std::make_unique<spdlog::logger>("hubbub", std::move(sink));
  logger->set_level(spdlog::level::trace);
  return logger;
}

/// One per format, so that a line and its frame belong together whenever the format changes. Never destroyed: other
/// threads may log while the program ends.
spdlog::logger& logger_for(Format format) {
  static auto& text = *make_logger("%Y-%m-%dT%H:%M:%S.%eZ %v").release();
  static auto& json = *make_logger(R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ",%v})").release();
  return format == Format::text ? text : json;
}

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
  const std::string line = compose(format, level, message, fields);
  logger_for(format).log(spdlog_level(level), spdlog::string_view_t(line.data(), line.size()));
}

}  // namespace hubbub::log
