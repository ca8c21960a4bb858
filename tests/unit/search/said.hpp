// A hub.db in which things were said, its index, and what a search finds.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "proto/codec.hpp"
#include "proto/hot.hpp"
#include "server/log/sqlite/schema.hpp"
#include "server/log/sqlite/search_index.hpp"
#include "server/log/sqlite/search_reader.hpp"
#include "tests/unit/config/temporary_folder.hpp"

namespace hubbub::server::sqlite {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Texts = std::vector<std::string>;

inline constexpr RoomId lobby{1}, ops{2}, ci{17};

/// Fails the test with the sentence of an error.
template <class T>
T must(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().sentence);
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

struct Said {
  std::string text;
  std::string from = "alice";
  proto::Kind kind = proto::Kind::text;
};

class SaidTest : public ::testing::Test {
 protected:
  SaidTest() : hub_(must(Database::open(hub_path(), Database::Access::write))) {
    must(hub_->run("PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF"));
    must(prepare_schema(*hub_, Birth{StoreId{{1, 2, 3}}, WallTime{1}}));
    for (const auto room : {lobby, ops, ci}) make_room(room);
  }

  void make_room(RoomId room) {
    must(Statement(*hub_, "INSERT INTO rooms(id, key) VALUES(?1, 'room' || ?1)").run(room));
  }
  /// A batch: a second after the one before it.
  void say(RoomId room, const std::vector<Said>& messages) { say_at(now_.ns += 1'000'000'000, room, messages); }
  void say(RoomId room, const std::string& text, const std::string& from = "alice") { say(room, {Said{text, from}}); }

  void say_at(std::uint64_t time_ns, RoomId room, const std::vector<Said>& messages) {
    auto& last = last_[room.value];
    const auto first = last + 1;
    std::string frames;
    for (const auto& said : messages) {
      proto::Delivery delivery;
      delivery.room = room;
      delivery.seq = Seq{++last};
      delivery.time = WallTime{time_ns};
      delivery.kind = said.kind;
      delivery.from = PersonName::literal(said.from);
      delivery.body = {said.text};
      frames += proto::encoded(delivery);
    }
    must(Statement(*hub_,
                   "INSERT INTO batches(id, room, first, last, first_time, last_time, total, format, runs, frames) "
                   "VALUES(max((SELECT value FROM meta WHERE key = 'next_batch'), "
                   "(SELECT coalesce(max(id), 0) + 1 FROM batches)), ?1, ?2, ?3, ?4, ?4, 0, 1, x'', ?5)")
             .run(room, first, last, time_ns, Blob{frames}));
  }
  /// As retention does.
  void trim(RoomId room, std::uint64_t up_to) {
    must(Statement(*hub_, "UPDATE rooms SET trimmed = ?2 WHERE id = ?1").run(room, up_to));
    must(
        hub_->run("UPDATE meta SET value = max(value, (SELECT coalesce(max(id), 0) + 1 FROM batches)) "
                  "WHERE key = 'next_batch'"));
    must(Statement(*hub_, "DELETE FROM batches WHERE room = ?1 AND last <= ?2").run(room, up_to));
  }

  void open_index(const SearchIndexBounds& bounds = {}) {
    index_.reset();
    index_ = must(SearchIndex::open(index_path(), hub_path(), bounds));
  }
  /// Until nothing is behind.
  void index(const SearchIndexBounds& bounds = {}) {
    if (index_ == nullptr) open_index(bounds);
    while (must(index_->advance())) {
    }
  }
  void tidy() {
    for (int steps = 0; must(index_->tidy()); ++steps) ASSERT_LT(steps, 10'000);
  }

  static SearchWish wish(const std::string& words) {
    SearchWish wish;
    wish.words = words;
    wish.rooms = {lobby, ops, ci};
    wish.limit = limits::history_page_messages_max;
    return wish;
  }
  SearchFound search(const SearchWish& wish) { return must(reader_.search(wish)); }
  static Texts texts(const SearchFound& found) {
    Texts texts;
    for (const auto& hit : found.hits) {
      const auto message = proto::DeliveryView::parse(hit.delivery).value();
      EXPECT_EQ(message.place.room, hit.room);
      texts.emplace_back(message.body);
    }
    return texts;
  }
  /// The texts that are found, the newest first.
  Texts found(const SearchWish& wish) { return texts(search(wish)); }
  Texts found(const std::string& words) { return found(wish(words)); }

  [[nodiscard]] std::string hub_path() const { return folder_.path("hub.db"); }
  [[nodiscard]] std::string index_path() const { return folder_.path("search.db"); }
  std::vector<Part> parts() { return must(ready_parts(*must(Database::open(index_path(), Database::Access::read)))); }

  TemporaryFolder folder_;
  std::unique_ptr<Database> hub_;
  std::unique_ptr<SearchIndex> index_;
  WallTime now_{1'700'000'000'000'000'000};
  std::map<std::uint32_t, std::uint64_t> last_;
  SystemClock clock_;
  int damages_ = 0;
  SearchBounds bounds_;
  SearchReader reader_{index_path(), hub_path(), clock_, [this] { ++damages_; }};
};

}  // namespace hubbub::server::sqlite
