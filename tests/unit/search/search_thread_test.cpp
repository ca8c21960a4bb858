// The thread behind: it indexes what it is woken for, and ends when it is told to.
#include "server/log/sqlite/search_thread.hpp"

#include <filesystem>

#include "tests/support/deadline.hpp"
#include "tests/unit/search/said.hpp"

namespace hubbub::server::sqlite {
namespace {

class SearchThreadTest : public SaidTest {
 protected:
  void wait_for(const std::string& words, std::size_t hits) {
    test::wait_until("it is found", [&] {
      const auto found = reader_.search(wish(words));
      return found && found->hits.size() == hits;
    });
  }
};

TEST_F(SearchThreadTest, IndexesWhatIsThereAndWhatItIsWokenFor) {
  say(lobby, "one");
  SearchThread thread(index_path(), hub_path());
  wait_for("one", 1);
  say(lobby, "two");
  thread.wake();
  wait_for("two", 1);
}

TEST_F(SearchThreadTest, EndsWhileMuchIsBehind) {
  for (int i = 0; i < 50; ++i) say(lobby, std::vector<Said>(200, Said{"tick tock"}));
  { const SearchThread thread(index_path(), hub_path()); }
  const SearchThread again(index_path(), hub_path());
  auto much = wish("tick");
  much.limit = 1;
  test::wait_until("all is indexed", [&] { return search(much).unindexed == 0; });
}

TEST_F(SearchThreadTest, MakesTheIndexAnewWhenItIsTold) {
  say(lobby, "one");
  SearchThread thread(index_path(), hub_path());
  wait_for("one", 1);
  const auto before = std::filesystem::file_size(index_path());
  ASSERT_GT(before, 0u);
  std::filesystem::remove(index_path());
  thread.rebuild();
  test::wait_until("it is there again", [&] { return std::filesystem::exists(index_path()); });
  wait_for("one", 1);
}

TEST_F(SearchThreadTest, TriesAgainWhereItCouldNotOpenTheFile) {
  say(lobby, "one");
  std::filesystem::create_directory(index_path());
  SearchThread thread(index_path(), hub_path());
  EXPECT_FALSE(reader_.search(wish("one")));
  std::filesystem::remove(index_path());
  thread.rebuild();
  wait_for("one", 1);
}

}  // namespace
}  // namespace hubbub::server::sqlite
