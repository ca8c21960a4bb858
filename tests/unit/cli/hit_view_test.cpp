#include "client/cli/hit_view.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>

#include "tests/unit/cli/a_message.hpp"

namespace hubbub::cli {
namespace {

class HitViewTest : public testing::Test {
 protected:
  HitViewTest() {
    setenv("TZ", "UTC", 1);
    tzset();
  }
  static std::string shown(const link::Message& message, bool color = false, const link::View& view = {}) {
    std::string out;
    HitView(proto::parse_search_words("build esc").value(), color).append(message, view, out);
    return out;
  }
};

TEST_F(HitViewTest, ShowsWhereItIsWhoSaidItAndWhat) {
  EXPECT_EQ(shown(a_message("the build failed\n")), "2026-11-22 21:02 #ci.main 7 ~alice: the build failed\n");
  auto action = a_message("builds\na build");
  action.kind = proto::Kind::action;
  EXPECT_EQ(shown(action), "2026-11-22 21:02 #ci.main 7 * ~alice builds\n  a build\n");
}

TEST_F(HitViewTest, MarksTheWordsWhereColoursAreWanted) {
  const auto text = shown(a_message("the Build failed"), true);
  EXPECT_NE(text.find("the \x1b[1mBuild\x1b[0m failed"), std::string::npos) << text;
}

TEST_F(HitViewTest, LetsNothingThroughThatATerminalWouldActOn) {
  const auto text = shown(a_message("a build \x1b[31m esc"));
  EXPECT_EQ(text.find('\x1b'), std::string::npos) << text;
}

TEST_F(HitViewTest, SaysThatAMessageWasEditedOrIsPinned) {
  link::View view;
  view.edited = link::By{PersonName::literal("alice"), false, Seq{8}, {}};
  view.pinned = link::By{PersonName::literal("bob"), true, Seq{9}, {}};
  EXPECT_EQ(shown(a_message("a build"), false, view),
            "2026-11-22 21:02 #ci.main 7 ~alice: a build (edited) (pinned by bob)\n");
}

}  // namespace
}  // namespace hubbub::cli
