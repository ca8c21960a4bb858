// Queue groups that acknowledge, as the directory sees them.
#include <gmock/gmock.h>

#include "tests/unit/server/fake_directory_outlet.hpp"

namespace hubbub::server {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

class DirectoryGroups : public DirectoryTest {
 protected:
  Result<proto::RoomSubscribe::Reply> work(SessionRef session, std::string_view pattern, std::string_view group = "w",
                                           std::uint16_t at_once = 1) {
    proto::RoomSubscribe call;
    call.pattern = Pattern::literal(pattern);
    call.group = GroupName::literal(group);
    call.at_once = at_once;
    call.attempts_max = 3;
    return DirectoryTest::call(session, call);
  }
  Burial burial_of(RoomId room) {
    proto::Delivery delivery;
    delivery.seq = Seq{4};
    delivery.from = PersonName::literal("carol");
    Burial burial{room, GroupName::literal("w"), Seq{4}, 3, {"exit code 3", "", {"alice", true}}, {}};
    proto::encode_value(delivery, burial.delivery);
    return burial;
  }
  SessionRef alice_ = greet("alice", 1), bob_ = greet("bob", 2);
};

TEST_F(DirectoryGroups, TellTheRoomHowAMemberWantsItsMessages) {
  ASSERT_TRUE(work(alice_, "jobs", "w", 7));
  EXPECT_EQ(outlet_.wishes.back().acks, (Acks{7, 3, 0, 0}));
}

TEST_F(DirectoryGroups, AreOneOrTheOther) {
  ASSERT_TRUE(work(alice_, "jobs", "acked"));
  const auto plain = subscribe(bob_, "jobs", false, "acked");
  EXPECT_EQ(plain.error().status, Status::failed_precondition);
  EXPECT_THAT(plain.error().sentence, HasSubstr("group.forget"));
  ASSERT_TRUE(subscribe(bob_, "jobs", false, "plain"));
  EXPECT_EQ(work(greet("carol", 3), "jobs", "plain").error().status, Status::failed_precondition);
  end(bob_);
  EXPECT_TRUE(work(greet("dave", 4), "jobs", "plain")) << "it ended with its last member";
}

TEST_F(DirectoryGroups, StayWithoutMembersAndCanBeForgottenThen) {
  ASSERT_TRUE(work(alice_, "jobs"));
  const proto::GroupForget forget{RoomName::literal("jobs"), GroupName::literal("w")};
  EXPECT_EQ(call(alice_, forget).error().status, Status::failed_precondition);
  ASSERT_TRUE(unsubscribe(alice_, "jobs"));
  EXPECT_EQ(subscribe(bob_, "jobs", false, "w").error().status, Status::failed_precondition);
  EXPECT_TRUE(call(alice_, forget));
  EXPECT_THAT(outlet_.forgotten_groups, SizeIs(1));
  EXPECT_EQ(call(alice_, forget).error().status, Status::not_found);
  EXPECT_TRUE(subscribe(bob_, "jobs", false, "w"));
}

TEST_F(DirectoryGroups, AreEndedByTheOwnerOfTheirRoomOrTheOperator) {
  open(bob_, "jobs");
  ASSERT_TRUE(work(alice_, "jobs"));
  ASSERT_TRUE(unsubscribe(alice_, "jobs"));
  const proto::GroupForget forget{RoomName::literal("jobs"), GroupName::literal("w")};
  const auto refused = call(alice_, forget);
  EXPECT_EQ(refused.error().status, Status::permission_denied);
  EXPECT_THAT(refused.error().sentence, HasSubstr("only bob"));
  EXPECT_TRUE(call(greet_proven("root", 0), forget));
}

TEST_F(DirectoryGroups, NeedANameAndARoomThatCanHaveDead) {
  EXPECT_EQ(work(alice_, "jobs", "").error().status, Status::invalid_argument);
  EXPECT_EQ(work(alice_, "@bob").error().status, Status::invalid_argument);
  EXPECT_EQ(work(alice_, "@*").error().status, Status::invalid_argument);
  EXPECT_THAT(work(alice_, std::string(124, 'x')).error().sentence, HasSubstr("123 bytes at most"));
  EXPECT_TRUE(work(alice_, std::string(123, 'x')));
}

TEST_F(DirectoryGroups, APatternGivesThemNoDeadMessagesNorRoomsWithTooLongNames) {
  open(bob_, "jobs.a");
  open(bob_, "jobs.a.dead");
  ASSERT_TRUE(work(alice_, "jobs.>"));
  EXPECT_EQ(received(alice_), (std::set<std::string>{"jobs.a"}));
  open(bob_, "jobs.b");
  open(bob_, "jobs.b.dead");
  open(bob_, "jobs." + std::string(123, 'x'));
  EXPECT_EQ(received(alice_), (std::set<std::string>{"jobs.a", "jobs.b"}));
  EXPECT_EQ(outlet_.wishes.back().acks.at_once, 1);
}

TEST_F(DirectoryGroups, OfARoomAreBounded) {
  for (std::size_t i = 0; i < bounds::groups_per_room_max; ++i)
    ASSERT_TRUE(
        work(greet("p" + std::to_string(i), static_cast<std::uint8_t>(10 + i)), "jobs", "g" + std::to_string(i)));
  EXPECT_EQ(work(alice_, "jobs", "one-more").error().status, Status::resource_exhausted);
  EXPECT_TRUE(work(alice_, "jobs", "g0"));
}

TEST_F(DirectoryGroups, BuryInTheRoomBesideInTheNameOfTheWorker) {
  const auto room = open(bob_, "jobs");
  directory_.bury(burial_of(room));
  ASSERT_THAT(outlet_.burying, SizeIs(1));
  EXPECT_EQ(outlet_.burying[0].from, "alice");
  EXPECT_EQ(outlet_.burying[0].dead, open(bob_, "jobs.dead"));
  EXPECT_TRUE(outlet_.settled_burials.empty());
  directory_.finished({}, outlet_.burying[0].id, {});
  EXPECT_EQ(outlet_.settled_burials.at(0), (std::tuple{room, std::string("w"), std::uint64_t{4}, true}));
  directory_.finished({}, outlet_.burying[0].id, {});
  EXPECT_THAT(outlet_.settled_burials, SizeIs(1));
}

TEST_F(DirectoryGroups, TheRoomOfTheDeadIsTheOwnersWhoeverMakesIt) {
  open(alice_, "jobs");
  open(bob_, "jobs.dead");
  const auto redact = [&](SessionRef who) {
    (void)call(who, proto::RoomRedact{RoomName::literal("jobs.dead"), Seq{1}, {}});
    return outlet_.redactions.back().owns_room;
  };
  EXPECT_TRUE(redact(alice_));
  EXPECT_FALSE(redact(bob_));
}

TEST_F(DirectoryGroups, ABurialThatFailsIsTold) {
  const auto room = open(bob_, "jobs");
  directory_.bury(burial_of(room));
  directory_.finished({}, outlet_.burying[0].id, {Status::unavailable, "the disk is full"});
  EXPECT_FALSE(std::get<3>(outlet_.settled_burials.at(0)));
}

TEST(DirectoryGroupsOfAFullHub, FindNoPlaceForTheirDeadForNow) {
  class Full : public DirectoryTest {
   public:
    Full() : DirectoryTest(config()) {}
    void TestBody() override {
      const auto room = open(greet("alice", 1), "jobs");
      Burial burial{room, GroupName::literal("w"), Seq{4}, 3, {"exit code 3", "", {"alice", true}}, {}};
      directory_.bury(burial);
      EXPECT_FALSE(std::get<3>(outlet_.settled_burials.at(0)));
    }

   private:
    static Config config() {
      Config config;
      config.limits.rooms = 1;
      return config;
    }
  };
  Full().TestBody();
}

TEST(DirectoryGroupsThatWereKept, AreStillOfTheirKind) {
  class AfterARestart : public DirectoryTest {
   public:
    explicit AfterARestart(const Kept* kept) : DirectoryTest({}, kept) {}
    void TestBody() override {
      const auto alice = greet("alice", 1);
      EXPECT_EQ(subscribe(alice, "jobs", false, "w").error().status, Status::failed_precondition);
      EXPECT_TRUE(call(alice, proto::GroupForget{RoomName::literal("jobs"), GroupName::literal("w")}));
    }
  };
  Kept kept;
  kept.rooms = {KeptRoom{RoomId{7}, "jobs"}};
  kept.rooms[0].groups = {{"w", Seq{1}, ""}};
  AfterARestart(&kept).TestBody();
}

}  // namespace
}  // namespace hubbub::server
