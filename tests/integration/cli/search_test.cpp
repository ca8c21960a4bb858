// hubbub search: what was said is found by its words, over a restart of the hub too.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include "tests/integration/cli/shell.hpp"
#include "tests/unit/config/temporary_folder.hpp"

namespace hubbub::test {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;

/// While it lives, nothing more comes into the index.
class HeldIndex {
 public:
  explicit HeldIndex(const std::string& file) {
    sqlite3_open_v2(file.c_str(), &file_, SQLITE_OPEN_READWRITE, nullptr);
    sqlite3_busy_timeout(file_, patience.count());
    if (sqlite3_exec(file_, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr) != SQLITE_OK)
      throw Failure(sqlite3_errmsg(file_));
  }
  ~HeldIndex() { sqlite3_close(file_); }
  HeldIndex(const HeldIndex&) = delete;
  HeldIndex& operator=(const HeldIndex&) = delete;

 private:
  sqlite3* file_ = nullptr;
};

class Search : public testing::Test {
 protected:
  /// Until the index has it.
  void wait_for(const std::string& words) {
    wait_until("it is in the index", [&] { return shell.run("hubbub search " + words).code == 0; });
  }
  TemporaryFolder data;
  Shell shell{HubOptions{{"--data", data.path()}, {}, {}, 0, true}};
};

TEST_F(Search, FindsWhatWasSaid) {
  shell.run("hubbub --name alice say lobby the deploy failed; hubbub --name bob say ci.main deploy: green");
  wait_for("green");
  EXPECT_THAT(shell.run("hubbub search deploy").out, MatchesRegex("[0-9-]+ [0-9:]+ #lobby 1 ~alice: the deploy failed\n"
                                                                  "[0-9-]+ [0-9:]+ #ci.main 1 ~bob: deploy: green\n"));
  EXPECT_THAT(shell.run("hubbub search deploy -n 1").out, HasSubstr("green"));
  EXPECT_THAT(shell.run("hubbub search 'dep*' --json --from alice").out, MatchesRegex("\\{\"room\":\"lobby\",.*\\}\n"));
  EXPECT_THAT(shell.run("hubbub search deploy --room 'ci.*'").out, HasSubstr("green"));
  EXPECT_THAT(shell.run("hubbub search -- deploy -green").out, HasSubstr("failed"));
  EXPECT_EQ(shell.run("hubbub search deploy --until 1h").code, 1);
  EXPECT_EQ(shell.run("hubbub search deploy --since 1h").code, 0);
}

TEST_F(Search, ExitsWithOneAndSaysNothingWhereNothingIsFound) {
  const auto ran = shell.run("hubbub search deploy");
  EXPECT_EQ(ran.code, 1);
  EXPECT_EQ(ran.out, "");
  EXPECT_EQ(ran.err, "");
}

TEST_F(Search, RefusesWordsThatAreNoneBeforeItAsks) {
  const auto ran = shell.run("hubbub search -- -deploy");
  EXPECT_EQ(ran.code, 64);
  EXPECT_THAT(ran.err, HasSubstr("at least one to find"));
}

TEST_F(Search, FindsDirectConversationsOnlyForThoseWhoHaveThem) {
  shell.run("hubbub --name bob ping -c 1; hubbub --name alice say @bob deploy in secret");
  wait_until("it is in the index", [&] { return shell.run("hubbub --name bob search secret").code == 0; });
  EXPECT_THAT(shell.run("hubbub --name bob search secret").out, HasSubstr(" @alice 1 ~alice: deploy in secret\n"));
  EXPECT_THAT(shell.run("hubbub --name alice search secret").out, HasSubstr(" @bob 1 ~alice: "));
  EXPECT_EQ(shell.run("hubbub --name carol search secret").code, 1);
  EXPECT_EQ(shell.run("hubbub --name bob search secret --room '>'").code, 1);
}

TEST_F(Search, SaysWhatIsNotInTheIndexYet) {
  shell.run("hubbub pub lobby -m 'deploy one'");
  wait_for("one");
  {
    const HeldIndex held(data.path("search.db"));
    shell.run("hubbub pub lobby -m 'deploy two'");
    const auto found = shell.run("hubbub search deploy");
    EXPECT_EQ(found.code, 0);
    EXPECT_THAT(found.out, MatchesRegex(".*: deploy one\n"));
    EXPECT_THAT(found.err, HasSubstr("the newest message isn't in the index yet, and can't be found"));
    shell.run("hubbub pub lobby -m 'deploy three'");
    const auto none = shell.run("hubbub search three");
    EXPECT_EQ(none.code, 1);
    EXPECT_THAT(none.err, HasSubstr("the newest 2 messages aren't in the index yet"));
  }
  wait_for("three");
  EXPECT_EQ(shell.run("hubbub search deploy").err, "");
}

TEST_F(Search, GivesAllPagesThatAreAskedFor) {
  shell.run("seq -f 'tick %g' 1200 | hubbub --name alice pub lobby");
  wait_for("1200");
  const auto all = shell.run("hubbub search tick -n 5000").out;
  EXPECT_EQ(std::ranges::count(all, '\n'), 1200);
  EXPECT_THAT(all, HasSubstr(" #lobby 1 ~alice: tick 1\n"));
}

}  // namespace
}  // namespace hubbub::test
