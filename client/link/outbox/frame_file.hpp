// The bytes of an outbox's messages, in a file beside its tables: written once, at a place that the tables remember.
//   write --> Extent --the tables--> read          release --the tables are committed: settle()--> the place is free
// Through SQLite the bytes would be copied into pages, a log and a database, at twice the price of sending them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/descriptor.hpp"
#include "proto/status.hpp"

namespace hubbub::link {

/// Where some bytes lie, and what they are (XXH3, 64 bits), so that those that a loss of power took are noticed.
struct Extent {
  std::int64_t at = 0;
  std::int64_t bytes = 0;
  std::int64_t hash = 0;
};

class FrameFile {
 public:
  static Result<FrameFile> open(const std::string& path);

  /// The tables remember this one: its place is taken.
  void hold(const Extent& extent);
  [[nodiscard]] std::int64_t held_bytes() const { return held_bytes_; }

  /// At a place that is free. Fails with unavailable.
  Result<Extent> write(std::string_view bytes);
  /// Fails with data_loss if what is there isn't what was written.
  Result<std::string> read(const Extent& extent) const;
  /// Not needed any more once settle() says that the tables have forgotten it.
  void release(const Extent& extent) { released_.push_back(extent); }
  void settle();

 private:
  [[nodiscard]] std::int64_t place_for(std::int64_t bytes) const;
  /// How much is free at `at`, which lies in no extent.
  [[nodiscard]] std::int64_t free_at(std::int64_t at) const;
  [[nodiscard]] Error failure(const char* doing) const;

  std::string path_;
  Descriptor file_;
  std::map<std::int64_t, std::int64_t> held_;  ///< bytes by place
  std::vector<Extent> released_;
  std::int64_t held_bytes_ = 0;
  std::int64_t next_ = 0;  ///< where the next ones go, if they fit
};

}  // namespace hubbub::link
