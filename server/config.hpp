// What a hub is told before and while it runs.
//   defaults < hubbubd.toml < environment < flags   --load_config-->   Config, or every mistake in them
// One field per key, under the key's name. The table of keys (types, bounds, help) is in config_settings.hpp; parsing,
// --help, --check-config, the manual page and the documents all derive from it.
#pragma once

#include <unistd.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/address.hpp"
#include "common/log.hpp"
#include "proto/status.hpp"
#include "server/limits.hpp"
#include "server/room_rules.hpp"

namespace hubbub::server {

struct Config {
  struct Hub {
    std::vector<Address> listen{Address{Address::Scheme::tcp, "127.0.0.1", default_port, {}}};
    std::uint64_t cores = bounds::cores.standard;  ///< 0: one per processor
    bool insecure = false;                         ///< may listen beyond the loopback without TLS
    std::string ready_file;                        ///< empty: none
    std::string data;                              ///< see data_directory()
  } hub;

  struct Limits {
    std::uint64_t connections = bounds::connections.standard;
    std::uint64_t connections_per_address = bounds::connections_per_address.standard;
    std::uint64_t rooms = bounds::rooms.standard;
    std::uint64_t members_per_room = bounds::members_per_room.standard;
    std::uint64_t rooms_per_session = bounds::rooms_per_session.standard;
    std::uint64_t patterns_per_session = bounds::patterns_per_session.standard;
    std::uint64_t joins_per_person = bounds::joins_per_person.standard;
    std::uint64_t calls_in_flight = bounds::calls_in_flight.standard;
    std::uint64_t message_rate = bounds::message_rate.standard;    ///< a second; 0: no limit
    std::uint64_t message_burst = bounds::message_burst.standard;  ///< 0: a second's worth
    std::uint64_t queued_bytes = bounds::queued_bytes.standard;
    std::uint64_t reply_cache = bounds::reply_cache.standard;
  } limits;

  struct Tail {
    std::uint64_t messages = bounds::tail_messages.standard;
    std::uint64_t bytes = bounds::tail_bytes.standard;
    std::uint64_t total_bytes = bounds::tail_total_bytes.standard;
  } tail;

  struct Rooms {
    std::vector<RoomRule> rules;
  } rooms;

  struct Search {
    bool index = true;
  } search;

  struct Liveness {
    std::uint64_t handshake_ms = bounds::handshake_ms.standard;
    std::uint64_t ping_ms = bounds::ping_ms.standard;
    std::uint64_t pong_ms = bounds::pong_ms.standard;
    std::uint64_t drain_ms = bounds::drain_ms.standard;
  } liveness;

  struct Log {
    log::Level level = log::Level::info;
    log::Format format = log::Format::text;
  } log;
};

/// Something wrong in the configuration: where (`hubbubd.toml:7`, `HUBBUBD_CORES`, `--cores`), which key, and what to
/// do.
struct Mistake {
  std::string where;
  std::string key;  ///< empty where the file can't be read at all
  std::string sentence;
  bool operator==(const Mistake&) const = default;
};

/// `hubbubd.toml:7: limits.conections: there is no such key; did you mean limits.connections?`
std::string str(const Mistake& mistake);

using Environment = std::function<std::optional<std::string>(const std::string& name)>;

/// Where settings may come from, beside the defaults.
struct ConfigSources {
  std::optional<std::string> file;  ///< by --config; else HUBBUBD_CONFIG; else the standard file, if there
  Environment environment;
  std::vector<std::string> environment_names;  ///< of the variables there are, as far as they may be meant for us
  std::vector<std::pair<std::string, std::vector<std::string>>> flags;  ///< key and the values given for it, in order
};

struct LoadedConfig {
  Config config;     ///< only to be used if there are no mistakes
  std::string file;  ///< the file that was read; empty: none
  std::vector<Mistake> mistakes;
};

inline constexpr std::string_view standard_config_file = "/etc/hubbub/hubbubd.toml";

/// Reads everything and checks it, each by itself and how they fit together. Finds every mistake, not only the first.
LoadedConfig load_config(const ConfigSources& sources);

/// getenv(3), as an Environment.
std::optional<std::string> environment_variable(const std::string& name);
/// Those that begin with HUBBUBD_.
std::vector<std::string> our_environment_names();

/// Where the hub keeps what outlives it; nothing if it keeps nothing (`none`). Unless set: $XDG_STATE_HOME/hubbub, or
/// ~/.local/state/hubbub, and /var/lib/hubbub for root. Fails with failed_precondition where `user` has no home.
Result<std::optional<std::string>> data_directory(const Config& config, uid_t user = ::geteuid(),
                                                  const Environment& environment = environment_variable);

/// 127.0.0.0/8, ::1, localhost, or a UNIX socket: nobody else on the network can come in or read along.
bool is_local(const Address& address);

}  // namespace hubbub::server
