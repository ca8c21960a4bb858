// A database in a folder of its own, and what is written to it.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/log/sqlite/load.hpp"
#include "server/log/sqlite/reader.hpp"
#include "server/log/sqlite/writer.hpp"
#include "tests/support/deadline.hpp"
#include "tests/unit/config/temporary_folder.hpp"
#include "tests/unit/server/slices.hpp"

namespace hubbub::server::sqlite {

inline constexpr StoreId store_id{{7, 7, 7}};
inline constexpr WallTime noon{1'700'000'000'000'000'000};

inline WallTime after_noon(std::uint64_t seconds) { return WallTime{noon.ns + seconds * 1'000'000'000}; }
inline ClientId client(std::uint8_t number) { return ClientId{{number}}; }

/// Messages `first` … of the room, all at `time`, with these bodies.
inline Batch batch_of(RoomId room, Seq first, const std::vector<std::string>& bodies, WallTime time = noon) {
  std::string frames;
  auto seq = first;
  for (const auto& body : bodies) {
    proto::Delivery delivery;
    delivery.room = room;
    delivery.seq = seq;
    delivery.time = time;
    delivery.from = PersonName::literal("alice");
    delivery.body = {body};
    frames += proto::encoded(delivery);
    seq = seq.next();
  }
  Batch batch;
  batch.frames = ChunkWriter(static_cast<std::uint32_t>(frames.size())).write(room, first, frames);
  batch.frames.last = seq.previous();
  batch.first_time = batch.last_time = time;
  return batch;
}
inline Batch batch_of(RoomId room, Seq first, std::size_t messages, WallTime time = noon) {
  return batch_of(room, first, std::vector<std::string>(messages, "hello"), time);
}

/// What a Result holds, or a failed test that says why it holds nothing.
template <class T>
T value_of(Result<T> result) {
  if (!result) throw std::runtime_error("failed: " + result.error().sentence);
  return std::move(*result);
}
inline void value_of(const Result<void>& result) {
  if (!result) throw std::runtime_error("failed: " + result.error().sentence);
}

class ADatabase {
 public:
  explicit ADatabase(std::size_t replies_max = replies_max_standard) : replies_max_(replies_max) { open(); }

  /// As the next run of the hub would.
  void reopen() {
    reader_.reset();
    writer_.reset();
    open();
  }
  Writer& writer() { return *writer_; }
  Reader& reader() { return *reader_; }
  [[nodiscard]] std::string path() const { return folder_.path("hub.db"); }
  [[nodiscard]] const TemporaryFolder& folder() const { return folder_; }
  [[nodiscard]] Kept load() const { return value_of(sqlite::load(path())); }

  void commit(const std::vector<Record>& records) { value_of(writer_->commit(records)); }
  void commit(Record record) { commit(std::vector<Record>{std::move(record)}); }
  void change(std::vector<Change> list) { commit(Changes{std::move(list), std::nullopt}); }
  void make_room(RoomId room, const std::string& key) { change({RoomMade{room, key}}); }

  std::vector<std::uint64_t> seqs(RoomId room, std::uint64_t from, std::uint64_t until = UINT64_MAX,
                                  std::size_t bytes_max = SIZE_MAX) {
    std::vector<std::uint64_t> all;
    for (const auto& slice : value_of(reader_->read(room, Seq{from}, Seq{until}, bytes_max)).slices)
      for (const auto seq : seqs_in(slice)) all.push_back(seq);
    return all;
  }

 private:
  void open() {
    writer_ = value_of(Writer::open({path(), {}, {store_id, noon}, replies_max_}));
    reader_ = value_of(Reader::open(path()));
  }
  TemporaryFolder folder_;
  std::size_t replies_max_;
  std::unique_ptr<Writer> writer_;
  std::unique_ptr<Reader> reader_;
};

}  // namespace hubbub::server::sqlite
