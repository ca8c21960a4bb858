#include "tests/bench/commands.hpp"

#include <fstream>
#include <limits>

namespace hubbub::bench {

namespace {

bool keeps(const Start& start) { return start.setup.durability != Durability::memory; }

std::string name_of(Durability durability) { return durability == Durability::fsync ? "fsync" : "commit"; }

Command floor_command(const Start& start) {
  Command command = {start.folder + "/ready"};
  if (keeps(start)) command.insert(command.end(), {start.folder + "/log", name_of(start.setup.durability)});
  return command;
}

Command hub_command(const Start& start) {
  Command command = {"--cores",
                     start.both_cores ? "2" : "1",
                     "--listen",
                     "tcp://127.0.0.1:0",
                     "--ready-file",
                     start.folder + "/ready",
                     "--limits-calls-in-flight",
                     "65536"};
  if (keeps(start))
    command.insert(command.end(), {"--data", start.setup.data.empty() ? start.folder + "/data" : start.setup.data,
                                   "--rooms-rules", "> durability=" + name_of(start.setup.durability),
                                   start.setup.search_index ? "--search-index=true" : "--search-index=false"});
  else
    command.insert(command.end(), {"--data", "none"});
  command.insert(command.end(), start.paths.hub_options.begin(), start.paths.hub_options.end());
  return command;
}

/// It syncs its files now and then and can't be made to do so before it acknowledges.
std::string jet_stream(const Start& start) {
  if (!keeps(start)) return "";
  if (start.setup.durability == Durability::fsync) throw Failed("nats can't sync before it acknowledges");
  return "jetstream { store_dir: \"" + start.folder + "\", max_file_store: 100GB, max_memory_store: 1GB }\n";
}

Command nats_command(const Start& start) {
  std::ofstream(start.folder + "/nats.conf") << "listen: \"127.0.0.1:" << start.port << "\"\n"
                                             << "max_connections: 20000\nmax_pending: 1GB\nwrite_deadline: \"60s\"\n"
                                             << "ping_interval: \"1h\"\nmax_subscriptions: 0\n"
                                             << jet_stream(start);
  return {"-c", start.folder + "/nats.conf"};
}

Command redis_command(const Start& start) {
  const bool syncs = start.setup.durability == Durability::fsync;
  return {"--port",
          std::to_string(start.port),
          "--bind",
          "127.0.0.1",
          "--save",
          "",
          "--appendonly",
          keeps(start) ? "yes" : "no",
          "--appendfsync",
          syncs ? "always" : "no",
          "--auto-aof-rewrite-percentage",
          "0",
          "--maxclients",
          "16000",
          "--tcp-backlog",
          "4096",
          "--timeout",
          "0",
          "--dir",
          start.folder,
          "--loglevel",
          "warning",
          "--client-output-buffer-limit",
          "pubsub 0 0 0"};
}

Command mosquitto_command(const Start& start) {
  std::ofstream(start.folder + "/mosquitto.conf")
      << "listener " << start.port << " 127.0.0.1\nallow_anonymous true\npersistence false\nsys_interval 0\n"
      << "max_queued_messages 0\nmax_queued_bytes 0\nmax_inflight_messages 0\nmax_connections -1\n"
      << "set_tcp_nodelay true\nlog_type error\n";
  return {"-c", start.folder + "/mosquitto.conf"};
}

constexpr KindRow kinds[] = {
    {Kind::floor, "floor", "hubbub_floor", true, floor_command},
    {Kind::hub, "hubbub", "hubbubd", true, hub_command},
    {Kind::nats, "nats", "nats-server", false, nats_command},
    {Kind::redis, "redis", "redis-server", false, redis_command},
    {Kind::mosquitto, "mosquitto", "mosquitto", false, mosquitto_command},
};

std::string program_of(const KindRow& row, const ServerPaths& paths) {
  if (row.kind == Kind::floor) return sibling(row.program);
  if (row.kind == Kind::hub) return find_program(paths.hub.empty() ? sibling(row.program) : paths.hub);
  return find_program(row.program);
}

}  // namespace

const KindRow& row_of(Kind kind) { return kinds[static_cast<std::size_t>(kind)]; }

std::vector<Contender> all_contenders(const ServerPaths& paths) {
  std::vector<Contender> all;
  for (const auto& row : kinds) {
    const auto program = program_of(row, paths);
    all.push_back({row.name, row.kind, false, program});
    if (row.kind == Kind::hub || row.kind == Kind::nats)
      all.push_back({row.name + std::string("-2"), row.kind, true, program});
  }
  return all;
}

std::unique_ptr<Dialect> dialect_of(Kind kind, std::size_t body_bytes) {
  switch (kind) {
    case Kind::floor: return floor_dialect(body_bytes);
    case Kind::hub: return hub_dialect();
    case Kind::nats: return nats_dialect();
    case Kind::redis: return redis_dialect();
    case Kind::mosquitto: return mqtt_dialect();
  }
  throw Failed("an unknown kind of server");
}

std::uint64_t deliveries_under_way_max(Kind kind) {
  return kind == Kind::mosquitto ? 50'000 : std::numeric_limits<std::uint64_t>::max();
}

}  // namespace hubbub::bench
