// Tab in bash, as bash does it.
#include <gtest/gtest.h>

#include "tests/integration/cli/shell.hpp"

namespace hubbub::test {
namespace {

class Completion : public testing::Test {
 protected:
  /// What bash would offer after `line`, in which the words are those that bash itself makes of it.
  std::string offered(const std::string& line, const std::string& words) {
    write_file(shell.path("ask"),
               "source <(hubbub completion bash)\ncompopt() { :; }\nCOMP_LINE='" + line +
                   "'; COMP_POINT=${#COMP_LINE}; COMP_WORDS=(" + words +
                   "); COMP_CWORD=$((${#COMP_WORDS[@]} - 1))\n_hubbub\nprintf '%s\\n' \"${COMPREPLY[@]}\"\n");
    return shell.run("bash ask").out;
  }
  /// Whoever has typed waits half a second for a hub, and on a busy machine tries again.
  void wait_until_offered(const std::string& word, const std::string& line, const std::string& words) {
    wait_until(word + " is offered", [&] { return offered(line, words) == word + "\n"; });
  }
  Shell shell;
};

TEST_F(Completion, OffersCommandsAndOptions) {
  EXPECT_EQ(offered("hubbub su", "hubbub su"), "sub\n");
  EXPECT_EQ(offered("hubbub sub --un", "hubbub sub --un"), "--until-idle\n");
}

TEST_F(Completion, OffersWhatComesAfterAnEqualsSign) {
  EXPECT_EQ(offered("hubbub pub --kind=n", "hubbub pub --kind = n"), "notice\n");
  EXPECT_EQ(offered("hubbub call room.post kind=d", "hubbub call room.post kind = d"), "data\n");
}

TEST_F(Completion, AsksTheHubForRoomsAndPeople) {
  shell.run("hubbub pub ci.main -m x");
  wait_until_offered("ci.main", "hubbub pub ci", "hubbub pub ci");
  const Job bob = shell.start_sub("lobby --name bob");
  wait_until_offered("bob", "hubbub say @b", "hubbub say @ b");
}

TEST_F(Completion, OffersFiles) {
  write_file(shell.path("picture.png"), "");
  EXPECT_EQ(offered("hubbub pub x -f pic", "hubbub pub x -f pic"), "picture.png\n");
}

TEST_F(Completion, OffersProgramsToRunAndThenFiles) {
  write_file(shell.path("picture.png"), "");
  EXPECT_EQ(offered("hubbub run ops -- hubbubd", "hubbub run ops -- hubbubd"), "hubbubd\n");
  EXPECT_EQ(offered("hubbub run -- cat pic", "hubbub run -- cat pic"), "picture.png\n");
}

TEST_F(Completion, IsSilentWithoutAHub) {
  shell.environment["HUBBUB_URL"] = "unix:///nowhere";
  EXPECT_EQ(shell.run("hubbub completion words -- pub l").out, "");
  EXPECT_EQ(offered("hubbub pub l", "hubbub pub l"), "\n");
}

}  // namespace
}  // namespace hubbub::test
