// Calls of services through the directory: the record of them, and who is told what.
#include <algorithm>

#include "tests/unit/server/a_provider.hpp"
#include "tests/unit/server/fake_directory_outlet.hpp"

namespace hubbub::server {
namespace {

Config remembering(std::uint64_t replies) {
  Config config;
  config.limits.reply_cache = replies;
  return config;
}

class DirectoryServices : public DirectoryTest {
 protected:
  explicit DirectoryServices(const Config& config = {}) : DirectoryTest(config) {}

  void offer(SessionRef session, std::uint32_t at_once = 1, std::string_view service = "image") {
    ASSERT_TRUE(call(session, offer_of(service, at_once)));
  }
  CallId ask(SessionRef session, std::string_view method, std::optional<CallId> again = {},
             std::string_view arguments = "[1]", std::uint32_t deadline_ms = 0, bool all = false) {
    const auto id = again.value_or(CallId{++calls_});
    std::string around;
    proto::encode_value(proto::ServiceCall{all, {}, {arguments}}, around);
    directory_.call(session, id, MethodName::literal(method), around, now(), deadline_ms);
    return id;
  }
  void answer_last(std::string_view result = "done", Status status = Status::ok) {
    const auto& last = outlet_.invoked.back();
    directory_.outcome(last.provider, {last.id, status, {result}}, now());
  }
  std::vector<FakeDirectoryOutlet::Answer> answers(SessionRef session, CallId id) {
    std::vector<FakeDirectoryOutlet::Answer> found;
    std::ranges::copy_if(outlet_.replies, std::back_inserter(found),
                         [&](const auto& reply) { return reply.session == session && reply.call == id; });
    return found;
  }
  static proto::ServiceReply reply_of(const FakeDirectoryOutlet::Answer& answer) {
    EXPECT_EQ(answer.status, Status::ok) << answer.result;
    return proto::decode_value<proto::ServiceReply>(answer.result).value();
  }

  SessionRef alice_ = greet("alice", 1), bob_ = greet("bob", 2);
};

class ShortMemory : public DirectoryServices {
 protected:
  ShortMemory() : DirectoryServices(remembering(2)) {}
};

TEST_F(DirectoryServices, ACallGoesToItsProviderAndItsOutcomeComesBack) {
  offer(bob_);
  const auto id = ask(alice_, "image.scale", {}, "[640]", 5000);
  const auto& invoked = outlet_.invoked.at(0);
  EXPECT_EQ(invoked.provider, bob_);
  EXPECT_EQ(invoked.method, "image.scale");
  EXPECT_EQ(invoked.arguments, "[640]");
  EXPECT_EQ(invoked.deadline_ms, 5000u);
  EXPECT_NE(invoked.client, id_of<ClientId>(1)) << "whoever knows it can speak for its client";
  EXPECT_NE(invoked.client, ClientId{});
  EXPECT_EQ(invoked.call, id);
  EXPECT_TRUE(answers(alice_, id).empty());
  answer_last("small");
  ASSERT_EQ(answers(alice_, id).size(), 1u);
  const auto reply = reply_of(answers(alice_, id)[0]);
  EXPECT_FALSE(reply.replayed);
  EXPECT_EQ(reply.answers.at(0).provider.str(), "bob");
  EXPECT_EQ(reply.answers[0].result.bytes, "small");
}

TEST_F(DirectoryServices, TheHubsOwnNamesAreNotForServices) {
  for (const auto* name : {"room", "hub", "hub.info", "service", "people.of.mine"})
    EXPECT_EQ(call(bob_, offer_of(name)).error().status, Status::already_exists) << name;
  offer(bob_, 1, "rooms");
  const auto id = ask(alice_, "rooms.scale");
  EXPECT_EQ(outlet_.invoked.size(), 1u);
  EXPECT_TRUE(answers(alice_, id).empty());
}

TEST_F(DirectoryServices, WhatNobodyHasIsSaidAtOnce) {
  auto id = ask(alice_, "image.scale");
  EXPECT_EQ(answers(alice_, id).at(0).status, Status::unavailable);
  id = ask(alice_, "image");
  EXPECT_EQ(answers(alice_, id).at(0).status, Status::unimplemented) << "without a dot it can only be the hub's";
  id = ask(alice_, "hub.paint");
  EXPECT_EQ(answers(alice_, id).at(0).status, Status::unimplemented);
  offer(bob_);
  id = ask(alice_, "image.paint");
  EXPECT_EQ(answers(alice_, id).at(0).status, Status::unimplemented);
}

TEST_F(DirectoryServices, AnEnvelopeThatCantBeUnderstoodIsInvalid) {
  offer(bob_);
  for (const std::string around : {"", "\x02"}) {
    const CallId id{++calls_};
    directory_.call(alice_, id, MethodName::literal("image.scale"), around, now());
    EXPECT_EQ(answers(alice_, id).at(0).status, Status::invalid_argument);
  }
  EXPECT_TRUE(outlet_.invoked.empty());
}

TEST_F(DirectoryServices, AskedAgainTheRecordedAnswerComesAndSaysSo) {
  offer(bob_);
  const auto id = ask(alice_, "image.scale");
  answer_last("once");
  ask(alice_, "image.scale", id);
  EXPECT_EQ(outlet_.invoked.size(), 1u) << "it isn't run again";
  ASSERT_EQ(answers(alice_, id).size(), 2u);
  const auto again = reply_of(answers(alice_, id)[1]);
  EXPECT_TRUE(again.replayed);
  EXPECT_EQ(again.answers.at(0).result.bytes, "once");
  EXPECT_FALSE(reply_of(answers(alice_, id)[0]).replayed);
}

TEST_F(DirectoryServices, AFailureIsRecordedToo) {
  offer(bob_);
  const auto id = ask(alice_, "image.scale");
  answer_last("no such picture", Status::not_found);
  ask(alice_, "image.scale", id);
  EXPECT_EQ(outlet_.invoked.size(), 1u);
  EXPECT_EQ(answers(alice_, id).at(1).status, Status::not_found);
  EXPECT_EQ(answers(alice_, id)[1].result, "no such picture");
}

TEST_F(DirectoryServices, AnotherQuestionUnderTheSameIdIsRefused) {
  offer(bob_, 2);
  const auto id = ask(alice_, "image.scale");
  ask(alice_, "image.scale", id, "[2]");
  EXPECT_EQ(answers(alice_, id).at(0).status, Status::already_exists);
  ask(alice_, "image.look", id);
  EXPECT_EQ(answers(alice_, id).at(1).status, Status::already_exists);
  answer_last();
  ask(alice_, "image.scale", id, "[2]");
  EXPECT_EQ(answers(alice_, id).at(3).status, Status::already_exists);
  EXPECT_EQ(outlet_.invoked.size(), 1u);
}

TEST_F(DirectoryServices, TheSameIdOfAnotherClientIsAnotherCall) {
  offer(bob_, 2);
  const auto id = ask(alice_, "image.scale");
  ask(greet("carol", 3), "image.scale", id);
  EXPECT_EQ(outlet_.invoked.size(), 2u);
}

TEST_F(DirectoryServices, ACallUnderWayIsNotRunAgainAndEachWhoAsksGetsOneAnswer) {
  offer(bob_, 2);
  const auto id = ask(alice_, "image.scale");
  const auto again = greet("alice", 1);
  ask(again, "image.scale", id);
  ask(again, "image.scale", id);
  EXPECT_EQ(outlet_.invoked.size(), 1u);
  answer_last();
  EXPECT_EQ(answers(alice_, id).size(), 1u);
  EXPECT_EQ(answers(again, id).size(), 1u);
}

TEST_F(DirectoryServices, ACallerThatComesBackGetsTheAnswer) {
  offer(bob_);
  const auto early = ask(alice_, "image.scale");
  end(alice_);
  auto again = greet("alice", 1);
  ask(again, "image.scale", early);
  answer_last("early");
  EXPECT_EQ(reply_of(answers(again, early).at(0)).answers.at(0).result.bytes, "early");

  const auto late = ask(again, "image.scale");
  end(again);
  answer_last("late");
  again = greet("alice", 1);
  ask(again, "image.scale", late);
  EXPECT_TRUE(reply_of(answers(again, late).at(0)).replayed);
  EXPECT_EQ(outlet_.invoked.size(), 2u);
}

TEST_F(DirectoryServices, WhatWasNotRunIsTriedAgainUnderTheSameId) {
  const auto id = ask(alice_, "image.scale");
  EXPECT_EQ(answers(alice_, id).at(0).status, Status::unavailable);
  offer(bob_);
  const auto other = ask(alice_, "image.scale");
  ask(alice_, "image.scale", id);
  EXPECT_EQ(answers(alice_, id).at(1).status, Status::resource_exhausted);
  answer_last();
  ask(alice_, "image.scale", id);
  EXPECT_EQ(outlet_.invoked.size(), 2u);
  answer_last("busy after all", Status::resource_exhausted);
  ask(alice_, "image.scale", id);
  EXPECT_EQ(outlet_.invoked.size(), 3u);
  answer_last();
  EXPECT_FALSE(reply_of(answers(alice_, id).back()).replayed);
  EXPECT_EQ(answers(alice_, other).size(), 1u);
}

TEST_F(DirectoryServices, AnUnknownOutcomeIsRecorded) {
  offer(bob_);
  const auto id = ask(alice_, "image.scale");
  end(bob_);
  EXPECT_EQ(answers(alice_, id).at(0).status, Status::unknown);
  const auto carol = greet("carol", 3);
  offer(carol);
  ask(alice_, "image.scale", id);
  EXPECT_TRUE(outlet_.invoked.size() == 1) << "it may have run; a repeat never runs it twice";
  EXPECT_EQ(answers(alice_, id).at(1).status, Status::unknown);
}

TEST_F(DirectoryServices, ARepeatableCallThatWasLostWithItsProviderIsRunAgainWhenItIsAskedAgain) {
  offer(bob_);
  const auto id = ask(alice_, "image.look");
  end(bob_);
  EXPECT_EQ(answers(alice_, id).at(0).status, Status::unavailable);
  offer(greet("carol", 3));
  ask(alice_, "image.look", id);
  EXPECT_EQ(outlet_.invoked.size(), 2u);
}

TEST_F(DirectoryServices, GivenUpItIsRevokedAndRecorded) {
  offer(bob_);
  const auto id = ask(alice_, "image.scale");
  directory_.give_up(alice_, id, {Status::deadline_exceeded, "too late"});
  EXPECT_EQ(outlet_.revoked, (std::vector{std::pair{bob_, outlet_.invoked.at(0).id}}));
  EXPECT_EQ(answers(alice_, id).at(0).status, Status::deadline_exceeded);
  ask(alice_, "image.scale", id);
  EXPECT_EQ(answers(alice_, id).at(1).status, Status::deadline_exceeded);
  answer_last("late");
  EXPECT_EQ(answers(alice_, id).size(), 2u);
  directory_.give_up(alice_, id, {Status::cancelled, "no more"});
  EXPECT_EQ(answers(alice_, id).size(), 2u);
}

TEST_F(DirectoryServices, ASessionThatEndsTakesItsOffersAlong) {
  offer(bob_);
  EXPECT_EQ(call(alice_, proto::ServiceList{}).value().providers.size(), 1u);
  end(bob_);
  EXPECT_TRUE(call(alice_, proto::ServiceList{}).value().providers.empty());
}

TEST_F(DirectoryServices, OffersAreListedAndWithdrawn) {
  offer(bob_);
  ASSERT_TRUE(call(bob_, proto::PeopleRename{PersonName::literal("robert")}));
  const auto providers = call(alice_, proto::ServiceList{Text::literal("image"), 0}).value().providers;
  ASSERT_EQ(providers.size(), 1u);
  EXPECT_EQ(providers[0].provider.str(), "robert");
  EXPECT_EQ(call(alice_, proto::ServiceWithdraw{MethodName::literal("image")}).error().status, Status::not_found);
  ASSERT_TRUE(call(bob_, proto::ServiceWithdraw{MethodName::literal("image")}));
  EXPECT_TRUE(call(alice_, proto::ServiceList{}).value().providers.empty());
}

TEST_F(ShortMemory, TheOldestIsForgottenByNumber) {
  offer(bob_);
  std::vector<CallId> ids;
  for (int i = 0; i < 3; ++i) {
    ids.push_back(ask(alice_, "image.scale"));
    answer_last();
  }
  ask(alice_, "image.scale", ids[1]);
  EXPECT_EQ(outlet_.invoked.size(), 3u) << "the newest two are known";
  ask(alice_, "image.scale", ids[0]);
  EXPECT_EQ(outlet_.invoked.size(), 4u) << "the one before is run again";
}

TEST_F(ShortMemory, ACallThatWasRefusedTakesNoPlaceInIt) {
  offer(bob_);
  const auto id = ask(alice_, "image.scale");
  answer_last();
  CallId refused;
  for (int i = 0; i < 5; ++i) refused = ask(alice_, "sound.play");
  ask(alice_, "image.scale", id);
  EXPECT_TRUE(reply_of(answers(alice_, id).at(1)).replayed);
  ask(alice_, "image.scale", refused);
  EXPECT_EQ(outlet_.invoked.size(), 2u) << "nor does it keep its id";
}

TEST_F(ShortMemory, ACallUnderWayIsNotRunAgainThoughItsRecordWasPushedOut) {
  offer(bob_, 8);
  const auto id = ask(alice_, "image.scale");
  for (int i = 0; i < 4; ++i) ask(alice_, "image.scale");
  const auto again = greet("alice", 1);
  ask(again, "image.scale", id);
  EXPECT_EQ(outlet_.invoked.size(), 5u);
  const auto first = outlet_.invoked.at(0);
  directory_.outcome(bob_, {first.id, Status::ok, {"done"}}, now());
  EXPECT_EQ(answers(alice_, id).size(), 1u);
  EXPECT_EQ(answers(again, id).size(), 1u);
}

}  // namespace
}  // namespace hubbub::server
