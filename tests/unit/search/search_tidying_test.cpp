// What retention took goes from the index too, while searches go on.
#include "tests/unit/search/said.hpp"

namespace hubbub::server::sqlite {
namespace {

class SearchTidyingTest : public SaidTest {
 protected:
  SearchTidyingTest() {
    small_.part_messages = 10;
    small_.step_messages = 4;
    small_.stretch_messages = 3;
  }
  std::int64_t tables() {
    auto file = must(Database::open(index_path(), Database::Access::read));
    Statement select(*file, "SELECT count(*) FROM sqlite_schema WHERE sql LIKE 'CREATE VIRTUAL%'");
    auto rows = select.query();
    return rows.next() ? rows.integer(0) : -1;
  }
  SearchIndexBounds small_;
};

TEST_F(SearchTidyingTest, HasNothingToDoWhereEverythingIsKept) {
  for (int i = 0; i < 50; ++i) say(lobby, "tick");
  index(small_);
  EXPECT_FALSE(must(index_->tidy()));
}

TEST_F(SearchTidyingTest, DropsPartsThatAreGoneAltogether) {
  for (int i = 1; i <= 100; ++i) say(lobby, "tick " + std::to_string(i));
  index(small_);
  const auto before = parts().size();
  trim(lobby, 40);
  tidy();
  EXPECT_LT(parts().size(), before - 2);
  EXPECT_EQ(tables(), static_cast<std::int64_t>(parts().size()));
  EXPECT_EQ(found("tick").size(), 60u);
}

TEST_F(SearchTidyingTest, MakesOnePartOfThoseThatAreMostlyGone) {
  for (int i = 1; i <= 100; ++i) {
    say(lobby, "tick " + std::to_string(i));
    if (i % 10 == 0) say(ops, "tock " + std::to_string(i));
  }
  index(small_);
  trim(lobby, 90);
  tidy();
  EXPECT_LE(parts().size(), 4u);
  EXPECT_EQ(tables(), static_cast<std::int64_t>(parts().size()));
  EXPECT_EQ(found("tick").size(), 10u);
  EXPECT_EQ(found("tock").size(), 10u);
  auto within = wish("tock");
  within.since = WallTime{now_.ns - 50'000'000'000};
  EXPECT_EQ(found(within).size(), 5u);
  EXPECT_FALSE(must(index_->tidy())) << "once is enough";
}

TEST_F(SearchTidyingTest, FindsEverythingAtEachStepWhileMoreIsSaid) {
  for (int i = 1; i <= 63; ++i) {
    say(lobby, "tick");
    if (i % 20 == 0) say(ops, "tock");
  }
  index(small_);
  trim(lobby, 58);
  std::size_t tocks = 3;
  for (bool more = true; more;) {
    more = must(index_->tidy());
    EXPECT_EQ(found("tock").size(), tocks);
    EXPECT_EQ(found("tick").size(), 5u);
    if (tocks < 40) say(ops, "tock"), ++tocks;
    index(small_);
  }
  EXPECT_EQ(found("tock").size(), tocks);
}

TEST_F(SearchTidyingTest, LeavesNoPartWithoutMessages) {
  const std::vector<Said> twelve(12, Said{"tick"});
  for (const auto room : {ops, lobby, ops, lobby, lobby, lobby, ops}) say(room, twelve);
  index(small_);
  ASSERT_EQ(parts().size(), 7u);
  trim(lobby, 48);
  tidy();
  EXPECT_LT(parts().size(), 7u);
  EXPECT_EQ(tables(), static_cast<std::int64_t>(parts().size()));
  for (const auto& part : parts()) EXPECT_GT(part.messages, 0);
  EXPECT_EQ(found("tick").size(), 36u);
}

TEST_F(SearchTidyingTest, BeginsAgainAfterItWasInterrupted) {
  for (int i = 1; i <= 60; ++i) {
    say(lobby, "tick");
    if (i % 5 == 0) say(ops, "tock");
  }
  index(small_);
  trim(lobby, 55);
  for (int steps = 0;; ++steps) {
    bool more = true;
    for (int i = 0; i < steps && more; ++i) more = must(index_->tidy());
    open_index(small_);
    EXPECT_EQ(found("tock").size(), 12u) << steps;
    if (!more) break;
  }
  tidy();
  EXPECT_EQ(found("tock").size(), 12u);
  EXPECT_EQ(tables(), static_cast<std::int64_t>(parts().size()));
}

TEST_F(SearchTidyingTest, OfAnEmptyDatabaseLeavesAnEmptyIndex) {
  for (int i = 1; i <= 30; ++i) say(lobby, "tick");
  index(small_);
  trim(lobby, 30);
  tidy();
  EXPECT_EQ(tables(), 0);
  say(lobby, "tick");
  index(small_);
  EXPECT_EQ(found("tick").size(), 1u);
}

}  // namespace
}  // namespace hubbub::server::sqlite
