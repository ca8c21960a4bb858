// What a search finds, and what it leaves out.
#include "tests/unit/search/said.hpp"

namespace hubbub::server::sqlite {
namespace {

class SearchReaderTest : public SaidTest {};

TEST_F(SearchReaderTest, FindsWhatContainsAllTheWordsTheNewestFirst) {
  say(lobby, "the deploy failed");
  say(ops, {{"Deploy of web"}, {"nothing else"}, {"it failed, the DEPLOY"}});
  say(ci, "redeploy");
  index();
  EXPECT_THAT(found("deploy"), ElementsAre("it failed, the DEPLOY", "Deploy of web", "the deploy failed"));
  EXPECT_THAT(found("deploy failed"), ElementsAre("it failed, the DEPLOY", "the deploy failed"));
  EXPECT_THAT(found("\"deploy failed\""), ElementsAre("the deploy failed"));
  EXPECT_THAT(found("deploy -failed"), ElementsAre("Deploy of web"));
  EXPECT_THAT(found("re*"), ElementsAre("redeploy"));
  EXPECT_THAT(found("deployment"), IsEmpty());
}

TEST_F(SearchReaderTest, TakesLettersWithAndWithoutMarksAsTheSame) {
  say(lobby, "Grüße aus Málaga");
  index();
  EXPECT_THAT(found("grusse"), IsEmpty());
  EXPECT_THAT(found("gruße malaga"), ElementsAre("Grüße aus Málaga"));
}

TEST_F(SearchReaderTest, FindsWhatPeopleSayNotDataOfPrograms) {
  say(lobby, {{"deploy, says alice"},
              {"deploys something", "alice", proto::Kind::action},
              {"deploy done", "bot", proto::Kind::notice},
              {"deploy\x01\xff", "bot", proto::Kind::data}});
  index();
  EXPECT_THAT(found("deploy*"), ElementsAre("deploy done", "deploys something", "deploy, says alice"));
}

TEST_F(SearchReaderTest, LooksOnlyIntoTheRoomsOfTheWish) {
  say(lobby, "secret one");
  say(ops, "secret two");
  say(ci, "secret r2 in a text");
  index();
  auto one = wish("secret");
  one.rooms = {ops};
  EXPECT_THAT(found(one), ElementsAre("secret two"));
  one.rooms = {};
  EXPECT_THAT(found(one), IsEmpty());
  one.rooms = {RoomId{3}};
  EXPECT_THAT(found(one), IsEmpty());
}

TEST_F(SearchReaderTest, LooksOnlyIntoTheRoomsOfTheWishWhereTheyAreTooManyForTheIndex) {
  auto some = wish("secret");
  some.rooms.clear();
  for (std::uint32_t id = 100; id < 140; ++id) {
    make_room(RoomId{id});
    say(RoomId{id}, "secret " + std::to_string(id));
    if (id % 2 == 0) some.rooms.push_back(RoomId{id});
  }
  index();
  ASSERT_GT(some.rooms.size(), 8u);
  const auto texts = found(some);
  EXPECT_EQ(texts.size(), 20u);
  EXPECT_EQ(texts.front(), "secret 138");
}

TEST_F(SearchReaderTest, FindsWhatOnePersonSaid) {
  say(lobby, "deploy one", "bob");
  say(lobby, "deploy two, says bob-2", "bob-2");
  say(lobby, "deploy three, bob", "alice");
  say(lobby, "deploy four", "_");
  say(lobby, "deploy five", "x-bob");
  index();
  auto by = wish("deploy");
  by.from = "bob";
  EXPECT_THAT(found(by), ElementsAre("deploy one"));
  by.from = "bob-2";
  EXPECT_THAT(found(by), ElementsAre("deploy two, says bob-2"));
  by.from = "_";
  EXPECT_THAT(found(by), ElementsAre("deploy four"));
  by.from = "r1";
  EXPECT_THAT(found(by), IsEmpty());
}

TEST_F(SearchReaderTest, FindsWhatWasSaidWithinATime) {
  SearchIndexBounds small;
  small.stretch_messages = 3;
  small.part_messages = 10;
  small.step_messages = 5;
  for (std::uint64_t second = 1; second <= 40; ++second) say_at(second, lobby, {{"tick " + std::to_string(second)}});
  index(small);
  auto within = wish("tick");
  within.since = WallTime{13};
  within.until = WallTime{15};
  EXPECT_THAT(found(within), ElementsAre("tick 15", "tick 14", "tick 13"));
  within.since = WallTime{39};
  within.until = {};
  EXPECT_THAT(found(within), ElementsAre("tick 40", "tick 39"));
  within.since = {};
  within.until = WallTime{2};
  EXPECT_THAT(found(within), ElementsAre("tick 2", "tick 1"));
  within.since = WallTime{41};
  EXPECT_THAT(found(within), IsEmpty());
}

TEST_F(SearchReaderTest, FindsWhatWasSaidWithinATimeAlsoWhereTheClockJumped) {
  SearchIndexBounds small;
  small.stretch_messages = 2;
  for (const std::uint64_t second : {10, 11, 12, 5, 6, 7, 30, 31})
    say_at(second, lobby, {{std::to_string(second) + " s"}});
  index(small);
  auto within = wish("s");
  within.since = WallTime{6};
  within.until = WallTime{11};
  EXPECT_THAT(found(within), ElementsAre("7 s", "6 s", "11 s", "10 s"));
}

TEST_F(SearchReaderTest, GivesPagesThatFollowEachOther) {
  SearchIndexBounds small;
  small.part_messages = 20;
  small.step_messages = 7;
  for (int i = 0; i < 50; ++i) say(lobby, {{"tick " + std::to_string(2 * i)}, {"tick " + std::to_string(2 * i + 1)}});
  index(small);
  Texts all, expected;
  auto page = wish("tick");
  page.limit = 9;
  do {
    const auto found = search(page);
    ASSERT_LE(found.hits.size(), 9u);
    for (const auto& text : texts(found)) all.push_back(text);
    page.before = found.more;
  } while (page.before != 0);
  for (int i = 99; i >= 0; --i) expected.push_back("tick " + std::to_string(i));
  EXPECT_EQ(all, expected);
}

TEST_F(SearchReaderTest, SaysThatThereIsNoMoreOnAPageThatIsJustFull) {
  for (int i = 0; i < 4; ++i) say(lobby, "tick");
  index();
  auto page = wish("tick");
  page.limit = 4;
  EXPECT_EQ(search(page).more, 0u);
  page.limit = 3;
  EXPECT_NE(search(page).more, 0u);
}

TEST_F(SearchReaderTest, GivesNoMoreThanFitsIntoAFrameButAtLeastOne) {
  const std::string large = "large " + std::string(400'000, 'x');
  for (int i = 0; i < 3; ++i) say(lobby, large);
  say(lobby, "large " + std::string(limits::body_bytes_max - 6, 'y'));
  index();
  auto page = wish("large");
  EXPECT_EQ(search(page).hits.size(), 1u);
  page.before = search(page).more;
  const auto second = search(page);
  EXPECT_EQ(second.hits.size(), 2u);
  page.before = second.more;
  EXPECT_EQ(search(page).hits.size(), 1u);
}

TEST_F(SearchReaderTest, StopsLookingAfterAWhileAndSaysWhereToGoOn) {
  say(lobby, "deploy", "bob");
  for (int i = 0; i < 30; ++i) say(lobby, "deploy", "x-bob");
  index();
  SearchReader hasty(
      index_path(), hub_path(), clock_, [] {}, SearchBounds{10, std::chrono::seconds(100)});
  auto by = wish("deploy");
  by.from = "bob";
  int pages = 1;
  auto found = must(hasty.search(by));
  for (; found.more != 0; ++pages) {
    EXPECT_THAT(found.hits, IsEmpty());
    by.before = found.more;
    found = must(hasty.search(by));
  }
  EXPECT_EQ(found.hits.size(), 1u);
  EXPECT_EQ(pages, 4);
}

/// Whoever looks finds it a second later.
class RunningClock final : public Clock {
 public:
  [[nodiscard]] WallTime wall_now() const override { return {}; }
  [[nodiscard]] Steady steady_now() const override { return Steady{std::chrono::seconds(++looks_)}; }

 private:
  mutable int looks_ = 0;
};

/// FTS5 looks through the whole of each part for what is nowhere.
class LongSearchTest : public SaidTest {
 protected:
  LongSearchTest() {
    say(lobby, "tock tick");
    std::string text;
    for (int i = 0; i < 200; ++i) text += "tick ";
    for (int i = 0; i < 3000; i += 100) say(lobby, std::vector<Said>(100, Said{text + "tock"}));
    SearchIndexBounds bounds;
    bounds.part_messages = 1000;
    bounds.step_messages = 500;
    index(bounds);
  }
  SearchReader reader(std::chrono::seconds time_max, std::chrono::seconds stuck_max) {
    return {index_path(), hub_path(), running_, [this] { ++damages_; }, SearchBounds{1000, time_max, stuck_max}};
  }
  const std::string words_ = "\"tock tick\"";
  RunningClock running_;
};

TEST_F(LongSearchTest, IsCutShortWhereThereIsNothingAndSaysWhereToGoOn) {
  auto page = wish(words_);
  auto hasty = reader(std::chrono::seconds(1), std::chrono::hours(1));
  int pages = 0;
  Texts all;
  do {
    const auto found = must(hasty.search(page));
    for (const auto& text : texts(found)) all.push_back(text);
    page.before = found.more;
    ++pages;
  } while (page.before != 0);
  EXPECT_THAT(all, ElementsAre("tock tick"));
  EXPECT_GT(pages, 2) << "one ends with what was found, at least one without";
}

TEST_F(LongSearchTest, IsRefusedWhereItComesNowhere) {
  const auto refused = reader(std::chrono::seconds(1), std::chrono::seconds(1)).search(wish(words_));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().status, Status::deadline_exceeded);
  EXPECT_THAT(refused.error().sentence, HasSubstr("--since"));
  EXPECT_EQ(damages_, 0);
}

TEST_F(LongSearchTest, EndsWithTheHub) {
  auto stopped = reader(std::chrono::hours(1), std::chrono::hours(1));
  EXPECT_TRUE(stopped.search(wish(words_)));
  stopped.stop();
  const auto refused = stopped.search(wish(words_));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().status, Status::unavailable);
  EXPECT_THAT(found(words_), ElementsAre("tock tick")) << "what was interrupted harms no other search";
}

TEST_F(SearchReaderTest, LeavesOutWhatRetentionTook) {
  for (int i = 1; i <= 5; ++i) say(lobby, "tick " + std::to_string(i));
  index();
  trim(lobby, 3);
  EXPECT_THAT(found("tick"), ElementsAre("tick 5", "tick 4"));
}

TEST_F(SearchReaderTest, SaysHowManyMessagesAreNotIndexedYet) {
  say(lobby, {{"one"}, {"two"}});
  index();
  EXPECT_EQ(search(wish("one")).unindexed, 0u);
  say(lobby, {{"three"}, {"four"}});
  say(ops, "five");
  const auto behind = search(wish("three"));
  EXPECT_EQ(behind.unindexed, 3u);
  EXPECT_THAT(behind.hits, IsEmpty());
  index();
  EXPECT_EQ(search(wish("three")).hits.size(), 1u);
}

TEST_F(SearchReaderTest, RefusesWordsThatAreNone) {
  index();
  const auto refused = reader_.search(wish("-test"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().status, Status::invalid_argument);
}

TEST_F(SearchReaderTest, SaysThatThereIsNoIndexYet) {
  const auto refused = reader_.search(wish("test"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().status, Status::unavailable);
  EXPECT_THAT(refused.error().sentence, HasSubstr("isn't there yet"));
  say(lobby, "test");
  index();
  EXPECT_THAT(found("test"), ElementsAre("test"));
}

}  // namespace
}  // namespace hubbub::server::sqlite
