#include "server/log/sqlite/producer_table.hpp"

#include <fmt/format.h>

#include <iterator>
#include <unordered_set>

#include "server/log/producers.hpp"
#include "server/log/sqlite/publish_runs.hpp"

namespace hubbub::server::sqlite {

Result<std::vector<KeptProducer>> ProducerTable::load(RoomId room, Seq folded) {
  auto producers = rows_of(room);
  if (!producers) return tl::unexpected(producers.error());
  const auto runs = runs_behind(room, folded);
  if (!runs) return tl::unexpected(runs.error());
  server::fold(*producers, *runs);
  return by_age(std::move(*producers));
}

Result<void> ProducerTable::fold(RoomId room, Seq folded) {
  const auto runs = runs_behind(room, folded);
  if (!runs) return tl::unexpected(runs.error());
  auto producers = rows_of(room, *runs);
  if (!producers) return tl::unexpected(producers.error());
  const auto known = producers->size();
  server::fold(*producers, *runs);
  for (const auto& [client, producer] : *producers)
    if (auto written = write(room, producer); !written) return written;
  return producers->size() > known ? forget_oldest(room) : Result<void>{};
}

Result<ProducersByClient> ProducerTable::rows_of(RoomId room) {
  ProducersByClient producers;
  auto rows = rows_.query(room);
  while (rows.next()) {
    auto recent = decode_recent(rows.bytes(3));
    if (!recent) return damaged(room);
    const auto client = rows.random128<ClientId>(0);
    producers[client] = KeptProducer{client, rows.number(1), PublishId{rows.number(2)}, std::move(*recent)};
  }
  if (!rows.result()) return tl::unexpected(rows.result().error());
  return producers;
}

/// Of those that the runs are about, which are few where all are many.
Result<ProducersByClient> ProducerTable::rows_of(RoomId room, const std::vector<PublishRun>& runs) {
  ProducersByClient producers;
  std::unordered_set<ClientId> asked;
  for (const auto& run : runs)
    if (asked.insert(run.producer).second)
      if (auto added = add_row(room, run.producer, producers); !added) return tl::unexpected(added.error());
  return producers;
}

Result<void> ProducerTable::add_row(RoomId room, const ClientId& client, ProducersByClient& producers) {
  auto rows = row_.query(room, client);
  if (!rows.next()) return rows.result();
  auto recent = decode_recent(rows.bytes(2));
  if (!recent) return damaged(room);
  producers[client] = KeptProducer{client, rows.number(0), PublishId{rows.number(1)}, std::move(*recent)};
  return {};
}

Result<void> ProducerTable::write(RoomId room, const KeptProducer& producer) {
  const auto recent = encode_recent(producer.recent);
  return write_.run(room, producer.client, producer.epoch, producer.last, producer.recent.back().seq, Blob{recent});
}

Result<void> ProducerTable::forget_oldest(RoomId room) {
  return forget_.run(room, static_cast<std::uint64_t>(producers_per_room_max));
}

Result<std::vector<PublishRun>> ProducerTable::runs_behind(RoomId room, Seq folded) {
  std::vector<PublishRun> all;
  auto rows = runs_.query(room, folded);
  while (rows.next()) {
    auto runs = decode_runs(rows.bytes(0));
    if (!runs) return damaged(room);
    std::ranges::move(*runs, std::back_inserter(all));
  }
  if (!rows.result()) return tl::unexpected(rows.result().error());
  return all;
}

tl::unexpected<Error> ProducerTable::damaged(RoomId room) const {
  return fail(Status::data_loss, fmt::format("{} is damaged: what it holds of the producers of room number {} is not "
                                             "what was written; restore a backup of it",
                                             database_.path(), room.value));
}

}  // namespace hubbub::server::sqlite
