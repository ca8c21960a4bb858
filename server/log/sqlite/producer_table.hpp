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
  /// Brings the rows of a room up to date with its runs, and forgets the producers that published longest ago.
  Result<void> fold(RoomId room, Seq folded);

 private:
  Result<std::vector<PublishRun>> runs_behind(RoomId room, Seq folded);
  Result<ProducersByClient> rows_of(RoomId room);
  Result<ProducersByClient> rows_of(RoomId room, const std::vector<PublishRun>& runs);
  Result<void> add_row(RoomId room, const ClientId& client, ProducersByClient& producers);
  Result<void> write(RoomId room, const KeptProducer& producer);
  Result<void> forget_oldest(RoomId room);
  [[nodiscard]] tl::unexpected<Error> damaged(RoomId room) const;

  Database& database_;
  Statement rows_{database_, "SELECT client, epoch, last, recent FROM producers WHERE room = ?1"};
  Statement row_{database_, "SELECT epoch, last, recent FROM producers WHERE room = ?1 AND client = ?2"};
  Statement runs_{database_,
                  "SELECT runs FROM batches INDEXED BY batches_by_room WHERE room = ?1 AND first > ?2 ORDER BY first"};
  Statement write_{database_,
                   "INSERT OR REPLACE INTO producers(room, client, epoch, last, touched, recent) "
                   "VALUES(?1, ?2, ?3, ?4, ?5, ?6)"};
  Statement forget_{database_,
                    "DELETE FROM producers WHERE room = ?1 AND client IN (SELECT client FROM producers WHERE room = ?1 "
                    "ORDER BY touched DESC LIMIT -1 OFFSET ?2)"};
};

}  // namespace hubbub::server::sqlite
