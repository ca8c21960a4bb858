// Standard input or a file, read without holding up the loop.
//   stdin | FILE --read_some--> bytes, nothing at the end
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "client/cli/readiness.hpp"
#include "common/asio.hpp"
#include "common/descriptor.hpp"
#include "proto/status.hpp"

namespace hubbub::cli {

class Input {
 public:
  /// No answer of a hub's: tells a file that can't be read from a message that was refused.
  static constexpr Status failed = Status::data_loss;

  /// `path` "-" is stdin. Fails with `failed` and the system's reason.
  static Result<Input> open(asio::io_context& loop, const std::string& path);

  /// What there is, at least a byte; empty at the end. Valid until the next call. Fails with `failed` likewise.
  asio::awaitable<Result<std::string_view>> read_some();
  /// As messages name it: "stdin", or the file's path.
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  Input(asio::io_context& loop, int fd, std::string name);

  Descriptor file_;
  std::string name_;
  std::vector<char> bytes_;
  Readiness readable_;
};

}  // namespace hubbub::cli
