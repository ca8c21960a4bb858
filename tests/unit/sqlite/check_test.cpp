// What check() finds, and that it finds nothing where all is well.
#include "server/log/sqlite/check.hpp"

#include "tests/unit/sqlite/a_database.hpp"

namespace hubbub::server::sqlite {
namespace {

using ::testing::HasSubstr;

constexpr RoomId room{1};

/// Ten batches of five messages of one producer, folded up to the newest but one.
class ACheckedDatabase : public ::testing::Test {
 protected:
  ACheckedDatabase() {
    database_.change({RoomMade{room, "ci.main"}, PersonMade{"alice", 7u, true}, MemberAdded{room, "alice"},
                      CursorMoved{room, "alice", "", Seq{3}, noon}});
    for (std::uint64_t i = 0; i < 9; ++i) say(i);
    database_.writer().keep(room, {Durability::commit, 30, 0, {}});
    value_of(database_.writer().tend(noon));
    say(9);
  }
  void say(std::uint64_t i) {
    auto batch = batch_of(room, Seq{i * 5 + 1}, 5, after_noon(i));
    batch.runs = {{client(1), 0, PublishId{i * 5 + 1}, Seq{i * 5 + 1}, {1, 2, 3, 4, 5}}};
    database_.commit(batch);
  }
  void damage(const char* sql) {
    value_of(value_of(Database::open(database_.path(), Database::Access::write))->run(sql));
  }
  std::vector<std::string> findings() { return value_of(check(database_.path())); }
  /// The only finding.
  std::string finding() {
    const auto all = findings();
    return all.size() == 1 ? all.front() : ::testing::PrintToString(all);
  }
  ADatabase database_;
};

TEST_F(ACheckedDatabase, ThatIsWellHasNoFindings) {
  EXPECT_EQ(findings(), std::vector<std::string>{});
  database_.reopen();
  EXPECT_EQ(findings(), std::vector<std::string>{});
}

TEST_F(ACheckedDatabase, AHoleIsFound) {
  damage("DELETE FROM batches WHERE first = 46");
  EXPECT_EQ(findings(), std::vector<std::string>{}) << "the newest batch leaves no hole";
  damage("DELETE FROM batches WHERE first = 31");
  const auto all = findings();
  ASSERT_FALSE(all.empty());
  EXPECT_EQ(all.front(), "room ci.main: messages 31 to 35 are missing");
}

TEST_F(ACheckedDatabase, ACallThatIsHalfAnsweredIsFound) {
  database_.change({CallGiven{client(1), CallId{1}, 5, MethodName::literal("image.scale"), PersonName::literal("alice"),
                              true, "[1]", noon}});
  EXPECT_EQ(findings(), std::vector<std::string>{});
  damage("UPDATE exact_calls SET status = 0");
  EXPECT_EQ(finding(), "there are 1 calls of services that are half answered");
}

TEST_F(ACheckedDatabase, AHoleWhereRetentionHasStoppedIsFound) {
  damage("UPDATE rooms SET trimmed = trimmed - 5");
  EXPECT_THAT(findings().front(), HasSubstr("are missing"));
}

TEST_F(ACheckedDatabase, ATornFrameIsFound) {
  damage("UPDATE batches SET frames = substr(frames, 1, 30) || zeroblob(length(frames) - 30) WHERE first = 31");
  EXPECT_EQ(finding(), "room ci.main: messages 31 to 35 are damaged");
}

TEST_F(ACheckedDatabase, AFrameOfAnotherTimeIsFound) {
  damage("UPDATE batches SET last_time = last_time + 1 WHERE first = 46");
  EXPECT_EQ(finding(), "room ci.main: messages 46 to 50 have other times than their row says");
}

TEST_F(ACheckedDatabase, AWrongCountOfBytesIsFound) {
  damage("UPDATE batches SET total = total + 1 WHERE first = 46");
  EXPECT_EQ(finding(), "room ci.main: the bytes up to message 50 are counted wrongly");
}

TEST_F(ACheckedDatabase, AProducerRowThatLiesIsFound) {
  damage("UPDATE producers SET last = last + 1");
  EXPECT_THAT(finding(), HasSubstr("isn't what its messages say"));
}

TEST_F(ACheckedDatabase, AProducerRowThatIsGoneIsFound) {
  damage("DELETE FROM producers");
  EXPECT_THAT(finding(), HasSubstr("it knows nothing of producer 0100"));
}

TEST_F(ACheckedDatabase, ADamagedRunIsFound) {
  damage("UPDATE batches SET runs = substr(runs, 1, 20) WHERE first = 46");
  EXPECT_EQ(finding(), "room ci.main: who published messages 46 to 50 is damaged");
}

TEST_F(ACheckedDatabase, WhatBelongsToNobodyIsFound) {
  damage("DELETE FROM people");
  EXPECT_THAT(findings(),
              ::testing::ElementsAre("there are 1 members who are nobody", "there are 1 cursors of nobody"));
}

TEST_F(ACheckedDatabase, AFileWithDamagedPagesIsFoundAndNotACrash) {
  database_.reopen();
  damage("PRAGMA wal_checkpoint(TRUNCATE)");
  std::fstream file(database_.path(), std::ios::in | std::ios::out | std::ios::binary);
  for (int page = 2; page < 12; page += 3) {
    file.seekp(page * 4096 + 8);
    file << std::string(600, 'x');
  }
  file.close();
  EXPECT_FALSE(findings().empty());
}

}  // namespace
}  // namespace hubbub::server::sqlite
