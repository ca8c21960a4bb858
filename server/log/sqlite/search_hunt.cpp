#include "server/log/sqlite/search_hunt.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "proto/hot.hpp"
#include "server/log/sqlite/search_part.hpp"
#include "server/log/sqlite/stored_frames.hpp"

namespace hubbub::server::sqlite {

namespace {

/// What a hit takes in a reply besides its message: the room's name, and sizes.
constexpr std::size_t hit_overhead_bytes = limits::room_name_bytes_max + 16;
/// SQLite's instructions between two looks at the clock. FTS5 needs some for each page that it reads, so that is some
/// tens of pages.
constexpr int progress_instructions = 100;

}  // namespace

SearchHunt::SearchHunt(Database& file, Database& hub, const SearchWish& wish, const std::string& query,
                       SearchBounds bounds, const Clock& clock, const std::atomic<bool>& stop)
    : file_(file),
      wish_(wish),
      query_(query),
      bounds_(bounds),
      clock_(clock),
      stop_(stop),
      begun_(clock.steady_now()),
      limit_(std::clamp<std::size_t>(wish.limit, 1, limits::history_page_messages_max)),
      select_batch_(hub, "SELECT room, first, last, first_time, last_time, frames FROM batches WHERE id = ?1") {
  sqlite3_progress_handler(file_.handle(), progress_instructions, &SearchHunt::on_progress, this);
}

SearchHunt::~SearchHunt() { sqlite3_progress_handler(file_.handle(), 0, nullptr, nullptr); }

/// Not zero interrupts what SQLite does.
int SearchHunt::on_progress(void* self) {
  auto& hunt = *static_cast<SearchHunt*>(self);
  hunt.interrupted_ = hunt.stop_ || hunt.is_late();
  return hunt.interrupted_ ? 1 : 0;
}

bool SearchHunt::is_late() const {
  return clock_.steady_now() - begun_ >= (looked_down_to_ == 0 ? bounds_.stuck_max : bounds_.time_max);
}

Result<bool> SearchHunt::search(const Part& part) {
  const auto more = look_through(part);
  return interrupted_ ? cut_short() : more;
}

Result<bool> SearchHunt::cut_short() {
  if (stop_) return fail(Status::unavailable, "the hub is stopping");
  if (looked_down_to_ == 0)
    return fail(Status::deadline_exceeded,
                "these words are in too many messages to be searched in time; take rarer or longer ones, or narrow it "
                "down (--room, --since)");
  found_.more = static_cast<std::uint64_t>(looked_down_to_);
  return false;
}

Result<bool> SearchHunt::look_through(const Part& part) {
  const auto range = range_of(part);
  if (!range) return tl::unexpected(range.error());
  if (range->low > range->high) return true;
  Statement select(file_, fmt::format("SELECT rowid FROM {0} WHERE {0} MATCH ?1 AND rowid >= ?2 AND rowid <= ?3 "
                                      "ORDER BY rowid DESC",
                                      part_table(part.id)));
  auto rows = select.query(std::string_view(query_), range->low, range->high);
  while (rows.next()) {
    const auto docid = rows.integer(0);
    auto more = look_at(docid);
    if (!more || !*more) return more;
  }
  if (!rows.result()) return tl::unexpected(rows.result().error());
  looked_down_to_ = range->low;
  return true;
}

/// The docids of a part that can be of the wished time, and come before the last page's.
Result<SearchHunt::Range> SearchHunt::range_of(const Part& part) {
  Range range;
  Statement select(
      file_, "SELECT min(first), max(last) FROM stretches WHERE part = ?1 AND last_time >= ?2 AND first_time <= ?3");
  const auto until =
      wish_.until.ns == 0 ? INT64_MAX : static_cast<std::int64_t>(std::min<std::uint64_t>(wish_.until.ns, INT64_MAX));
  const auto since = static_cast<std::int64_t>(std::min<std::uint64_t>(wish_.since.ns, INT64_MAX));
  auto rows = select.query(part.id, since, until);
  if (!rows.next()) return tl::unexpected(rows.result().error());
  if (rows.is_null(0)) return range;
  range = {docid_of(rows.integer(0), 0), docid_of(rows.integer(1), places_max - 1)};
  if (wish_.before != 0)
    range.high = std::min(range.high, static_cast<std::int64_t>(std::min<std::uint64_t>(wish_.before, INT64_MAX)) - 1);
  return range;
}

/// False: enough.
Result<bool> SearchHunt::look_at(std::int64_t docid) {
  if (batch_of(docid) != batch_)
    if (auto turned = turn_to(batch_of(docid)); !turned) return tl::unexpected(turned.error());
  if (!frames_.empty())
    if (const auto payload = message_at(place_of(docid)); is_wished(payload) && !take_hit(docid, payload)) return false;
  looked_down_to_ = docid;
  if (++candidates_ < bounds_.candidates_max && !is_late()) return true;
  found_.more = static_cast<std::uint64_t>(docid);
  return false;
}

/// A row that retention took is nothing that is wished for.
Result<void> SearchHunt::turn_to(std::int64_t batch) {
  batch_ = batch;
  frames_ = {};
  row_.reset();  // before the statement is used again
  row_.reset(new Rows(select_batch_.query(batch)));
  if (!row_->next()) return row_->result().map_error([](const Error& error) { return not_ours(error); });
  room_ = row_->room(0);
  first_ = row_->seq(1);
  last_ = row_->seq(2);
  const bool too_old = row_->time(4) < wish_.since;
  const bool too_new = wish_.until.ns != 0 && row_->time(3) > wish_.until;
  if (!too_old && !too_new && std::ranges::binary_search(wish_.rooms, room_)) frames_ = row_->bytes(5);
  return {};
}

/// Empty, which is nothing that is wished for, where a disk has changed it.
std::string_view SearchHunt::message_at(std::int64_t place) const {
  const Seq wanted{first_.value + static_cast<std::uint64_t>(place)};
  std::string_view found;
  walk(frames_, room_, first_, last_, [&](const StoredFrame& stored) {
    if (stored.seq == wanted) found = stored.payload;
  });
  return found;
}

bool SearchHunt::is_wished(std::string_view payload) const {
  const auto message = proto::DeliveryView::parse(payload);
  if (!message) return false;
  const auto& place = message->place;
  if ((place.flags & proto::flags::erased) != 0) return false;  // the index still has its words
  return (wish_.from.empty() || place.from == wish_.from) && place.time >= wish_.since &&
         (wish_.until.ns == 0 || place.time <= wish_.until);
}

/// False: it has no place on this page, which therefore ends with the hit before it.
bool SearchHunt::take_hit(std::int64_t docid, std::string_view payload) {
  const auto bytes = payload.size() + hit_overhead_bytes;
  if (!found_.hits.empty() && (found_.hits.size() == limit_ || bytes_ + bytes > limits::history_page_bytes_max)) {
    found_.more = static_cast<std::uint64_t>(last_hit_);
    return false;
  }
  found_.hits.push_back({room_, std::string(payload)});
  bytes_ += bytes;
  last_hit_ = docid;
  return true;
}

}  // namespace hubbub::server::sqlite
