#include "server/net/doorkeeper.hpp"

namespace hubbub::server {

namespace {

/// Beyond the limit, connections that are told why.
constexpr std::size_t told_max = 1024;

}  // namespace

std::optional<proto::CloseReason> Doorkeeper::enter(const std::string& host) {
  ++inside_;
  const auto from_there = ++by_host_[host];
  if (inside_ > limits_.connections) return proto::CloseReason::hub_full;
  const bool is_local = host == "unix";  // which stands for everybody on this machine
  if (!is_local && from_there > limits_.connections_per_address) return proto::CloseReason::address_full;
  return std::nullopt;
}

void Doorkeeper::leave(const std::string& host) {
  --inside_;
  const auto found = by_host_.find(host);
  if (found != by_host_.end() && --found->second == 0) by_host_.erase(found);
}

bool Doorkeeper::crowded() const { return inside_ >= limits_.connections + told_max; }

}  // namespace hubbub::server
