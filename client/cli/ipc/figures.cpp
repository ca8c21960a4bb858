#include "client/cli/ipc/figures.hpp"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

namespace hubbub::ipc {

namespace {

double microseconds(std::chrono::nanoseconds time) { return std::chrono::duration<double, std::micro>(time).count(); }
double rounded(double value) { return std::round(value * 1000) / 1000; }

}  // namespace

double Figures::messages_per_second() const {
  return took.count() > 0 ? static_cast<double>(messages) / std::chrono::duration<double>(took).count() : 0;
}

double Figures::megabytes_per_second() const {
  return messages_per_second() * static_cast<double>(message_bytes) / 1e6;
}

std::chrono::nanoseconds percentile(const std::vector<std::chrono::nanoseconds>& sorted, std::size_t percent) {
  const auto rank = (percent * sorted.size() + 99) / 100;
  return sorted[std::clamp<std::size_t>(rank, 1, sorted.size()) - 1];
}

std::string json_row(const Row& row, const Machine& machine) {
  nlohmann::ordered_json json = {{"mechanism", row.mechanism}, {"cpus", machine.cpus}, {"load", rounded(machine.load)}};
  if (row.figures) {
    const auto& figures = *row.figures;
    json["bytes"] = figures.message_bytes;
    json["round_trips"] = figures.round_trips;
    json["p50_us"] = microseconds(figures.p50);
    json["p99_us"] = microseconds(figures.p99);
    json["messages"] = figures.messages;
    json["messages_per_second"] = std::llround(figures.messages_per_second());
    json["megabytes_per_second"] = rounded(figures.megabytes_per_second());
  } else {
    json["status"] = name_of(row.figures.error().status);
    json["error"] = row.figures.error().sentence;
  }
  return json.dump();
}

}  // namespace hubbub::ipc
