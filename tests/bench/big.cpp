// A long history and a restart: whether what the hub keeps on disk costs it time or memory.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <limits>
#include <random>

#include "tests/bench/acknowledged.hpp"
#include "tests/bench/durable_workloads.hpp"
#include "tests/bench/percentile.hpp"
#include "tests/support/wire_client.hpp"

namespace hubbub::bench {

namespace {

constexpr std::size_t body_bytes = 128;
constexpr std::size_t pages = 2000;
constexpr std::uint16_t page_messages = 100;
constexpr int rare_words = 20;
constexpr double forever = std::numeric_limits<double>::infinity();
constexpr double index_s_max = 1800;
constexpr useconds_t ask_again_us = 200'000;

test::WireClient greeted(int port) {
  test::WireClient client("tcp://127.0.0.1:" + std::to_string(port));
  client.greet({"asker", {}, OwnerKey{{1}}, proto::protocol_minor});  // always the same person
  return client;
}

template <class Method>
typename Method::Reply ask(test::WireClient& client, const Method& method) {
  auto reply = client.call(method);
  if (!reply) throw Failed("the hub refuses " + std::string(Method::name) + ": " + reply.error().sentence);
  return *std::move(reply);
}

std::string rare_word(int i) { return "zyqqu" + std::string(1, static_cast<char>('a' + i)) + "wyx"; }

proto::RoomSearch search_for(const std::string& words) {
  proto::RoomSearch method;
  method.words = Text::literal(words);
  return method;
}

/// Somebody who publishes in each room.
std::vector<Connection> connect_publishers(const Server& server, const Dialect& dialect, std::uint32_t rooms) {
  std::vector<Part> parts;
  for (std::uint32_t room = 0; room < rooms; ++room)
    parts.push_back({.publishes = true, .rooms = {room}, .acknowledged = true});
  return connect_all(server.port(), dialect, std::move(parts));
}

/// Every room gets as many; half of the rare words are said before most, half after.
double fill(const Lab& lab, const Server& server, const BigHistory& sizes) {
  const auto dialect = dialect_of(server.contender().kind, body_bytes);
  AcknowledgedLoad load(*dialect, {.body_bytes = body_bytes, .in_flight = sizes.in_flight});
  auto publishers = connect_publishers(server, *dialect, sizes.rooms);
  for (auto& connection : publishers) load.add(connection);
  auto client = greeted(server.port());
  const auto say_rare_words = [&](int first) {
    for (int i = first; i < rare_words; i += 2)
      client.say(client.open(room_name(static_cast<std::uint32_t>(i) % sizes.rooms)), "now " + rare_word(i) + " then");
  };
  const auto start = Clock::now();
  load.run(lab.warm_up_s);
  say_rare_words(0);
  load.run(forever, 0, [&] { return load.acknowledged() >= sizes.messages; });
  load.finish();
  const auto filled_s = seconds_since(start);
  say_rare_words(1);
  return filled_s;
}

/// Its write-ahead log is as long then as it gets.
void crash_under_load(const Lab& lab, const Server& server, const BigHistory& sizes) {
  const auto dialect = dialect_of(server.contender().kind, body_bytes);
  AcknowledgedLoad load(*dialect, {.body_bytes = body_bytes, .in_flight = sizes.in_flight});
  auto publishers = connect_publishers(server, *dialect, sizes.rooms);
  for (auto& connection : publishers) load.add(connection);
  load.run(lab.seconds);
  load.finish();
  kill(server.pid(), SIGKILL);
}

/// Searches until the index says that it has everything.
double wait_for_index(int port) {
  const auto start = Clock::now();
  auto client = greeted(port);
  while (ask(client, search_for(rare_word(1))).unindexed > 0) {
    if (seconds_since(start) > index_s_max) throw Failed("the search index never had everything");
    usleep(ask_again_us);
  }
  return seconds_since(start);
}

double disk_mb(const std::string& folder) {
  double bytes = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
    if (entry.is_regular_file()) bytes += static_cast<double>(entry.file_size());
  return bytes / 1e6;
}

/// The kernel forgets what it has of these files in memory.
void make_cold(const std::string& folder) {
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    const Fd fd(open(entry.path().c_str(), O_RDONLY | O_CLOEXEC));
    if (fdatasync(fd.get()) != 0 || posix_fadvise(fd.get(), 0, 0, POSIX_FADV_DONTNEED) != 0)
      fail_with_errno("dropping what is cached of " + entry.path().string());
  }
}

std::vector<proto::Blob> page(test::WireClient& client, std::uint32_t room, Seq before) {
  proto::RoomHistory method;
  method.room = RoomName::literal(room_name(room));
  method.before = before;
  method.limit = page_messages;
  return ask(client, method).messages;
}

std::unique_ptr<Server> start(const Lab& lab, const Contender& contender, const Setup& setup, double& seconds) {
  const auto begin = Clock::now();
  auto server = std::make_unique<Server>(contender, lab.paths, lab.cores, setup);
  auto client = greeted(server->port());
  if (page(client, 0, Seq{}).empty()) throw Failed("the hub forgot what it was given");
  seconds = seconds_since(begin);
  return server;
}

std::vector<double> time_pages(int port, const BigHistory& sizes) {
  auto client = greeted(port);
  std::mt19937_64 random(1);
  const auto in_each = sizes.messages / sizes.rooms;
  std::vector<double> samples;
  for (std::size_t i = 0; i < pages; ++i) {
    const auto room = static_cast<std::uint32_t>(random() % sizes.rooms);
    const Seq before{in_each / 4 + random() % (in_each / 2)};
    const auto asked = Clock::now();
    if (page(client, room, before).size() != page_messages) throw Failed("a page of history came short");
    samples.push_back(seconds_since(asked) * 1e3);
  }
  return samples;
}

std::vector<double> time_searches(int port) {
  auto client = greeted(port);
  std::vector<double> samples;
  for (int i = 0; i < rare_words; ++i) {
    const auto asked = Clock::now();
    if (ask(client, search_for(rare_word(i))).hits.size() != 1) throw Failed("a search found something else");
    samples.push_back(seconds_since(asked) * 1e3);
  }
  return samples;
}

double resident_mb(pid_t pid) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmRSS:")) return std::stod(line.substr(6)) / 1e3;
  throw Failed("the server's memory can't be read from /proc");
}

}  // namespace

Metrics run_big_history(const Lab& lab, const Contender& contender, const BigHistory& sizes) {
  const Folder data(lab.paths.data);
  const Setup setup{.durability = Durability::commit, .data = data.path()};
  Metrics metrics;
  {
    const Server server(contender, lab.paths, lab.cores, setup);
    metrics["filled_per_s"] = static_cast<double>(sizes.messages) / fill(lab, server, sizes);
    metrics["resident_filled_mb"] = resident_mb(server.pid());
    metrics["indexed_s"] = wait_for_index(server.port());
  }
  metrics["disk_mb"] = disk_mb(data.path());
  make_cold(data.path());
  start(lab, contender, setup, metrics["start_cold_s"]).reset();
  auto server = start(lab, contender, setup, metrics["start_s"]);
  auto page_ms = time_pages(server->port(), sizes);
  const auto search_ms = time_searches(server->port());
  metrics["page_p50_ms"] = percentile(page_ms, 0.5);
  metrics["page_p99_ms"] = percentile(page_ms, 0.99);
  metrics["search_max_ms"] = *std::ranges::max_element(search_ms);
  metrics["resident_mb"] = std::max(metrics["resident_filled_mb"], resident_mb(server->pid()));
  crash_under_load(lab, *server, sizes);
  server.reset();
  start(lab, contender, setup, metrics["start_killed_s"]).reset();
  return metrics;
}

}  // namespace hubbub::bench
