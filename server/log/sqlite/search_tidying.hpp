// Gives up what retention took from hub.db: parts that are gone altogether are dropped; those that are mostly gone are
// made into one, with what is left of them.
//   begin --is there anything to do?--> step, step, step … each short --> done
// A part can't be changed but by adding to it: the index has no content to take out again (search_file.hpp).
#pragma once

#include <optional>

#include "server/log/sqlite/search_part.hpp"

namespace hubbub::server::sqlite {

class SearchTidying {
 public:
  /// Nothing: there is nothing to be done. From now on nobody may add to a part that is there. Costs a look at each
  /// room.
  static Result<std::optional<SearchTidying>> begin(Database& file, Database& hub);

  /// Does a little. False: that was all.
  Result<bool> step(Database& file, Database& hub, const SearchIndexBounds& bounds);

 private:
  explicit SearchTidying(std::vector<Part> parts) : parts_(std::move(parts)), kept_(parts_.size()) {}
  Result<void> look(Database& hub);
  bool choose(const SearchIndexBounds& bounds);
  Result<void> make_one(Database& file, Database& hub, const SearchIndexBounds& bounds);
  Result<void> finish(Database& file);

  std::vector<Part> parts_;         // that are ready; empty: nothing is to be made (any more)
  std::vector<std::int64_t> kept_;  // of each: messages that hub.db still has
  std::size_t looking_at_ = 0;      // a part
  std::int64_t looked_to_ = 0;      // a batch
  std::size_t from_ = 0, to_ = 0;   // of the parts: what becomes one
  PartWriting made_;
};

}  // namespace hubbub::server::sqlite
