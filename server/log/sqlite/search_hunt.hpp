// One search while it runs: looks at what the words found, newest first, and keeps what is wished for.
//   docid --> row of hub.db: still there, of these rooms? --> frame: of that time, of that sender? --> a hit
#pragma once

#include "server/log/sqlite/search_reader.hpp"

namespace hubbub::server::sqlite {

class SearchHunt {
 public:
  /// All of it borrowed. `query`: see search_query.hpp.
  SearchHunt(Database& file, Database& hub, const SearchWish& wish, const std::string& query, SearchBounds bounds,
             const Clock& clock);

  /// Goes through one part. False: the search has found enough, or looked enough.
  Result<bool> search(const Part& part);

  SearchFound take() { return std::move(found_); }

 private:
  struct Range {
    std::int64_t low = 0, high = -1;
  };
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
  const Clock::Steady deadline_;
  const std::size_t limit_;

  Statement select_batch_;
  std::unique_ptr<Rows> row_;  // of the batch that was looked at last, as all that follows
  std::int64_t batch_ = 0;     // its id
  std::string_view frames_;    // empty: nothing in it is wished for
  RoomId room_;
  Seq first_, last_;

  std::size_t candidates_ = 0, bytes_ = 0;
  std::int64_t last_hit_ = 0;
  SearchFound found_;
};

}  // namespace hubbub::server::sqlite
