// hubbub search: what was said is found by its words, over a restart of the hub too.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/integration/cli/shell.hpp"
#include "tests/unit/config/temporary_folder.hpp"

namespace hubbub::test {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;

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

TEST_F(Search, GivesAllPagesThatAreAskedFor) {
  shell.run("seq -f 'tick %g' 1200 | hubbub --name alice pub lobby");
  wait_for("1200");
  const auto all = shell.run("hubbub search tick -n 5000").out;
  EXPECT_EQ(std::ranges::count(all, '\n'), 1200);
  EXPECT_THAT(all, HasSubstr(" #lobby 1 ~alice: tick 1\n"));
}

}  // namespace
}  // namespace hubbub::test
