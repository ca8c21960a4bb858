#include "server/descriptors.hpp"

#include "common/log.hpp"

namespace hubbub::server {

namespace {

/// Beside the connections: standard streams and signals, two per listener, and per core an epoll, a timer, a wake-up.
std::uint64_t own_descriptors(const Config& config) {
  return 16 + 2 * config.hub.listen.size() + 4 * bounds::cores.max;
}

}  // namespace

void warn_of_few_descriptors(const Config& config, std::uint64_t available) {
  const auto needed = config.limits.connections + own_descriptors(config);
  if (needed <= available) return;
  log::warn(
      "fewer connections than limits.connections will fit; raise the limit of open files (ulimit -Hn, LimitNOFILE=)",
      {{"connections", config.limits.connections}, {"open_files_needed", needed}, {"open_files_max", available}});
}

}  // namespace hubbub::server
