#include "server/log/sqlite/search_reader.hpp"

#include <sys/stat.h>

#include "proto/search_words.hpp"
#include "server/log/sqlite/search_hunt.hpp"
#include "server/log/sqlite/search_part.hpp"
#include "server/log/sqlite/search_query.hpp"

namespace hubbub::server::sqlite {

namespace {

/// Zero: it isn't there.
std::uint64_t inode_of(const std::string& path) {
  struct stat about {};
  return ::stat(path.c_str(), &about) == 0 ? about.st_ino : 0;
}

/// Rows of hub.db that are counted one by one.
constexpr std::int64_t counted_rows_max = 20'000;

/// The messages behind that batch: counted, or (if there are very many batches) reckoned from those that were. Ids have
/// gaps.
Result<std::uint64_t> messages_behind(Database& hub, std::int64_t batch) {
  Statement select(hub,
                   "SELECT id, last - first + 1, (SELECT max(id) FROM batches) FROM batches "
                   "WHERE id > ?1 ORDER BY id LIMIT ?2");
  auto rows = select.query(batch, counted_rows_max);
  std::int64_t counted = 0, messages = 0, at = 0, newest_id = 0;
  for (; rows.next(); ++counted) {
    at = rows.integer(0);
    messages += rows.integer(1);
    newest_id = rows.integer(2);
  }
  if (!rows.result()) return tl::unexpected(not_ours(rows.result().error()));
  if (counted < counted_rows_max) return static_cast<std::uint64_t>(messages);
  return static_cast<std::uint64_t>(messages *
                                    (static_cast<double>(newest_id - batch) / static_cast<double>(at - batch)));
}

}  // namespace

Result<SearchFound> SearchReader::search(const SearchWish& wish) {
  const auto words = proto::parse_search_words(wish.words);
  if (!words) return tl::unexpected(words.error());
  if (auto opened = open(); !opened) return tl::unexpected(not_ours(opened.error()));
  auto found = find(wish, search_query(*words, wish.rooms, wish.from));
  if (found) return found;
  const auto status = found.error().status;
  if (status != Status::data_loss && status != Status::failed_precondition) return found;
  damaged_();
  return fail(Status::unavailable, "the search index is damaged and is being made anew; search again later");
}

/// Whoever writes search.db may have made it anew. What it is called now must still be what was opened once that has
/// its WAL open too, or one would be read with the other's.
Result<void> SearchReader::open() {
  while (file_ == nullptr || inode_of(path_) != inode_) {
    file_.reset();
    inode_ = inode_of(path_);
    if (inode_ == 0) return fail(Status::unavailable, "the search index isn't there yet; search again later");
    auto file = Database::open(path_, Database::Access::read);
    if (!file) return tl::unexpected(file.error());
    file_ = *std::move(file);
    (void)indexed_batch(*file_);  // whatever it says: it opens the WAL
  }
  if (hub_ != nullptr) return {};
  auto hub = Database::open(hub_path_, Database::Access::read);
  if (!hub) return tl::unexpected(hub.error());
  hub_ = *std::move(hub);
  return {};
}

Result<SearchFound> SearchReader::find(const SearchWish& wish, const std::string& query) {
  // The index first: what it has, the later snapshot of hub.db has too, or retention took it.
  const ReadTransaction in_file(*file_);
  if (!in_file.begun()) return tl::unexpected(in_file.begun().error());
  const auto indexed = indexed_batch(*file_);
  if (!indexed) return tl::unexpected(indexed.error());
  const auto parts = ready_parts(*file_);
  if (!parts) return tl::unexpected(parts.error());
  const ReadTransaction in_hub(*hub_);
  if (!in_hub.begun()) return tl::unexpected(not_ours(in_hub.begun().error()));

  SearchHunt hunt(*file_, *hub_, wish, query, bounds_, clock_, stop_);
  for (auto part = parts->rbegin(); part != parts->rend(); ++part) {  // the newest first
    const auto more = hunt.search(*part);
    if (!more) return tl::unexpected(more.error());
    if (!*more) break;
  }
  const auto unindexed = messages_behind(*hub_, *indexed);
  if (!unindexed) return tl::unexpected(unindexed.error());
  auto found = hunt.take();
  found.unindexed = *unindexed;
  return found;
}

}  // namespace hubbub::server::sqlite
