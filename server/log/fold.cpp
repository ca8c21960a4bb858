#include "server/log/fold.hpp"

#include <algorithm>

#include "server/log/producers.hpp"

namespace hubbub::server {

namespace {

void fold(KeptProducer& producer, const PublishRun& run) {
  // A producer that was forgotten, and began again with 1.
  if (run.first != producer.last.next()) producer.recent.clear();
  producer.epoch = run.epoch;
  producer.last = PublishId{run.first.value + run.hashes.size() - 1};
  auto& recent = producer.recent;
  for (std::uint64_t i = 0; i < run.hashes.size(); ++i) recent.push_back({Seq{run.at.value + i}, run.hashes[i]});
  if (recent.size() > producer_window)
    recent.erase(recent.begin(), recent.end() - static_cast<std::ptrdiff_t>(producer_window));
}

}  // namespace

void fold(ProducersByClient& producers, std::span<const PublishRun> runs) {
  for (const auto& run : runs) {
    if (run.hashes.empty()) continue;
    auto& producer = producers[run.producer];
    producer.client = run.producer;
    fold(producer, run);
  }
}

std::vector<KeptProducer> by_age(ProducersByClient producers) {
  std::vector<KeptProducer> sorted;
  for (auto& [client, producer] : producers)
    if (!producer.recent.empty()) sorted.push_back(std::move(producer));
  std::ranges::sort(sorted, {}, [](const KeptProducer& producer) { return producer.recent.back().seq; });
  if (sorted.size() > producers_per_room_max)
    sorted.erase(sorted.begin(), sorted.end() - static_cast<std::ptrdiff_t>(producers_per_room_max));
  return sorted;
}

}  // namespace hubbub::server
