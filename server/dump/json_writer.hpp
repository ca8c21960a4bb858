// JSON that is written as it is made: what a dump holds never lies in memory a second time.
//   begin_object("rooms") field("id", 7) … end()  -->  a buffer  -->  a file
#pragma once

#include <concepts>
#include <string>
#include <string_view>
#include <vector>

#include "proto/status.hpp"

namespace hubbub::server {

class JsonWriter {
 public:
  /// The file stays the caller's to close.
  explicit JsonWriter(int file) : file_(file) {}

  /// With a name inside of an object, without one inside of a list or at the top.
  void begin_object(std::string_view name = {}) { begin(name, '{', '}'); }
  void begin_list(std::string_view name = {}) { begin(name, '[', ']'); }
  void end();

  void field(std::string_view name, std::string_view text);
  void field(std::string_view name, bool yes) { raw(name, yes ? "true" : "false"); }
  template <std::integral Number>
  void field(std::string_view name, Number number) {
    raw(name, std::to_string(number));
  }
  /// An element of a list.
  void element(std::string_view text) { field({}, text); }

  /// Writes what is left. Fails with unavailable if anything could not be written.
  Result<void> finish();
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

 private:
  void begin(std::string_view name, char open, char close);
  void raw(std::string_view name, std::string_view value);
  void start(std::string_view name);
  void flush();

  const int file_;
  std::string buffer_;
  std::vector<char> open_;  // what closes each that is open, the innermost last
  bool needs_comma_ = false;
  std::size_t bytes_ = 0;
  int error_ = 0;
};

}  // namespace hubbub::server
