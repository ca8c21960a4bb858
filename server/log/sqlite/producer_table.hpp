// What a room knows of its producers, as it lies in the database: rows, and runs that aren't folded into them yet.
//   table producers + runs of the batches behind rooms.folded --> KeptProducers
#pragma once

#include "server/log/fold.hpp"
#include "server/log/sqlite/database.hpp"

namespace hubbub::server::sqlite {

class ProducerTable {
 public:
  explicit ProducerTable(Database& database) : database_(database) {}

  /// All of a room's, `folded` being its rooms.folded.
  Result<std::vector<KeptProducer>> load(RoomId room, Seq folded);

 private:
  Result<ProducersByClient> rows_of(RoomId room);
  Result<std::vector<PublishRun>> runs_behind(RoomId room, Seq folded);
  [[nodiscard]] tl::unexpected<Error> damaged(RoomId room) const;

  Database& database_;
  Statement rows_{database_, "SELECT client, epoch, last, recent FROM producers WHERE room = ?1"};
  Statement runs_{database_,
                  "SELECT runs FROM batches INDEXED BY batches_by_room WHERE room = ?1 AND first > ?2 ORDER BY first"};
};

}  // namespace hubbub::server::sqlite
