// hubbub edit, redact, react, pin and pins; pub --ttl and --key; and what history, sub and search show of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/integration/cli/shell.hpp"
#include "tests/unit/config/temporary_folder.hpp"

namespace hubbub::test {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;

class Amended : public testing::Test {
 protected:
  Amended() { run("hubbub --name alice say lobby the deploy is at 15:00"); }
  std::string run(const std::string& line, std::string_view input = {}) {
    const auto ran = shell.run(line, input);
    EXPECT_EQ(ran.code, 0) << line << ": " << ran.err;
    return ran.out;
  }
  Shell shell;
};

TEST_F(Amended, AnEditIsShownInThePlaceOfWhatItEdits) {
  run("hubbub --name alice edit lobby 1 the deploy is at 16:00");
  EXPECT_THAT(run("hubbub history lobby"), MatchesRegex("[0-9:]+ ~alice: the deploy is at 16:00 \\(edited\\)\n"));
  const auto raw = run("hubbub history lobby --raw");
  EXPECT_THAT(raw, HasSubstr("~alice: the deploy is at 15:00\n"));
  EXPECT_THAT(raw, HasSubstr("-~alice- the deploy is at 16:00\n"));
  EXPECT_THAT(run("hubbub history lobby -v"), HasSubstr("~alice the deploy is at 16:00 (edited)\n"));
  EXPECT_EQ(run("hubbub history lobby -F '{seq} {body}'"), "1 the deploy is at 16:00\n");
}

TEST_F(Amended, TheTextOfAnEditCanComeFromStdin) {
  run("hubbub --name alice edit lobby 1 -", "two\nlines\n");
  EXPECT_EQ(run("hubbub history lobby -F '{body}'"), "two\nlines\n");
}

TEST_F(Amended, OnlyWhoSaidItCanEditIt) {
  const auto ran = shell.run("hubbub --name bob edit lobby 1 never");
  EXPECT_EQ(ran.code, 77);
  EXPECT_THAT(ran.err, HasSubstr("message 1 of #lobby is ~alice's, and you are ~bob: only who said it can edit it"));
  EXPECT_THAT(run("hubbub history lobby --raw"), Not(HasSubstr("never")));
}

TEST_F(Amended, WhatIsNotThereCanNotBeAmended) {
  EXPECT_THAT(shell.run("hubbub --name alice edit lobby 7 x").err, HasSubstr("#lobby has no message 7 yet"));
  EXPECT_THAT(shell.run("hubbub react lobby 7 👍").err, HasSubstr("#lobby has no message 7 yet"));
  run("hubbub --name alice edit lobby 1 x");
  const auto of_an_edit = shell.run("hubbub --name alice edit lobby 2 y");
  EXPECT_NE(of_an_edit.code, 0);
  EXPECT_THAT(of_an_edit.err, HasSubstr("message 2 only says something about message 1; name 1 instead"));
  EXPECT_EQ(shell.run("hubbub react lobby 1 well said").code, 64);
  EXPECT_EQ(shell.run("hubbub react lobby 1 'well said'").code, 64);
}

TEST_F(Amended, ReactionsAndPinsStandAtTheirMessage) {
  run("hubbub --name bob react lobby 1 👍; hubbub --name carol react lobby 1 👍; hubbub --name bob react lobby 1 +1");
  run("hubbub --name bob react lobby 1 +1 --undo; hubbub --name carol pin lobby 1");
  EXPECT_THAT(run("hubbub history lobby"), MatchesRegex("[0-9:]+ ~alice: .* \\(pinned by ~carol\\)\n  👍 2\n"));
  const auto message = nlohmann::json::parse(run("hubbub history lobby --json"));
  EXPECT_EQ(message["reactions"], nlohmann::json::parse(R"([{"reaction":"👍","people":["~bob","~carol"]}])"));
  EXPECT_EQ(message["pinned"]["by"], "~carol");
  run("hubbub --name carol pin lobby 1 --undo");
  EXPECT_THAT(run("hubbub history lobby"), Not(HasSubstr("pinned")));
}

TEST_F(Amended, TheCountIsOfMessagesThatAreShown) {
  for (int i = 0; i < 5; ++i) run("hubbub --name bob react lobby 1 " + std::to_string(i));
  run("hubbub --name bob say lobby last");
  EXPECT_THAT(run("hubbub history lobby -n 2 -F '{body}'"), "the deploy is at 15:00\nlast\n");
  EXPECT_THAT(run("hubbub history lobby -n 2 --raw -F '{body}'"), "4\nlast\n");
}

// Waits for the hub's side: the index of what amends a message beyond its page.
TEST_F(Amended, AMessageOfAnOldPageShowsWhatWasSaidAboutItSince) {
  run("hubbub pub lobby --lines", "a\nb\nc\n");
  run("hubbub --name alice edit lobby 1 the deploy is at 16:00; hubbub --name bob react lobby 1 👍");
  EXPECT_THAT(run("hubbub history lobby --before 2"), HasSubstr("16:00 (edited)\n  👍 1\n"));
}

// Waits for the hub's side: room.redact.
TEST_F(Amended, ARedactedMessageIsErasedAndSaysByWhomAndWhy) {
  run("hubbub --name alice redact lobby 1 --reason 'wrong room'");
  EXPECT_THAT(run("hubbub history lobby"), HasSubstr("~alice: (redacted by ~alice: wrong room)\n"));
  EXPECT_THAT(run("hubbub history lobby --raw"), HasSubstr("~alice: (erased)\n"));
  EXPECT_THAT(run("hubbub history lobby --raw --json"), Not(HasSubstr("15:00")));
  run("hubbub --name bob say lobby mine");
  EXPECT_EQ(shell.run("hubbub --name carol redact lobby 3").code, 77);
  EXPECT_EQ(shell.run("hubbub --name bob redact lobby 77").code, 65) << "not found";
}

// Waits for the hub's side: room.pins.
TEST_F(Amended, PinsListsWhatIsPinnedNow) {
  EXPECT_THAT(shell.run("hubbub pins lobby").err, HasSubstr("nothing is pinned in #lobby"));
  run("hubbub --name bob say lobby lunch; hubbub --name bob pin lobby 1; hubbub --name bob pin lobby 2");
  run("hubbub --name carol pin lobby 2 --undo; hubbub --name alice edit lobby 1 at 16:00");
  EXPECT_THAT(run("hubbub pins lobby"),
              MatchesRegex("[0-9-]+ [0-9:]+ #lobby 1 ~alice: at 16:00 \\(edited\\) \\(pinned by ~bob\\)\n"));
  EXPECT_EQ(nlohmann::json::parse(run("hubbub pins lobby --json"))["pinned"]["by"], "~bob");
}

TEST_F(Amended, SubTellsWhatIsAmendedAsItComes) {
  auto sub = shell.start_sub("lobby -n 4");
  run("hubbub --name alice edit lobby 1 new text; hubbub --name bob react lobby 1 👍");
  run("hubbub --name bob pin lobby 1; hubbub --name bob say lobby end");
  EXPECT_EQ(sub.wait(), 0);
  EXPECT_EQ(sub.out(), "* ~alice edited 1: new text\n* ~bob reacted to 1 with 👍\n* ~bob pinned 1\nend\n");
  EXPECT_THAT(run("hubbub sub lobby --from 2 -n 1 --json"), HasSubstr(R"("headers":{"edits":"1"},"text":"new text"})"));
}

TEST_F(Amended, TailBeginsWithMessagesAsTheyAreNow) {
  run("hubbub --name alice edit lobby 1 new text");
  auto tail = shell.start("exec hubbub tail lobby");
  tail.wait_for_out("~alice: new text (edited)");
  run("hubbub --name bob react lobby 1 👍");
  tail.wait_for_out("* ~bob reacted to 1 with 👍");
}

TEST_F(Amended, WhatHasExpiredIsShownNowhere) {
  run("hubbub pub lobby --ttl 1ms -m 'gone at once'; hubbub pub lobby --ttl 1h -m 'here for an hour'");
  const auto shown = run("hubbub history lobby");
  EXPECT_THAT(shown, Not(HasSubstr("gone at once")));
  EXPECT_THAT(shown, HasSubstr("here for an hour"));
  EXPECT_EQ(run("hubbub sub lobby --from 2 -n 1"), "here for an hour\n");
}

TEST_F(Amended, OfAKeyTheNewestIsShown) {
  run("hubbub pub lobby --key kitchen", "20\n21\n22\n");
  EXPECT_EQ(run("hubbub history lobby -F '{body}'"), "the deploy is at 15:00\n22\n");
}

TEST_F(Amended, AThreadShowsItsAnswersAsTheyAreNow) {
  run("hubbub --name bob say lobby --reply-to 1 why; hubbub --name bob edit lobby 2 why not");
  EXPECT_EQ(run("hubbub history lobby --thread 1 -F '{body}'"), "the deploy is at 15:00\nwhy not\n");
}

TEST_F(Amended, ExportAndImportKeepAmendments) {
  run("hubbub --name alice edit lobby 1 at 16:00; hubbub --name bob react lobby 1 👍");
  run("hubbub export lobby | hubbub --name dave import copy");
  EXPECT_THAT(run("hubbub history copy"), HasSubstr("~dave: at 16:00 (edited)\n  👍 1\n"));
}

TEST_F(Amended, AllOfItGoesThroughAnAgentThatRuns) {
  shell.environment["HUBBUB_NAME"] = "alice";
  auto agent = shell.start("exec hubbub agent run");
  agent.wait_for_err("the hub is there");
  auto sub = shell.start_sub("lobby -n 2");
  run("hubbub edit lobby 1 at 16:00; hubbub react lobby 1 👍");
  EXPECT_EQ(sub.wait(), 0);
  EXPECT_EQ(sub.out(), "* ~alice edited 1: at 16:00\n* ~alice reacted to 1 with 👍\n");
  EXPECT_THAT(run("hubbub history lobby"), HasSubstr("at 16:00 (edited)\n  👍 1\n"));
}

// Waits for the hub's side: the index of what amends a message.
TEST(AmendedSearch, FindsAMessageByTheTextThatItHasNow) {
  TemporaryFolder data;
  Shell shell(HubOptions{{"--data", data.path()}, {}, {}, 0, true});
  shell.run(
      "hubbub --name alice say lobby the deploy is at three; hubbub --name alice edit lobby 1 the deploy is at four");
  shell.run("hubbub --name bob say lobby marker");
  wait_until("all is indexed", [&] { return shell.run("hubbub search marker").code == 0; });
  EXPECT_THAT(shell.run("hubbub search four").out,
              MatchesRegex("[0-9-]+ [0-9:]+ #lobby 1 ~alice: the deploy is at four \\(edited\\)\n"));
  EXPECT_EQ(shell.run("hubbub search three").code, 1);
  EXPECT_THAT(shell.run("hubbub search deploy").out, HasSubstr("#lobby 1 ~alice: the deploy is at four (edited)\n"));
}

}  // namespace
}  // namespace hubbub::test
