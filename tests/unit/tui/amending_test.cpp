// Edits, redactions, reactions, pins and expiry in the terminal client.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "client/tui/text/cells.hpp"
#include "tests/unit/tui/scene.hpp"

namespace hubbub::tui {
namespace {

using proto::Amends;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

link::Message marked(std::uint64_t seq, const std::string& from, const std::string& text, proto::Headers headers) {
  auto message = tui::message("lobby", seq, from, text, proto::Kind::notice);
  message.headers = std::move(headers);
  message.by_hub = message.marked = true;
  return message;
}
link::Message edit(std::uint64_t seq, const std::string& from, std::uint64_t target, const std::string& text) {
  return marked(seq, from, text, {{{"edits", std::to_string(target)}}});
}
link::Message reaction(std::uint64_t seq, const std::string& from, std::uint64_t target, const std::string& what) {
  return marked(seq, from, what, {{{"reacts", std::to_string(target)}}});
}
link::Message pinned(std::uint64_t seq, const std::string& from, std::uint64_t target) {
  return marked(seq, from, "pinned message", {{{"pins", std::to_string(target)}}});
}
link::Message redaction(std::uint64_t seq, const std::string& from, std::uint64_t target, const std::string& reason) {
  return marked(seq, from, reason, {{{"redacts", std::to_string(target)}}});
}

class Amending : public testing::Test {
 protected:
  Amending() {
    scene.joined("lobby", 0, 0);
    scene.room("lobby").history_asked = false;
    hears(message("lobby", 1, "bob", "the deploy is at 15:00"));
    hears(message("lobby", 2, "alice", "fine"));
    take_effects(scene.state);
  }
  void hears(const link::Message& message) {
    scene.happens(link::Incoming(message));
    scene.last["lobby"] = message.seq.value;
  }
  void page_comes(std::vector<link::Message> messages, std::vector<link::Message> amendments = {}) {
    HistoryPage page{Seq{1}, std::move(messages), std::move(amendments)};
    scene.happens(HistoryCame{AskHistory{RoomName::literal("lobby"), {}, scene.room("lobby").life}, std::move(page)});
  }
  std::string row_with(const std::string& text) const {
    for (const auto& row : scene.rows())
      if (row.find(text) != std::string::npos) return row;
    return {};
  }
  Scene scene{{24, 120}};
};

TEST_F(Amending, AnEditIsShownInThePlaceOfWhatItEdits) {
  hears(edit(3, "bob", 1, "the deploy is at 16:00"));
  EXPECT_THAT(row_with("<~bob>"), HasSubstr("<~bob> the deploy is at 16:00 (edited)"));
  EXPECT_THAT(scene.seen(), Not(HasSubstr("15:00")));
  EXPECT_THAT(scene.seen(), Not(HasSubstr("-~bob-")));
}

TEST_F(Amending, AnEditBySomebodyElseChangesNothing) {
  hears(edit(3, "mallory", 1, "never"));
  EXPECT_THAT(row_with("<~bob>"), HasSubstr("<~bob> the deploy is at 15:00"));
  EXPECT_THAT(scene.seen(), Not(HasSubstr("never")));
}

TEST_F(Amending, ARedactedMessageIsALineThatSaysByWhomAndWhy) {
  hears(edit(3, "bob", 1, "a password"));
  hears(redaction(4, "carol", 1, "wrong room"));
  EXPECT_THAT(row_with("<~bob>"), HasSubstr("<~bob> (redacted by ~carol: wrong room)"));
  EXPECT_THAT(scene.seen(), Not(HasSubstr("password")));
}

TEST_F(Amending, ReactionsStandBelowTheMessageOnesOwnInBrackets) {
  hears(reaction(3, "bob", 2, "👍"));
  hears(reaction(4, "carol", 2, "🎉"));
  hears(reaction(5, "alice", 2, "👍"));
  const auto rows = scene.rows();
  const auto message = std::ranges::find_if(rows, [](const auto& row) { return row.find("fine") != row.npos; });
  ASSERT_NE(message, rows.end());
  EXPECT_THAT(*(message + 1), HasSubstr("[👍 2] · 🎉 1"));
}

TEST_F(Amending, ReactionsNeverLeaveTheirWindow) {
  for (std::uint64_t i = 0; i < 40; ++i)
    hears(reaction(3 + i, "bob", 2,
                   i % 2 == 0 ? "👩‍🚀" + std::to_string(i) : std::string(link::reaction_bytes_max, 'x')));
  for (const auto& size : {Size{24, 80}, Size{8, 20}, Size{3, 10}, Size{2, 4}, Size{1, 1}}) {
    scene.happens(Resized{size});
    const auto screen = scene.screen();
    EXPECT_EQ(screen.size(), size);
    for (int row = 0; row < size.rows; ++row) EXPECT_LE(width_of(cells_of(screen.text(row))), size.columns);
  }
}

TEST_F(Amending, APinnedMessageSaysByWhom) {
  hears(pinned(3, "carol", 1));
  EXPECT_THAT(row_with("<~bob>"), HasSubstr("15:00 (pinned by ~carol)"));
}

TEST_F(Amending, AnExpiringMessageVanishesAtItsTime) {
  auto message = tui::message("lobby", 3, "bob", "deploying now");
  message.headers.list = {{"ttl", "5000"}};
  message.marked = true;
  message.time = scene.state.now;
  hears(message);
  scene.time_passes(4);
  EXPECT_THAT(scene.seen(), HasSubstr("deploying now"));
  scene.time_passes(1);
  EXPECT_THAT(scene.seen(), Not(HasSubstr("deploying now")));
}

TEST_F(Amending, AnEditThatExpiresGivesTheTextBeforeItBack) {
  auto passing = edit(3, "bob", 1, "at lunch");
  passing.headers.list.push_back({"ttl", "5000"});
  passing.time = scene.state.now;
  hears(passing);
  EXPECT_THAT(row_with("<~bob>"), HasSubstr("at lunch (edited)"));
  scene.time_passes(6);
  EXPECT_THAT(row_with("<~bob>"), HasSubstr("the deploy is at 15:00"));
  EXPECT_THAT(row_with("<~bob>"), Not(HasSubstr("edited")));
}

TEST_F(Amending, OfAKeyTheNewestIsShown) {
  auto reading = tui::message("lobby", 3, "sensor", "20 degrees");
  reading.headers.list = {{"key", "kitchen"}};
  reading.marked = true;
  hears(reading);
  reading.seq = Seq{4};
  reading.body = "21 degrees";
  hears(reading);
  EXPECT_THAT(scene.seen(), Not(HasSubstr("20 degrees")));
  EXPECT_THAT(scene.seen(), HasSubstr("21 degrees"));
}

TEST_F(Amending, NothingOfItIsUnreadOrRings) {
  Scene two{{24, 80}, {"lobby", "ops"}};
  two.joined("ops", 0, 0);
  two.happens(link::Incoming(tui::message("ops", 1, "bob", "hello")));
  take_effects(two.state);
  auto naming = edit(2, "bob", 1, "hello alice");
  naming.room = RoomName::literal("ops");
  two.happens(link::Incoming(naming));
  EXPECT_EQ(two.room("ops").unread, 1u);
  EXPECT_EQ(two.room("ops").mentions, 0u);
  EXPECT_EQ(two.count_effects<Ring>(), 0u);
  auto erased = tui::message("ops", 3, "bob", "    ");
  erased.erased = true;
  two.happens(link::Incoming(erased));
  EXPECT_EQ(two.room("ops").unread, 1u);
}

TEST_F(Amending, WhatIsGoneIsUnreadNoMore) {
  Scene two{{24, 80}, {"lobby", "ops"}};
  two.joined("ops", 0, 0);
  auto passing = tui::message("ops", 1, "bob", "hello", proto::Kind::text, two.state.now);
  passing.headers.list = {{"ttl", "5000"}};
  passing.marked = true;
  two.happens(link::Incoming(passing));
  EXPECT_EQ(two.room("ops").unread, 1u);
  two.time_passes(6);
  EXPECT_EQ(two.room("ops").unread, 0u);
}

TEST_F(Amending, AmendmentsOfAPageAreKnownThoughTheyWereSaidLaterThanItsMessages) {
  scene.enters("/clear");
  page_comes({message("lobby", 1, "bob", "the deploy is at 15:00")},
             {edit(30, "bob", 1, "the deploy is at 16:00"), reaction(31, "carol", 1, "👍")});
  EXPECT_THAT(scene.seen(), HasSubstr("16:00 (edited)"));
  EXPECT_THAT(scene.seen(), HasSubstr("👍 1"));
}

TEST_F(Amending, AnAmendmentThatCameBeforeItsTargetWaitsForIt) {
  Scene fresh;
  fresh.joined("lobby", 40, 40);
  fresh.happens(link::Incoming(edit(41, "bob", 1, "new text")));
  fresh.history_comes("lobby", 1, {message("lobby", 1, "bob", "old text")});
  EXPECT_THAT(fresh.seen(), HasSubstr("new text (edited)"));
  EXPECT_THAT(fresh.seen(), Not(HasSubstr("old text")));
}

TEST_F(Amending, OlderPagesAreAskedForUntilTheViewIsFull) {
  Scene fresh;
  fresh.joined("lobby", 300, 300);
  take_effects(fresh.state);
  fresh.room("lobby").history_asked = false;
  std::uint64_t oldest = 301;
  const auto amendments_come = [&] {
    oldest -= 2;
    fresh.history_comes("lobby", 1, {reaction(oldest, "bob", 1, "👍"), reaction(oldest + 1, "bob", 1, "👎")});
  };
  amendments_come();
  EXPECT_EQ(fresh.effect<AskHistory>().before, Seq{299});
  for (int page = 2; page <= 8; ++page) amendments_come();
  EXPECT_EQ(fresh.count_effects<AskHistory>(), 7u);
  amendments_come();
  EXPECT_EQ(fresh.count_effects<AskHistory>(), 0u) << "not for ever";
}

TEST_F(Amending, AnAnswerInAThreadIsEditedThere) {
  auto answer = message("lobby", 3, "carol", "why not");
  answer.headers.list = {{"reply-to", "1"}};
  hears(answer);
  hears(edit(4, "carol", 3, "why at all"));
  scene.enters("/thread 1");
  EXPECT_THAT(scene.seen(), HasSubstr("why at all (edited)"));
  EXPECT_THAT(scene.seen(), Not(HasSubstr("why not")));
}

TEST_F(Amending, TheAnswersToWhatIsGoneStandInTheRoom) {
  auto question = message("lobby", 3, "bob", "who is there", proto::Kind::text, scene.state.now);
  question.headers.list = {{"ttl", "5000"}};
  question.marked = true;
  hears(question);
  auto answer = message("lobby", 4, "carol", "I am");
  answer.headers.list = {{"reply-to", "3"}};
  hears(answer);
  EXPECT_THAT(scene.seen(), Not(HasSubstr("I am")));
  scene.time_passes(6);
  EXPECT_THAT(scene.seen(), HasSubstr("↳ 3 ~bob: I am"));
}

// ── commands ─────────────────────────────────────────────────────────────────────────────────────────────────────────

TEST_F(Amending, EditSaysItOfTheNamedMessageOrOfOnesNewest) {
  scene.enters("/edit #2 fine by me");
  auto amend = scene.effect<Amend>();
  EXPECT_EQ(amend.amendment, (link::Amendment{Amends::edit, Seq{2}}));
  EXPECT_EQ(amend.body, "fine by me");
  scene.enters("/edit all fine");
  amend = scene.effect<Amend>();
  EXPECT_EQ(amend.amendment.target, Seq{2});
  EXPECT_EQ(amend.body, "all fine");
  scene.enters("/edit 42");
  EXPECT_EQ(scene.effect<Amend>().body, "42");
  scene.enters("/edit 1 of us is fine");
  amend = scene.effect<Amend>();
  EXPECT_EQ(amend.amendment.target, Seq{2});
  EXPECT_EQ(amend.body, "1 of us is fine");
}

TEST_F(Amending, EditRefusesWhatOneHasNotSaidAndWhatIsNotHere) {
  scene.enters("/edit #1 never");
  EXPECT_THAT(scene.seen(), HasSubstr("message 1 isn't yours: only who said it can edit it"));
  scene.enters("/edit #77 never");
  EXPECT_THAT(scene.seen(), HasSubstr("message 77 isn't here: /thread 77 fetches it"));
  hears(reaction(3, "bob", 2, "👍"));
  scene.enters("/react 3 👍");
  EXPECT_THAT(scene.seen(), HasSubstr("message 3 isn't shown here any more"));
  scene.enters("/edit");
  EXPECT_THAT(scene.seen(), HasSubstr("usage: /edit [#N] TEXT"));
  EXPECT_EQ(scene.count_effects<Amend>(), 0u);
}

TEST_F(Amending, RedactTakesBackTheNamedMessageOrOnesNewestAndSaysWhy) {
  scene.enters("/redact #1 wrong room");
  auto redact = scene.effect<Redact>();
  EXPECT_EQ(redact.seq, Seq{1});
  EXPECT_EQ(redact.reason.str(), "wrong room");
  scene.enters("/redact");
  EXPECT_EQ(scene.effect<Redact>().seq, Seq{2});
  scene.enters("/redact typo");
  redact = scene.effect<Redact>();
  EXPECT_EQ(redact.seq, Seq{2});
  EXPECT_EQ(redact.reason.str(), "typo");
  scene.enters("/redact 1");
  EXPECT_EQ(scene.effect<Redact>().seq, Seq{1});
}

TEST_F(Amending, RedactGuessesNothingWhereAReasonMayBeginWithANumber) {
  scene.enters("/redact 1 room too far");
  EXPECT_EQ(scene.count_effects<Redact>(), 0u);
  EXPECT_THAT(scene.seen(), HasSubstr("say /redact #1 REASON to take back message 1"));
}

TEST_F(Amending, ReactAndPinAndTheirOpposites) {
  scene.enters("/react 1 👍");
  EXPECT_EQ(scene.effect<Amend>().amendment, (link::Amendment{Amends::reaction, Seq{1}}));
  scene.enters("/unreact 1 👍");
  EXPECT_EQ(scene.effect<Amend>().amendment, (link::Amendment{Amends::reaction, Seq{1}, true}));
  scene.enters("/pin 1");
  EXPECT_EQ(scene.effect<Amend>().body, "pinned message 1");
  scene.enters("/unpin 1");
  EXPECT_EQ(scene.effect<Amend>().amendment, (link::Amendment{Amends::pin, Seq{1}, true}));
  scene.enters("/react 1 well said");
  EXPECT_THAT(scene.seen(), HasSubstr("a reaction is one emoji or a short word"));
  EXPECT_EQ(scene.count_effects<Amend>(), 0u);
}

TEST_F(Amending, PinsAreListedWithTheirNumbers) {
  scene.enters("/pins");
  EXPECT_EQ(scene.effect<AskPins>().room.str(), "lobby");
  HistoryPage page{Seq{1},
                   {message("lobby", 1, "bob", "the deploy is at 15:00")},
                   {edit(3, "bob", 1, "it is at 16:00"), pinned(4, "carol", 1)}};
  scene.happens(PinsCame{RoomName::literal("lobby"), page});
  EXPECT_THAT(scene.seen(), HasSubstr("pinned: 1 2025-06-15 15:06 ~bob: it is at 16:00 (by ~carol)"));
  scene.happens(PinsCame{RoomName::literal("lobby"), {}});
  EXPECT_THAT(scene.seen(), HasSubstr("nothing is pinned here; /pin N pins message N"));
}

TEST_F(Amending, WhatOneHasJustSaidCanBeReactedToBeforeItsDeliveryIsHere) {
  scene.enters("good morning");
  const auto said = scene.effect<Say>();
  hears(reaction(4, "bob", 3, "👋"));
  scene.is_told(said, Seq{3});
  EXPECT_THAT(scene.seen(), HasSubstr("👋 1"));
}

// ── any order ────────────────────────────────────────────────────────────────────────────────────────────────────────

/// The rows that show messages: without the client's own notes.
std::vector<std::string> told(const Scene& scene) {
  std::vector<std::string> rows;
  for (const auto& row : scene.rows())
    if (row.find("<~") != std::string::npos || row.find(" 1") != std::string::npos) rows.push_back(row);
  return rows;
}

TEST_F(Amending, LiveOrFromPagesInAnyPiecesTheRoomLooksTheSame) {
  std::vector<link::Message> all = {
      message("lobby", 1, "bob", "one"),   message("lobby", 2, "carol", "two"), edit(3, "bob", 1, "first"),
      reaction(4, "carol", 1, "👍"),        message("lobby", 5, "bob", "three"), redaction(6, "carol", 2, "gone"),
      edit(7, "bob", 1, "the very first"), reaction(8, "alice", 5, "🎉"),        pinned(9, "carol", 5)};
  Scene live;
  live.joined("lobby", 0, 0);
  for (const auto& one : all) live.happens(link::Incoming(one));
  const auto expected = told(live);
  ASSERT_THAT(expected, Not(IsEmpty()));
  for (std::uint32_t seed = 0; seed < 200; ++seed) {
    std::mt19937 random(seed);
    Scene other;
    other.joined("lobby", 9, 9);
    const auto from = std::uniform_int_distribution<std::size_t>(0, all.size())(random);
    for (auto i = from; i < all.size(); ++i) other.happens(link::Incoming(all[i]));
    for (std::size_t end = all.size(); end > 0;) {  // pages from the end backwards, of any size, some of them twice
      const auto size = std::uniform_int_distribution<std::size_t>(1, end)(random);
      const std::vector page(all.begin() + static_cast<std::ptrdiff_t>(end - size),
                             all.begin() + static_cast<std::ptrdiff_t>(end));
      other.history_comes("lobby", 1, page);
      if (seed % 3 == 0) other.history_comes("lobby", 1, page);
      end -= size;
    }
    ASSERT_EQ(told(other), expected) << "seed " << seed;
  }
}

}  // namespace
}  // namespace hubbub::tui
