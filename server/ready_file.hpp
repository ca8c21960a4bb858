// The file that says where the hub listens: whole as soon as it is there, gone once the hub is.
#pragma once

#include <string>
#include <vector>

#include "common/address.hpp"

namespace hubbub::server {

class ReadyFile {
 public:
  ReadyFile() = default;
  ReadyFile(const ReadyFile&) = delete;
  ReadyFile& operator=(const ReadyFile&) = delete;
  ~ReadyFile() { remove(); }

  /// Writes beside `path` and renames, so that no reader sees a part of it. One URL a line.
  /// Fails with unavailable and a sentence; leaves nothing behind then.
  Result<void> write(const std::string& path, const std::vector<Address>& addresses);
  /// If it was written.
  void remove();

 private:
  std::string path_;
};

}  // namespace hubbub::server
