// A backup is a moment of the hub's, whole; and a restored one is not taken for the hub that went on.
#include "server/log/sqlite/backup.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <thread>

#include "server/log/sqlite/check.hpp"
#include "server/log/sqlite/data_directory.hpp"
#include "tests/unit/sqlite/a_database.hpp"

namespace {
bool rename_fails = false;
}

/// In the place of the C library's.
extern "C" int rename(const char* from, const char* to) noexcept {
  if (!rename_fails) return ::renameat(AT_FDCWD, from, AT_FDCWD, to);
  errno = EIO;
  return -1;
}

namespace hubbub::server::sqlite {
namespace {

constexpr RoomId room{1};
constexpr StoreId another_id{{9, 9}};

std::uint64_t messages_in(const std::string& path) {
  std::uint64_t count = 0;
  for (const auto& kept : value_of(load(path)).rooms) count += kept.last.value;
  return count;
}

TEST(Backup, HoldsEverythingAndOnlyItsOwnerMayReadIt) {
  ADatabase database;
  database.make_room(room, "room");
  database.commit(batch_of(room, Seq{1}, 20));
  const auto file = database.folder().path("elsewhere/backup");
  std::filesystem::create_directory(database.folder().path("elsewhere"));
  value_of(back_up(database.folder().path(), file, false));
  EXPECT_EQ(messages_in(file), 20u);
  EXPECT_EQ(value_of(check(file)), std::vector<std::string>{});
  struct stat seen {};
  ::stat(file.c_str(), &seen);
  EXPECT_EQ(seen.st_mode & 0777, 0600u);
}

TEST(Backup, MadeWhileTheHubWritesIsOneMomentOfIt) {
  ADatabase database;
  database.make_room(room, "room");
  std::atomic<bool> enough = false;
  std::atomic<std::uint64_t> written = 0;
  std::thread hub([&] {
    for (std::uint64_t seq = 1; !enough; ++seq) {
      database.commit(batch_of(room, Seq{seq}, 1));
      written = seq;
    }
  });
  test::wait_until("something is written", [&] { return written > 100; });
  TemporaryFolder elsewhere;
  for (int round = 0; round < 5; ++round) {
    const auto file = elsewhere.path("backup");
    const std::uint64_t before = written;
    value_of(back_up(database.folder().path(), file, true));
    EXPECT_GE(messages_in(file), before);
    EXPECT_LE(messages_in(file), written + 1);
    EXPECT_EQ(value_of(check(file)), std::vector<std::string>{});
  }
  enough = true;
  hub.join();
}

/// Where a backup can't be written, or nothing be read for it: the sentence, and that all is as it was.
class ABackup : public ::testing::Test {
 protected:
  ABackup() { database_.make_room(room, "room"); }
  Error refusal(const std::string& file, bool replace = true) {
    return refusal_of(database_.folder().path(), file, replace);
  }
  Error refusal_of(const std::string& directory, const std::string& file, bool replace = true) {
    const auto done = back_up(directory, file, replace);
    EXPECT_FALSE(done);
    EXPECT_FALSE(std::filesystem::exists(file + ".part"));
    return done ? Error{} : done.error();
  }
  ADatabase database_;
  TemporaryFolder elsewhere_;
};

TEST_F(ABackup, ReplacesWhatIsThereOnlyIfItIsTold) {
  const auto file = elsewhere_.write("backup", "the one before");
  EXPECT_EQ(refusal(file, false).status, Status::already_exists);
  EXPECT_EQ(elsewhere_.read("backup"), "the one before");
  value_of(back_up(database_.folder().path(), file, true));
  EXPECT_EQ(value_of(load(file)).rooms.size(), 1u);
}

TEST_F(ABackup, ReplacesNothingButAFileAndNeverTheHubsOwn) {
  std::filesystem::create_directory(elsewhere_.path("folder"));
  std::filesystem::create_symlink(elsewhere_.path("folder"), elsewhere_.path("link"));
  EXPECT_THAT(refusal(elsewhere_.path("folder")).sentence, ::testing::HasSubstr("no file"));
  EXPECT_THAT(refusal(elsewhere_.path("link")).sentence, ::testing::HasSubstr("no file"));
  EXPECT_THAT(refusal(database_.path()).sentence, ::testing::HasSubstr("the hub's own files"));
  EXPECT_EQ(value_of(check(database_.path())), std::vector<std::string>{});
}

TEST_F(ABackup, ThatFailsLeavesTheOneBefore) {
  const auto file = elsewhere_.write("backup", "the one before");
  EXPECT_THAT(refusal_of("/nowhere/at/all", file).sentence, ::testing::HasSubstr("/nowhere/at/all/hub.db: it isn't"));
  EXPECT_EQ(elsewhere_.read("backup"), "the one before");
  EXPECT_THAT(refusal(elsewhere_.path("no/such/backup")).sentence, ::testing::HasSubstr("no/such/backup"));
}

TEST_F(ABackup, IsMadeOfAHubsDatabaseOnly) {
  const auto file = elsewhere_.path("backup");
  const auto of = [&](const std::string& bytes) {
    elsewhere_.write("hub.db", bytes);
    return refusal_of(elsewhere_.path(), file + "/of").sentence;
  };
  std::filesystem::create_directory(file);
  EXPECT_THAT(of(""), ::testing::HasSubstr("is empty"));
  EXPECT_THAT(of("Dear diary,"), ::testing::HasSubstr("no database"));
  const auto whole = [&] {
    TemporaryFolder folder;
    value_of(back_up(database_.folder().path(), folder.path("whole"), false));
    return folder.read("whole");
  }();
  EXPECT_THAT(of(whole.substr(0, whole.size() / 2)), ::testing::HasSubstr("damaged"));
  std::filesystem::remove(elsewhere_.path("hub.db"));
  value_of(value_of(Database::open(elsewhere_.path("hub.db"), Database::Access::write))->run("CREATE TABLE mine(x)"));
  EXPECT_THAT(refusal_of(elsewhere_.path(), file + "/of").sentence, ::testing::HasSubstr("another program"));
}

class ARestoredHub : public ::testing::Test {
 protected:
  ARestoredHub() {
    ADatabase database;
    database.make_room(room, "room");
    database.commit(batch_of(room, Seq{1}, 20));
    value_of(back_up(database.folder().path(), file(), false));
  }
  [[nodiscard]] std::string file() const { return folder_.path("backup"); }
  [[nodiscard]] std::string directory() const { return folder_.path("data"); }
  /// Five messages that are only in the write-ahead log, as a hub leaves it that is killed.
  void put_five_into_the_log() const {
    auto writer = value_of(Writer::open({database_in(directory()), {}, {store_id, noon}}));
    const std::vector<Record> more = {batch_of(room, Seq{21}, 5)};
    const auto database = folder_.path("database"), log = folder_.path("log");
    std::filesystem::copy(database_in(directory()), database);
    value_of(writer->commit(more));
    std::filesystem::copy(database_in(directory()) + "-wal", log);
    writer.reset();
    std::filesystem::rename(database, database_in(directory()));
    std::filesystem::rename(log, database_in(directory()) + "-wal");
  }
  TemporaryFolder folder_;
};

TEST_F(ARestoredHub, IsWhatItWasUnderAnIdOfItsOwn) {
  value_of(restore(file(), directory(), false, another_id));
  const auto kept = value_of(load(database_in(directory())));
  EXPECT_EQ(kept.rooms.front().last, Seq{20});
  EXPECT_EQ(kept.store, another_id);
  EXPECT_EQ(value_of(check(database_in(directory()))), std::vector<std::string>{});
}

TEST_F(ARestoredHub, DoesNotReplaceAnotherUnlessItIsTold) {
  value_of(restore(file(), directory(), false, another_id));
  {
    const auto writer = value_of(Writer::open({database_in(directory()), {}, {store_id, noon}}));
    const std::vector<Record> more = {batch_of(room, Seq{21}, 5)};
    value_of(writer->commit(more));
  }
  EXPECT_EQ(restore(file(), directory(), false, another_id).error().status, Status::already_exists);
  EXPECT_EQ(messages_in(database_in(directory())), 25u);
  value_of(restore(file(), directory(), true, another_id));
  EXPECT_EQ(messages_in(database_in(directory())), 20u);
}

TEST_F(ARestoredHub, IsNotPutUnderAHubThatServes) {
  const auto serving = value_of(DataDirectory::open(directory()));
  const auto refused = restore(file(), directory(), true, another_id);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().sentence, ::testing::HasSubstr("in use by process " + std::to_string(::getpid())));
}

TEST_F(ARestoredHub, IsNotMadeOfAFileThatIsNoBackup) {
  value_of(restore(file(), directory(), false, another_id));
  std::filesystem::create_directory(folder_.path("folder"));
  const auto whole = folder_.read("backup");
  const std::pair<std::string, const char*> others[] = {{folder_.write("text", "Dear diary,"), "no database"},
                                                        {folder_.write("empty", ""), "is empty"},
                                                        {folder_.write("cut", whole.substr(0, 30'000)), "damaged"},
                                                        {folder_.path("folder"), "no file"},
                                                        {"/nowhere/at/all", "isn't there"}};
  for (const auto& [other, why] : others) {
    const auto refused = restore(other, directory(), true, another_id);
    ASSERT_FALSE(refused) << other;
    EXPECT_THAT(refused.error().sentence, ::testing::AllOf(::testing::HasSubstr(other), ::testing::HasSubstr(why)));
    EXPECT_FALSE(restore(other, folder_.path("new"), false, another_id));
    EXPECT_FALSE(std::filesystem::exists(folder_.path("new"))) << other;
  }
  EXPECT_EQ(messages_in(database_in(directory())), 20u);
  EXPECT_FALSE(std::filesystem::exists(database_in(directory()) + ".part"));
}

TEST_F(ARestoredHub, TakesNothingOfTheDatabaseThatItReplaces) {
  value_of(restore(file(), directory(), false, another_id));
  put_five_into_the_log();
  value_of(restore(file(), directory(), true, another_id));
  EXPECT_EQ(messages_in(database_in(directory())), 20u);
}

TEST_F(ARestoredHub, LeavesTheOneBeforeWholeUntilItTakesItsPlace) {
  value_of(restore(file(), directory(), false, another_id));
  put_five_into_the_log();
  rename_fails = true;
  EXPECT_FALSE(restore(file(), directory(), true, another_id));
  rename_fails = false;
  EXPECT_EQ(messages_in(database_in(directory())), 25u);
  EXPECT_EQ(value_of(check(database_in(directory()))), std::vector<std::string>{});
}

TEST_F(ARestoredHub, ReplacesOneThatIsDamaged) {
  value_of(restore(file(), directory(), false, another_id));
  put_five_into_the_log();
  folder_.write("data/hub.db", "Dear diary,");
  value_of(restore(file(), directory(), true, another_id));
  EXPECT_EQ(messages_in(database_in(directory())), 20u);
}

TEST(DataDirectory, IsItsOwnersOnlyWithTheFilesInIt) {
  TemporaryFolder folder;
  const auto path = folder.path("deep/down/data");
  const auto directory = value_of(DataDirectory::open(path));
  const auto mode = [](const std::string& of) {
    struct stat seen {};
    ::stat(of.c_str(), &seen);
    return seen.st_mode & 0777;
  };
  EXPECT_EQ(mode(path), 0700u);
  const auto writer = value_of(Writer::open({directory.database(), {}, {store_id, noon}}));
  for (const auto* const name : {"hub.db", "hub.db-wal", "hub.db-shm", "search.db", "lock"})
    EXPECT_EQ(mode(path + "/" + name), 0600u) << name;
}

TEST(DataDirectory, HasOneHubAndSaysWhich) {
  TemporaryFolder folder;
  {
    const auto first = value_of(DataDirectory::open(folder.path()));
    const auto second = DataDirectory::open(folder.path());
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().sentence, folder.path() + " is in use by process " + std::to_string(::getpid()) +
                                           "; end that one, or name another folder");
  }
  EXPECT_TRUE(DataDirectory::open(folder.path())) << "free again";
}

TEST(DataDirectory, ThatCannotBeMadeIsSaidSo) {
  TemporaryFolder folder;
  const auto refused = DataDirectory::open(folder.write("file", "") + "/data");
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().sentence, ::testing::HasSubstr("can't make " + folder.path("file")));
}

}  // namespace
}  // namespace hubbub::server::sqlite
