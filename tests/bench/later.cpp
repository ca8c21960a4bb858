#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>

#include "common/clock.hpp"
#include "proto/hot.hpp"
#include "tests/bench/later_workload.hpp"
#include "tests/bench/percentile.hpp"
#include "tests/support/wire_client.hpp"

namespace hubbub::bench {

namespace {

constexpr std::uint64_t second = 1'000'000'000;
constexpr double deadline_s = 60;
constexpr useconds_t ask_again_us = 20'000;

test::WireClient greeted(const Server& server) {
  test::WireClient client("tcp://127.0.0.1:" + std::to_string(server.port()));
  client.greet("asker");
  return client;
}

/// Into the data of a hub that doesn't run.
void put_later(const std::string& data, const std::string& room, std::uint64_t count, WallTime first,
               std::uint64_t step_ns) {
  sqlite3* database = nullptr;
  sqlite3_open((data + "/hub.db").c_str(), &database);
  const auto sql =
      "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n LIMIT " + std::to_string(count) +
      ") INSERT INTO later(at, room, owner, uid, person, verified, kind, flags, headers, body) SELECT " +
      std::to_string(first.ns) + " + i * " + std::to_string(step_ns) + ", '" + room +
      "', NULL, 4711, 'bob', 0, 0, 0, x'', CAST(i || ': a message that waits for its time' AS BLOB) FROM n";
  char* why = nullptr;
  if (sqlite3_exec(database, sql.c_str(), nullptr, nullptr, &why) != SQLITE_OK) throw Failed(why);
  sqlite3_close(database);
}

/// How late each came, in milliseconds, once all of them have.
std::vector<double> lateness_ms(test::WireClient& client, const std::string& room, std::uint64_t count, WallTime first,
                                std::uint64_t step_ns) {
  const auto begin = Clock::now();
  std::vector<double> late;
  for (std::uint64_t next = 1; next <= count;) {
    if (seconds_since(begin) > deadline_s) throw Failed("not all that was due was posted");
    const Seq before{std::min(next + limits::history_page_messages_max, count + 1)};
    const auto page =
        client.call(proto::RoomHistory{RoomName::literal(room), before, limits::history_page_messages_max});
    for (const auto& message : page ? page->messages : std::vector<proto::Blob>{}) {
      const auto view = proto::DeliveryView::parse(message.bytes);
      if (!view || view->place.seq != Seq{next}) continue;
      const auto due = first.ns + (next - 1) * step_ns;
      late.push_back((static_cast<double>(view->place.time.ns) - static_cast<double>(due)) / 1e6);
      ++next;
    }
    ::usleep(ask_again_us);
  }
  return late;
}

}  // namespace

Metrics run_later(const Lab& lab, const Contender& contender, const LaterLoad& sizes) {
  const Folder data(lab.paths.data);
  const Setup setup{.durability = Durability::commit, .data = data.path()};
  Metrics metrics;
  double without = 0;
  {
    const Server server(contender, lab.paths, lab.cores, setup);
    greeted(server).open("second");
  }
  {
    const Server server(contender, lab.paths, lab.cores, setup);
    auto client = greeted(server);
    client.open("moment");
    without = static_cast<double>(memory_bytes(server.pid()));
  }
  const auto now = SystemClock().wall_now().ns;
  const auto step = second / sizes.due;
  put_later(data.path(), "second", sizes.pending, WallTime{now + 86'400 * second}, 1000);
  const WallTime first{SystemClock().wall_now().ns + 5 * second}, moment{first.ns + 3 * second};
  put_later(data.path(), "second", sizes.due, first, step);
  put_later(data.path(), "moment", sizes.due, moment, 0);
  const auto begin = Clock::now();
  const Server server(contender, lab.paths, lab.cores, setup);
  auto client = greeted(server);
  client.open("second");
  metrics["start_ms"] = seconds_since(begin) * 1e3;
  metrics["pending_memory_mb"] = (static_cast<double>(memory_bytes(server.pid())) - without) / (1 << 20);
  auto late = lateness_ms(client, "second", sizes.due, first, step);
  metrics["latest_ms"] = *std::ranges::max_element(late);
  metrics["p50_late_ms"] = percentile(late, 0.5);
  metrics["p99_late_ms"] = percentile(late, 0.99);
  late = lateness_ms(client, "moment", sizes.due, moment, 0);
  metrics["at_once_latest_ms"] = *std::ranges::max_element(late);
  return metrics;
}

}  // namespace hubbub::bench
