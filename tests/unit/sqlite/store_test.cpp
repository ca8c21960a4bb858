// The store and its threads: what is given is committed, in order, and answered on the core that gave it; a disk that
// fails delays answers and loses nothing.
#include "server/log/sqlite/sqlite_store.hpp"
#include "tests/unit/sqlite/a_database.hpp"
#include "tests/unit/sqlite/an_outlet.hpp"

namespace hubbub::server::sqlite {
namespace {

constexpr RoomId room{1};

class AStore : public ::testing::Test {
 protected:
  AStore() {
    open();
    store_->change(0, {{RoomMade{room, "room"}}, std::nullopt}, [] {});
  }
  void open() {
    SqliteStore::Settings settings;
    settings.database = {path(), {}, {store_id, noon}};
    store_ = value_of(SqliteStore::open(settings, outlet_, clock_));
  }
  /// Gives one message after the other, each in a batch of its own, and notes which are committed.
  void append(std::uint64_t messages, unsigned core = 0) {
    for (std::uint64_t i = 0; i < messages; ++i) {
      const auto seq = ++given_;
      store_->append(core, batch_of(room, Seq{seq}, 1, clock_.wall_now()), [this, seq, core] {
        EXPECT_EQ(outlet_.core(), core);
        committed_.push_back(seq);
      });
    }
  }
  void wait_for_commits(std::uint64_t seq) {
    outlet_.run_until("the messages are committed", [&] { return committed_.size() == seq; });
  }
  std::vector<std::uint64_t> seqs_on_disk() {
    std::vector<std::uint64_t> all;
    const auto reader = value_of(Reader::open(path()));
    for (const auto& slice : value_of(reader->read(room, Seq{1}, newest, SIZE_MAX)).slices) all = seqs_in(slice);
    return all;
  }
  [[nodiscard]] std::string path() const { return folder_.path("hub.db"); }

  TemporaryFolder folder_;
  FakeClock clock_;
  AnOutlet outlet_;
  std::uint64_t given_ = 0;
  std::vector<std::uint64_t> committed_;
  std::unique_ptr<SqliteStore> store_;
};

TEST_F(AStore, CommitsInTheOrderInWhichItWasGivenAndAnswersOnTheCoreThatGave) {
  append(100);
  append(100, 3);
  wait_for_commits(200);
  EXPECT_EQ(committed_, from_to(1, 200));
  EXPECT_EQ(seqs_on_disk(), from_to(1, 200));
}

TEST_F(AStore, AnswersOnlyWhatIsOnDisk) {
  append(50);
  while (committed_.size() < 50) {
    outlet_.run();
    ASSERT_GE(seqs_on_disk().size(), committed_.size());
  }
}

TEST_F(AStore, ReadsAndFindsTimes) {
  append(10);
  clock_.advance(std::chrono::hours(1));
  append(10);
  wait_for_commits(20);
  std::optional<Result<LogRead>> read;
  std::optional<Result<Seq>> found;
  store_->read(2, room, Seq{3}, Seq{5}, SIZE_MAX, [&](Result<LogRead> result) {
    EXPECT_EQ(outlet_.core(), 2u);
    read = std::move(result);
  });
  store_->find_time(2, room, clock_.wall_now(), [&](Result<Seq> result) { found = std::move(result); });
  outlet_.run_until("both are answered", [&] { return read && found; });
  EXPECT_EQ(seqs_in(value_of(*read).slices.front()), from_to(3, 5));
  EXPECT_EQ(value_of(*found), Seq{11});
}

TEST_F(AStore, AtItsEndCommitsAndAnswersWhatItWasGiven) {
  append(500);
  store_.reset();
  outlet_.run();
  EXPECT_EQ(committed_, from_to(1, 500));
  EXPECT_EQ(seqs_on_disk(), from_to(1, 500));
}

TEST_F(AStore, TrimsInTheBackgroundAndSaysFromWhereOnItHasMessages) {
  store_->keep(room, {Durability::commit, 0, 0, std::chrono::minutes(5)});
  append(20);
  wait_for_commits(20);
  clock_.advance(std::chrono::minutes(6));
  append(5);
  outlet_.run_until("the old ones are gone", [&] {
    const auto trimmed = outlet_.trimmed_rooms();
    return !trimmed.empty() && trimmed.back() == std::pair(room, Seq{21});
  });
  wait_for_commits(25);
  EXPECT_EQ(seqs_on_disk(), from_to(21, 25));
}

TEST_F(AStore, HoldsManyRoomsToTheirBoundsHoweverMuchIsWritten) {
  constexpr std::uint32_t rooms = 100;
  constexpr std::uint64_t each = 400, bound = 20, group = 8192;
  for (std::uint32_t id = 2; id < 2 + rooms; ++id) {
    store_->change(0, {{RoomMade{RoomId{id}, "room" + std::to_string(id)}}, std::nullopt}, [] {});
    store_->keep(RoomId{id}, {Durability::commit, bound, 0, {}});
  }
  std::uint64_t committed = 0, rows_max = 0;
  for (std::uint64_t seq = 1; seq <= each; ++seq)
    for (std::uint32_t id = 2; id < 2 + rooms; ++id)
      store_->append(0, batch_of(RoomId{id}, Seq{seq}, 1), [&committed] { ++committed; });
  const auto database = value_of(Database::open(path(), Database::Access::read));
  Statement count(*database, "SELECT count(*) FROM batches");
  while (committed < rooms * each) {
    outlet_.run();
    auto rows = count.query();
    ASSERT_TRUE(rows.next());
    rows_max = std::max(rows_max, rows.number(0));
  }
  EXPECT_LE(rows_max, rooms * (bound + Trimmer::step_rows_max) + group);
}

/// Another program holds the database's lock: the simplest of the disk's troubles.
class ALock {
 public:
  explicit ALock(const std::string& path) : database_(value_of(Database::open(path, Database::Access::write))) {
    value_of(database_->run("BEGIN IMMEDIATE"));
  }

 private:
  std::unique_ptr<Database> database_;
};

TEST_F(AStore, InTroubleSaysWhyAnswersNothingAndGoesOnByItself) {
  append(3);
  wait_for_commits(3);
  {
    const ALock lock(path());
    append(3);
    outlet_.run_until("it says why", [&] { return !outlet_.troubles().empty(); });
    EXPECT_EQ(committed_.size(), 3u);
    EXPECT_NE(outlet_.troubles().front().find("locked"), std::string::npos) << outlet_.troubles().front();
  }
  append(3);
  wait_for_commits(9);
  EXPECT_EQ(outlet_.troubles().back(), "") << "and that all is well again";
  EXPECT_EQ(committed_, from_to(1, 9));
  EXPECT_EQ(seqs_on_disk(), from_to(1, 9));
}

TEST_F(AStore, InTroubleGivesUpAtItsEnd) {
  append(3);
  wait_for_commits(3);
  {
    const ALock lock(path());
    append(3);
    outlet_.run_until("it is in trouble", [&] { return !outlet_.troubles().empty(); });
    append(3);
    store_.reset();
  }
  outlet_.run();
  EXPECT_EQ(committed_, from_to(1, 3)) << "what isn't committed is not answered";
  EXPECT_EQ(seqs_on_disk(), from_to(1, 3));
}

}  // namespace
}  // namespace hubbub::server::sqlite
