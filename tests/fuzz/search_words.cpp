// What people type to find messages: words or a refusal, and never an expression that FTS5 doesn't take.
#include "proto/search_words.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <string>

#include "proto/text.hpp"
#include "server/log/sqlite/search_query.hpp"
#include "tests/fuzz/target.hpp"

namespace {

using namespace hubbub;
using fuzz::promise;

/// An index without messages takes an expression as any other does.
sqlite3* empty_index() {
  sqlite3* made = nullptr;
  sqlite3_open(":memory:", &made);
  const auto* const table =
      "CREATE VIRTUAL TABLE part USING fts5(body, place, content='', columnsize=0, "
      "tokenize='unicode61 remove_diacritics 2')";
  promise(sqlite3_exec(made, table, nullptr, nullptr, nullptr) == SQLITE_OK, "there is FTS5");
  return made;
}

bool is_taken(const std::string& query) {
  static sqlite3* const index = empty_index();
  sqlite3_stmt* select = nullptr;
  sqlite3_prepare_v2(index, "SELECT rowid FROM part WHERE part MATCH ?1", -1, &select, nullptr);
  sqlite3_bind_text64(select, 1, query.data(), query.size(), SQLITE_STATIC, SQLITE_UTF8);
  const bool taken = sqlite3_step(select) == SQLITE_DONE;
  sqlite3_finalize(select);
  return taken;
}

void is_a_word(const proto::SearchWord& word) {
  const auto is_odd = [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '"' || c == '\x7f'; };
  promise(!word.text.empty() && std::ranges::none_of(word.text, is_odd), "a word has no quotes and no controls");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto words = proto::parse_search_words(fuzz::view(data, size));
  if (!words) {
    promise(is_utf8(words.error().sentence) && words.error().sentence.size() < 100, "a refusal is short");
    return 0;
  }
  promise(words->size() <= limits::search_words_max, "words are few");
  std::ranges::for_each(*words, is_a_word);
  promise(!std::ranges::all_of(*words, &proto::SearchWord::without), "something is to be found");
  promise(is_taken(server::sqlite::search_query(*words, {}, {})), "FTS5 takes it");
  return 0;
}
