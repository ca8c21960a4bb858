#include "server/log/sqlite/producer_table.hpp"

#include <fmt/format.h>

#include <iterator>

#include "server/log/sqlite/publish_runs.hpp"

namespace hubbub::server::sqlite {

Result<std::vector<KeptProducer>> ProducerTable::load(RoomId room, Seq folded) {
  auto producers = rows_of(room);
  if (!producers) return tl::unexpected(producers.error());
  const auto runs = runs_behind(room, folded);
  if (!runs) return tl::unexpected(runs.error());
  fold(*producers, *runs);
  return by_age(std::move(*producers));
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
