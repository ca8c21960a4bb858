#include "server/log/sqlite/search_tidying.hpp"

#include <numeric>

namespace hubbub::server::sqlite {

namespace {

/// Rows of hub.db that are looked at in one snapshot.
constexpr std::int64_t look_rows = 4096;

/// The first column of the first row of hub.db that this finds.
Result<std::int64_t> number(Database& database, const char* sql) {
  Statement select(database, sql);
  auto rows = select.query();
  if (rows.next()) return rows.integer(0);
  if (!rows.result()) return tl::unexpected(rows.result().error());
  return 0;
}

Result<std::int64_t> hub_number(Database& hub, const char* sql) {
  return number(hub, sql).map_error([](const Error& error) { return not_ours(error); });
}

/// Parts of which hub.db has nothing any more are marked, so that no search looks at them; and one whose making failed.
Result<void> mark_gone(Database& file, Database& hub) {
  const auto oldest = hub_number(hub, "SELECT coalesce(min(id), 9223372036854775807) FROM batches");
  if (!oldest) return tl::unexpected(oldest.error());
  Statement mark(file, "UPDATE parts SET state = 2 WHERE state = 1 OR (state = 0 AND last < ?1)");
  return mark.run(*oldest);
}

/// More than half of what was indexed.
Result<bool> is_mostly_gone(const std::vector<Part>& parts, Database& hub) {
  const auto kept = hub_number(hub,
                               "SELECT sum(coalesce((SELECT last FROM batches WHERE room = rooms.id "
                               "ORDER BY first DESC LIMIT 1), trimmed) - trimmed) FROM rooms");
  if (!kept) return tl::unexpected(kept.error());
  const auto indexed = std::accumulate(parts.begin(), parts.end(), std::int64_t{0},
                                       [](std::int64_t sum, const Part& part) { return sum + part.messages; });
  return *kept * 2 < indexed;
}

}  // namespace

Result<std::optional<SearchTidying>> SearchTidying::begin(Database& file, Database& hub) {
  if (auto marked = mark_gone(file, hub); !marked) return tl::unexpected(marked.error());
  auto parts = ready_parts(file);
  if (!parts) return tl::unexpected(parts.error());
  const auto mostly = is_mostly_gone(*parts, hub);
  if (!mostly) return tl::unexpected(mostly.error());
  const auto gone = number(file, "SELECT count(*) FROM parts WHERE state = 2");
  if (!gone) return tl::unexpected(gone.error());
  if (!*mostly && *gone == 0) return std::nullopt;
  if (!*mostly) parts->clear();
  return SearchTidying(*std::move(parts));
}

Result<bool> SearchTidying::step(Database& file, Database& hub, const SearchIndexBounds& bounds) {
  const auto gone = number(file, "SELECT min(id) FROM parts WHERE state = 2");
  if (!gone) return tl::unexpected(gone.error());
  Result<void> done;
  if (*gone != 0)
    done = transact(file, [&] { return drop_part(file, *gone); });
  else if (looking_at_ < parts_.size())
    done = look(hub);
  else if (!parts_.empty() && (made_.part.id != 0 || choose(bounds)))
    done = make_one(file, hub, bounds);
  else
    return false;
  if (!done) return tl::unexpected(done.error());
  return true;
}

/// Counts what hub.db still has of a part.
Result<void> SearchTidying::look(Database& hub) {
  const auto& part = parts_[looking_at_];
  Statement select(hub, "SELECT id, last - first + 1 FROM batches WHERE id > ?1 AND id <= ?2 ORDER BY id LIMIT ?3");
  auto rows = select.query(std::max(looked_to_, part.first - 1), part.last, look_rows);
  std::int64_t seen = 0;
  for (; rows.next(); ++seen) {
    looked_to_ = rows.integer(0);
    kept_[looking_at_] += rows.integer(1);
  }
  if (!rows.result()) return tl::unexpected(not_ours(rows.result().error()));
  if (seen < look_rows) ++looking_at_;
  return {};
}

/// The first part that is mostly gone, and the next ones as long as what is left of them fits into one.
bool SearchTidying::choose(const SearchIndexBounds& bounds) {
  from_ = 0;
  while (from_ < parts_.size() && kept_[from_] * 2 >= parts_[from_].messages) ++from_;
  if (from_ == parts_.size()) return false;
  auto messages = kept_[from_];
  for (to_ = from_; to_ + 1 < parts_.size() && messages + kept_[to_ + 1] <= bounds.part_messages; ++to_)
    messages += kept_[to_ + 1];
  return true;
}

Result<void> SearchTidying::make_one(Database& file, Database& hub, const SearchIndexBounds& bounds) {
  const auto after = made_.part.id == 0 ? parts_[from_].first - 1 : made_.part.last;
  const auto batches = read_batches(hub, after, parts_[to_].last, bounds);
  if (!batches) return tl::unexpected(batches.error());
  return transact(file, [&]() -> Result<void> {
    if (made_.part.id == 0) {
      auto begun = begin_part(file, parts_[from_].first, PartState::made);
      if (!begun) return tl::unexpected(begun.error());
      made_ = *begun;
    }
    return batches->empty() ? finish(file) : write_batches(file, made_, *batches, bounds);
  });
}

/// The new part takes the place of the old ones.
Result<void> SearchTidying::finish(Database& file) {
  Statement give_up(file, "UPDATE parts SET state = 2 WHERE id = ?1");
  for (auto at = from_; at <= to_; ++at)
    if (auto given_up = give_up.run(parts_[at].id); !given_up) return given_up;
  Statement serve(file, "UPDATE parts SET last = ?2, state = iif(messages = 0, 2, 0) WHERE id = ?1");
  auto served = serve.run(made_.part.id, parts_[to_].last);
  parts_.clear();
  return served;
}

}  // namespace hubbub::server::sqlite
