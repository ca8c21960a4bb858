#include "client/link/cursors.hpp"

#include <gtest/gtest.h>

namespace hubbub::link {
namespace {

const RoomName lobby = RoomName::literal("lobby");
constexpr RoomId id{7};

proto::Attached attached(std::uint64_t next, RoomId room = id, GroupName group = {}) {
  return {room, lobby, group, Seq{next}, Seq{next - 1}};
}

void expect_gap(const std::optional<Gap>& gap, std::uint64_t first, std::uint64_t last) {
  ASSERT_TRUE(gap);
  EXPECT_EQ(gap->room, lobby);
  EXPECT_EQ(gap->first.value, first);
  EXPECT_EQ(gap->last.value, last);
}

TEST(Cursors, DeliverTheMessagesOfAnAttachedRoomInOrder) {
  Cursors cursors;
  EXPECT_FALSE(cursors.attach(attached(5)));
  for (std::uint64_t seq = 5; seq < 8; ++seq) {
    const auto step = cursors.deliver(id, Seq{seq});
    ASSERT_NE(step.room, nullptr);
    EXPECT_EQ(step.room->name, lobby);
    EXPECT_FALSE(step.gap);
  }
}

TEST(Cursors, DropAMessageOfARoomThatIsNotAttached) {
  Cursors cursors;
  EXPECT_EQ(cursors.deliver(id, Seq{1}).room, nullptr);
  cursors.attach(attached(1));
  cursors.detach(id);
  EXPECT_EQ(cursors.deliver(id, Seq{1}).room, nullptr);
}

TEST(Cursors, DropAMessageThatCameBefore) {
  Cursors cursors;
  cursors.attach(attached(1));
  EXPECT_NE(cursors.deliver(id, Seq{1}).room, nullptr);
  EXPECT_EQ(cursors.deliver(id, Seq{1}).room, nullptr);
  EXPECT_NE(cursors.deliver(id, Seq{2}).room, nullptr);
}

TEST(Cursors, OfDurableRoomsOutliveTheHubAndOthersDont) {
  Cursors cursors;
  auto durable = attached(5);
  durable.durable = true;
  cursors.attach(durable);
  auto transient = attached(3, RoomId{8});
  transient.name = RoomName::literal("ci");
  cursors.attach(transient);
  cursors.disconnected();
  cursors.forget_transient();
  const auto known = cursors.known();
  ASSERT_EQ(known.size(), 1u);
  EXPECT_EQ(known[0].name, lobby);
  EXPECT_EQ(known[0].next.value, 5u);
}

TEST(Cursors, TakeTheSeqsThatARestartedHubGivesOutAgain) {
  Cursors cursors;
  auto durable = attached(5);
  durable.durable = true;
  cursors.attach(durable);
  cursors.disconnected();
  cursors.forget_transient();
  durable.next = Seq{3};
  durable.last = Seq{2};  // it has lost 3 and 4
  EXPECT_FALSE(cursors.attach(durable));
  EXPECT_NE(cursors.deliver(id, Seq{3}).room, nullptr);
}

TEST(Cursors, TellAGapBeforeTheMessageThatSkips) {
  Cursors cursors;
  cursors.attach(attached(1));
  const auto step = cursors.deliver(id, Seq{4});
  ASSERT_NE(step.room, nullptr);
  expect_gap(step.gap, 1, 3);
  EXPECT_FALSE(cursors.deliver(id, Seq{5}).gap);
}

TEST(Cursors, TellWhatTheHubHasLostButNotWhatCameBefore) {
  Cursors cursors;
  cursors.attach(attached(1));
  cursors.deliver(id, Seq{1});
  expect_gap(cursors.lose({id, Seq{1}, Seq{9}}), 2, 9);
  EXPECT_FALSE(cursors.lose({id, Seq{5}, Seq{9}}));
  EXPECT_FALSE(cursors.deliver(id, Seq{10}).gap);
}

TEST(Cursors, SurviveAReconnectUnderAnotherRoomId) {
  Cursors cursors;
  cursors.attach(attached(1));
  cursors.deliver(id, Seq{1});
  cursors.disconnected();
  EXPECT_EQ(cursors.deliver(id, Seq{2}).room, nullptr);
  EXPECT_FALSE(cursors.attach(attached(1, RoomId{9})));  // from the beginning, as a pattern gives it
  EXPECT_EQ(cursors.deliver(RoomId{9}, Seq{1}).room, nullptr);
  EXPECT_NE(cursors.deliver(RoomId{9}, Seq{2}).room, nullptr);
}

TEST(Cursors, TellWhatWasTrimmedDuringAnOutage) {
  Cursors cursors;
  cursors.attach(attached(1));
  cursors.disconnected();
  expect_gap(cursors.attach(attached(6)), 1, 5);
}

TEST(Cursors, KnowTheRoomsToResumeByName) {
  Cursors cursors;
  cursors.attach(attached(3));
  cursors.deliver(id, Seq{3});
  cursors.disconnected();
  const auto known = cursors.known();
  ASSERT_EQ(known.size(), 1u);
  EXPECT_EQ(known[0].name, lobby);
  EXPECT_EQ(known[0].next.value, 4u);
}

TEST(Cursors, KeepOnKnowingARoomThatWasNotAttachedAgainBeforeTheNextLoss) {
  Cursors cursors;
  cursors.attach(attached(3));
  cursors.disconnected();
  cursors.disconnected();
  EXPECT_EQ(cursors.known().size(), 1u);
}

TEST(Cursors, ForgetADetachedRoomAndEverythingOnANewLife) {
  Cursors cursors;
  cursors.attach(attached(3));
  cursors.detach(id);
  EXPECT_TRUE(cursors.known().empty());
  cursors.attach(attached(3));
  cursors.disconnected();
  cursors.forget();
  EXPECT_TRUE(cursors.known().empty());
  EXPECT_FALSE(cursors.attach(attached(1)));
  EXPECT_NE(cursors.deliver(id, Seq{1}).room, nullptr);
}

TEST(Cursors, LetAQueueGroupHaveHolesAndAnyOrderAndResumeBehindItsNewest) {
  Cursors cursors;
  cursors.attach(attached(1, id, GroupName::literal("workers")));
  for (const std::uint64_t seq : {9, 12, 4}) {
    const auto step = cursors.deliver(id, Seq{seq});
    ASSERT_NE(step.room, nullptr);
    EXPECT_EQ(step.room->group.str(), "workers");
    EXPECT_FALSE(step.gap);
  }
  cursors.disconnected();
  const auto known = cursors.known();
  ASSERT_EQ(known.size(), 1u);
  EXPECT_EQ(known[0].next.value, 13u);
  EXPECT_EQ(known[0].group.str(), "workers");
  EXPECT_FALSE(cursors.attach(attached(20, id, GroupName::literal("workers"))));  // others have had 13 to 19
  EXPECT_EQ(cursors.known()[0].next.value, 20u);
}

}  // namespace
}  // namespace hubbub::link
