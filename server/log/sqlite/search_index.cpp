#include "server/log/sqlite/search_index.hpp"

#include "common/log.hpp"

namespace hubbub::server::sqlite {

namespace {

constexpr std::int64_t newest_batch = INT64_MAX;

Result<StoreId> store_of(Database& hub) {
  Statement select(hub, "SELECT value FROM meta WHERE key = 'store'");
  auto rows = select.query();
  if (rows.next()) return rows.random128<StoreId>(0);
  if (!rows.result()) return tl::unexpected(not_ours(rows.result().error()));
  return fail(Status::unavailable, hub.path() + " doesn't say whose it is");
}

}  // namespace

Result<std::unique_ptr<SearchIndex>> SearchIndex::open(const std::string& path, const std::string& hub_path,
                                                       const SearchIndexBounds& bounds) {
  auto hub = Database::open(hub_path, Database::Access::read);
  if (!hub) return tl::unexpected(not_ours(hub.error()));
  std::unique_ptr<SearchIndex> index(new SearchIndex(path, *std::move(hub), bounds));
  const auto store = store_of(*index->hub_);
  if (!store) return tl::unexpected(store.error());
  index->store_ = *store;
  if (auto opened = index->open_file(); !opened) return tl::unexpected(opened.error());
  return index;
}

Result<void> SearchIndex::open_file() {
  auto file = open_search_file(path_, store_);
  if (!file) return tl::unexpected(file.error());
  file_ = *std::move(file);
  auto ready = resume();
  if (!ready && is_damage(ready.error())) return start_anew(damage_of(ready.error()));
  return ready;
}

Result<void> SearchIndex::start_anew(const std::string& why) {
  log::warn("making the search index anew", {{"file", path_}, {"why", why}});
  tidying_.reset();
  newest_ = {};
  file_.reset();
  auto file = make_search_file(path_, store_);
  if (!file) return tl::unexpected(file.error());
  file_ = *std::move(file);
  return resume();
}

/// Goes on where the last transaction left off. A part that was being made out of others is begun again.
Result<void> SearchIndex::resume() {
  if (auto given_up = file_->run("UPDATE parts SET state = 2 WHERE state = 1"); !given_up) return given_up;
  const auto indexed = indexed_batch(*file_);
  if (!indexed) return tl::unexpected(indexed.error());
  indexed_ = *indexed;
  const auto parts = ready_parts(*file_);
  if (!parts) return tl::unexpected(parts.error());
  newest_ = {};
  if (!parts->empty()) newest_.part = parts->back();
  return {};
}

Result<bool> SearchIndex::advance() {
  if (file_ == nullptr)
    if (auto opened = open_file(); !opened) return tl::unexpected(opened.error());
  const auto batches = read_batches(*hub_, indexed_, newest_batch, bounds_);
  if (!batches) return tl::unexpected(batches.error());
  if (batches->empty()) return false;
  const auto before = newest_;
  const auto written = transact(*file_, [&] { return write(*batches); });
  if (written) {
    indexed_ = batches->back().id;
    return true;
  }
  newest_ = before;
  return mend(written.error());
}

Result<void> SearchIndex::write(std::span<const IndexedBatch> batches) {
  if (newest_.part.id == 0 || newest_.part.messages >= bounds_.part_messages) {
    auto begun = begin_part(*file_, batches.front().id, PartState::ready);
    if (!begun) return tl::unexpected(begun.error());
    newest_ = *begun;
  }
  if (auto written = write_batches(*file_, newest_, batches, bounds_); !written) return written;
  Statement note(*file_, "UPDATE meta SET value = ?1 WHERE key = 'indexed'");
  return note.run(batches.back().id);
}

Result<bool> SearchIndex::tidy() {
  if (file_ == nullptr) return false;
  if (!tidying_) {
    auto begun = SearchTidying::begin(*file_, *hub_);
    if (begun && !*begun) return false;
    newest_ = {};  // closed: what is indexed meanwhile goes to a part of its own
    if (!begun) return mend(begun.error());
    tidying_ = *std::move(begun);
  }
  const auto more = tidying_->step(*file_, *hub_, bounds_);
  if (!more) return mend(more.error());
  if (!*more) tidying_.reset();
  return true;
}

/// True if the index was damaged and begins anew; otherwise that error.
Result<bool> SearchIndex::mend(const Error& error) {
  tidying_.reset();
  if (!is_damage(error)) return tl::unexpected(error);
  if (auto anew = start_anew(damage_of(error)); !anew) return tl::unexpected(anew.error());
  return true;
}

}  // namespace hubbub::server::sqlite
