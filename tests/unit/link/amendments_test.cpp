// What is shown of messages that were edited, redacted, reacted to, pinned, replaced, or that have expired.
#include "client/link/amendments.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace hubbub::link {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

constexpr std::uint64_t start_ns = 1'750'000'000'000'000'000;
constexpr std::uint64_t second_ns = 1'000'000'000;
/// A second after the message of that number.
WallTime after(std::uint64_t seq) { return WallTime{start_ns + (seq + 1) * second_ns}; }
constexpr WallTime long_after{start_ns + 1'000'000 * second_ns};

/// Message `seq` is said `seq` seconds after the start.
Message said(std::uint64_t seq, const std::string& from, const std::string& body, proto::Headers headers = {}) {
  Message message;
  message.room = RoomName::literal("lobby");
  message.seq = Seq{seq};
  message.time = WallTime{start_ns + seq * second_ns};
  message.from = PersonName::literal(from);
  message.body = body;
  message.marked = !headers.list.empty();
  message.headers = std::move(headers);
  return message;
}

Message notice(std::uint64_t seq, const std::string& from, const std::string& body, proto::Headers headers) {
  auto message = said(seq, from, body, std::move(headers));
  message.kind = proto::Kind::notice;
  return message;
}

Message edit(std::uint64_t seq, const std::string& from, std::uint64_t target, const std::string& body) {
  return notice(seq, from, body, {{{"edits", std::to_string(target)}}});
}
Message reaction(std::uint64_t seq, const std::string& from, std::uint64_t target, const std::string& what,
                 bool undo = false) {
  auto message = notice(seq, from, what, {{{"reacts", std::to_string(target)}}});
  if (undo) message.headers.list.push_back({"undo", "1"});
  return message;
}
Message pin(std::uint64_t seq, const std::string& from, std::uint64_t target, bool undo = false) {
  auto message = notice(seq, from, pin_words(Seq{target}, undo), {{{"pins", std::to_string(target)}}});
  if (undo) message.headers.list.push_back({"undo", "1"});
  return message;
}
Message redaction(std::uint64_t seq, const std::string& from, std::uint64_t target, const std::string& reason) {
  auto message = notice(seq, from, reason, {{{"redacts", std::to_string(target)}}});
  message.by_hub = true;
  return message;
}
/// As the hub has it from then on.
Message erased(Message message) {
  message.erased = true;
  message.headers = {};
  message.body = std::string(message.body.size(), ' ');
  return message;
}

Amendments taking(const std::vector<Message>& messages) {
  Amendments amendments;
  for (const auto& message : messages) amendments.take(message);
  return amendments;
}

std::vector<std::string> reactions_of(const View& view) {
  std::vector<std::string> list;
  for (const auto& [what, people] : view.reactions) {
    list.push_back(what);
    for (const auto& by : people) list.back() += " " + by.name.str();
  }
  return list;
}

const auto first = said(1, "alice", "the deploy is at 15:00");

TEST(AmendmentsTest, TheNewestEditIsWhatAMessageSays) {
  const auto view =
      taking({first, edit(2, "alice", 1, "at 16:00"), edit(3, "alice", 1, "at 17:00")}).view(first, after(3));
  EXPECT_EQ(view.standing, Standing::shown);
  EXPECT_EQ(view.text, "at 17:00");
  EXPECT_EQ(view.edited->seq, Seq{3});
  EXPECT_EQ(view.edited->time, WallTime{start_ns + 3 * second_ns});
  EXPECT_EQ(shown_as(first, view).body, "at 17:00");
}

TEST(AmendmentsTest, OnlyWhoSaidItCanEditIt) {
  auto impostor = edit(3, "alice", 1, "never");
  impostor.verified = true;  // another alice: of the first the hub only has her word
  const auto view = taking({first, edit(2, "bob", 1, "never"), impostor}).view(first, after(3));
  EXPECT_FALSE(view.edited);
  EXPECT_EQ(shown_as(first, view).body, first.body);
}

TEST(AmendmentsTest, AmendmentsAreNotMessagesOfTheirOwn) {
  const std::vector all = {edit(2, "alice", 1, "x"), reaction(3, "bob", 1, "👍"), pin(4, "bob", 1),
                           redaction(5, "bob", 1, "")};
  for (const auto& message : all) EXPECT_EQ(taking(all).view(message, after(5)).standing, Standing::amendment);
}

TEST(AmendmentsTest, WhatOnlyLooksLikeAnAmendmentStandsAsTheMessageThatItIs) {
  auto text = edit(2, "alice", 1, "not a notice");
  text.kind = proto::Kind::text;
  auto by_nobody = redaction(3, "mallory", 1, "the hub doesn't vouch for it");
  by_nobody.by_hub = false;
  const auto of_the_future = edit(4, "alice", 5, "later"), of_itself = edit(5, "alice", 5, "this");
  auto both = edit(6, "alice", 1, "two at once");
  both.headers.list.push_back({"pins", "1"});
  const auto wordy = reaction(7, "bob", 1, "well said"), unwritten = reaction(8, "bob", 1, "");
  const auto hostile = reaction(9, "bob", 1, "\x1b[2J");
  auto unmarked = edit(10, "alice", 1, "the hub didn't look at its headers");
  unmarked.marked = false;
  for (const auto& message : {text, by_nobody, of_the_future, of_itself, both, wordy, unwritten, hostile, unmarked}) {
    EXPECT_FALSE(amendment_of(message)) << message.seq.value;
    const auto amendments = taking({first, message});
    EXPECT_EQ(amendments.view(message, after(10)).standing, Standing::shown) << message.seq.value;
    EXPECT_EQ(amendments.view(first, after(10)), View{}) << message.seq.value;
  }
}

TEST(AmendmentsTest, ReactionsAreEmojiOrShortWords) {
  for (const auto* good :
       {"👍", "+1", "yes", "👩🏽‍❤️‍💋‍👨🏿", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "é"})
    EXPECT_TRUE(is_reaction(good)) << good;
  for (const auto* bad : {"", " ", "a b", "a\nb", "\t", "\x07", "\xff", "\xe2\x80\xae"}) EXPECT_FALSE(is_reaction(bad));
  EXPECT_TRUE(is_reaction(std::string(reaction_bytes_max, 'x')));
  EXPECT_FALSE(is_reaction(std::string(reaction_bytes_max + 1, 'x')));
}

TEST(AmendmentsTest, ReactionsAreCountedByPersonInTheOrderOfTheirFirstUse) {
  const auto amendments =
      taking({first, reaction(2, "bob", 1, "👍"), reaction(3, "carol", 1, "🎉"), reaction(4, "carol", 1, "👍"),
              reaction(5, "bob", 1, "👍"), reaction(6, "dave", 1, "👎"), reaction(7, "dave", 1, "👎", true)});
  EXPECT_THAT(reactions_of(amendments.view(first, after(7))), ElementsAre("👍 bob carol", "🎉 carol"));
}

TEST(AmendmentsTest, AReactionThatWasTakenBackCanBeSaidAgain) {
  auto amendments = taking({first, reaction(2, "bob", 1, "👍"), reaction(3, "bob", 1, "👍", true)});
  EXPECT_THAT(amendments.view(first, after(3)).reactions, IsEmpty());
  amendments.take(reaction(4, "bob", 1, "👍"));
  EXPECT_THAT(reactions_of(amendments.view(first, after(4))), ElementsAre("👍 bob"));
}

TEST(AmendmentsTest, TheNewestPinSaysWhetherAMessageIsPinned) {
  auto amendments = taking({first, pin(2, "bob", 1)});
  EXPECT_EQ(amendments.view(first, after(2)).pinned->name.str(), "bob");
  amendments.take(pin(3, "carol", 1, true));
  EXPECT_FALSE(amendments.view(first, after(3)).pinned);
  amendments.take(pin(4, "carol", 1));
  EXPECT_EQ(amendments.view(first, after(4)).pinned->name.str(), "carol");
}

TEST(AmendmentsTest, OfARedactedMessageOnlyByWhomAndWhyIsShown) {
  const auto amendments = taking({first, edit(2, "alice", 1, "at 16:00"), reaction(3, "bob", 1, "👍"), pin(4, "bob", 1),
                                  redaction(5, "bob", 1, "wrong room"), edit(6, "alice", 1, "at 17:00")});
  View expected;
  expected.standing = Standing::redacted;
  expected.redacted = By{PersonName::literal("bob"), false, Seq{5}, WallTime{start_ns + 5 * second_ns}};
  expected.reason = "wrong room";
  EXPECT_EQ(amendments.view(first, after(6)), expected);
  EXPECT_EQ(amendments.view(erased(first), after(6)), expected);
  EXPECT_EQ(shown_as(first, expected).body, "");
}

TEST(AmendmentsTest, AnEditThatWasRedactedCountsNoMoreAndStandsRedactedItself) {
  const auto newer = edit(3, "alice", 1, "a password");
  const auto amendments = taking({first, edit(2, "alice", 1, "at 16:00"), newer, redaction(4, "alice", 3, "")});
  EXPECT_EQ(amendments.view(first, after(4)).text, "at 16:00");
  EXPECT_EQ(amendments.view(newer, after(4)).standing, Standing::redacted);
  EXPECT_EQ(amendments.view(erased(newer), after(4)), amendments.view(newer, after(4)));
}

TEST(AmendmentsTest, ARedactionThatWasRedactedSaysNothingAndBringsNothingBack) {
  const auto why = redaction(2, "alice", 1, "because bob lied");
  const auto amendments = taking({first, why, redaction(3, "bob", 2, "no")});
  EXPECT_EQ(amendments.view(first, after(3)).standing, Standing::gone);
}

TEST(AmendmentsTest, WhatHasExpiredIsGoneFromThatMomentOn) {
  const auto message = said(1, "alice", "deploying", {{{"ttl", "2000"}}});
  const auto amendments = taking({message});
  EXPECT_EQ(amendments.view(message, WallTime{message.time.ns + 2 * second_ns - 1}).standing, Standing::shown);
  EXPECT_EQ(amendments.view(message, WallTime{message.time.ns + 2 * second_ns}).standing, Standing::gone);
  EXPECT_FALSE(is_over(message, after(1)));
  EXPECT_TRUE(is_over(message, long_after));
  EXPECT_TRUE(is_over(erased(first), after(1)));
  const auto for_ever = said(2, "alice", "x", {{{"ttl", "18446744073709551615"}}});
  EXPECT_EQ(amendments.view(for_ever, long_after).standing, Standing::shown);
}

TEST(AmendmentsTest, AnEditCanExpireAndTheTextBeforeItCountsAgain) {
  auto passing = edit(3, "alice", 1, "at lunch");
  passing.headers.list.push_back({"ttl", "60000"});
  auto amendments = taking({first, edit(2, "alice", 1, "here"), passing});
  EXPECT_EQ(amendments.view(first, after(3)).text, "at lunch");
  EXPECT_EQ(amendments.view(first, long_after).text, "here");
  EXPECT_EQ(amendments.next_expiry(), WallTime{passing.time.ns + 60 * second_ns});
  EXPECT_THAT(amendments.expire(after(3)), IsEmpty());
  EXPECT_THAT(amendments.expire(long_after), ElementsAre(Seq{1}));
  EXPECT_EQ(amendments.next_expiry(), WallTime{});
  EXPECT_EQ(amendments.view(first, long_after).text, "here");
}

TEST(AmendmentsTest, OfAKeyTheNewestMessageIsShown) {
  const auto old = said(1, "sensor", "20 °C", {{{"key", "kitchen"}}});
  const auto other = said(2, "sensor", "18 °C", {{{"key", "hall"}}});
  const auto recent = said(3, "sensor", "21 °C", {{{"key", "kitchen"}}});
  for (const auto& order : {std::vector{old, other, recent}, std::vector{recent, old, other}}) {
    const auto amendments = taking(order);
    EXPECT_EQ(amendments.view(old, after(3)).standing, Standing::gone);
    EXPECT_EQ(amendments.view(other, after(3)).standing, Standing::shown);
    EXPECT_EQ(amendments.view(recent, after(3)).standing, Standing::shown);
  }
}

TEST(AmendmentsTest, AnErasedMessageWithoutARedactionIsGone) {
  EXPECT_EQ(Amendments().view(erased(first), after(1)).standing, Standing::gone);
  EXPECT_EQ(taking({first, erased(first)}).view(first, after(1)).standing, Standing::gone);
}

TEST(AmendmentsTest, SaysWhoseViewMayHaveChanged) {
  Amendments amendments;
  EXPECT_THAT(amendments.take(first), IsEmpty());
  EXPECT_THAT(amendments.take(edit(2, "alice", 1, "x")), ElementsAre(Seq{1}));
  EXPECT_THAT(amendments.take(redaction(3, "alice", 2, "")), UnorderedElementsAre(Seq{2}, Seq{2}, Seq{1}));
  EXPECT_THAT(amendments.take(said(4, "bob", "a", {{{"key", "k"}}})), IsEmpty());
  EXPECT_THAT(amendments.take(said(5, "bob", "b", {{{"key", "k"}}})), ElementsAre(Seq{4}));
  EXPECT_THAT(amendments.take(erased(first)), ElementsAre(Seq{1}));
  EXPECT_THAT(amendments.take(erased(first)), IsEmpty());
}

// ── any order ────────────────────────────────────────────────────────────────────────────────────────────────────────

using Random = std::mt19937;
std::uint64_t any(Random& random, std::uint64_t from, std::uint64_t to) {
  return std::uniform_int_distribution<std::uint64_t>(from, to)(random);
}

/// A room's messages as they were said, and each as the hub has it at the end.
struct Story {
  std::vector<Message> as_said;
  std::vector<Message> at_the_end;
  WallTime end;
};

Message anything(Random& random, std::uint64_t seq, const std::vector<Message>& before) {
  static const std::array<std::string, 3> people = {"alice", "bob", "carol"};
  static const std::array<std::string, 3> emoji = {"👍", "🎉", "+1"};
  const auto from = people[any(random, 0, 2)];
  const auto target = any(random, 1, seq + (seq < 3 ? 1 : 0));  // now and then one that isn't said yet
  auto message = said(seq, from, "text " + std::to_string(seq));
  switch (any(random, 0, 9)) {
    case 0:
    case 1: message = edit(seq, from, target, "edit " + std::to_string(seq)); break;
    case 2:
    case 3: message = reaction(seq, from, target, emoji[any(random, 0, 2)], any(random, 0, 2) == 0); break;
    case 4: message = pin(seq, from, target, any(random, 0, 1) == 0); break;
    case 5: {
      const bool may_be = target < seq && before[target - 1].headers.list.empty() == false
                              ? before[target - 1].headers.list.front().key != "redacts" &&
                                    before[target - 1].headers.list.back().key != "key"
                              : target < seq;
      if (may_be) message = redaction(seq, from, target, "reason " + std::to_string(seq));
      break;
    }
    default: break;
  }
  if (message.by_hub) return message;
  if (any(random, 0, 7) == 0)
    message.headers.list.push_back({"key", any(random, 0, 1) == 0 ? "a" : "b"});
  else if (any(random, 0, 7) == 0)
    message.headers.list.push_back({"ttl", std::to_string(any(random, 1, 60) * 1000)});
  message.verified = any(random, 0, 5) == 0;
  return message;
}

std::string key_of(const Message& message) { return subject_of(message).key; }

Story any_story(Random& random) {
  Story story;
  const auto count = any(random, 2, 40);
  for (std::uint64_t seq = 1; seq <= count; ++seq) story.as_said.push_back(anything(random, seq, story.as_said));
  story.end = after(count);
  for (const auto& message : story.as_said) {
    const bool is_over = std::ranges::any_of(story.as_said, [&](const Message& other) {
      const auto amendment = amendment_of(other);
      const bool redacts = amendment && amendment->what == proto::Amends::redaction && amendment->target == message.seq;
      const bool replaces = !key_of(message).empty() && key_of(other) == key_of(message) && other.seq > message.seq;
      return redacts || replaces;
    });
    story.at_the_end.push_back(is_over || link::is_over(message, story.end) ? erased(message) : message);
  }
  return story;
}

/// What is shown by the rules at their simplest: over all that was said, one rule after the other.
View by_the_rules(const Story& story, const Message& message) {
  View view;
  const auto counts = [&](const Message& other) { return !story.at_the_end[other.seq.value - 1].erased; };
  std::map<std::string, std::map<std::pair<std::string, bool>, By>> reactions;  // by what, by whom: the first
  std::vector<std::string> order;
  std::map<std::pair<std::string, std::pair<std::string, bool>>, bool> on;
  for (const auto& other : story.as_said) {
    const auto amendment = amendment_of(other);
    if (!amendment || amendment->target != message.seq || !counts(other)) continue;
    const By by{other.from, other.verified, other.seq, other.time};
    const std::pair person(other.from.str(), other.verified);
    if (amendment->what == proto::Amends::redaction && !view.redacted) view.redacted = by, view.reason = other.body;
    if (amendment->what == proto::Amends::edit && other.from == message.from && other.verified == message.verified)
      view.edited = by, view.text = other.body;
    if (amendment->what == proto::Amends::pin) view.pinned = amendment->undo ? std::nullopt : std::optional(by);
    if (amendment->what != proto::Amends::reaction) continue;
    if (!reactions.contains(other.body)) order.push_back(other.body);
    reactions[other.body].try_emplace(person, by);
    on[{other.body, person}] = !amendment->undo;
  }
  for (const auto& what : order) {
    Reaction reaction{what, {}};
    for (const auto& [person, by] : reactions[what])
      if (on[{what, person}]) reaction.people.push_back(by);
    std::ranges::sort(reaction.people, {}, &By::seq);
    if (!reaction.people.empty()) view.reactions.push_back(reaction);
  }
  const bool gone = story.at_the_end[message.seq.value - 1].erased;
  if (view.redacted) return View{Standing::redacted, {}, {}, {}, {}, view.redacted, view.reason};
  if (gone) return View{Standing::gone, {}, {}, {}, {}, {}, {}};
  if (amendment_of(message)) return View{Standing::amendment, {}, {}, {}, {}, {}, {}};
  return view;
}

/// All messages of it in any order and repeated: as they were said, as the hub has them later, or both.
std::vector<Message> any_reading(Random& random, const Story& story) {
  std::vector<Message> reading;
  for (std::size_t i = 0; i < story.as_said.size(); ++i) {
    const auto copies = any(random, 1, 3);
    for (std::uint64_t copy = 0; copy < copies; ++copy)
      reading.push_back(any(random, 0, 1) == 0 ? story.as_said[i] : story.at_the_end[i]);
  }
  std::ranges::shuffle(reading, random);
  return reading;
}

TEST(AmendmentsProperty, AnyInterleavingAndRepetitionGivesTheSameView) {
  for (std::uint32_t seed = 0; seed < 2000; ++seed) {
    Random random(seed);
    const auto story = any_story(random);
    for (int reader = 0; reader < 4; ++reader) {
      const auto amendments = taking(any_reading(random, story));
      for (std::size_t i = 0; i < story.as_said.size(); ++i) {
        const auto expected = by_the_rules(story, story.as_said[i]);
        ASSERT_EQ(amendments.view(story.as_said[i], story.end), expected) << "seed " << seed << ", message " << i + 1;
        ASSERT_EQ(amendments.view(story.at_the_end[i], story.end), expected)
            << "seed " << seed << ", message " << i + 1;
      }
    }
  }
}

TEST(AmendmentsProperty, WhatTakeNamesIsAllThatChanges) {
  for (std::uint32_t seed = 0; seed < 500; ++seed) {
    Random random(seed);
    const auto story = any_story(random);
    Amendments amendments;
    std::set<Seq> taken;
    for (const auto& message : any_reading(random, story)) {
      std::vector<View> before;
      for (const auto& other : story.as_said) before.push_back(amendments.view(other, story.end));
      const auto affected = amendments.take(message);
      for (std::size_t i = 0; i < story.as_said.size(); ++i) {
        const auto& other = story.as_said[i];
        const bool is_named = std::ranges::find(affected, other.seq) != affected.end();
        if (other.seq == message.seq || is_named || !taken.contains(other.seq)) continue;
        ASSERT_EQ(amendments.view(other, story.end), before[i]) << "seed " << seed << ", message " << i + 1;
      }
      taken.insert(message.seq);
    }
  }
}

TEST(AmendmentsProperty, OfTooManyTheNewestAreKeptInWhicheverOrderTheyCome) {
  std::vector<Message> flood;
  const std::uint64_t count = Amendments::reactions_max + 500;
  for (std::uint64_t seq = 2; seq < 2 + count; ++seq)
    flood.push_back(reaction(seq, "p" + std::to_string(seq % 700), 1, "👍", seq % 3 == 0));
  for (std::uint64_t seq = 2 + count; seq < 2 + count + 100; ++seq)
    flood.push_back(edit(seq, "p" + std::to_string(seq % 10), 1, "x" + std::to_string(seq)));
  flood.push_back(edit(3000, "alice", 1, "hers"));
  flood.push_back(reaction(3001, "carol", 1, "🎉"));
  const auto expected = taking(flood).view(first, long_after);
  EXPECT_EQ(expected.text, "hers");
  EXPECT_THAT(reactions_of(expected), testing::Contains("🎉 carol"));
  Random random(7);
  for (int i = 0; i < 5; ++i) {
    std::ranges::shuffle(flood, random);
    EXPECT_EQ(taking(flood).view(first, long_after), expected);
  }
}

TEST(AmendmentsTest, MemoryIsBoundedAndTheOldestTargetsAreForgottenFirst) {
  Amendments amendments(1 << 20);
  const std::string text(10'000, 'x');
  for (std::uint64_t target = 1; target < 1000; ++target) amendments.take(edit(1000 + target, "alice", target, text));
  EXPECT_LE(amendments.bytes(), 1u << 20);
  EXPECT_FALSE(amendments.view(first, long_after).edited);
  EXPECT_TRUE(amendments.view(said(999, "alice", "hi"), long_after).edited);
  amendments.take(edit(5000, "alice", 999, "brought again by a page"));
  EXPECT_EQ(amendments.view(said(999, "alice", "hi"), long_after).text, "brought again by a page");
  amendments.forget_before(Seq{2000});
  EXPECT_EQ(amendments.bytes(), 0u);
}

TEST(AmendmentsTest, MoreKeysThanAreKeptLeaveTheNewestOnes) {
  Amendments amendments;
  const auto keyed = [](std::uint64_t seq, std::uint64_t key) {
    return said(seq, "sensor", "x", {{{"key", std::to_string(key) + std::string(240, 'k')}}});
  };
  for (std::uint64_t seq = 1; seq <= 20000; ++seq) amendments.take(keyed(seq, seq));
  EXPECT_THAT(amendments.take(keyed(20001, 20000)), ElementsAre(Seq{20000}));
  EXPECT_THAT(amendments.take(keyed(20002, 1)), IsEmpty());
  const auto copy = amendments;  // of a value, without a share of the other
  amendments = Amendments();
  EXPECT_EQ(copy.view(keyed(19999, 19999), long_after).standing, Standing::shown);
  EXPECT_EQ(copy.view(keyed(20000, 20000), long_after).standing, Standing::gone);
}

TEST(AmendmentsTest, MakesTheNoticeThatItReads) {
  const Amendment undone{proto::Amends::reaction, Seq{1}, true};
  const auto outgoing = amending(first.room, undone);
  auto message = said(2, "bob", "👍", outgoing.headers);
  message.kind = outgoing.kind;
  EXPECT_EQ(amendment_of(message), undone);
}

}  // namespace
}  // namespace hubbub::link
