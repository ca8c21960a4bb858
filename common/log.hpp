// What the program says about itself, on stderr: one line an event, for people (text) or for programs (JSON).
//   log::info("listening", {{"address", url}})
//     text   2024-11-22T20:51:03.123Z info  listening address=tcp://127.0.0.1:4848
//     json   {"time":"2024-11-22T20:51:03.123Z","level":"info","message":"listening","address":"tcp://127.0.0.1:4848"}
//
// Every value is escaped on the way out, so that nothing that a client sent reaches a log as anything but text.
// Safe on any thread. A line below the level costs one relaxed load and the making of its fields, which copy nothing.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <variant>

namespace hubbub::log {

enum class Level : std::uint8_t { trace, debug, info, warn, error };
inline constexpr std::array<std::string_view, 5> level_names = {"trace", "debug", "info", "warn", "error"};

enum class Format : std::uint8_t { text, json };
inline constexpr std::array<std::string_view, 2> format_names = {"text", "json"};

/// A name (ours: [a-z_]) and a value, borrowed for the length of the call.
struct Field {
  Field(std::string_view name, std::string_view text) : key(name), value(text) {}
  Field(std::string_view name, const char* text) : key(name), value(std::string_view(text)) {}
  Field(std::string_view name, bool truth) : key(name), value(truth) {}
  Field(std::string_view name, double number) : key(name), value(number) {}
  template <std::integral T>
  Field(std::string_view name, T number) : key(name) {
    if constexpr (std::is_signed_v<T>)
      value = static_cast<std::int64_t>(number);
    else
      value = static_cast<std::uint64_t>(number);
  }

  std::string_view key;
  std::variant<bool, std::int64_t, std::uint64_t, double, std::string_view> value;
};
using Fields = std::initializer_list<Field>;

/// In force from the next line on, on every thread. At first: info, text.
void configure(Level level, Format format);

/// From now on a thread of its own writes the lines: whoever stops reading stderr (a pager, a full pipe) stops no core.
/// At most 1024 lines wait; past that the oldest are dropped, and a later line says how many. REQUIRES: signals that
/// other threads are to read are blocked; called once at most.
void write_in_background();
/// Waits until everything logged is written, `limit` at most. For the end of the program.
void finish(std::chrono::milliseconds limit);

namespace detail {
inline std::atomic<Level> lowest{Level::info};
void write(Level level, std::string_view message, Fields fields);
}  // namespace detail

inline bool is_on(Level level) { return level >= detail::lowest.load(std::memory_order_relaxed); }

inline void write(Level level, std::string_view message, Fields fields = {}) {
  if (is_on(level)) detail::write(level, message, fields);
}
/// What somebody asked for just now: written whatever the level.
inline void answer(std::string_view message, Fields fields = {}) { detail::write(Level::info, message, fields); }
inline void trace(std::string_view message, Fields fields = {}) { write(Level::trace, message, fields); }
inline void debug(std::string_view message, Fields fields = {}) { write(Level::debug, message, fields); }
inline void info(std::string_view message, Fields fields = {}) { write(Level::info, message, fields); }
inline void warn(std::string_view message, Fields fields = {}) { write(Level::warn, message, fields); }
inline void error(std::string_view message, Fields fields = {}) { write(Level::error, message, fields); }

}  // namespace hubbub::log
