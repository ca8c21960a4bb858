// A disk that fails as disks do: SQLite keeps its promises on it where it is asked to, and not where it isn't.
#include <gtest/gtest.h>

#include <memory>

#include "tests/support/faulty_disk.hpp"

namespace hubbub::test {
namespace {

/// A connection to one database in WAL mode.
class Connection {
 public:
  explicit Connection(const FaultyDisk& disk, int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE) {
    opened_ = sqlite3_open_v2("some.db", &database_, flags, disk.vfs().c_str());
  }
  ~Connection() { sqlite3_close(database_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  int run(const std::string& sql) {
    return opened_ != SQLITE_OK ? opened_ : sqlite3_exec(database_, sql.c_str(), nullptr, nullptr, nullptr);
  }
  /// The first column of the first row; what went wrong, else.
  std::string ask(const std::string& sql) {
    std::string answer;
    const auto take = [](void* to, int, char** columns, char**) {
      *static_cast<std::string*>(to) = columns[0] == nullptr ? "" : columns[0];
      return 0;
    };
    const int code = sqlite3_exec(database_, sql.c_str(), take, &answer, nullptr);
    return code == SQLITE_OK ? answer : std::string("error: ") + sqlite3_errmsg(database_);
  }

 private:
  sqlite3* database_ = nullptr;
  int opened_ = SQLITE_OK;
};

constexpr std::uint64_t seeds = 1000;

/// Commits rows 1, 2, 3 … and checkpoints now and then, until it ends. Returns the last that was committed.
std::uint64_t commit_until_it_ends(FaultyDisk& disk, const std::string& synchronous, Dice& dice) {
  Connection connection(disk);
  if (connection.run("PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0; PRAGMA synchronous=" + synchronous +
                     "; CREATE TABLE IF NOT EXISTS t(n INTEGER PRIMARY KEY, filling BLOB);") != SQLITE_OK)
    return 0;
  std::uint64_t committed = std::stoull("0" + connection.ask("SELECT max(n) FROM t"));
  for (;;) {
    const auto next = std::to_string(committed + 1);
    if (connection.run("INSERT INTO t VALUES(" + next + ", zeroblob(" + std::to_string(dice.below(6000)) + "))") !=
        SQLITE_OK)
      return committed;
    ++committed;
    if (dice.one_in(8)) connection.run("PRAGMA wal_checkpoint(TRUNCATE)");
    if (dice.one_in(8)) connection.run("PRAGMA wal_checkpoint(PASSIVE)");
  }
}

/// Empty if all that was committed is there and whole.
std::string what_is_wrong_after(std::uint64_t seed, const std::string& synchronous) {
  FaultyDisk disk(seed);
  Dice dice(seed + seeds);
  for (int life = 0; life < 2; ++life) {
    disk.end_in(dice.between(1, 150), FaultyDisk::Ending::power_cut);
    const auto committed = commit_until_it_ends(disk, synchronous, dice);
    if (disk.end_is_planned()) return "it ended before the power went";
    if (committed == 0) continue;
    Connection connection(disk);
    const auto integrity = connection.ask("PRAGMA integrity_check");
    if (integrity != "ok") return integrity;
    const auto rows = connection.ask("SELECT count(*) FROM t");
    if (rows.starts_with("error") || std::stoull(rows) < committed) return std::to_string(committed) + " rows: " + rows;
  }
  return {};
}

TEST(FaultyDisk, LosesNothingThatWasCommittedWithSynchronousFull) {
  for (std::uint64_t seed = 1; seed <= seeds; ++seed)
    ASSERT_EQ(what_is_wrong_after(seed, "FULL"), "") << "seed " << seed;
}

TEST(FaultyDisk, LosesOrCorruptsSomethingWithSynchronousOff) {
  std::uint64_t wrong = 0;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) wrong += what_is_wrong_after(seed, "OFF").empty() ? 0U : 1U;
  EXPECT_GT(wrong, seeds / 10);
}

TEST(FaultyDisk, LosesTheNewestCommitsButCorruptsNothingWithSynchronousNormal) {
  std::uint64_t lost = 0;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    const auto wrong = what_is_wrong_after(seed, "NORMAL");
    EXPECT_TRUE(wrong.empty() || wrong.find(" rows: ") != std::string::npos) << "seed " << seed << ": " << wrong;
    lost += wrong.empty() ? 0U : 1U;
  }
  EXPECT_GT(lost, 0U);
}

TEST(FaultyDisk, AKilledProgramLosesNothingEvenWithSynchronousOff) {
  FaultyDisk disk(1);
  Connection killed(disk);
  ASSERT_EQ(killed.run("PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF; CREATE TABLE t(n); INSERT INTO t VALUES(1);"),
            SQLITE_OK);
  ASSERT_EQ(killed.run("BEGIN; INSERT INTO t VALUES(2);"), SQLITE_OK);
  disk.kill_program();
  EXPECT_NE(killed.run("COMMIT"), SQLITE_OK) << "it is dead";
  Connection next(disk);
  EXPECT_EQ(next.ask("SELECT group_concat(n) FROM t"), "1");
}

TEST(FaultyDisk, APlannedEndOfTheProgramComesInTheMiddleOfACommit) {
  for (std::uint64_t operations = 1; operations <= 30; ++operations) {
    FaultyDisk disk(operations);
    Dice dice(operations);
    disk.end_in(operations, FaultyDisk::Ending::killed);
    const auto committed = commit_until_it_ends(disk, "OFF", dice);
    Connection next(disk);
    if (committed > 0) {
      EXPECT_GE(std::stoull(next.ask("SELECT max(n) FROM t")), committed);
    }
    EXPECT_EQ(next.ask("PRAGMA integrity_check"), "ok");
  }
}

TEST(FaultyDisk, TheSameSeedLeavesTheSameBytes) {
  const auto left_by = [](std::uint64_t seed) {
    sqlite3_test_control(SQLITE_TESTCTRL_PRNG_SEED, 1, nullptr);
    FaultyDisk disk(seed);
    Dice dice(seed);
    disk.end_in(100, FaultyDisk::Ending::power_cut);
    commit_until_it_ends(disk, "NORMAL", dice);
    return disk.get("some.db") + disk.get("some.db-wal");
  };
  EXPECT_EQ(left_by(5), left_by(5));
  EXPECT_NE(left_by(5), left_by(6));
}

TEST(FaultyDisk, ReadersSeeOneStateWhileAWriterGoesOn) {
  FaultyDisk disk(1);
  Connection writer(disk);
  ASSERT_EQ(writer.run("PRAGMA journal_mode=WAL; CREATE TABLE t(n); INSERT INTO t VALUES(1);"), SQLITE_OK);
  Connection reader(disk, SQLITE_OPEN_READONLY);
  ASSERT_EQ(reader.run("BEGIN"), SQLITE_OK);
  EXPECT_EQ(reader.ask("SELECT count(*) FROM t"), "1");
  EXPECT_EQ(writer.run("INSERT INTO t VALUES(2)"), SQLITE_OK);
  EXPECT_EQ(reader.ask("SELECT count(*) FROM t"), "1");
  EXPECT_EQ(reader.run("COMMIT"), SQLITE_OK);
  EXPECT_EQ(reader.ask("SELECT count(*) FROM t"), "2");
  EXPECT_NE(reader.run("INSERT INTO t VALUES(3)"), SQLITE_OK);
}

TEST(FaultyDisk, OneWritesAtATime) {
  FaultyDisk disk(1);
  Connection one(disk);
  Connection other(disk);
  ASSERT_EQ(one.run("PRAGMA journal_mode=WAL; CREATE TABLE t(n); BEGIN IMMEDIATE;"), SQLITE_OK);
  EXPECT_EQ(other.run("INSERT INTO t VALUES(1)"), SQLITE_BUSY);
  EXPECT_EQ(one.run("COMMIT"), SQLITE_OK);
  EXPECT_EQ(other.run("INSERT INTO t VALUES(1)"), SQLITE_OK);
}

TEST(FaultyDisk, AFullOneSaysSoAndTakesWritesAgainOnceThereIsRoom) {
  FaultyDisk disk(1);
  Connection connection(disk);
  ASSERT_EQ(connection.run("PRAGMA journal_mode=WAL; CREATE TABLE t(n);"), SQLITE_OK);
  disk.set_capacity(disk.bytes_used() + 3000);
  EXPECT_EQ(connection.run("INSERT INTO t VALUES(zeroblob(10000))"), SQLITE_FULL);
  disk.set_capacity(SIZE_MAX);
  EXPECT_EQ(connection.run("INSERT INTO t VALUES(zeroblob(10000))"), SQLITE_OK);
  EXPECT_EQ(connection.ask("SELECT count(*) FROM t"), "1");
}

TEST(FaultyDisk, FailsAsManySyncsAsItIsTold) {
  FaultyDisk disk(1);
  Connection connection(disk);
  ASSERT_EQ(connection.run("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE t(n);"), SQLITE_OK);
  disk.fail_syncs(1);
  EXPECT_EQ(connection.run("INSERT INTO t VALUES(1)"), SQLITE_IOERR);
  EXPECT_EQ(connection.run("INSERT INTO t VALUES(2)"), SQLITE_OK);
}

TEST(FaultyDisk, AReadOnlyOneIsReadAndNotWritten) {
  FaultyDisk disk(1);
  {
    Connection connection(disk);
    ASSERT_EQ(connection.run("CREATE TABLE t(n); INSERT INTO t VALUES(1);"), SQLITE_OK);
  }
  disk.set_read_only(true);
  Connection connection(disk);
  EXPECT_EQ(connection.ask("SELECT count(*) FROM t"), "1");
  EXPECT_EQ(connection.run("INSERT INTO t VALUES(2)"), SQLITE_READONLY);
}

TEST(FaultyDisk, TellsOfEachOperationBeforeItIsDone) {
  FaultyDisk disk(1);
  Connection connection(disk);
  ASSERT_EQ(connection.run("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE t(n);"), SQLITE_OK);
  int syncs = 0;
  disk.before_each([&](FaultyDisk::Operation operation) { syncs += operation == FaultyDisk::Operation::sync ? 1 : 0; });
  EXPECT_EQ(connection.run("INSERT INTO t VALUES(1)"), SQLITE_OK);
  EXPECT_EQ(syncs, 1);
}

}  // namespace
}  // namespace hubbub::test
