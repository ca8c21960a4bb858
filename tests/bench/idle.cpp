// Many connections and silence: what each costs while nothing is said.
#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>

#include "tests/bench/body.hpp"
#include "tests/bench/connection.hpp"
#include "tests/bench/workloads.hpp"

namespace hubbub::bench {

namespace {

constexpr double settle_s = 0.3;  ///< for what a server does right after many have come

/// Lets that much time pass, answering the server's pings.
class Silence {
 public:
  Silence(const Dialect& dialect, std::vector<Connection>& connections) : dialect_(dialect), connections_(connections) {
    for (std::size_t i = 0; i < connections_.size(); ++i) poller_.add(connections_[i].fd, i, EPOLLIN);
  }

  void last(double seconds) {
    const auto start = Clock::now();
    for (auto left = seconds; left > 0; left = seconds - seconds_since(start))
      poller_.wait(static_cast<std::int64_t>(left * 1e9) + 1,
                   [this](std::size_t index, std::uint32_t) { answer(index); });
  }

 private:
  void answer(std::size_t index) {
    auto& connection = connections_[index];
    char buffer[4096];
    const auto got = recv(connection.fd.get(), buffer, sizeof buffer, MSG_DONTWAIT);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) throw Failed("the server closed an idle connection");
    connection.received.append(buffer, static_cast<std::size_t>(got));
    for (auto parsed = dialect_.parse(connection.received); parsed.bytes > 0;
         parsed = dialect_.parse(connection.received)) {
      if (!parsed.answer.empty()) send(connection.fd.get(), parsed.answer.data(), parsed.answer.size(), MSG_NOSIGNAL);
      connection.received.erase(0, parsed.bytes);
    }
  }

  const Dialect& dialect_;
  std::vector<Connection>& connections_;
  Poller poller_;
};

}  // namespace

Metrics run_idle(const Lab& lab, const Contender& contender, std::size_t connections) {
  const Server server(contender, lab.paths, lab.cores);
  const auto dialect = dialect_of(contender.kind, body_bytes_min);
  auto first = connect_all(server.port(), *dialect, {Part{.publishes = true, .rooms = {0}}});
  const auto memory_before = memory_bytes(server.pid());
  const auto cpu_at_start = cpu_seconds(server.pid());
  const auto start = Clock::now();
  auto crowd =
      connect_all(server.port(), *dialect, std::vector<Part>(connections, Part{.subscribes = true, .rooms = {0}}));
  const auto connect_s = seconds_since(start);
  const auto connect_cpu_s = cpu_seconds(server.pid()) - cpu_at_start;
  Silence silence(*dialect, crowd);
  silence.last(settle_s);
  const auto memory = static_cast<double>(memory_bytes(server.pid())) - static_cast<double>(memory_before);
  const auto cpu_before = cpu_seconds(server.pid());
  silence.last(lab.idle_s);
  const auto cpu = cpu_seconds(server.pid()) - cpu_before;
  reset_all(crowd);
  return {{"bytes_per_connection", memory / static_cast<double>(connections)},
          {"connect_s", connect_s},
          {"connect_cpu_s", connect_cpu_s},
          {"idle_cpu_ms_per_s", cpu * 1e3 / lab.idle_s}};
}

}  // namespace hubbub::bench
