// The index goes on where it was, whatever happened in between.
#include "tests/unit/search/said.hpp"

#include <filesystem>

namespace hubbub::server::sqlite {
namespace {

class SearchIndexTest : public SaidTest {
 protected:
  std::int64_t indexed() { return must(indexed_batch(*must(Database::open(index_path(), Database::Access::read)))); }
};

TEST_F(SearchIndexTest, AdvancesBatchByBatchUntilNothingIsBehind) {
  SearchIndexBounds one;
  one.step_messages = 1;
  open_index(one);
  EXPECT_FALSE(must(index_->advance()));
  say(lobby, {{"one"}, {"two"}});
  say(ops, "three");
  EXPECT_TRUE(must(index_->advance()));
  EXPECT_EQ(indexed(), 1);
  EXPECT_THAT(found("one"), ElementsAre("one"));
  EXPECT_THAT(found("three"), IsEmpty());
  EXPECT_TRUE(must(index_->advance()));
  EXPECT_FALSE(must(index_->advance()));
  EXPECT_THAT(found("three"), ElementsAre("three"));
}

TEST_F(SearchIndexTest, GoesOnWhereItWasWhenItIsOpenedAgain) {
  SearchIndexBounds small;
  small.part_messages = 4;
  small.step_messages = 1;
  for (int i = 1; i <= 20; ++i) {
    say(lobby, "tick " + std::to_string(i));
    if (i % 3 == 0) open_index(small);
    index(small);
  }
  EXPECT_EQ(found("tick").size(), 20u);
  EXPECT_EQ(parts().size(), 5u);
  open_index(small);
  EXPECT_FALSE(must(index_->advance())) << "nothing is indexed twice";
}

TEST_F(SearchIndexTest, IsMadeAnewWhereItWasDeleted) {
  say(lobby, "one");
  index();
  EXPECT_THAT(found("one"), ElementsAre("one"));
  index_.reset();
  std::filesystem::remove(index_path());
  say(lobby, "one more");
  index();
  EXPECT_THAT(found("one"), ElementsAre("one more", "one")) << "the reader notices that it is another file";
}

TEST_F(SearchIndexTest, IsMadeAnewWhereItIsOfAnotherHub) {
  say(lobby, "one");
  index();
  must(Statement(*hub_, "UPDATE meta SET value = ?1 WHERE key = 'store'").run(StoreId{{9}}));
  must(hub_->run("DELETE FROM batches"));
  say(lobby, "two");
  open_index();
  index();
  EXPECT_THAT(found("one"), IsEmpty());
  EXPECT_THAT(found("two"), ElementsAre("two"));
}

TEST_F(SearchIndexTest, FindsNothingOfWhatTheDatabaseLost) {
  for (int i = 1; i <= 10; ++i) say(lobby, "tick " + std::to_string(i));
  index();
  must(hub_->run("DELETE FROM batches WHERE id > 8; UPDATE meta SET value = 1000 WHERE key = 'next_batch'"));
  last_[lobby.value] = 8;
  say(lobby, "other 9");
  EXPECT_EQ(found("tick").size(), 8u);
  index();
  say(lobby, "other 10");
  EXPECT_EQ(found("tick").size(), 8u);
  EXPECT_THAT(found("other"), ElementsAre("other 9"));
  EXPECT_EQ(search(wish("other")).unindexed, 1u);
}

TEST_F(SearchIndexTest, DoesNotTakeWhatRetentionTookForLost) {
  say(lobby, "one");
  say(lobby, "two");
  index();
  trim(lobby, 2);
  open_index();
  EXPECT_EQ(indexed(), 2);
}

TEST_F(SearchIndexTest, DoesNotBlameItsFileForTheDatabase) {
  say(lobby, "one");
  index();
  must(hub_->run("ALTER TABLE batches RENAME TO elsewhere"));
  const auto failed = index_->advance();
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().status, Status::unavailable);
  must(hub_->run("ALTER TABLE elsewhere RENAME TO batches"));
  EXPECT_THAT(found("one"), ElementsAre("one"));
}

TEST_F(SearchIndexTest, IsForTheHubAlone) {
  index();
  const auto mode = std::filesystem::status(index_path()).permissions();
  EXPECT_EQ(mode, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST_F(SearchIndexTest, ReadsFramesThatAreTornAsFarAsTheyGo) {
  say(lobby, {{"one"}, {"two"}});
  must(hub_->run("UPDATE batches SET frames = substr(frames, 1, length(frames) - 1)"));
  index();
  EXPECT_THAT(found("one"), ElementsAre("one"));
  EXPECT_THAT(found("two"), IsEmpty());
}

}  // namespace
}  // namespace hubbub::server::sqlite
