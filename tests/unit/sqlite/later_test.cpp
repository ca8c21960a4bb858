// What is to be posted later: kept, found in its order, and gone with the message that it becomes.
#include "tests/unit/sqlite/a_database.hpp"

namespace hubbub::server::sqlite {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr RoomId room{1};
const Owner alice = OwnerKey{{1}}, bob = 1000u;

LaterAdded later(std::uint64_t id, std::uint64_t seconds, const Owner& owner = alice, std::string body = "hi") {
  return {LaterId{id}, after_noon(seconds), "lobby", owner, "alice", true, 2, 1, "headers", std::move(body)};
}

std::vector<std::uint64_t> ids(const LaterFound& found) {
  std::vector<std::uint64_t> all;
  for (const auto& message : found.messages) all.push_back(message.id.value);
  return all;
}

class Later : public testing::Test {
 protected:
  LaterFound find(const LaterWish& wish) { return value_of(database.reader().later(wish)); }
  LaterFound all() {
    LaterWish wish;
    wish.messages_max = 1000;
    return find(wish);
  }
  ADatabase database;
};

TEST_F(Later, IsFoundAsItWasKept) {
  const std::string body("\0\xff", 2);
  database.change({later(7, 60, bob, body)});
  database.reopen();
  const auto found = all();
  ASSERT_EQ(found.messages.size(), 1u);
  const auto& one = found.messages[0];
  EXPECT_EQ(one.at, after_noon(60));
  EXPECT_EQ(one.room, "lobby");
  EXPECT_EQ(one.owner, bob);
  EXPECT_EQ(one.from, "alice");
  EXPECT_TRUE(one.verified);
  EXPECT_EQ(one.kind, 2);
  EXPECT_EQ(one.flags, 1);
  EXPECT_EQ(one.headers, "headers");
  EXPECT_EQ(one.body, body);
  EXPECT_EQ(one.body_bytes, 2u);
  EXPECT_EQ(found.next, std::nullopt);
}

TEST_F(Later, IsFoundInTheOrderOfItsTime) {
  database.change({later(1, 30), later(2, 10), later(3, 20, bob), later(4, 10)});
  LaterWish wish;
  wish.messages_max = 10;
  wish.until = after_noon(20);
  EXPECT_THAT(ids(find(wish)), ElementsAre(2, 4, 3));
  EXPECT_EQ(find(wish).next, after_noon(30));
  wish.after = {after_noon(10), LaterId{2}};
  EXPECT_THAT(ids(find(wish)), ElementsAre(4, 3));
  wish.messages_max = 1;
  EXPECT_THAT(ids(find(wish)), ElementsAre(4));
  EXPECT_EQ(find(wish).next, after_noon(20));
}

TEST_F(Later, IsFoundForItsOwnerAndByItsNumber) {
  database.change({later(1, 30), later(2, 10), later(3, 20, bob)});
  LaterWish wish;
  wish.messages_max = 10;
  wish.owner = alice;
  EXPECT_THAT(ids(find(wish)), ElementsAre(2, 1));
  wish.owner = bob;
  EXPECT_THAT(ids(find(wish)), ElementsAre(3));
  wish.owner = 7u;
  EXPECT_THAT(ids(find(wish)), IsEmpty());
  LaterWish one;
  one.only = LaterId{3};
  EXPECT_THAT(ids(find(one)), ElementsAre(3));
  one.only = LaterId{4};
  EXPECT_THAT(ids(find(one)), IsEmpty());
}

TEST_F(Later, IsFoundForItsOwnerHoweverManyThereAre) {
  for (std::uint64_t id = 1; id <= 50; ++id) database.change({later(id, 100 - id, id % 2 == 0 ? alice : bob)});
  LaterWish wish;
  wish.messages_max = 1000;
  for (const auto& owner : {alice, bob}) {
    wish.owner = owner;
    EXPECT_EQ(find(wish).messages.size(), 25u);
  }
}

TEST_F(Later, IsFoundAboutTheBytesThatAreWantedAndItsBodyCut) {
  for (std::uint64_t id = 1; id <= 3; ++id) database.change({later(id, id, alice, std::string(10'000, 'x'))});
  LaterWish wish;
  wish.messages_max = 10;
  wish.bytes_max = 1;
  EXPECT_THAT(ids(find(wish)), ElementsAre(1)) << "at least one";
  wish.bytes_max = 25'000;
  EXPECT_THAT(ids(find(wish)), ElementsAre(1, 2));
  EXPECT_EQ(find(wish).next, after_noon(3));
  wish.body_bytes_max = 100;
  const auto found = find(wish);
  EXPECT_THAT(ids(found), ElementsAre(1, 2, 3));
  EXPECT_EQ(found.messages[0].body.size(), 100u);
  EXPECT_EQ(found.messages[0].body_bytes, 10'000u);
}

TEST_F(Later, IsGoneWithTheMessageThatItBecomesOrWhenItIsCancelled) {
  database.make_room(room, "lobby");
  database.change({later(1, 1), later(2, 2), later(3, 3)});
  auto batch = batch_of(room, Seq{1}, 2);
  batch.later = {LaterId{1}, LaterId{3}, LaterId{99}};
  database.commit(std::move(batch));
  EXPECT_THAT(ids(all()), ElementsAre(2));
  database.change({LaterRemoved{LaterId{2}}});
  EXPECT_THAT(ids(all()), IsEmpty());
  EXPECT_EQ(database.seqs(room, 1), from_to(1, 2));
}

TEST_F(Later, IsCountedForTheNextRunAndItsNumberNeverUsedAgain) {
  EXPECT_EQ(database.load().later.last, LaterId{});
  EXPECT_EQ(database.load().later.first, std::nullopt);
  database.change({later(1, 30), later(2, 10), later(3, 20, bob), later(9, 40)});
  database.change({LaterRemoved{LaterId{9}}});
  database.reopen();
  const auto kept = database.load().later;
  EXPECT_EQ(kept.last, LaterId{9});
  EXPECT_EQ(kept.first, after_noon(10));
  EXPECT_THAT(kept.count, testing::UnorderedElementsAre(std::pair(alice, 2u), std::pair(bob, 1u)));
}

}  // namespace
}  // namespace hubbub::server::sqlite
