// Fills search.db from hub.db, batch after batch in the order of commits.
//   hub.db: batches --> advance(): one transaction, with how far it got --> search.db
//   what retention took from hub.db --> tidy() --> gone from search.db
// Whatever happens to search.db, it goes on where that transaction left off, or from the beginning in a new file.
// Driven by whoever has the thread (search_thread.hpp); has no thread and no clock itself.
#pragma once

#include <optional>
#include <span>

#include "server/log/sqlite/search_part.hpp"
#include "server/log/sqlite/search_tidying.hpp"

namespace hubbub::server::sqlite {

class SearchIndex {
 public:
  /// `hub_path`: hub.db, which is only read. What a loss of power took from it may stay in the index: that no search
  /// finds a row of it, and the ids never come again (schema.hpp).
  static Result<std::unique_ptr<SearchIndex>> open(const std::string& path, const std::string& hub_path,
                                                   const SearchIndexBounds& bounds = {});

  /// Indexes the next batches. False: there are none. A search.db that turns out to be damaged is made anew.
  Result<bool> advance();

  /// Gives up what retention took from hub.db, a little at a time. False: there is nothing to be done.
  Result<bool> tidy();

  /// Makes search.db anew, and says in the log why.
  Result<void> start_anew(const std::string& why);

 private:
  SearchIndex(std::string path, std::unique_ptr<Database> hub, const SearchIndexBounds& bounds)
      : path_(std::move(path)), hub_(std::move(hub)), bounds_(bounds) {}
  Result<void> open_file();
  Result<void> resume();
  Result<void> write(std::span<const IndexedBatch> batches);
  Result<bool> mend(const Error& error);

  std::string path_;
  std::unique_ptr<Database> hub_;
  SearchIndexBounds bounds_;
  StoreId store_;
  std::unique_ptr<Database> file_;
  std::int64_t indexed_ = 0;  // the newest batch that is in the index
  PartWriting newest_;
  std::optional<SearchTidying> tidying_;
};

}  // namespace hubbub::server::sqlite
