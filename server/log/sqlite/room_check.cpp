#include "server/log/sqlite/room_check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "server/log/producers.hpp"
#include "server/log/sqlite/publish_runs.hpp"
#include "server/log/sqlite/schema.hpp"
#include "server/log/sqlite/stored_frames.hpp"

namespace hubbub::server::sqlite {

namespace {

/// More tell nobody more.
constexpr std::size_t findings_max = 100;

std::string hex(const ClientId& client) { return fmt::format("{:02x}", fmt::join(client.bytes, "")); }

}  // namespace

void Findings::add(std::string sentence) {
  if (sentences_.size() < findings_max)
    sentences_.push_back(std::move(sentence));
  else
    ++left_out_;
}

std::vector<std::string> Findings::take() {
  if (left_out_ > 0) sentences_.push_back(fmt::format("and {} more", left_out_));
  return std::move(sentences_);
}

void RoomCheck::found(const std::string& what) { findings_.add(fmt::format("room {}: {}", room_.key, what)); }

Result<void> RoomCheck::run() {
  expected_ = room_.trimmed.next();
  time_ = room_.trimmed_time;
  if (auto checked = check_batches(); !checked) return checked;
  if (room_.folded >= expected_)
    found(fmt::format("its producers were folded up to message {}, which isn't there", room_.folded.value));
  return check_producers();
}

Result<void> RoomCheck::check_batches() {
  Statement statement(database_,
                      "SELECT first, last, first_time, last_time, total, format, runs, frames FROM batches "
                      "INDEXED BY batches_by_room WHERE room = ?1 ORDER BY first");
  auto rows = statement.query(room_.id);
  while (rows.next()) check_batch(rows);
  return rows.result();
}

void RoomCheck::check_batch(const Rows& rows) {
  const auto first = rows.seq(0), last = rows.seq(1);
  const auto frames = rows.bytes(7);
  if (first > expected_)
    found(fmt::format("messages {} to {} are missing", expected_.value, first.value - 1));
  else if (first < expected_)
    found(fmt::format("message {} is there twice, or was trimmed", first.value));
  if (last < first) return found(fmt::format("the batch that begins with message {} has none", first.value));
  if (rows.time(2) < time_) found(fmt::format("message {} is older than the one before", first.value));
  if (any_ && rows.number(4) != total_ + frames.size())
    found(fmt::format("the bytes up to message {} are counted wrongly", last.value));
  if (rows.integer(5) != frames_format)
    found(fmt::format("messages {} to {} have an unknown format", first.value, last.value));
  else
    check_frames(frames, first, last, rows.time(2), rows.time(3));
  check_runs(rows.bytes(6), first, last);
  any_ = true;
  total_ = rows.number(4);
  expected_ = last.next();
  time_ = rows.time(3);
}

void RoomCheck::check_frames(std::string_view frames, Seq first, Seq last, WallTime first_time, WallTime last_time) {
  WallTime before = first_time, newest;
  bool in_order = true;
  const bool whole = walk(frames, room_.id, first, last, [&](const StoredFrame& stored) {
    in_order = in_order && stored.time >= before;
    before = newest = stored.time;
  });
  if (!whole)
    found(fmt::format("messages {} to {} are damaged", first.value, last.value));
  else if (!in_order || newest != last_time)
    found(fmt::format("messages {} to {} have other times than their row says", first.value, last.value));
}

void RoomCheck::check_runs(std::string_view column, Seq first, Seq last) {
  const auto runs = decode_runs(column);
  if (!runs) return found(fmt::format("who published messages {} to {} is damaged", first.value, last.value));
  auto next = first;
  for (const auto& run : *runs) {
    if (run.at < next || run.at > last || run.hashes.empty() || run.hashes.size() - 1 > last.value - run.at.value)
      return found(fmt::format("who published messages {} to {} goes beyond them", first.value, last.value));
    next = Seq{run.at.value + run.hashes.size()};
  }
  if (last <= room_.folded) fold(by_runs_, *runs);
}

Result<void> RoomCheck::check_producers() {
  Statement statement(database_,
                      "SELECT client, epoch, last, touched, recent FROM producers WHERE room = ?1 ORDER BY client");
  auto rows = statement.query(room_.id);
  std::vector<ClientId> with_rows;
  Seq oldest_touched{UINT64_MAX};
  while (rows.next()) {
    with_rows.push_back(rows.random128<ClientId>(0));
    oldest_touched = std::min(oldest_touched, rows.seq(3));
    check_producer(rows);
  }
  if (!rows.result()) return rows.result();
  check_those_without_a_row(with_rows, oldest_touched);
  return {};
}

/// Its row against what the messages that are still there say. Of those that are gone, the row alone knows.
void RoomCheck::check_producer(const Rows& rows) {
  const auto client = rows.random128<ClientId>(0);
  const PublishId last{rows.number(2)};
  const auto recent = decode_recent(rows.bytes(4));
  if (!recent || recent->empty() || recent->size() > last.value || recent->back().seq != rows.seq(3))
    return found(fmt::format("what it knows of producer {} is damaged", hex(client)));
  std::vector<KeptProducer::Taken> kept;
  std::ranges::copy_if(*recent, std::back_inserter(kept),
                       [this](const auto& taken) { return taken.seq > room_.trimmed; });
  const auto by_runs = by_runs_.find(client);
  const bool same = by_runs == by_runs_.end() ? kept.empty()
                                              : by_runs->second.recent == kept && by_runs->second.last == last &&
                                                    by_runs->second.epoch == rows.number(1);
  if (!same) found(fmt::format("what it knows of producer {} isn't what its messages say", hex(client)));
}

void RoomCheck::check_those_without_a_row(const std::vector<ClientId>& with_rows, Seq oldest_touched) {
  for (const auto& [client, producer] : by_runs_) {
    if (std::ranges::binary_search(with_rows, client)) continue;
    const bool forgotten = with_rows.size() >= producers_per_room_max && producer.recent.back().seq < oldest_touched;
    if (!forgotten) found(fmt::format("it knows nothing of producer {}", hex(client)));
  }
}

}  // namespace hubbub::server::sqlite
