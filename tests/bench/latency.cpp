// Ping-pong and open loop: how long a message takes from its publisher to its subscribers.
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include "tests/bench/body.hpp"
#include "tests/bench/connection.hpp"
#include "tests/bench/percentile.hpp"
#include "tests/bench/workloads.hpp"

namespace hubbub::bench {

namespace {

constexpr std::size_t round_trips_per_turn = 500;
constexpr std::size_t warm_up_round_trips = 500;
constexpr int lost_after_ms = 10'000;
constexpr double drain_s_max = 10;

void send_all(const Fd& fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = send(fd.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN) fail_with_errno("publishing");
    if (sent > 0) bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

/// Reads what is there and calls `see(body)` for each delivery. Answers pings.
template <class See>
void read_deliveries(const Dialect& dialect, Connection& connection, See see) {
  char buffer[64 * 1024];
  const auto got = recv(connection.fd.get(), buffer, sizeof buffer, MSG_DONTWAIT);
  if (got < 0 && errno == EAGAIN) return;
  if (got <= 0) throw Failed("the server closed a connection");
  connection.received.append(buffer, static_cast<std::size_t>(got));
  std::string_view left = connection.received;
  for (auto parsed = dialect.parse(left); parsed.bytes > 0; parsed = dialect.parse(left)) {
    left.remove_prefix(parsed.bytes);
    if (!parsed.answer.empty()) send_all(connection.fd, parsed.answer);
    if (parsed.is_delivery) see(parsed.body);
  }
  connection.received.erase(0, connection.received.size() - left.size());
}

/// One server, a publisher and a subscriber, and a message at a time between them.
class Pair {
 public:
  Pair(const Lab& lab, const Contender& contender, std::size_t body_bytes)
      : server_(contender, lab.paths, lab.cores),
        dialect_(dialect_of(contender.kind, body_bytes)),
        body_bytes_(body_bytes) {
    publisher_ = connect_all(server_.port(), *dialect_, {Part{.publishes = true, .rooms = {0}}});
    subscriber_ = connect_all(server_.port(), *dialect_, {Part{.subscribes = true, .rooms = {0}}});
    for (std::size_t i = 0; i < warm_up_round_trips; ++i) (void)round_trip();
  }

  void take_turn(std::size_t round_trips) {
    for (std::size_t i = 0; i < round_trips; ++i) samples_us_.push_back(round_trip());
    read_deliveries(*dialect_, publisher_.front(), [](std::string_view) {});
  }

  Metrics metrics() { return {{"p50_us", percentile(samples_us_, 0.5)}, {"p99_us", percentile(samples_us_, 0.99)}}; }

 private:
  double round_trip() {
    auto& publisher = publisher_.front();
    std::string bytes;
    dialect_->publish(bytes, 0, publisher.room_handles.front(), make_body(body_bytes_, Mark{.number = ++number_}));
    const auto start = Clock::now();
    send_all(publisher.fd, bytes);
    wait_for_echo();
    return seconds_since(start) * 1e6;
  }

  void wait_for_echo() {
    auto& subscriber = subscriber_.front();
    for (bool arrived = false; !arrived;) {
      pollfd waiting{.fd = subscriber.fd.get(), .events = POLLIN, .revents = 0};
      if (poll(&waiting, 1, lost_after_ms) == 0) throw Failed("a message was lost: it never arrived");
      read_deliveries(*dialect_, subscriber, [&](std::string_view body) {
        arrived = true;
        if (read_body(body, body_bytes_).number != number_) throw Failed("another message came than was sent");
      });
    }
  }

  Server server_;
  std::unique_ptr<Dialect> dialect_;
  std::size_t body_bytes_;
  std::vector<Connection> publisher_;
  std::vector<Connection> subscriber_;
  std::uint64_t number_ = 0;
  std::vector<double> samples_us_;
};

/// Publishes by the clock, whatever the server does, and dates each message with when it was due.
class Ticker {
 public:
  Ticker(const Dialect& dialect, std::vector<Connection>& connections, const OpenLoop& sizes)
      : dialect_(dialect), connections_(connections), sizes_(sizes) {
    for (std::size_t i = 0; i < connections_.size(); ++i) poller_.add(connections_[i].fd, i, EPOLLIN);
  }

  /// Throws Failed if something is lost; gives up waiting for a server that can't keep up.
  void run(double seconds) {
    const auto period_ns = static_cast<std::uint64_t>(1e9 / sizes_.messages_per_s);
    const auto end = now_ns() + static_cast<std::uint64_t>(seconds * 1e9);
    samples_ms_.clear();
    published_ = 0;
    for (auto due = now_ns(); due < end; due += period_ns) {
      for (auto now = now_ns(); now < due; now = now_ns()) poll_once(static_cast<std::int64_t>(due - now));
      publish(due);
    }
    drain();
  }

  std::vector<double>& samples_ms() { return samples_ms_; }
  [[nodiscard]] bool kept_up() const { return samples_ms_.size() == expected(); }

 private:
  [[nodiscard]] std::size_t expected() const { return published_ * sizes_.subscribers; }

  void publish(std::uint64_t due) {
    const auto& publisher = connections_.front();
    std::string bytes;
    dialect_.publish(bytes, 0, publisher.room_handles.front(), make_body(sizes_.body_bytes, Mark{.number = due}));
    send_all(publisher.fd, bytes);
    ++published_;
  }

  void poll_once(std::int64_t timeout_ns) {
    poller_.wait(timeout_ns, [this](std::size_t index, std::uint32_t) {
      read_deliveries(dialect_, connections_[index], [this](std::string_view body) {
        const auto due = read_body(body, sizes_.body_bytes).number;
        samples_ms_.push_back(static_cast<double>(now_ns() - due) * 1e-6);
      });
    });
  }

  void drain() {
    const auto start = Clock::now();
    while (!kept_up() && seconds_since(start) < drain_s_max) poll_once(10'000'000);
  }

  const Dialect& dialect_;
  std::vector<Connection>& connections_;
  OpenLoop sizes_;
  Poller poller_;
  std::size_t published_ = 0;
  std::vector<double> samples_ms_;
};

}  // namespace

std::map<std::string, Metrics> run_ping_pong(const Lab& lab, const std::vector<Contender>& contenders,
                                             std::size_t body_bytes) {
  std::vector<std::unique_ptr<Pair>> pairs;
  for (const auto& contender : contenders) pairs.push_back(std::make_unique<Pair>(lab, contender, body_bytes));
  for (std::size_t done = 0; done < lab.round_trips; done += round_trips_per_turn)
    for (const auto& pair : pairs) pair->take_turn(round_trips_per_turn);
  std::map<std::string, Metrics> all;
  for (std::size_t i = 0; i < pairs.size(); ++i) all[contenders[i].name] = pairs[i]->metrics();
  return all;
}

Metrics run_open_loop(const Lab& lab, const Contender& contender, const OpenLoop& sizes) {
  const Server server(contender, lab.paths, lab.cores);
  const auto dialect = dialect_of(contender.kind, sizes.body_bytes);
  auto connections = connect_all(server.port(), *dialect, {Part{.publishes = true, .rooms = {0}}});
  auto subscribers = connect_all(server.port(), *dialect,
                                 std::vector<Part>(sizes.subscribers, Part{.subscribes = true, .rooms = {0}}));
  std::ranges::move(subscribers, std::back_inserter(connections));
  Ticker ticker(*dialect, connections, sizes);
  ticker.run(lab.warm_up_s);
  const auto cpu_before = cpu_seconds(server.pid());
  ticker.run(lab.open_loop_s);
  const auto cpu = cpu_seconds(server.pid()) - cpu_before;
  auto& samples = ticker.samples_ms();
  return {{"cpu_us_per_delivery", cpu * 1e6 / static_cast<double>(samples.size())},
          {"kept_up", ticker.kept_up() ? 1 : 0},
          {"p50_ms", percentile(samples, 0.5)},
          {"p99_ms", percentile(samples, 0.99)}};
}

}  // namespace hubbub::bench
