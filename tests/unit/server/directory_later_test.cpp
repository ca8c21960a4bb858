// What is to be posted later, and last wills: when the directory posts them, and whose they are.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/server/fake_directory_outlet.hpp"

namespace hubbub::server {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

const auto lobby = RoomName::literal("lobby");
constexpr std::uint64_t second = 1'000'000'000;

class DirectoryAndTime : public DirectoryTest {
 protected:
  explicit DirectoryAndTime(const Kept* kept) : DirectoryTest({}, kept) {}

  static proto::LaterPost in_ms(std::uint64_t ms, std::string body = "hi") {
    proto::LaterPost post;
    post.room = lobby;
    post.delay_ms = ms;
    post.body.bytes = std::move(body);
    return post;
  }
  static proto::SessionWill will(std::string body = "gone") {
    proto::SessionWill will;
    will.room = lobby;
    will.body.bytes = std::move(body);
    return will;
  }
  /// All timers that run, at that time.
  void ring(WallTime now) {
    for (auto& [wait, then] : std::exchange(outlet_.timers, {})) then(now);
  }
  /// What the directory has told the store to keep for later.
  std::vector<LaterAdded> kept_for_later() const {
    std::vector<LaterAdded> all;
    for (const auto& changes : outlet_.changed)
      for (const auto& change : changes.list)
        if (const auto* const added = std::get_if<LaterAdded>(&change)) all.push_back(*added);
    return all;
  }
  std::vector<std::uint64_t> forgotten() const {
    std::vector<std::uint64_t> ids;
    for (const auto& changes : outlet_.changed)
      for (const auto& change : changes.list)
        if (const auto* const removed = std::get_if<LaterRemoved>(&change)) ids.push_back(removed->id.value);
    return ids;
  }
  /// Answers the oldest question to the store.
  void answer_later(LaterFound found) {
    auto then = std::move(outlet_.later_asked.front().second);
    outlet_.later_asked.pop_front();
    then(std::move(found));
  }
  std::vector<std::string> posted() const {
    std::vector<std::string> bodies;
    for (const auto& post : outlet_.posted_later) bodies.push_back(post.message.from.str() + ": " + post.message.body);
    return bodies;
  }
};

class DirectoryOfLater : public DirectoryAndTime {
 protected:
  DirectoryOfLater() : DirectoryAndTime(&nothing_) {}
  static inline const Kept nothing_;
};

TEST_F(DirectoryOfLater, KeepsAMessageAndTellsItsIdOnceThatIsKept) {
  const auto alice = greet("alice", 1);
  outlet_.commits_at_once = false;
  const auto call = start(alice, in_ms(2000));
  EXPECT_FALSE(answer<proto::LaterPost>(call));
  outlet_.commit();
  const auto reply = answer<proto::LaterPost>(call).value().value();
  ASSERT_THAT(kept_for_later(), SizeIs(1));
  const auto kept = kept_for_later()[0];
  EXPECT_EQ(kept.id, reply.id);
  EXPECT_EQ(kept.at, reply.at);
  EXPECT_EQ(kept.at.ns, time_ + 2 * second);
  EXPECT_EQ(kept.room, "lobby");
  EXPECT_EQ(kept.from, "alice");
  EXPECT_EQ(kept.body, "hi");
}

TEST_F(DirectoryOfLater, PostsWhatIsDueAndForgetsItWithTheMessage) {
  const auto alice = greet("alice", 1);
  call(alice, in_ms(2000));
  const auto kept = kept_for_later()[0];
  ring(now());
  EXPECT_THAT(outlet_.later_asked, IsEmpty()) << "it isn't time";
  ASSERT_THAT(outlet_.timers, SizeIs(1));
  EXPECT_LE(outlet_.timers[0].first, std::chrono::seconds(1)) << "a clock may be set";
  ring(kept.at);
  ASSERT_THAT(outlet_.later_asked, SizeIs(1));
  answer_later({{kept}, {}});
  EXPECT_THAT(posted(), ElementsAre("alice: hi"));
  directory_.posted(kept.id, LaterOutcome::kept);
  EXPECT_THAT(forgotten(), IsEmpty()) << "the room's home has seen to that";
}

TEST_F(DirectoryOfLater, ForgetsWhatARoomInMemoryHasSaid) {
  const auto alice = greet("alice", 1);
  call(alice, in_ms(0));
  ring(now());
  answer_later({{kept_for_later()[0]}, {}});
  EXPECT_THAT(forgotten(), IsEmpty());
  directory_.posted(LaterId{1}, LaterOutcome::said);
  EXPECT_THAT(forgotten(), ElementsAre(1));
}

TEST_F(DirectoryOfLater, TriesAgainWhatCouldNotBePosted) {
  const auto alice = greet("alice", 1);
  call(alice, in_ms(0));
  ring(now());
  answer_later({{kept_for_later()[0]}, {}});
  directory_.posted(LaterId{1}, LaterOutcome::refused);
  ring(now());
  ASSERT_THAT(outlet_.later_asked, SizeIs(1));
  answer_later({{kept_for_later()[0]}, {}});
  EXPECT_THAT(posted(), SizeIs(2));
}

TEST_F(DirectoryOfLater, ReadsNothingWhileNothingCanBeKept) {
  const auto alice = greet("alice", 1);
  call(alice, in_ms(0));
  outlet_.disk_trouble = "the disk is full";
  ring(now());
  EXPECT_THAT(outlet_.later_asked, IsEmpty());
  outlet_.disk_trouble.clear();
  ring(now());
  EXPECT_THAT(outlet_.later_asked, SizeIs(1));
  outlet_.disk_trouble = "the disk is full";
  EXPECT_EQ(call(alice, in_ms(0)).error().status, Status::unavailable);
}

TEST_F(DirectoryOfLater, RefusesWhatMakesNoSense) {
  const auto alice = greet("alice", 1);
  auto both = in_ms(5);
  both.at = WallTime{7};
  EXPECT_EQ(call(alice, both).error().status, Status::invalid_argument);
  EXPECT_EQ(call(alice, in_ms(bounds::later_ahead_ms_max + 1)).error().status, Status::invalid_argument);
  EXPECT_EQ(call(alice, in_ms(UINT64_MAX)).error().status, Status::invalid_argument);
  auto far = in_ms(0);
  far.at = WallTime{UINT64_MAX};
  EXPECT_EQ(call(alice, far).error().status, Status::invalid_argument);
  EXPECT_EQ(call(alice, in_ms(0, "\xff")).error().status, Status::invalid_argument);
  auto past = in_ms(0);
  past.at = WallTime{1};
  EXPECT_EQ(call(alice, past)->at.ns, time_) << "what is past is posted at once";
}

TEST_F(DirectoryOfLater, OnlyWhoHasSaidItCancelsIt) {
  const auto alice = greet("alice", 1), bob = greet("bob", 2);
  call(alice, in_ms(2000));
  const auto kept = kept_for_later()[0];
  const auto bobs = start(bob, proto::LaterCancel{kept.id});
  EXPECT_EQ(outlet_.later_asked.front().first.only, kept.id);
  answer_later({{kept}, {}});
  EXPECT_EQ(answer<proto::LaterCancel>(bobs)->error().status, Status::not_found);
  const auto alices = start(alice, proto::LaterCancel{kept.id});
  answer_later({{kept}, {}});
  EXPECT_TRUE(answer<proto::LaterCancel>(alices)->has_value());
  EXPECT_THAT(forgotten(), ElementsAre(1));
  ASSERT_TRUE(outlet_.changed.back().reply) << "so that the same call again is answered the same";
  const auto again = start(alice, proto::LaterCancel{kept.id});
  answer_later({});
  EXPECT_EQ(answer<proto::LaterCancel>(again)->error().status, Status::not_found);
}

TEST_F(DirectoryOfLater, CancelsNothingThatIsBeingPosted) {
  const auto alice = greet("alice", 1);
  call(alice, in_ms(0));
  const auto kept = kept_for_later()[0];
  ring(now());
  answer_later({{kept}, {}});
  const auto cancel = start(alice, proto::LaterCancel{kept.id});
  answer_later({{kept}, {}});  // the store still has it
  EXPECT_EQ(answer<proto::LaterCancel>(cancel)->error().status, Status::not_found);
  EXPECT_THAT(forgotten(), IsEmpty());
}

TEST_F(DirectoryOfLater, PostsNothingThatIsBeingCancelled) {
  const auto alice = greet("alice", 1);
  call(alice, in_ms(0));
  const auto kept = kept_for_later()[0];
  outlet_.commits_at_once = false;
  start(alice, proto::LaterCancel{kept.id});
  answer_later({{kept}, {}});
  ring(now());
  answer_later({{kept}, {}});
  EXPECT_THAT(posted(), IsEmpty());
}

TEST_F(DirectoryOfLater, ListsOnesOwnUnderWhateverNameOneHasByNow) {
  const auto alice = greet("alice", 1);
  call(alice, in_ms(2000, std::string(5000, 'x')));
  ASSERT_TRUE(call(alice, proto::PeopleRename{PersonName::literal("alicia")}));
  const auto list = start(alice, proto::LaterList{});
  const auto wish = outlet_.later_asked.front().first;
  EXPECT_EQ(wish.owner, Owner(id_of<OwnerKey>(1)));
  EXPECT_EQ(wish.body_bytes_max, limits::later_shown_bytes_max);
  auto found = kept_for_later()[0];
  found.body_bytes = found.body.size();
  found.body.resize(limits::later_shown_bytes_max);
  answer_later({{found}, WallTime{found.at.ns + 1}});
  const auto reply = answer<proto::LaterList>(list).value().value();
  ASSERT_THAT(reply.messages, SizeIs(1));
  EXPECT_EQ(reply.messages[0].room, lobby);
  EXPECT_EQ(reply.messages[0].body.bytes.size(), limits::later_shown_bytes_max);
  EXPECT_EQ(reply.messages[0].body_bytes, 5000u);
  EXPECT_TRUE(reply.more);
}

TEST_F(DirectoryOfLater, PostsNothingOnceTheHubIsBeingStopped) {
  const auto alice = greet("alice", 1);
  call(alice, in_ms(0));
  ring(now());
  directory_.stop();
  answer_later({{kept_for_later()[0]}, {}});
  EXPECT_THAT(posted(), IsEmpty());
}

/// What an earlier life of the hub has left.
class DirectoryWithLater : public DirectoryAndTime {
 protected:
  DirectoryWithLater() : DirectoryAndTime(&kept_) {}
  static Kept something() {
    Kept kept;
    kept.later = {LaterId{9}, WallTime{500}, {{Owner(id_of<OwnerKey>(1)), bounds::later_per_person_max}}};
    return kept;
  }
  static LaterAdded of(std::string room, std::string from) {
    return {LaterId{9}, WallTime{500}, std::move(room), id_of<OwnerKey>(1), std::move(from), true, 0, 0, {}, "hi"};
  }
  static inline const Kept kept_ = something();
};

TEST_F(DirectoryWithLater, PostsAtOnceWhatBecameDueMeanwhile) {
  ring(now());
  ASSERT_THAT(outlet_.later_asked, SizeIs(1));
  answer_later({{of("lobby", "bob")}, {}});
  EXPECT_THAT(posted(), ElementsAre("bob: hi")) << "nobody of that name is known here any more";
  EXPECT_TRUE(outlet_.posted_later[0].message.verified);
  EXPECT_THAT(outlet_.opened, SizeIs(1)) << "a room that lived in memory is made again";
}

TEST_F(DirectoryWithLater, MakesADirectRoomAgainForThoseWhoAreKnown) {
  const auto alice = greet("alice", 1);
  greet("bob", 2);
  subscribe(alice, "@*");
  ring(now());
  answer_later({{of("@alice+bob", "bob")}, {}});
  EXPECT_THAT(received(alice), ElementsAre("@bob"));
}

TEST_F(DirectoryWithLater, RefusesMoreThanOnePersonMayHaveWaiting) {
  const auto alice = greet("alice", 1), bob = greet("bob", 2);
  EXPECT_EQ(call(bob, in_ms(5))->id, LaterId{10}) << "no number is used again";
  const auto refused = call(alice, in_ms(5));
  EXPECT_EQ(refused.error().status, Status::resource_exhausted);
  EXPECT_THAT(refused.error().sentence, HasSubstr("hubbub later cancel"));
  ring(now());
  answer_later({{of("lobby", "alice")}, {}});
  directory_.posted(LaterId{9}, LaterOutcome::kept);
  EXPECT_TRUE(call(alice, in_ms(5)));
}

// ── last wills ───────────────────────────────────────────────────────────────────────────────────────────────────────

/// A hub that keeps nothing has wills all the same.
class DirectoryOfWills : public DirectoryAndTime {
 protected:
  DirectoryOfWills() : DirectoryAndTime(nullptr) {}
  void vanish(SessionRef session) { directory_.end(session, now(), true); }
};

TEST_F(DirectoryOfWills, PostsTheWillOfOneWhoHasVanishedAfterTheGrace) {
  const auto alice = greet("alice", 1);
  ASSERT_TRUE(call(alice, will()));
  vanish(alice);
  EXPECT_THAT(posted(), IsEmpty());
  ASSERT_THAT(outlet_.timers, SizeIs(1));
  EXPECT_EQ(outlet_.timers[0].first, std::chrono::milliseconds(bounds::will_grace_ms));
  ring(now());
  EXPECT_THAT(posted(), ElementsAre("alice: gone"));
}

TEST_F(DirectoryOfWills, PostsNoneForWhoSaysGoodbye) {
  const auto alice = greet("alice", 1);
  ASSERT_TRUE(call(alice, will()));
  end(alice);
  ring(now());
  EXPECT_THAT(posted(), IsEmpty());
}

TEST_F(DirectoryOfWills, PostsTheNewestAndNoneThatWasTakenBack) {
  const auto alice = greet("alice", 1), bob = greet("bob", 2);
  ASSERT_TRUE(call(alice, will("one")));
  ASSERT_TRUE(call(alice, will("two")));
  ASSERT_TRUE(call(bob, will()));
  auto none = will();
  none.leave = false;
  ASSERT_TRUE(call(bob, none));
  vanish(alice);
  vanish(bob);
  ring(now());
  EXPECT_THAT(posted(), ElementsAre("alice: two"));
}

TEST_F(DirectoryOfWills, TakesItBackWhenTheSameClientReturnsInTime) {
  const auto alice = greet("alice", 1, 7);
  ASSERT_TRUE(call(alice, will()));
  vanish(alice);
  greet("alice", 1, 7);
  ring(now());
  EXPECT_THAT(posted(), IsEmpty());
}

TEST_F(DirectoryOfWills, TakesItBackWhenTheSameClientIsThereBeforeItsLossIsNoticed) {
  const auto alice = greet("alice", 1, 7);
  ASSERT_TRUE(call(alice, will()));
  greet("alice", 1, 7);
  vanish(alice);
  ring(now());
  EXPECT_THAT(posted(), IsEmpty());
}

TEST_F(DirectoryOfWills, PostsItThoughAnotherClientOfThatPersonOrAnotherPersonWithThatIdComes) {
  const auto alice = greet("alice", 1, 7);
  ASSERT_TRUE(call(alice, will()));
  vanish(alice);
  greet("alice", 1, 8);
  greet("eve", 3, 7);
  ring(now());
  EXPECT_THAT(posted(), ElementsAre("alice: gone"));
}

TEST_F(DirectoryOfWills, PostsItUnderTheNameOfTheEnd) {
  const auto alice = greet("alice", 1);
  ASSERT_TRUE(call(alice, will()));
  ASSERT_TRUE(call(alice, proto::PeopleRename{PersonName::literal("alicia")}));
  vanish(alice);
  ring(now());
  EXPECT_THAT(posted(), ElementsAre("alicia: gone"));
}

TEST_F(DirectoryOfWills, PostsNoneWhenTheHubIsStopped) {
  const auto alice = greet("alice", 1), bob = greet("bob", 2);
  ASSERT_TRUE(call(alice, will()));
  ASSERT_TRUE(call(bob, will()));
  vanish(bob);
  directory_.stop();
  vanish(alice);
  ring(now());
  EXPECT_THAT(posted(), IsEmpty());
}

TEST_F(DirectoryOfWills, TriesAgainOneThatCouldNotBePosted) {
  const auto alice = greet("alice", 1);
  ASSERT_TRUE(call(alice, will()));
  vanish(alice);
  ring(now());
  directory_.posted(outlet_.posted_later[0].id, LaterOutcome::refused);
  ring(now());
  EXPECT_THAT(posted(), SizeIs(2));
  directory_.posted(outlet_.posted_later[1].id, LaterOutcome::said);
  ring(now());
  EXPECT_THAT(posted(), SizeIs(2));
}

TEST_F(DirectoryOfWills, HoldsABoundedNumberOfBytesAndHasThemBackAfterEachEnd) {
  const std::string large(limits::body_bytes_max, 'x');
  const auto fits = bounds::wills_bytes_max / large.size();
  std::vector<SessionRef> sessions;
  for (int round = 0; round < 3; ++round) {
    for (std::size_t i = 0; i < fits; ++i) {
      sessions.push_back(greet("alice", 1));
      ASSERT_TRUE(call(sessions.back(), will(large)));
      ASSERT_TRUE(call(sessions.back(), will(large))) << "in place of the first";
    }
    const auto one_more = greet("alice", 1);
    EXPECT_EQ(call(one_more, will(large)).error().status, Status::resource_exhausted);
    end(one_more);
    for (const auto session : std::exchange(sessions, {})) {
      if (round == 0)
        end(session);
      else
        vanish(session);
    }
    if (round == 2) greet("alice", 1);
    ring(now());
    for (const auto& post : std::exchange(outlet_.posted_later, {})) directory_.posted(post.id, LaterOutcome::said);
  }
}

}  // namespace
}  // namespace hubbub::server
