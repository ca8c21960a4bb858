// What the messages of a transient room mean for earlier ones.
#include "server/log/mark_index.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hubbub::server {
namespace {

using proto::Amends;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

Marked keyed(std::uint64_t seq, std::string key) {
  Marked marked{Seq{seq}};
  marked.key = std::move(key);
  return marked;
}
Marked about(std::uint64_t seq, Amends amends, std::uint64_t target, bool undo = false) {
  return {Seq{seq}, {}, {}, amends, Seq{target}, undo};
}

class MarkIndexTest : public testing::Test {
 protected:
  MarkIndex index_;
};

TEST_F(MarkIndexTest, AMessageTakesThePlaceOfTheLastWithItsKey) {
  EXPECT_THAT(index_.note(keyed(1, "cpu")), IsEmpty());
  EXPECT_THAT(index_.note(keyed(2, "mem")), IsEmpty());
  EXPECT_THAT(index_.note(keyed(3, "cpu")), ElementsAre(Seq{1}));
  EXPECT_THAT(index_.note(keyed(4, "cpu")), ElementsAre(Seq{3}));
}

TEST_F(MarkIndexTest, ARedactionErasesItsTargetAndWhatItWasEditedTo) {
  index_.note(about(5, Amends::edit, 2));
  index_.note(about(6, Amends::reaction, 2));
  index_.note(about(7, Amends::edit, 3));
  index_.note(about(8, Amends::edit, 2));
  EXPECT_THAT(index_.note(about(9, Amends::redaction, 2)), UnorderedElementsAre(Seq{2}, Seq{5}, Seq{8}));
}

TEST_F(MarkIndexTest, WhatExpiresDoesSoOnceAndInOrder) {
  index_.note({Seq{1}, WallTime{30}});
  index_.note({Seq{2}, WallTime{10}});
  EXPECT_EQ(index_.next_due(), WallTime{10});
  EXPECT_THAT(index_.expire(WallTime{9}), IsEmpty());
  EXPECT_THAT(index_.expire(WallTime{30}), ElementsAre(Seq{2}, Seq{1}));
  EXPECT_THAT(index_.expire(WallTime{99}), IsEmpty());
  EXPECT_EQ(index_.next_due(), std::nullopt);
}

TEST_F(MarkIndexTest, AmendmentsAreFoundByTheirTargets) {
  index_.note(about(5, Amends::reaction, 2));
  index_.note(about(6, Amends::pin, 1));
  index_.note(about(7, Amends::edit, 2));
  index_.note(about(8, Amends::edit, 4));
  EXPECT_THAT(index_.amendments(Seq{1}, Seq{3}, {}), ElementsAre(Seq{5}, Seq{6}, Seq{7}));
  EXPECT_THAT(index_.amendments(Seq{1}, Seq{3}, Seq{6}), ElementsAre(Seq{7})) << "behind what the reader has";
  EXPECT_THAT(index_.amendments(Seq{3}, Seq{3}, {}), IsEmpty());
}

TEST_F(MarkIndexTest, TheLastWordAboutAPinCounts) {
  index_.note(about(5, Amends::pin, 2));
  index_.note(about(6, Amends::pin, 1));
  index_.note(about(7, Amends::pin, 2, true));
  EXPECT_THAT(index_.pinned(), ElementsAre(Seq{1}));
  index_.note(about(8, Amends::pin, 2));
  EXPECT_THAT(index_.pinned(), ElementsAre(Seq{1}, Seq{2}));
}

TEST_F(MarkIndexTest, WhatAnErasedMessageMeantIsForgottenAndItsPinIsNone) {
  index_.note(about(5, Amends::pin, 2));
  index_.note(about(6, Amends::reaction, 2));
  index_.erased(Seq{5});
  index_.erased(Seq{6});
  EXPECT_THAT(index_.pinned(), IsEmpty());
  EXPECT_THAT(index_.amendments(Seq{2}, Seq{2}, {}), ElementsAre(Seq{5}));
}

TEST_F(MarkIndexTest, KnowsNothingOfWhatTheLogHasGivenUp) {
  index_.note({Seq{1}, WallTime{10}, "cpu"});
  index_.note(about(2, Amends::pin, 1));
  index_.note(keyed(3, "cpu"));
  index_.forget_before(Seq{3});
  EXPECT_THAT(index_.pinned(), IsEmpty());
  EXPECT_EQ(index_.next_due(), std::nullopt);
  EXPECT_FALSE(index_.empty());
  EXPECT_THAT(index_.note(keyed(4, "cpu")), ElementsAre(Seq{3})) << "the newest of a key is still known";
  index_.forget_before(Seq{5});
  EXPECT_TRUE(index_.empty());
  EXPECT_THAT(index_.note(keyed(6, "cpu")), IsEmpty());
}

}  // namespace
}  // namespace hubbub::server
