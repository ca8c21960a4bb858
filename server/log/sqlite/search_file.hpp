// search.db: the index of what was said. A file of its own with a writer of its own, so that indexing is off the path
// of commits; it may be deleted at any time the hub is down, and is made anew from hub.db.
//
// Tables
//   meta       `store`: whose messages these are (StoreId); `indexed`: the newest batch of hub.db that is in it
//   parts      the index is cut into parts of half a million messages or so: batches `first` to `last`, `messages` of
//              them. What retention gave up goes part by part; nothing that is done to one takes long or much memory
//   part_N     FTS5 without content: rowid is a docid, `body` the text, `place` its room and sender (search_query.hpp)
//   stretches  of a part, which times are where: batches `first` to `last` are of `first_time` to `last_time`
//
// A docid is a batch's id and a place in that batch: in the order of commits, so that the newest are found first.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "server/log/sqlite/database.hpp"

namespace hubbub::server::sqlite {

/// A batch is at most a chunk of frames, each of them longer than 16 bytes: its places have 16 bits by far.
inline constexpr int place_bits = 16;
inline constexpr std::int64_t places_max = std::int64_t{1} << place_bits;
constexpr std::int64_t docid_of(std::int64_t batch, std::int64_t place) { return batch << place_bits | place; }
constexpr std::int64_t batch_of(std::int64_t docid) { return docid >> place_bits; }
constexpr std::int64_t place_of(std::int64_t docid) { return docid & (places_max - 1); }

enum class PartState : std::int64_t {
  ready = 0,
  made = 1,  ///< out of older parts, which serve until it is ready
  gone = 2,  ///< to be dropped
};

struct Part {
  std::int64_t id = 0;
  std::int64_t first = 0, last = 0;  ///< batches
  std::int64_t messages = 0;
  PartState state = PartState::ready;
};

/// The table with that part's index.
std::string part_table(std::int64_t id);

/// The parts that are ready, the oldest first.
Result<std::vector<Part>> ready_parts(Database& file);

/// The newest batch that is in the index; zero: none is.
Result<std::int64_t> indexed_batch(Database& file);

/// True where the file itself is to blame, so that it has to be made anew; not a disk that is full or fails.
bool is_damage(const Error& error);
/// Of such an error, why the file has to be made anew: for the log.
std::string damage_of(const Error& error);

/// Opens the index to write to it. One that isn't there, is another store's, another version's or damaged is made
/// anew, and the log says why.
Result<std::unique_ptr<Database>> open_search_file(const std::string& path, const StoreId& store);

/// Makes it anew, whatever is there. Who has the old one open goes on with that, and has to notice.
Result<std::unique_ptr<Database>> make_search_file(const std::string& path, const StoreId& store);

/// A part without messages, in the transaction of the caller.
Result<void> make_part(Database& file, const Part& part);
Result<void> drop_part(Database& file, std::int64_t id);

}  // namespace hubbub::server::sqlite
