// The real terminal client under a pseudo-terminal, against a real hub: keys in, cells out.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

#include "tests/e2e/tui/people.hpp"
#include "tests/integration/durable/kept_hub.hpp"

namespace hubbub::test {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(TerminalClient, LetsTwoPeopleTalk) {
  HubProcess hub;
  Client alice(hub.url(), "alice");
  alice.wait_until_in("lobby");
  Client bob(hub.url(), "bob");
  bob.wait_until_in("lobby");
  alice.wait_for("~bob has joined");
  alice.enter("hello bob");
  bob.wait_for("<~alice> hello bob");
  alice.wait_until_seen("acknowledged", [](const VirtualScreen& seen) {
    return seen.text().find("<~alice> hello bob") != std::string::npos &&
           seen.text().find("hello bob …") == std::string::npos;
  });
  bob.enter("/me waves");
  alice.wait_for("* ~bob waves");
  bob.type("typing something");
  alice.wait_for("bob is typing");
}

TEST(TerminalClient, ShowsMembersTopicsAndAbsence) {
  HubProcess hub;
  Client alice(hub.url(), "alice"), bob(hub.url(), "bob");
  alice.wait_until_in("lobby");
  bob.wait_until_in("lobby");
  alice.wait_until_seen("bob in the member list",
                        [](const VirtualScreen& seen) { return seen.text().find("│ ~bob") != std::string::npos; });
  bob.enter("/topic tea at five");
  alice.wait_until_seen("the topic",
                        [](const VirtualScreen& seen) { return seen.row(0).find("tea at five") != std::string::npos; });
  bob.enter("/away lunch");
  alice.wait_for("z~bob");
  bob.enter("/back");
  alice.wait_until_gone("z~bob");
  bob.enter("/quit");
  EXPECT_EQ(bob.wait(), 0);
  alice.wait_for("~bob has gone offline");
}

TEST(TerminalClient, CountsUnreadMessagesAndMarksWhereTheyBegin) {
  HubProcess hub;
  Client alice(hub.url(), "alice"), bob(hub.url(), "bob");
  alice.wait_until_in("lobby");
  bob.wait_until_in("lobby");
  bob.enter("before");
  alice.wait_for("before");
  alice.enter("/join ops");
  alice.wait_for("2 #ops");
  bob.enter("after");
  bob.enter("alice: look");
  alice.wait_for("1 #lobby   2!");
  EXPECT_GT(alice.screen().bells(), 0);
  alice.type(
      "\x1b"
      "1");
  alice.wait_for("after");
  EXPECT_LT(alice.row_of("before"), alice.row_of("unread"));
  EXPECT_LT(alice.row_of("unread"), alice.row_of("after"));
}

TEST(TerminalClient, HearsARoomThatItLeftAndJoinedAgainAtOnce) {
  HubProcess hub;
  Client alice(hub.url(), "alice");
  alice.wait_until_in("lobby");
  WireClient ci(hub.url());
  ci.greet("ci");
  ci.subscribe("lobby", proto::From::now, {}, "", true);
  const auto lobby = ci.open("lobby");
  alice.type("/part\r/join lobby\r");
  for (const auto kind : {proto::EventKind::left, proto::EventKind::joined})
    EXPECT_EQ(ci.expect<proto::Event>().kind, kind);
  for (const auto* text : {"by history perhaps", "only if she is subscribed"}) {
    ci.say(lobby, text);
    alice.wait_for(text);
  }
}

TEST(TerminalClient, CarriesDirectMessages) {
  HubProcess hub;
  Client alice(hub.url(), "alice"), bob(hub.url(), "bob");
  alice.wait_until_in("lobby");
  bob.wait_until_in("lobby");
  alice.enter("/msg bob psst");
  bob.wait_for("2 @alice   1!");
  bob.type(
      "\x1b"
      "a");
  bob.wait_for("<~alice> psst");
  bob.enter("what is it?");
  alice.type(
      "\x1b"
      "2");
  alice.wait_for("<~bob> what is it?");
}

TEST(TerminalClient, ShowsAndSaysWhatACommandWrites) {
  HubProcess hub;
  Client alice(hub.url(), "alice"), bob(hub.url(), "bob");
  alice.wait_until_in("lobby");
  bob.wait_until_in("lobby");
  alice.enter("/exec echo for my eyes only; cat; tty; : >/dev/tty && echo has one");
  alice.wait_for("for my eyes only");
  alice.wait_for("not a tty");
  alice.wait_for("cannot create /dev/tty");
  alice.enter("/exec -o printf '%s\\n' 'said by' 'a command'");
  bob.wait_for("<~alice> a command");
  EXPECT_EQ(bob.row_of("for my eyes only"), -1);
  alice.enter("/exec echo began; sleep 1000");
  alice.wait_for("began");
  alice.enter("/exec -k");
  alice.wait_for("(Terminated)");
}

TEST(TerminalClient, CarriesAConversationInAThread) {
  HubProcess hub;
  Client alice(hub.url(), "alice"), bob(hub.url(), "bob");
  alice.wait_until_in("lobby");
  bob.wait_until_in("lobby");
  alice.enter("shall we deploy");
  bob.wait_for("<~alice> shall we deploy");
  bob.enter("lunch");
  alice.wait_for("<~bob> lunch");
  bob.type("why not\x1br");  // Alt+R picks the newest
  bob.wait_for("Enter replies");
  bob.type("\x1b[A\r");  // the one above it
  bob.wait_for("/reply 1 why not");
  bob.type("\r");
  alice.wait_for("└ 1 reply (1 new), last by ~bob");
  EXPECT_THAT(alice.screen().text(), Not(HasSubstr("why not")));
  EXPECT_EQ(alice.row_of("└ 1 reply"), alice.row_of("shall we deploy") + 1);
  alice.enter("/thread");
  alice.wait_for("thread 1, 1 reply  Esc closes");
  alice.wait_for("<~bob> why not");
  alice.wait_until_gone("lunch");
  alice.enter("it is Friday");
  bob.wait_for("└ 2 replies (1 new), last by ~alice");
  bob.enter("/thread 1");
  bob.wait_for("<~alice> it is Friday");
  bob.enter("then not");
  alice.wait_for("<~bob> then not");
  alice.resize(5, 20);
  alice.wait_for("↳ >");
  alice.wait_for("then not");
  alice.resize(24, 80);
  alice.type("\x1b");
  alice.wait_for("lunch");
  alice.wait_for("└ 3 replies, last by ~bob");
}

TEST(TerminalClient, LeavesNoCommandRunning) {
  HubProcess hub;
  Client alice(hub.url(), "alice");
  alice.wait_until_in("lobby");
  alice.enter("/exec trap '' TERM; echo runs $(( $$ )) .; sleep 1000; sleep 1000");
  alice.wait_for(" .");
  alice.wait_until_seen("the pid",
                        [](const VirtualScreen& seen) { return seen.text().find("runs ") != std::string::npos; });
  const auto text = alice.screen().text();
  const auto at = text.rfind("runs ");
  const auto pid = std::stoi(text.substr(at + 5));
  ASSERT_EQ(::kill(pid, 0), 0);
  alice.enter("/quit");
  EXPECT_EQ(alice.wait(), 0);
  wait_until("the command is gone", [&] { return ::kill(pid, 0) != 0; });
}

TEST(TerminalClient, ScrollsBackThroughWhatWasSaidBeforeItCame) {
  HubProcess hub;
  WireClient ci(hub.url());
  ci.greet("ci");
  const auto room = ci.open("lobby");
  for (int i = 1; i <= 300; ++i) ci.say(room, "build " + std::to_string(i) + " passed");
  Client alice(hub.url(), "alice");
  alice.wait_for("build 300 passed");
  alice.type("\x1b[1;3H");  // Alt+Home
  alice.wait_for("build 201 passed");
  for (int page = 0; page < 40 && alice.row_of("build 1 passed") < 0; ++page) {
    const auto before = alice.screen().text();
    alice.type("\x1b[5~");
    alice.wait_until_seen("another page", [&](const VirtualScreen& seen) { return seen.text() != before; });
  }
  EXPECT_GE(alice.row_of("build 1 passed"), 0);
  const auto place = alice.screen().row(5);
  ci.say(room, "something new");
  alice.wait_for("1 new below");
  EXPECT_EQ(alice.screen().row(5), place);
  alice.type("\x1b[1;3F");
  alice.wait_for("something new");
}

TEST(TerminalClient, FindsWhatWasSaidLongAgoAndGoesThere) {
  KeptHub hub;
  auto ci = hub.client("ci");
  const auto room = ci.open("lobby");
  for (int i = 1; i <= 400; ++i) ci.say(room, i == 50 ? "a needle" : "build " + std::to_string(i) + " passed");
  Client alice(hub->url(), "alice");
  alice.wait_for("build 400 passed");
  const Deadline deadline;
  proto::RoomSearch search;
  search.words = Text::literal("needle");
  while (ci.call(search).value().hits.empty()) ASSERT_FALSE(deadline.passed()) << "it is not indexed";
  alice.enter("/search needle");
  alice.wait_for("1 found: Enter");
  EXPECT_LT(alice.row_of("build 49 passed"), 0);
  alice.type("\r");
  alice.wait_until_seen("the message among its neighbours", [](const VirtualScreen& seen) {
    const auto text = seen.text();
    return text.find("build 49 passed") < text.find("a needle") &&
           text.find("a needle") < text.find("build 51 passed") && text.find("build 51 passed") != std::string::npos;
  });
  alice.type("\x1b[1;3F");  // Alt+End
  alice.wait_for("build 400 passed");
}

TEST(TerminalClient, FitsAnySize) {
  HubProcess hub;
  Client alice(hub.url(), "alice");
  alice.wait_until_in("lobby");
  alice.enter("a line that is long enough to be wrapped on a narrow screen");
  alice.wait_for("narrow screen");
  alice.resize(5, 20);
  alice.wait_until_seen("twenty by five", [](const VirtualScreen& seen) {
    return seen.row(0) == " #lobby" && seen.row(4) == ">" && seen.row(2).find("screen") != std::string::npos;
  });
  alice.resize(4, 19);
  alice.wait_for("too small");
  alice.resize(50, 200);
  alice.wait_until_seen("a large screen", [](const VirtualScreen& seen) {
    return seen.row(49).find("#lobby >") == 0 &&
           seen.row(47).find("to be wrapped on a narrow screen") != std::string::npos;
  });
  alice.type("still here");
  alice.wait_for("#lobby > still here");
}

TEST(TerminalClient, PaintsAnewAlsoWhenTheOldSizeIsBackAtOnce) {
  HubProcess hub;
  Client alice(hub.url(), "alice");
  alice.wait_until_in("lobby");
  const auto whole = [](const VirtualScreen& seen) {
    return seen.rows() == 24 && seen.row(1).starts_with("1 #lobby") && seen.row(1).ends_with("│ ~alice");
  };
  alice.wait_until_seen("all of it", whole);
  alice.resize(10, 40);
  alice.resize(24, 80);
  alice.wait_until_seen("all of it again", whole);
}

TEST(TerminalClient, KeepsItsColumnsWhateverIsSaid) {
  HubProcess hub;
  Client alice(hub.url(), "alice"), bob(hub.url(), "bob");
  alice.wait_until_in("lobby");
  bob.wait_until_in("lobby");
  for (const auto* text : {"👨‍👩‍👧‍👦 family", "❤️ heart", "🇩🇪 flag", "漢字 wide", "e\u0301 mark",
                           "👍🏽 thumb", "नमस्ते", "1️⃣ key"})
    bob.enter(text);
  alice.wait_for(" key");
  const auto& seen = alice.screen();
  const int left = 13, right = 66;
  for (int row = 1; row < 22; ++row) {
    EXPECT_EQ(seen.cell(row, left).text, "│") << row << "\n" << seen.text();
    EXPECT_EQ(seen.cell(row, right).text, "│") << row << "\n" << seen.text();
  }
  EXPECT_THAT(seen.text(), HasSubstr("漢字 wide"));
  const auto heart = alice.row_of(" heart");
  EXPECT_EQ(seen.cell(heart, left + 1 + 13 + 3).text, "h")
      << seen.row(heart);  // "15:06 <~bob> " and two columns of heart
}

TEST(TerminalClient, IsWithoutColoursWhereNoneAreWanted) {
  HubProcess hub;
  const auto has_colour = [&](const std::vector<std::string>& flags) {
    Client person(flags);
    person.wait_until_in("lobby");
    person.enter("/names");
    person.wait_for(" member");
    const auto& seen = person.screen();
    for (int row = 0; row < seen.rows(); ++row)
      for (int column = 0; column < seen.columns(); ++column)
        if (seen.cell(row, column).colored) return true;
    return false;
  };
  EXPECT_TRUE(has_colour({"--hub", hub.url(), "--name", "alice"}));
  EXPECT_FALSE(has_colour({"--hub", hub.url(), "--name", "carol", "--no-color"}));
}

TEST(TerminalClient, ObeysNothingThatOthersSay) {
  HubProcess hub;
  Client alice(hub.url(), "alice");
  alice.wait_until_in("lobby");
  WireClient mallory(hub.url());
  mallory.greet("mallory");
  const auto room = mallory.open("lobby");
  mallory.say(room,
              "\x1b[2J\x1b[H\x1b]0;title\x07pwned\x1b[?1049l\xc2\x9b"
              "31m\xe2\x80\xae"
              "evil\rover\bwritten");
  alice.wait_for("pwned");
  const auto text = alice.screen().text();
  EXPECT_THAT(text, HasSubstr("^[[2J^[[H^[]0;title^Gpwned^[[?1049l"));
  EXPECT_THAT(text, HasSubstr("<9B>31m<202E>evil^Mover^Hwritten"));
  EXPECT_THAT(text, HasSubstr("1 #lobby"));
  EXPECT_TRUE(alice.screen().on_alternate_screen());
  EXPECT_EQ(alice.screen().bells(), 0);
}

TEST(TerminalClient, SendsAPasteOfManyLinesWholeAndOnlyWhenAsked) {
  HubProcess hub;
  WireClient reader(hub.url());
  reader.greet("reader");
  reader.subscribe("lobby");
  Client alice(hub.url(), "alice");
  alice.wait_until_in("lobby");
  std::string text;
  for (int i = 1; i <= 500; ++i) text += "line " + std::to_string(i) + "\n";
  alice.paste(text);
  alice.wait_for("line 500");
  alice.type("\r");
  alice.wait_for("500 lines: Enter sends them");
  alice.type("\r");
  EXPECT_EQ(std::string(reader.expect<proto::Delivery>().body.bytes) + "\n", text);
}

TEST(TerminalClient, ComesBackWhenTheHubDoes) {
  auto first = std::make_unique<HubProcess>();
  const auto url = first->url();
  Client alice(url, "alice"), bob(url, "bob");
  alice.wait_until_in("lobby");
  bob.wait_until_in("lobby");
  alice.enter("before the crash");
  bob.wait_for("before the crash");
  first->stop(SIGKILL);
  alice.wait_for("OFFLINE");
  bob.wait_for("OFFLINE");
  alice.enter("typed while offline");
  alice.enter("and another");
  alice.wait_for("and another …");
  HubProcess second({"--listen", url});
  alice.wait_for("the hub was started anew");
  bob.wait_for("<~alice> and another");
  alice.wait_until_gone("…");
  bob.enter("welcome back");
  alice.wait_for("<~bob> welcome back");
  for (auto* person : {&alice, &bob}) {
    const auto seen = person->screen().text();
    EXPECT_EQ(seen.find("typed while offline"), seen.rfind("typed while offline")) << seen;
    EXPECT_LT(seen.find("typed while offline"), seen.find("and another")) << seen;
    EXPECT_THAT(seen, HasSubstr("before the crash"));
  }
}

TEST(TerminalClient, SendsWhatWasTypedBeforeTheHubWasThere) {
  auto first = std::make_unique<HubProcess>();
  const auto url = first->url();
  first->stop();
  Client alice(url, "alice");
  alice.wait_for("OFFLINE");
  alice.enter("early bird");
  alice.wait_for("early bird …");
  HubProcess second({"--listen", url});
  alice.wait_for("<~alice> early bird");
  alice.wait_until_gone("early bird …");
  Client bob(url, "bob");
  bob.wait_for("<~alice> early bird");
}

TEST(TerminalClient, ShowsEditsAndReactions) {
  HubProcess hub;
  Client alice(hub.url(), "alice"), bob(hub.url(), "bob");
  alice.wait_until_in("lobby");
  bob.wait_until_in("lobby");
  alice.enter("the deploy is at three");
  bob.wait_for("<~alice> the deploy is at three");
  alice.enter("/edit the deploy is at four");
  bob.wait_for("<~alice> the deploy is at four (edited)");
  bob.enter("/react 1 +1");
  bob.wait_for("[+1 1]");
  alice.wait_for("+1 1");
  bob.enter("/edit #1 never");
  bob.wait_for("message 1 isn't yours");
  Client carol(hub.url(), "carol");
  carol.wait_for("<~alice> the deploy is at four (edited)");
  carol.wait_for("+1 1");
}

// Waits for the hub's side: room.redact and room.pins.
TEST(TerminalClient, RedactsAndListsWhatIsPinned) {
  HubProcess hub;
  Client alice(hub.url(), "alice"), bob(hub.url(), "bob");
  alice.wait_until_in("lobby");
  bob.wait_until_in("lobby");
  alice.enter("my password is tea");
  bob.wait_for("<~alice> my password is tea");
  alice.enter("/redact oops");
  bob.wait_for("<~alice> (redacted by ~alice: oops)");
  bob.wait_until_gone("password");
  bob.enter("read this first");
  alice.wait_for("read this first");
  alice.enter("/pin 3");
  bob.wait_for("read this first (pinned by ~alice)");
  bob.enter("/pins");
  bob.wait_for("pinned: 3 ");
}

TEST(TerminalClient, SaysSoWhenTheNameIsTaken) {
  HubProcess hub;
  Client alice(hub.url(), "alice");
  alice.wait_until_in("lobby");
  Client other(hub.url(), "alice");
  EXPECT_EQ(other.wait(), 77);
  EXPECT_THAT(other.screen().text(), HasSubstr("choose another with --name"));
  EXPECT_FALSE(other.screen().on_alternate_screen());
}

}  // namespace
}  // namespace hubbub::test
