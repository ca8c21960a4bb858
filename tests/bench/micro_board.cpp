// What a reader pays for one look at the board, while the agent changes it a thousand times a second.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <thread>
#include <vector>

#include "client/agent/board_name.hpp"
#include "client/agent/board_writer.hpp"

namespace {

using namespace hubbub;
using Clock = std::chrono::steady_clock;

proto::Person person_of(int number, proto::Presence presence) {
  proto::Person person;
  person.name = PersonName::literal("person-" + std::to_string(number));
  person.presence = presence;
  return person;
}

/// Two hundred people, of whom every update changes the one that is read.
class BusyAgent {
 public:
  explicit BusyAgent(const std::string& name) : writer_(agent::BoardWriter::make(name).value()) {
    for (int i = 0; i < 200; ++i) writer_->set_person(person_of(i, proto::Presence::online));
    thread_ = std::jthread([this](const std::stop_token& stop) {
      for (auto next = Clock::now(); !stop.stop_requested();
           std::this_thread::sleep_until(next += std::chrono::milliseconds(1))) {
        const auto presence = ++updates_ % 2 == 0 ? proto::Presence::online : proto::Presence::away;
        writer_->set_person(person_of(7, presence));
        writer_->beat(Clock::now());
      }
    });
  }
  [[nodiscard]] std::uint64_t end() {
    thread_.request_stop();
    thread_.join();
    return updates_;
  }

 private:
  std::unique_ptr<agent::BoardWriter> writer_;
  std::uint64_t updates_ = 0;
  std::jthread thread_;
};

/// The mean of a hundred at a time, which a clock can measure, and the median of those.
void read_one_person(benchmark::State& state) {
  constexpr int batch = 100;
  const auto name = agent::board_name(::geteuid(), "bench-" + std::to_string(::getpid()));
  BusyAgent agent(name);
  hubbub_board board{};
  if (hubbub_board_open(agent::board_path(name).c_str(), &board) != HUBBUB_FOUND)
    return state.SkipWithError("no board");
  std::vector<double> ns;
  std::uint64_t missed = 0;
  const auto begun = Clock::now();
  for (auto _ : state) {
    const auto before = Clock::now();
    for (int i = 0; i < batch; ++i) {
      hubbub_person person;
      missed += hubbub_board_person(&board, "person-7", &person) != HUBBUB_FOUND;
      benchmark::DoNotOptimize(person);
    }
    ns.push_back(std::chrono::duration<double, std::nano>(Clock::now() - before).count() / batch);
  }
  const std::chrono::duration<double> took = Clock::now() - begun;
  hubbub_board_close(&board);
  std::ranges::nth_element(ns, ns.begin() + static_cast<std::ptrdiff_t>(ns.size() / 2));
  state.counters["median_ns"] = ns[ns.size() / 2];
  state.counters["missed"] = static_cast<double>(missed);
  state.counters["updates/s"] = static_cast<double>(agent.end()) / took.count();
}
BENCHMARK(read_one_person)->Unit(benchmark::kNanosecond)->UseRealTime();

}  // namespace
