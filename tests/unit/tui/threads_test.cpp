// Answers, the threads that they make, and how people pick what they answer.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "client/tui/state/threads.hpp"
#include "tests/unit/tui/scene.hpp"

namespace hubbub::tui {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;

link::Message answer(std::uint64_t seq, const std::string& from, const std::string& text, std::uint64_t to,
                     std::uint64_t root = 0) {
  auto message = tui::message("lobby", seq, from, text);
  message.headers.list = {{"reply-to", std::to_string(to)}};
  if (root > 0) message.headers.list.push_back({"thread", std::to_string(root)});
  return message;
}

class ThreadsTest : public testing::Test {
 protected:
  ThreadsTest() { joined(0); }
  void joined(std::uint64_t last) {
    scene.joined("lobby", last, last);
    scene.room("lobby").history_asked = false;
    take_effects(scene.state);
  }
  void hears(const link::Message& message) {
    scene.happens(link::Incoming(message));
    scene.last["lobby"] = message.seq.value;
  }
  /// 1 bob: shall we deploy, 2 carol: lunch, 3 and 4 answer 1.
  void talk() {
    hears(message("lobby", 1, "bob", "shall we deploy"));
    hears(message("lobby", 2, "carol", "lunch"));
    hears(answer(3, "carol", "why not", 1));
    hears(answer(4, "bob", "it is Friday", 3, 1));
    take_effects(scene.state);
  }
  std::string row_with(const std::string& text) const {
    for (const auto& row : scene.rows())
      if (row.find(text) != std::string::npos) return row;
    return {};
  }
  Scene scene{{24, 100}};
};

TEST_F(ThreadsTest, AnswersAreOneLineWithTheirCountBelowWhatTheyAnswer) {
  talk();
  EXPECT_THAT(scene.seen(), Not(HasSubstr("why not")));
  EXPECT_THAT(row_with("└"), HasSubstr("└ 2 replies (2 new), last by ~bob 15:06, /thread 1"));
  const auto rows = scene.rows();
  const auto root = std::ranges::find_if(rows, [](const auto& row) { return row.find("deploy") != row.npos; });
  ASSERT_NE(root, rows.end());
  EXPECT_THAT(*(root + 1), HasSubstr("└ 2 replies"));
  EXPECT_THAT(*(root + 2), HasSubstr("lunch"));
}

TEST_F(ThreadsTest, AnAnswerToSomethingThatIsNotHereStandsInTheRoom) {
  scene.last["lobby"] = 50;
  hears(answer(51, "bob", "yes please", 42));
  EXPECT_THAT(scene.seen(), HasSubstr("<~bob> ↳ 42 yes please"));
  hears(answer(52, "carol", "no", 51, 42));
  EXPECT_THAT(scene.seen(), HasSubstr("<~carol> ↳ 51 ~bob: no"));
}

TEST_F(ThreadsTest, AnAnswerThatNamesNoThreadBelongsToThatOfWhatItAnswers) {
  talk();
  hears(answer(5, "dave", "so what", 4));
  EXPECT_THAT(scene.seen(), HasSubstr("└ 3 replies (3 new), last by ~dave"));
}

TEST_F(ThreadsTest, GarbageInTheHeadersMakesNoAnswer) {
  auto odd = message("lobby", 1, "bob", "odd");
  odd.headers.list = {{"reply-to", "\x1b[2J"}, {"thread", "-1"}};
  hears(odd);
  EXPECT_THAT(scene.seen(), HasSubstr("<~bob> odd"));
  odd = message("lobby", 2, "bob", "even");
  odd.headers.list = {{"reply-to", "2"}};
  hears(odd);
  EXPECT_THAT(scene.seen(), HasSubstr("<~bob> even")) << "nothing answers itself";
}

TEST_F(ThreadsTest, AThreadIsOpenedInPlaceOfTheRoomAndClosedByEscape) {
  talk();
  scene.enters("/thread 1");
  EXPECT_THAT(scene.rows().at(0), HasSubstr("#lobby  thread 1, 2 replies  Esc closes"));
  EXPECT_THAT(scene.seen(), HasSubstr("<~bob> shall we deploy"));
  EXPECT_THAT(scene.seen(), HasSubstr("<~carol> why not"));
  EXPECT_THAT(scene.seen(), HasSubstr("<~bob> ↳ 3 ~carol: it is Friday"));
  EXPECT_THAT(scene.seen(), Not(HasSubstr("lunch")));
  hears(answer(5, "dave", "live", 1));
  EXPECT_THAT(scene.seen(), HasSubstr("<~dave> live"));
  hears(message("lobby", 6, "dave", "not in here"));
  EXPECT_THAT(scene.seen(), Not(HasSubstr("not in here")));
  scene.presses(Key::of(KeyCode::left));  // which ends the hint
  EXPECT_THAT(scene.seen(), HasSubstr("1 new in #lobby"));
  scene.presses(Key::of(KeyCode::escape));
  EXPECT_THAT(scene.seen(), HasSubstr("not in here"));
  EXPECT_THAT(scene.seen(), HasSubstr("└ 3 replies, last by ~dave")) << "what was looked at isn't new";
  EXPECT_THAT(scene.rows(), Contains(HasSubstr("─ unread ─")));
}

TEST_F(ThreadsTest, WhatIsTypedInAThreadAnswersItsFirstMessage) {
  talk();
  scene.enters("/thread 4");
  scene.enters("let us wait");
  auto said = scene.effect<Say>();
  EXPECT_EQ(said.reply, (link::Reply{Seq{1}, Seq{1}}));
  EXPECT_THAT(scene.seen(), HasSubstr("<~alice> let us wait …"));
  scene.is_told(said, Seq{5});
  scene.enters("/me waits");
  EXPECT_EQ(scene.effect<Say>().reply, (link::Reply{Seq{1}, Seq{1}}));
  scene.enters("/thread");
  EXPECT_THAT(scene.seen(), HasSubstr("└ 4 replies, last by ~alice 15:06 …"));
  scene.enters("aloud");
  EXPECT_EQ(scene.effect<Say>().reply, std::nullopt);
}

TEST_F(ThreadsTest, ReplyAnswersByNumber) {
  talk();
  scene.enters("/reply 2 soup");
  auto said = scene.effect<Say>();
  EXPECT_EQ(said.body, "soup");
  EXPECT_EQ(said.reply, (link::Reply{Seq{2}, Seq{2}}));
  scene.enters("/reply 4 so what");
  EXPECT_EQ(scene.effect<Say>().reply, (link::Reply{Seq{4}, Seq{1}}));
  for (const auto* wrong : {"/reply 2", "/reply x y", "/reply -1 y", "/reply 99999999999999999999999 y"}) {
    scene.enters(wrong);
    EXPECT_THAT(scene.seen(), HasSubstr("usage: /reply [N TEXT]"));
    EXPECT_EQ(scene.count_effects<Say>(), 0u);
    scene.enters("/clear");
    scene.history_comes("lobby", 1, {message("lobby", 2, "carol", "lunch")});
  }
  scene.enters("/reply 77 y");
  EXPECT_THAT(scene.seen(), HasSubstr("message 77 isn't here: /thread 77 fetches it"));
}

TEST_F(ThreadsTest, AnAnswerIsTheOneThatWasSentAndNotAnotherOfTheSameText) {
  talk();
  scene.enters("/reply 2 ok");
  hears(message("lobby", 5, "alice", "ok"));
  EXPECT_EQ(scene.room("lobby").unsent.size(), 1u) << "said in another session, to nobody";
  hears(answer(6, "alice", "ok", 2));
  EXPECT_TRUE(scene.room("lobby").unsent.empty());
}

TEST_F(ThreadsTest, AnAnswerThatCouldNotBeSentStandsInTheRoom) {
  talk();
  scene.enters("/reply 2 soup");
  EXPECT_THAT(scene.seen(), HasSubstr("└ 1 reply, last by ~alice"));
  scene.is_told(scene.effect<Say>(), tl::unexpected(Error{Status::permission_denied, "no"}));
  EXPECT_THAT(scene.seen(), HasSubstr("↳ 2 ~carol: soup (not sent: no)"));
  EXPECT_THAT(scene.seen(), Not(HasSubstr("└ 1 reply")));
}

TEST_F(ThreadsTest, UnfinishedLinesOfRoomAndThreadAreKeptApart) {
  talk();
  scene.types("half a ");
  scene.presses(Key::meta('r'));
  scene.presses(Key::typed("t"));
  EXPECT_TRUE(scene.room("lobby").thread);
  EXPECT_EQ(scene.room("lobby").input.text(), "");
  scene.types("for the thread");
  scene.presses(Key::of(KeyCode::escape));
  EXPECT_EQ(scene.room("lobby").input.text(), "half a ");
  EXPECT_THAT(scene.seen(), HasSubstr("Ctrl+Y"));
  scene.presses(Key::control('y'));
  EXPECT_EQ(scene.room("lobby").input.text(), "half a for the thread");
}

TEST_F(ThreadsTest, MessagesArePickedWithTheArrowsAndShowTheirNumbers) {
  talk();
  EXPECT_THAT(scene.seen(), Not(HasSubstr("1 15:06 <~bob>")));
  scene.types("soup");
  scene.presses(Key::meta('r'));
  EXPECT_THAT(scene.seen(), HasSubstr("1 15:06 <~bob> shall"));
  EXPECT_THAT(scene.seen(), HasSubstr("2: Enter replies, t opens its thread, Esc gives up"));
  scene.presses(Key::of(KeyCode::up));
  scene.presses(Key::of(KeyCode::up));
  EXPECT_THAT(scene.seen(), HasSubstr("1: Enter replies"));
  scene.presses(Key::of(KeyCode::down));
  scene.presses(Key::of(KeyCode::enter));
  EXPECT_EQ(scene.room("lobby").input.text(), "/reply 2 soup");
  EXPECT_THAT(scene.seen(), Not(HasSubstr("1 15:06 <~bob>")));
  scene.presses(Key::meta('r'));
  scene.presses(Key::meta('r'));
  scene.presses(Key::of(KeyCode::enter));
  EXPECT_EQ(scene.room("lobby").input.text(), "/reply 1 soup") << "another pick takes the place of the first";
  scene.presses(Key::meta('r'));
  scene.types("!");
  EXPECT_FALSE(scene.state.selecting);
  EXPECT_EQ(scene.room("lobby").input.text(), "/reply 1 soup!");
}

TEST_F(ThreadsTest, ReplyAlonePicksAndSaysWhereThereIsNothing) {
  scene.enters("/reply");
  EXPECT_THAT(scene.seen(), HasSubstr("nothing here to answer"));
  talk();
  scene.enters("/reply");
  EXPECT_TRUE(scene.state.selecting);
  scene.presses(Key::of(KeyCode::escape));
  EXPECT_FALSE(scene.state.selecting);
}

TEST_F(ThreadsTest, PickingScrollsAndAsksForOlderOnes) {
  scene.room("lobby").history_complete = false;
  scene.last["lobby"] = 1000;
  for (int i = 1; i <= 100; ++i) scene.hears("lobby", "bob", "message number " + std::to_string(1000 + i));
  take_effects(scene.state);
  scene.presses(Key::meta('r'));
  for (int i = 0; i < 60; ++i) {
    scene.presses(Key::of(KeyCode::up));
    EXPECT_THAT(scene.seen(), HasSubstr("number " + std::to_string(1099 - i)));
  }
  EXPECT_EQ(scene.count_effects<AskHistory>(), 0u);
  scene.presses(Key::of(KeyCode::home));
  EXPECT_THAT(scene.seen(), HasSubstr("number 1001"));
  EXPECT_EQ(scene.effect<AskHistory>().before, Seq{1001});
}

TEST_F(ThreadsTest, NumbersAreShownUntilTheyAreHidden) {
  talk();
  scene.enters("/numbers");
  EXPECT_THAT(scene.seen(), HasSubstr("2 15:06 <~carol> lunch"));
  scene.enters("/numbers");
  EXPECT_THAT(scene.seen(), Not(HasSubstr("2 15:06 <~carol> lunch")));
}

TEST_F(ThreadsTest, NewAnswersAreToldInTheStatusLineUntilTheirThreadIsLookedAt) {
  talk();
  hears(message("lobby", 5, "bob", "something else"));
  EXPECT_THAT(scene.seen(), HasSubstr("2 new replies: /thread"));
  hears(answer(6, "bob", "alice: what do you think?", 5));
  EXPECT_THAT(scene.seen(), HasSubstr("3 new replies!: /thread"));
  EXPECT_THAT(scene.seen(), HasSubstr("└ 1 reply (1 new, 1 names you), last by ~bob"));
  scene.enters("/thread");
  EXPECT_THAT(scene.rows().at(0), HasSubstr("thread 5"));
  scene.enters("/thread");
  EXPECT_THAT(scene.seen(), HasSubstr("2 new replies: /thread"));
  scene.enters("/thread");
  EXPECT_THAT(scene.rows().at(0), HasSubstr("thread 1"));
  scene.presses(Key::of(KeyCode::escape));
  EXPECT_THAT(scene.seen(), Not(HasSubstr("new repl")));
}

TEST_F(ThreadsTest, AnswersCountAsUnreadAndRingLikeAnyMessage) {
  talk();
  scene.enters("/join ops");
  take_effects(scene.state);
  hears(answer(5, "bob", "alice: ?", 1));
  EXPECT_EQ(scene.room("lobby").unread, 1u);
  EXPECT_EQ(scene.room("lobby").mentions, 1u);
  EXPECT_EQ(scene.count_effects<Ring>(), 1u);
  scene.presses(Key::meta('1'));
  take_effects(scene.state);
  hears(answer(6, "bob", "alice: now?", 1));
  EXPECT_EQ(scene.count_effects<Ring>(), 1u) << "it is folded away, so that nobody sees it come";
  scene.enters("/thread 1");
  take_effects(scene.state);
  hears(answer(7, "bob", "alice: well?", 1));
  EXPECT_EQ(scene.count_effects<Ring>(), 0u);
  EXPECT_EQ(scene.room("lobby").unread, 0u);
  hears(message("lobby", 8, "bob", "alice: here"));
  EXPECT_EQ(scene.count_effects<Ring>(), 1u);
  EXPECT_EQ(scene.room("lobby").unread, 1u);
  scene.history_comes("lobby", 1, {});
  EXPECT_EQ(scene.room("lobby").unread, 1u) << "counted anew";
}

TEST_F(ThreadsTest, FetchesAThreadThatIsNotHereAndWhatMayBeMissingOfIt) {
  joined(1000);
  hears(answer(1000, "bob", "late", 42));
  take_effects(scene.state);
  scene.enters("/thread 1000");
  const auto asked = scene.effect<AskHistory>();
  EXPECT_EQ(asked.goal, Seq{42}) << "with which the thread of 1000 began";
  HistoryPage page{Seq{1}, {}};
  for (std::uint64_t seq = 1; seq <= 91; ++seq) page.messages.push_back(message("lobby", seq, "carol", "early"));
  page.messages[41].body = "the beginning";
  scene.happens(HistoryCame{asked, page});
  EXPECT_THAT(scene.seen(), HasSubstr("the beginning"));
  EXPECT_THAT(scene.seen(), HasSubstr("<~bob> late"));
  EXPECT_THAT(scene.seen(), HasSubstr("908 messages not fetched yet"));
  const auto more = scene.effect<AskHistory>();
  EXPECT_EQ(more.before, Seq{1000});
  page.messages = {answer(999, "dave", "in between", 42)};
  for (std::uint64_t seq = 92; seq <= 998; ++seq)
    page.messages.insert(page.messages.end() - 1, message("lobby", seq, "carol", "middle"));
  scene.happens(HistoryCame{more, page});
  EXPECT_THAT(scene.seen(), HasSubstr("<~dave> in between"));
  EXPECT_THAT(scene.seen(), Not(HasSubstr("not fetched yet")));
  EXPECT_EQ(scene.count_effects<AskHistory>(), 0u);
}

TEST_F(ThreadsTest, SaysWhatCanNotBeFetched) {
  joined(1000);
  scene.enters("/thread 1001");
  EXPECT_THAT(scene.seen(), HasSubstr("#lobby has no message 1001 yet: its newest is 1000"));
  scene.enters("/thread 42");
  auto asked = scene.effect<AskHistory>();
  scene.happens(HistoryCame{asked, HistoryPage{Seq{500}, {}}});
  EXPECT_THAT(scene.seen(), HasSubstr("the hub no longer has message 42"));
  EXPECT_FALSE(scene.room("lobby").thread);
  scene.last["lobby"] = 1000;
  hears(answer(1001, "bob", "late", 42));
  scene.enters("/thread 42");
  asked = scene.effect<AskHistory>();
  scene.happens(HistoryCame{asked, HistoryPage{Seq{500}, {}}});
  EXPECT_TRUE(scene.room("lobby").thread) << "with the answers that are left";
  EXPECT_THAT(scene.rows().at(0), HasSubstr("thread 42, 1 reply"));
}

TEST_F(ThreadsTest, ASearchGoesIntoTheThreadOfItsHit) {
  talk();
  scene.happens(SearchCame{AskSearch{Text::literal("Friday")}, SearchPage{{answer(4, "bob", "it is Friday", 3, 1)}}});
  EXPECT_THAT(scene.seen(), HasSubstr("<~bob> ↳ 3 it is Friday"));
  scene.presses(Key::of(KeyCode::enter));
  EXPECT_THAT(scene.rows().at(0), HasSubstr("thread 1"));
  EXPECT_THAT(scene.seen(), HasSubstr("it is Friday"));
  scene.happens(SearchCame{AskSearch{Text::literal("lunch")}, SearchPage{{message("lobby", 2, "carol", "lunch")}}});
  scene.presses(Key::of(KeyCode::enter));
  EXPECT_FALSE(scene.room("lobby").thread);
  EXPECT_THAT(scene.seen(), HasSubstr("<~carol> lunch"));
}

TEST_F(ThreadsTest, AThreadEndsWithTheLifeOfItsRoom) {
  talk();
  scene.enters("/thread 1");
  scene.goes_offline();
  scene.goes_online(true);
  EXPECT_FALSE(scene.room("lobby").thread);
  scene.joined("lobby", 1, 0);
  hears(message("lobby", 1, "bob", "anew"));
  hears(answer(2, "carol", "of the new one", 1));
  EXPECT_THAT(scene.seen(), HasSubstr("└ 1 reply (1 new), last by ~carol"));
  EXPECT_THAT(scene.seen(), HasSubstr("└ 2 replies"));
  EXPECT_THAT(scene.seen(), Not(HasSubstr("of the new one")));
}

TEST_F(ThreadsTest, HelpListsThem) {
  scene.enters("/help reply");
  EXPECT_THAT(scene.seen(), HasSubstr("answer message N; alone: pick"));
}

TEST_F(ThreadsTest, NotesOfCommandsAreSeenInAThread) {
  talk();
  scene.enters("/thread 1");
  scene.enters("/reply x");
  EXPECT_THAT(scene.seen(), HasSubstr("usage: /reply"));
}

TEST_F(ThreadsTest, FitIntoAnySize) {
  talk();
  hears(answer(5, "bob", std::string(300, 'x'), 1));
  for (const bool open : {false, true}) {
    if (open) scene.enters("/thread 1");
    for (const auto size : {Size{5, 20}, Size{6, 39}, Size{24, 80}, Size{1, 1}, Size{200, 300}}) {
      scene.happens(Resized{size});
      for (const auto code : {KeyCode::page_up, KeyCode::page_up, KeyCode::page_down}) scene.presses(Key::of(code));
      scene.presses(Key::meta('r'));
      for (int i = 0; i < 6; ++i) scene.presses(Key::of(KeyCode::up));
      EXPECT_EQ(scene.screen().size(), size);
      scene.presses(Key::of(KeyCode::end));
      scene.presses(Key::control('g'));
    }
  }
  scene.happens(Resized{{5, 20}});
  EXPECT_THAT(scene.rows().at(0), HasSubstr("#lobby  thread 1"));
  EXPECT_THAT(scene.rows().at(4), HasSubstr("↳ >"));
  scene.presses(Key::of(KeyCode::escape));
  EXPECT_EQ(scene.rows().at(4), ">");
}

/// Messages 1 to 60, some of which answer earlier ones, in whatever way headers can say it.
std::vector<link::Message> conversation(std::mt19937& dice) {
  const auto up_to = [&](std::uint64_t most) { return std::uniform_int_distribution<std::uint64_t>(1, most)(dice); };
  std::vector<link::Message> messages;
  for (std::uint64_t seq = 1; seq <= 60; ++seq) {
    const auto text = "number " + std::to_string(seq);
    const auto from = up_to(2) == 1 ? "bob" : "carol";
    if (seq == 1 || up_to(3) == 1) {
      messages.push_back(message("lobby", seq, from, text));
    } else {
      const auto to = up_to(seq - 1);
      const bool honest = up_to(2) == 1;
      const auto root = honest ? link::reply_to(messages[to - 1]).root.value : up_to(3) == 1 ? up_to(70) : 0;
      messages.push_back(answer(seq, from, text, to, root));
    }
  }
  return messages;
}

/// All of them, in some order in which they may come: the newest live, the others as pages, each of some size.
void come(Scene& scene, std::mt19937& dice, const std::vector<link::Message>& messages) {
  const auto up_to = [&](std::size_t most) { return std::uniform_int_distribution<std::size_t>(0, most)(dice); };
  const auto live = up_to(messages.size());
  std::vector<std::pair<std::size_t, std::size_t>> pages;
  for (std::size_t from = 0; from < live;) {
    const auto to = std::min(live, from + 1 + up_to(20));
    pages.emplace_back(from, to);
    from = to;
  }
  std::ranges::shuffle(pages, dice);
  const auto come_live = [&] {
    for (auto i = live; i < messages.size(); ++i) scene.happens(link::Incoming(messages[i]));
  };
  const bool live_first = up_to(1) == 0;
  if (live_first) come_live();
  for (const auto& [from, to] : pages) {
    HistoryPage page{
        Seq{1},
        {messages.begin() + static_cast<std::ptrdiff_t>(from), messages.begin() + static_cast<std::ptrdiff_t>(to)}};
    scene.happens(HistoryCame{AskHistory{RoomName::literal("lobby"), Seq{to + 1}, 0}, page});
  }
  if (!live_first) come_live();
}

TEST(ThreadsProperty, InWhateverOrderMessagesComeThePictureIsTheSame) {
  for (unsigned seed = 1; seed <= 200; ++seed) {
    std::mt19937 dice(seed);
    const auto messages = conversation(dice);
    Scene one({100, 90}), other({100, 90});
    for (auto* scene : {&one, &other}) {
      scene->joined("lobby", 0, 0);
      come(*scene, dice, messages);
      scene->presses(Key::of(KeyCode::end));
    }
    ASSERT_EQ(one.seen(), other.seen()) << "seed " << seed;
    for (auto* scene : {&one, &other}) scene->enters("/thread 1");
    ASSERT_EQ(one.seen(), other.seen()) << "thread, seed " << seed;
  }
}

TEST(ThreadsProperty, EveryMessageIsInTheRoomOrInOneThread) {
  for (unsigned seed = 1; seed <= 100; ++seed) {
    std::mt19937 dice(seed);
    const auto messages = conversation(dice);
    Scene scene({24, 90});
    come(scene, dice, messages);
    const auto& room = scene.room("lobby");
    const Threads threads(room);
    std::size_t seen = Shown(room).size();
    for (const auto& [root, answers] : threads.all()) {
      EXPECT_FALSE(threads.root_of(root)) << "what a thread is folded below is seen itself";
      seen += answers.size();
    }
    ASSERT_EQ(seen, room.items()) << "seed " << seed;
  }
}

}  // namespace
}  // namespace hubbub::tui
