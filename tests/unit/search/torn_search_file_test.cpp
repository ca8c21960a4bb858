// A search.db that was damaged is noticed and made anew; a search never crashes on it.
#include "tests/unit/search/said.hpp"

#include <filesystem>
#include <fstream>
#include <random>

namespace hubbub::server::sqlite {
namespace {

class TornSearchFile : public SaidTest {
 protected:
  TornSearchFile() {
    for (int i = 0; i < 300; ++i) say(lobby, "tick " + std::to_string(i) + " word" + std::to_string(i % 7));
    index();
    index_.reset();
    whole_ = folder_.read("search.db");
  }
  void put(const std::string& bytes) {
    for (const auto* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(index_path() + suffix);
    std::ofstream(index_path(), std::ios::binary) << bytes;
  }
  /// As the hub does: the index is opened, what a search finds damaged is made anew, and the search made again.
  std::size_t ticks_found() {
    open_index();
    index();
    damages_ = 0;
    const auto first = reader_.search(wish("tick"));
    if (damages_ > 0) must(index_->start_anew("a search found it damaged"));
    index();
    return found("tick").size();
  }
  std::string whole_;
};

TEST_F(TornSearchFile, IsMadeAnewWhereItIsCut) {
  for (const double share : {0.0, 0.001, 0.1, 0.5, 0.9}) {
    put(whole_.substr(0, static_cast<std::size_t>(static_cast<double>(whole_.size()) * share)));
    EXPECT_EQ(ticks_found(), 300u) << share;
  }
}

TEST_F(TornSearchFile, IsMadeAnewWhereItIsSomethingElse) {
  put(std::string(100'000, 'x'));
  EXPECT_EQ(ticks_found(), 300u);
  index_.reset();
  put(folder_.read("hub.db"));
  EXPECT_EQ(ticks_found(), 300u);
}

TEST_F(TornSearchFile, OfZeroedPagesIsMadeAnewOnceSomebodyStumblesOverThem) {
  constexpr std::size_t page_bytes = 4096;
  for (std::size_t page = 0; page * page_bytes < whole_.size(); ++page) {
    auto torn = whole_;
    torn.replace(page * page_bytes, page_bytes, page_bytes, '\0');
    put(torn);
    say(lobby, "tock");
    open_index();
    while (true) {
      const auto more = index_->advance();
      ASSERT_TRUE(more) << page << ": " << more.error().sentence;
      if (!*more) break;
    }
    damages_ = 0;
    const auto looked = reader_.search(wish("tick"));
    EXPECT_TRUE(looked || damages_ == 1) << page << ": " << (looked ? "" : looked.error().sentence);
    index_.reset();
  }
}

TEST_F(TornSearchFile, TellsWhoeverSearchesThatItIsDamaged) {
  auto torn = whole_;
  for (std::size_t at = 8192; at < torn.size(); ++at) torn[at] = static_cast<char>(at * 7);
  put(torn);
  {
    auto opens_its_wal = must(Database::open(index_path(), Database::Access::write));
    must(opens_its_wal->run("PRAGMA user_version"));
  }
  const auto failed = reader_.search(wish("tick"));
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().status, Status::unavailable);
  EXPECT_THAT(failed.error().sentence, HasSubstr("made anew"));
  EXPECT_EQ(damages_, 1);
}

}  // namespace
}  // namespace hubbub::server::sqlite
