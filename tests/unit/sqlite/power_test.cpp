// What was committed with fsync is there after a loss of power, whatever the disk did before.
#include "tests/support/faulty_disk.hpp"
#include "tests/unit/sqlite/a_database.hpp"

namespace hubbub::server::sqlite {
namespace {

using test::Dice;
using test::FaultyDisk;

constexpr RoomId room{1};
constexpr std::uint64_t seeds = 300;

/// A writer on a disk that fails, in one room.
class PowerTest {
 public:
  explicit PowerTest(std::uint64_t seed) : disk_(seed) { start(); }
  FaultyDisk& disk() { return disk_; }

  void start() {
    writer_.reset();
    writer_ = value_of(Writer::open({"hub.db", disk_.vfs(), {store_id, noon}}));
    const auto kept = value_of(load("hub.db", disk_.vfs()));
    if (kept.rooms.empty()) value_of(writer_->commit(std::vector<Record>{Changes{{RoomMade{room, "lobby"}}, {}}}));
    last_ = kept.rooms.empty() ? Seq{} : kept.rooms.front().last;
  }
  /// The next message. False if it could not be committed.
  bool say(bool fsync) {
    auto batch = batch_of(room, last_.next(), 1);
    batch.fsync = fsync;
    if (!writer_->commit(std::vector<Record>{std::move(batch)})) return false;
    last_ = last_.next();
    return true;
  }
  void keep(Change change) { value_of(writer_->commit(std::vector<Record>{Changes{{std::move(change)}, {}}})); }
  [[nodiscard]] Seq last() const { return last_; }
  std::int64_t newest_batch() {
    const auto database = value_of(Database::open("hub.db", Database::Access::read, disk_.vfs()));
    Statement select(*database, "SELECT max(id) FROM batches");
    auto rows = select.query();
    return rows.next() ? rows.integer(0) : -1;
  }

 private:
  FaultyDisk disk_;
  std::unique_ptr<Writer> writer_;
  Seq last_;
};

TEST(PowerCut, TakesNothingThatWasCommittedWithFsyncAfterAnFsyncHasFailed) {
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    PowerTest hub(seed);
    for (int i = 0; i < 5; ++i) ASSERT_TRUE(hub.say(false));
    hub.disk().fail_syncs(1);
    ASSERT_FALSE(hub.say(true));
    ASSERT_TRUE(hub.say(true));
    const auto committed = hub.last();
    hub.disk().cut_power();
    hub.start();
    ASSERT_GE(hub.last(), committed) << "seed " << seed;
  }
}

TEST(AFailedCommit, LeavesNothingToWaitForThatWouldExpire) {
  FaultyDisk disk(1);
  const auto writer = value_of(Writer::open({"hub.db", disk.vfs(), {store_id, noon}}));
  value_of(writer->commit(std::vector<Record>{Changes{{RoomMade{room, "lobby"}}, {}}, batch_of(room, Seq{1}, 1)}));
  auto batch = batch_of(room, Seq{2}, 1);
  batch.fsync = true;
  batch.marks = {{Seq{2}, after_noon(1)}};
  disk.fail_syncs(1);
  ASSERT_FALSE(writer->commit(std::vector<Record>{batch}));
  EXPECT_FALSE(writer->has_bounds());
  ASSERT_TRUE(writer->commit(std::vector<Record>{batch}));
  EXPECT_TRUE(writer->has_bounds());
}

TEST(PowerCut, TakesNothingThatAKilledHubHasLeftAndTheNextHasFound) {
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    PowerTest hub(seed);
    for (int i = 0; i < 5; ++i) ASSERT_TRUE(hub.say(false));
    hub.disk().fail_syncs(1);
    ASSERT_FALSE(hub.say(true));
    hub.disk().kill_program();
    hub.start();
    const auto found = hub.last();
    hub.disk().cut_power();
    hub.start();
    ASSERT_GE(hub.last(), found) << "seed " << seed;
  }
}

TEST(PowerCut, TakesNoIdOfABatchThatAnotherGetsThen) {
  int lost = 0;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    PowerTest hub(seed);
    for (int i = 0; i < 5; ++i) ASSERT_TRUE(hub.say(false));
    const auto seen = hub.newest_batch();
    const auto said = hub.last();
    hub.disk().cut_power();
    hub.start();
    lost += hub.last() < said;
    ASSERT_TRUE(hub.say(false));
    ASSERT_GT(hub.newest_batch(), seen) << "seed " << seed;
  }
  EXPECT_GT(lost, 0) << "or nothing was tried";
}

TEST(PowerCut, TakesNoCallThatIsMadeExactlyOnceAndNoAnswerOfOne) {
  const auto given = [](std::uint64_t id) {
    return CallGiven{client(1), CallId{id}, 5,   MethodName::literal("image.scale"), PersonName::literal("alice"),
                     true,      "[1]",      noon};
  };
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    PowerTest hub(seed);
    hub.keep(given(1));
    for (int i = 0; i < 5; ++i) ASSERT_TRUE(hub.say(false));
    hub.keep(CallAnswered{client(1), CallId{1}, Status::ok, "done"});
    hub.disk().cut_power();
    hub.start();
    const auto reader = value_of(Reader::open("hub.db", hub.disk().vfs()));
    ASSERT_TRUE(value_of(reader->find_answer(client(1), CallId{1}))) << "seed " << seed;
    hub.keep(given(2));
    hub.disk().cut_power();
    hub.start();
    const auto open = value_of(load("hub.db", hub.disk().vfs())).open_calls;
    ASSERT_EQ(open.size(), 1u) << "seed " << seed;
    EXPECT_EQ(open.front().call, CallId{2});
  }
}

TEST(PowerCut, TakesNothingOfALogThatWasMadeLongerBeforehand) {
  ADatabase database;
  database.make_room(room, "lobby");
  const auto log_bytes = [&] { return std::filesystem::file_size(database.path() + "-wal"); };
  const auto say = [&](std::uint64_t seq, bool fsync) {
    auto batch = batch_of(room, Seq{seq}, 1);
    batch.fsync = fsync;
    database.commit(std::move(batch));
  };
  say(1, false);
  EXPECT_LT(log_bytes(), 256U * 1024);
  say(2, true);
  const auto longer = log_bytes();
  EXPECT_GE(longer, 1024U * 1024);
  for (std::uint64_t seq = 3; seq <= 50; ++seq) say(seq, true);
  EXPECT_EQ(log_bytes(), longer) << "an fsync waits for the journal only where the file has grown";
  std::filesystem::copy_file(database.path(), database.folder().path("cut.db"));
  std::filesystem::copy_file(database.path() + "-wal", database.folder().path("cut.db-wal"));
  EXPECT_EQ(value_of(load(database.folder().path("cut.db"))).rooms.front().last, Seq{50});
}

TEST(PowerCut, AWriterThatMayNotWriteSaysSoAtItsStart) {
  FaultyDisk disk(1);
  value_of(Writer::open({"hub.db", disk.vfs(), {store_id, noon}}));
  disk.set_read_only(true);
  const auto opened = Writer::open({"hub.db", disk.vfs(), {store_id, noon}});
  ASSERT_FALSE(opened.has_value());
  EXPECT_THAT(opened.error().sentence, testing::HasSubstr("write"));
}

}  // namespace
}  // namespace hubbub::server::sqlite
