// A file is made, brought up to date, or refused and left alone.
#include "server/log/sqlite/schema.hpp"

#include "tests/unit/sqlite/a_database.hpp"

namespace hubbub::server::sqlite {
namespace {

/// What opening `path` as the hub's database is refused with.
Error refusal_of(const std::string& path) {
  const auto opened = Writer::open({path, {}, {store_id, noon}});
  return opened ? Error{Status::ok, "it was opened"} : opened.error();
}

std::string contents_of(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

TEST(Schema, OfALaterVersionIsRefusedAndLeftAlone) {
  TemporaryFolder folder;
  const auto path = folder.path("hub.db");
  value_of(Writer::open({path, {}, {store_id, noon}}));
  value_of(value_of(Database::open(path, Database::Access::write))->run("PRAGMA user_version = 99"));
  const auto before = contents_of(path);
  EXPECT_NE(refusal_of(path).sentence.find("later hubbub"), std::string::npos) << refusal_of(path).sentence;
  EXPECT_FALSE(Reader::open(path));
  EXPECT_FALSE(load(path));
  EXPECT_EQ(contents_of(path), before);
}

TEST(Schema, OfAnotherProgramIsRefusedAndLeftAlone) {
  TemporaryFolder folder;
  const auto path = folder.path("hub.db");
  value_of(value_of(Database::open(path, Database::Access::write))->run("CREATE TABLE bookmarks(url TEXT)"));
  const auto before = contents_of(path);
  EXPECT_NE(refusal_of(path).sentence.find("another program"), std::string::npos);
  EXPECT_NE(refusal_of(path).sentence.find(path), std::string::npos) << "it says which file";
  EXPECT_EQ(contents_of(path), before);
}

TEST(Schema, AFileThatIsNoDatabaseIsRefusedAndLeftAlone) {
  TemporaryFolder folder;
  const auto path = folder.write("hub.db", std::string(10'000, 'x'));
  EXPECT_NE(refusal_of(path).sentence.find("is no database"), std::string::npos);
  EXPECT_EQ(contents_of(path), std::string(10'000, 'x'));
}

TEST(Schema, AFolderThatIsNotThereIsSaidSo) {
  EXPECT_EQ(refusal_of("/nowhere/at/all/hub.db").status, Status::permission_denied);
}

TEST(Schema, AFileThatWasCutIsAnErrorAndNotACrash) {
  std::string whole;
  {
    ADatabase database;
    database.make_room(RoomId{1}, "room");
    for (std::uint64_t i = 0; i < 50; ++i) database.commit(batch_of(RoomId{1}, Seq{i * 10 + 1}, 10));
    database.reopen();
    value_of(
        value_of(Database::open(database.path(), Database::Access::write))->run("PRAGMA wal_checkpoint(TRUNCATE)"));
    whole = contents_of(database.path());
  }
  constexpr std::size_t page = 4096;  // within its last one, nothing may be missing that is looked at here
  for (std::size_t bytes = 2; bytes + page < whole.size(); bytes += page) {
    TemporaryFolder folder;
    const auto path = folder.write("hub.db", whole.substr(0, bytes));
    const auto writer = Writer::open({path, {}, {store_id, noon}});
    const auto loaded = load(path);
    EXPECT_FALSE(writer && loaded) << bytes;
  }
}

/// A database as version 1 made it. Add one for each version that comes, and what it must be read as.
constexpr auto a_database_of_version_1 = R"(
PRAGMA application_id = 1752523362;
CREATE TABLE meta(key TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE rooms(
  id INTEGER PRIMARY KEY, key TEXT UNIQUE NOT NULL,
  topic TEXT NOT NULL DEFAULT '', topic_by TEXT NOT NULL DEFAULT '', topic_at INTEGER NOT NULL DEFAULT 0,
  trimmed INTEGER NOT NULL DEFAULT 0, trimmed_time INTEGER NOT NULL DEFAULT 0, folded INTEGER NOT NULL DEFAULT 0,
  retained BLOB);
CREATE TABLE batches(
  id INTEGER PRIMARY KEY, room INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
  first_time INTEGER NOT NULL, last_time INTEGER NOT NULL, total INTEGER NOT NULL, format INTEGER NOT NULL,
  runs BLOB NOT NULL, frames BLOB NOT NULL);
CREATE INDEX batches_by_room ON batches(room, first, last, last_time, total);
CREATE TABLE producers(
  room INTEGER NOT NULL, client BLOB NOT NULL, epoch INTEGER NOT NULL, last INTEGER NOT NULL,
  touched INTEGER NOT NULL, recent BLOB NOT NULL, PRIMARY KEY(room, client)) WITHOUT ROWID;
CREATE TABLE people(
  id INTEGER PRIMARY KEY, name TEXT UNIQUE NOT NULL, owner BLOB, uid INTEGER, verified INTEGER NOT NULL);
CREATE TABLE members(
  room INTEGER NOT NULL, person INTEGER NOT NULL, PRIMARY KEY(room, person)) WITHOUT ROWID;
CREATE INDEX members_by_person ON members(person);
CREATE TABLE cursors(
  room INTEGER NOT NULL, person INTEGER NOT NULL, consumer TEXT NOT NULL, seq INTEGER NOT NULL,
  moved_at INTEGER NOT NULL, PRIMARY KEY(room, person, consumer)) WITHOUT ROWID;
CREATE INDEX cursors_by_person ON cursors(person);
CREATE TABLE registrations(
  client BLOB PRIMARY KEY, owner BLOB, uid INTEGER, epoch INTEGER NOT NULL);
CREATE TABLE replies(
  id INTEGER PRIMARY KEY, client BLOB NOT NULL, call INTEGER NOT NULL, question INTEGER NOT NULL,
  status INTEGER NOT NULL, result BLOB NOT NULL);
INSERT INTO meta VALUES('created', 1700000000000000000), ('next_batch', 7),
  ('store', x'07070700000000000000000000000000');
INSERT INTO rooms VALUES(1, 'ci.main', 'green', 'alice', 1700000000000000000, 2, 1700000000000000000, 2, NULL);
INSERT INTO batches VALUES(9, 1, 3, 3, 1700000001000000000, 1700000001000000000, 39, 1,
  x'01000000000000000000000000000000000203010800000000000000',
  x'5223000001000000030000000000000000cac471fe9c9717000005616c696365000068656c6c6f');
INSERT INTO producers VALUES(1, x'01000000000000000000000000000000', 0, 1, 2, x'020700000000000000');
INSERT INTO people VALUES(1, 'alice', NULL, 1000, 1);
INSERT INTO members VALUES(1, 1);
INSERT INTO cursors VALUES(1, 1, '', 3, 1700000002000000000);
INSERT INTO registrations VALUES(x'01000000000000000000000000000000', NULL, 1000, 4);
INSERT INTO replies VALUES(1, x'01000000000000000000000000000000', 8, 5, 0, 'r');
PRAGMA user_version = 1;
)";

TEST(Schema, OfVersion1IsReadAndGoneOnWith) {
  TemporaryFolder folder;
  const auto path = folder.path("hub.db");
  value_of(value_of(Database::open(path, Database::Access::write))->run(a_database_of_version_1));
  const auto writer = value_of(Writer::open({path, {}, {StoreId{}, noon}}));
  const auto kept = value_of(load(path));
  EXPECT_EQ(kept.store, store_id) << "the one it was born with";
  ASSERT_EQ(kept.rooms.size(), 1u);
  const auto& room = kept.rooms.front();
  EXPECT_EQ(room.topic, "green");
  EXPECT_EQ(room.first_kept, Seq{3});
  EXPECT_EQ(room.last, Seq{3});
  EXPECT_EQ(room.members, std::vector<std::string>{"alice"});
  const std::vector<KeptProducer> producers = {{client(1), 0, PublishId{2}, {{Seq{2}, 7}, {Seq{3}, 8}}}};
  EXPECT_EQ(room.producers, producers);
  EXPECT_EQ(kept.people.front().owner, Owner(1000u));
  EXPECT_EQ(kept.cursors.front().seq, Seq{3});
  EXPECT_EQ(kept.registrations.front().epoch, 4u);
  EXPECT_EQ(kept.replies.front(), (KeptReply{client(1), CallId{8}, Status::ok, "r", 5}));
  const std::vector<Record> next = {batch_of(RoomId{1}, Seq{4}, 2)};
  value_of(writer->commit(next));
  const auto reader = value_of(Reader::open(path));
  EXPECT_EQ(seqs_in(value_of(reader->read(RoomId{1}, Seq{1}, newest, SIZE_MAX)).slices.front()), from_to(3, 5));
}

}  // namespace
}  // namespace hubbub::server::sqlite
