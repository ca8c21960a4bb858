// Who may come in: so many connections in all, and so many from one address.
#pragma once

#include <optional>
#include <string>
#include <unordered_map>

#include "proto/messages/session.hpp"
#include "server/config.hpp"

namespace hubbub::server {

/// Counts connections in all and per address.
class Doorkeeper {
 public:
  explicit Doorkeeper(const Config::Limits& limits) : limits_(limits) {}

  /// Counts one more from `host`; a reason if it is one too many (it is counted all the same, until it has gone).
  std::optional<proto::CloseReason> enter(const std::string& host);
  void leave(const std::string& host);
  /// So many too many that there is no use even in telling them.
  [[nodiscard]] bool crowded() const;
  void set_limits(const Config::Limits& limits) { limits_ = limits; }

 private:
  Config::Limits limits_;
  std::size_t inside_ = 0;
  std::unordered_map<std::string, std::size_t> by_host_;
};

}  // namespace hubbub::server
