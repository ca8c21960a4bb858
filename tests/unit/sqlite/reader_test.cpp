// What a reader finds: exactly the range, in one piece, by a few seeks.
#include "tests/unit/sqlite/a_database.hpp"

namespace hubbub::server::sqlite {
namespace {

constexpr RoomId room{1}, other{2};

/// Four batches of five in `room`, with batches of another room between them.
class FourBatches : public ::testing::Test {
 protected:
  FourBatches() {
    database_.change({RoomMade{room, "room"}, RoomMade{other, "other"}});
    for (std::uint64_t i = 0; i < 4; ++i) {
      database_.commit(batch_of(room, Seq{i * 5 + 1}, 5, after_noon(i * 10)));
      database_.commit(batch_of(other, Seq{i * 3 + 1}, 3));
    }
  }
  ADatabase database_;
};

TEST(Reader, FindsNothingInAnEmptyRoomWhichStartsAtOne) {
  ADatabase database;
  database.make_room(room, "room");
  const auto found = value_of(database.reader().read(room, Seq{1}, newest, SIZE_MAX));
  EXPECT_EQ(found.first_kept, Seq{1});
  EXPECT_TRUE(found.slices.empty());
  EXPECT_EQ(value_of(database.reader().find_time(room, noon)), Seq{1});
}

TEST_F(FourBatches, AReaderFindsExactlyTheRange) {
  for (std::uint64_t from = 1; from <= 20; ++from)
    for (auto until = from; until <= 20; ++until) ASSERT_EQ(database_.seqs(room, from, until), from_to(from, until));
  EXPECT_EQ(database_.seqs(room, 0), from_to(1, 20));
  EXPECT_EQ(database_.seqs(room, 1), from_to(1, 20));
  EXPECT_TRUE(database_.seqs(room, 21).empty());
  EXPECT_TRUE(database_.seqs(room, UINT64_MAX).empty());
  EXPECT_TRUE(database_.seqs(room, 4, 3).empty());
  EXPECT_EQ(database_.seqs(other, 2), from_to(2, 12));
}

TEST_F(FourBatches, AReaderGetsTheFramesAsTheyWereWrittenInOneSlice) {
  const auto found = value_of(database_.reader().read(room, Seq{4}, Seq{13}, SIZE_MAX));
  ASSERT_EQ(found.slices.size(), 1u);
  const auto& slice = found.slices.front();
  EXPECT_EQ(slice.room, room);
  EXPECT_EQ(slice.first, Seq{4});
  EXPECT_EQ(slice.last, Seq{13});
  std::string expected;
  for (std::uint64_t i = 0; i < 4; ++i)
    for_each_payload(batch_of(room, Seq{i * 5 + 1}, 5, after_noon(i * 10)).frames, [&](std::string_view payload) {
      const auto seq = proto::seq_of_delivery(payload)->value;
      if (seq >= 4 && seq <= 13) expected += frame_of(payload);
    });
  EXPECT_EQ(slice.view(), expected);
  EXPECT_EQ(slice.chunk->capacity(), slice.bytes) << "it pins no more memory than it has use for";
}

TEST_F(FourBatches, AReaderGetsAboutTheBytesItAskedForButAtLeastOneMessage) {
  const auto frame_bytes = batch_of(room, Seq{1}, 1).frames.bytes;
  EXPECT_EQ(database_.seqs(room, 7, UINT64_MAX, 1), from_to(7, 7));
  EXPECT_EQ(database_.seqs(room, 3, UINT64_MAX, frame_bytes * 6), from_to(3, 8));
  EXPECT_EQ(database_.seqs(room, 3, UINT64_MAX, frame_bytes * 6 + 1), from_to(3, 9));
}

TEST_F(FourBatches, ATimeIsFoundAtTheFirstMessageOfItOrLater) {
  auto& reader = database_.reader();
  EXPECT_EQ(value_of(reader.find_time(room, WallTime{})), Seq{1});
  EXPECT_EQ(value_of(reader.find_time(room, noon)), Seq{1});
  EXPECT_EQ(value_of(reader.find_time(room, after_noon(1))), Seq{6});
  EXPECT_EQ(value_of(reader.find_time(room, after_noon(10))), Seq{6});
  EXPECT_EQ(value_of(reader.find_time(room, after_noon(11))), Seq{11});
  EXPECT_EQ(value_of(reader.find_time(room, after_noon(30))), Seq{16});
  EXPECT_EQ(value_of(reader.find_time(room, after_noon(31))), Seq{21});
  EXPECT_EQ(value_of(reader.find_time(room, WallTime{UINT64_MAX})), Seq{21});
}

TEST(Reader, FindsATimeInTheMiddleOfABatch) {
  ADatabase database;
  database.make_room(room, "room");
  std::vector<Record> group;
  for (std::uint64_t seq = 1; seq <= 50; ++seq) group.emplace_back(batch_of(room, Seq{seq}, 1, after_noon(seq)));
  database.commit(group);
  for (std::uint64_t seq = 1; seq <= 50; ++seq)
    ASSERT_EQ(value_of(database.reader().find_time(room, after_noon(seq))), Seq{seq});
}

TEST_F(FourBatches, AReaderThatWasThereBeforeSeesWhatIsCommittedLater) {
  EXPECT_EQ(database_.seqs(room, 20), from_to(20, 20));
  database_.commit(batch_of(room, Seq{21}, 2));
  EXPECT_EQ(database_.seqs(room, 20), from_to(20, 22));
}

TEST_F(FourBatches, FramesThatAreNotWhatWasWrittenAreAnErrorAndNotACrash) {
  auto other_hand = value_of(Database::open(database_.path(), Database::Access::write));
  value_of(other_hand->run(
      "UPDATE batches SET frames = substr(frames, 1, length(frames) - 1) WHERE room = 1 AND first = 6"));
  const auto torn = database_.reader().read(room, Seq{1}, newest, SIZE_MAX);
  ASSERT_FALSE(torn);
  EXPECT_EQ(torn.error().status, Status::data_loss);
  value_of(other_hand->run("DELETE FROM batches WHERE room = 1 AND first = 6"));
  EXPECT_FALSE(database_.reader().read(room, Seq{1}, newest, SIZE_MAX)) << "a hole";
  EXPECT_FALSE(database_.reader().read(room, Seq{7}, newest, SIZE_MAX)) << "a hole where it begins";
  EXPECT_EQ(database_.seqs(room, 11), from_to(11, 20));
}

TEST_F(FourBatches, EveryQuestionIsASeekInAnIndex) {
  auto database = value_of(Database::open(database_.path(), Database::Access::read));
  for (const auto* const sql : Reader::questions) {
    Statement plan(*database, std::string("EXPLAIN QUERY PLAN ") + sql);
    auto rows = plan.query();
    while (rows.next()) {
      EXPECT_EQ(rows.text(3).find("SCAN "), std::string::npos) << sql << ": " << rows.text(3);
      EXPECT_EQ(rows.text(3).find("TEMP B-TREE"), std::string::npos) << sql << ": " << rows.text(3);
    }
    value_of(rows.result());
  }
}

}  // namespace
}  // namespace hubbub::server::sqlite
