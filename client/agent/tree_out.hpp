// A plain file that grows line by line and is rotated: `out` and `errors` of a room.
//   append --> a batch --flush--> FILE, and FILE.1 when FILE is full
// A reader follows it by name (tail -F): FILE is replaced by rename(2), so that nothing is lost to one who is late, and
// the last line of FILE.1 tells the others. What the disk doesn't take is counted, and said when it takes something.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "client/agent/tree_folder.hpp"

namespace hubbub::agent {

class TreeOut {
 public:
  /// Both together have about twice `bytes_max`. REQUIRES: `folder` stays as long as this.
  TreeOut(TreeFolder& folder, std::string name, std::size_t bytes_max);

  /// Opens it, or makes it; what it has stays. Returns the sentence about what lay in the way, if anything did.
  Result<std::string> open();
  /// Is it still what its name stands for?
  [[nodiscard]] bool is_there() const;
  [[nodiscard]] bool is_open() const { return file_.is_open(); }

  /// REQUIRES: `line` ends with its only newline.
  void append(std::string_view line) { batch_ += line; }
  [[nodiscard]] std::size_t batch_bytes() const { return batch_.size(); }
  /// Writes the batch. Never fails for good: see above.
  void flush();
  /// Both files, if they are still the ones.
  void remove();

 private:
  [[nodiscard]] std::size_t size_now() const;
  void rotate();
  bool write(std::string_view lines);

  TreeFolder& folder_;
  std::string name_;
  std::size_t bytes_max_;
  Descriptor file_;
  std::string batch_;
  std::uint64_t missing_ = 0;  ///< lines that the disk didn't take
};

}  // namespace hubbub::agent
