// One search while it runs: looks at what the words found, newest first, and keeps what is wished for.
//   docid --> row of hub.db: still there, of these rooms? --> frame: of that time, of that sender? --> a hit
// FTS5 may look for long before it finds the next docid, or none: SQLite interrupts it when the time is over.
#pragma once

#include <atomic>

#include "server/log/sqlite/search_reader.hpp"

namespace hubbub::server::sqlite {

class SearchHunt {
 public:
  /// All of it borrowed. `query`: see search_query.hpp. `stop`: nobody waits for the answer any more.
  SearchHunt(Database& file, Database& hub, const SearchWish& wish, const std::string& query, SearchBounds bounds,
             const Clock& clock, const std::atomic<bool>& stop);
  ~SearchHunt();
  SearchHunt(const SearchHunt&) = delete;
  SearchHunt& operator=(const SearchHunt&) = delete;

  /// Goes through one part. False: the search has found enough, or looked enough. Fails with deadline_exceeded where
  /// it has come nowhere.
  Result<bool> search(const Part& part);

  SearchFound take() { return std::move(found_); }

 private:
  struct Range {
    std::int64_t low = 0, high = -1;
  };
  static int on_progress(void* self);
  [[nodiscard]] bool is_late() const;
  Result<bool> look_through(const Part& part);
  Result<bool> cut_short();
  Result<Range> range_of(const Part& part);
  Result<bool> look_at(std::int64_t docid);
  Result<void> turn_to(std::int64_t batch);
  [[nodiscard]] std::string_view message_at(std::int64_t place) const;
  [[nodiscard]] bool is_wished(std::string_view payload) const;
  bool take_hit(std::int64_t docid, std::string_view payload);

  Database& file_;
  const SearchWish& wish_;
  const std::string& query_;
  SearchBounds bounds_;
  const Clock& clock_;
  const std::atomic<bool>& stop_;
  const Clock::Steady begun_;
  const std::size_t limit_;

  Statement select_batch_;
  std::unique_ptr<Rows> row_;  // of the batch that was looked at last, as all that follows
  std::int64_t batch_ = 0;     // its id
  std::string_view frames_;    // empty: nothing in it is wished for
  RoomId room_;
  Seq first_, last_;

  std::size_t candidates_ = 0, bytes_ = 0;
  std::int64_t last_hit_ = 0;
  std::int64_t looked_down_to_ = 0;  // a docid: all from there on are dealt with; zero: none is
  bool interrupted_ = false;
  SearchFound found_;
};

}  // namespace hubbub::server::sqlite
