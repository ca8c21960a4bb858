// Answers searches: finds docids in search.db, reads the messages in hub.db, and checks there what the index can't say.
//   SearchWish --search_query--> parts of search.db, the newest first --docids--> hub.db --> SearchFound
// Has read-only connections of its own. A search is bounded in time and in what it looks at; it then says where to go
// on. Memory: a page of messages, one row of hub.db, and what FTS5 needs for one part. Used by one thread at a time.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "common/clock.hpp"
#include "server/limits.hpp"
#include "server/log/sqlite/search_file.hpp"
#include "server/log/store.hpp"

namespace hubbub::server::sqlite {

struct SearchBounds {
  std::size_t candidates_max = bounds::search_candidates_max;  ///< messages with these words that are looked at
  std::chrono::milliseconds time_max{bounds::search_ms_max};
  std::chrono::milliseconds stuck_max{bounds::search_stuck_ms_max};  ///< for a search that can't say where to go on
};

class SearchReader {
 public:
  /// `damaged` is called when search.db can't be made sense of: see SearchIndex::start_anew.
  SearchReader(std::string path, std::string hub_path, const Clock& clock, std::function<void()> damaged,
               SearchBounds bounds = {})
      : path_(std::move(path)),
        hub_path_(std::move(hub_path)),
        clock_(clock),
        damaged_(std::move(damaged)),
        bounds_(bounds) {}

  /// Fails with invalid_argument where the words are none, with deadline_exceeded where they are too common, and with
  /// unavailable where a file can't be read (yet).
  Result<SearchFound> search(const SearchWish& wish);
  /// Cuts short the search that is under way, and all that follow. From any thread.
  void stop() { stop_ = true; }

 private:
  Result<void> open();
  Result<SearchFound> find(const SearchWish& wish, const std::string& query);

  std::string path_, hub_path_;
  const Clock& clock_;
  std::function<void()> damaged_;
  SearchBounds bounds_;
  std::atomic<bool> stop_{false};
  std::unique_ptr<Database> file_, hub_;
  std::uint64_t inode_ = 0;  // of the search.db that is open
};

}  // namespace hubbub::server::sqlite
