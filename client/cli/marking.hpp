// --ttl and --key of pub: how long a message lasts, and which one it replaces.
//   10m, main --declare--> check --put--> headers `ttl: 600000`, `key: main`
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "client/cli/syntax.hpp"
#include "client/link/types.hpp"

namespace hubbub::cli {

class Marking {
 public:
  void declare(Syntax& syntax);
  /// Puts the marks into `message`. Fails with invalid_argument where they mean nothing, or are among its headers.
  Result<void> put(link::Outgoing& message) const;

 private:
  std::optional<std::chrono::milliseconds> ttl_;
  std::optional<std::string> key_;
};

}  // namespace hubbub::cli
