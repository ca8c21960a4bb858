// A room's `errors`: what went wrong with its files, a line each, for whoever uses them.
//   note("not said: …") --> "2026-11-22T21:02:56.123Z not said: …\n", at most so many a second
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "client/agent/tree_out.hpp"

namespace hubbub::agent {

class TreeNotes {
 public:
  /// REQUIRES: `folder` stays as long as this.
  TreeNotes(TreeFolder& folder, std::size_t bytes_max, std::size_t a_second_max)
      : file_(folder, "errors", bytes_max), a_second_max_(a_second_max) {}

  TreeOut& file() { return file_; }

  /// What is too much for this second is counted, and the count is said later.
  void note(const std::string& sentence);
  /// Says what was counted, if its second is over.
  void settle();

 private:
  using Second = std::chrono::steady_clock::time_point;
  void write(const std::string& sentence);

  TreeOut file_;
  std::size_t a_second_max_;
  Second since_{};
  std::size_t in_this_second_ = 0;
  std::uint64_t passed_over_ = 0;
};

}  // namespace hubbub::agent
