// Whatever is typed becomes an expression that FTS5 takes, and means what was typed.
#include "server/log/sqlite/search_query.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "server/log/sqlite/database.hpp"

namespace hubbub::server::sqlite {
namespace {

std::string query(std::string_view typed, std::vector<RoomId> rooms = {}, std::string_view from = {}) {
  return search_query(proto::parse_search_words(typed).value(), rooms, from);
}

TEST(SearchQuery, QuotesEveryWord) {
  EXPECT_EQ(query("deploy fail* \"out of memory\""), R"(body : (("deploy" "fail" * "out of memory")))");
  EXPECT_EQ(query("deploy -test -no*"), R"(body : (("deploy") NOT ("test" OR "no" *)))");
  EXPECT_EQ(query("a AND body:b"), R"(body : (("a" "AND" "body:b")))");
}

TEST(SearchQuery, AsksForAFewRoomsAndTheSender) {
  EXPECT_EQ(query("a", {RoomId{1}, RoomId{17}}, "bob-2"),
            R"(body : (("a")) AND place : ("r1" OR "r17") AND place : "bob-2")");
  EXPECT_EQ(query("a", std::vector<RoomId>(indexed_rooms_max + 1)), R"(body : (("a")))");
  EXPECT_EQ(query("a", {}, "_-_"), R"(body : (("a")))") << "nothing of that name is in the index";
}

TEST(SearchQuery, NamesThePlaceSoThatItsTokensAreFound) { EXPECT_EQ(search_place(RoomId{17}, "bob-2"), "r17 bob-2"); }

class AnyBytes : public ::testing::Test {
 protected:
  AnyBytes() : file_(std::move(Database::open(":memory:", Database::Access::write).value())) {
    EXPECT_TRUE(
        file_->run("CREATE VIRTUAL TABLE part USING fts5(body, place, content='', columnsize=0, "
                   "tokenize='unicode61 remove_diacritics 2');"
                   "INSERT INTO part(rowid, body, place) VALUES(1, 'deploy failed: out of memory', 'r1 bob')"));
  }
  /// How many are found; -1: refused before it came to FTS5.
  int hits(std::string_view typed, std::string_view from = "bob") {
    const auto words = proto::parse_search_words(typed);
    if (!words) return -1;
    const auto text = search_query(*words, std::vector{RoomId{1}}, from);
    Statement select(*file_, "SELECT rowid FROM part WHERE part MATCH ?1");
    auto rows = select.query(std::string_view(text));
    int found = 0;
    while (rows.next()) ++found;
    EXPECT_TRUE(rows.result()) << text << ": " << rows.result().error().sentence;
    return found;
  }
  std::unique_ptr<Database> file_;
};

TEST_F(AnyBytes, AreFoundOrNotButNeverASyntaxError) {
  EXPECT_EQ(hits("DEPLOY mem* \"out of\" -test"), 1);
  EXPECT_EQ(hits("deploy -memory"), 0);
  EXPECT_EQ(hits("\"of out\""), 0);
  for (const auto* odd : {"deploy \"", "deploy NEAR(", "a:b deploy", "{deploy}", "^deploy", "deploy + out", "(deploy",
                          "deploy)", "'deploy'", "deploy;--", "deploy\\", "deploy🎉", "“deploy”", "dep\x1b[31mloy"})
    EXPECT_GE(hits(odd), 0) << odd;
}

TEST_F(AnyBytes, WordsThatTheIndexKnowsNoLettersOfAreLeftOut) {
  EXPECT_EQ(hits("deploy 🎉"), 1);
  EXPECT_EQ(hits("🎉 deploy -🎉"), 1);
  EXPECT_EQ(hits("🎉"), 0);
}

TEST_F(AnyBytes, OfAnyKindNeverMakeASyntaxError) {
  std::mt19937_64 random(20);
  const std::string_view likely =
      "\"*-():{}^+' \0\x80\xff\xc3\xa4"
      "aNOR\n";
  for (int round = 0; round < 20'000; ++round) {
    std::string typed;
    for (auto size = random() % 24; size > 0; --size)
      typed += random() % 4 == 0 ? static_cast<char>(random()) : likely[random() % likely.size()];
    hits(typed);
    EXPECT_GE(hits("deploy", typed), 0);
  }
}

TEST_F(AnyBytes, OfTheGreatestLengthAreNotTooMuch) {
  std::string words, phrase = "\"";
  for (std::size_t i = 0; i < limits::search_words_max; ++i) words += "w" + std::to_string(i) + "* ";
  while (phrase.size() < limits::text_bytes_max) phrase += "a.";
  phrase.resize(limits::text_bytes_max);
  EXPECT_EQ(hits(words), 0);
  EXPECT_EQ(hits(phrase), 0);
}

}  // namespace
}  // namespace hubbub::server::sqlite
