// Exactly-once calls of services through the directory: kept before they are given, answered once that is kept.
#include <algorithm>

#include "tests/unit/server/a_provider.hpp"
#include "tests/unit/server/fake_directory_outlet.hpp"

namespace hubbub::server {
namespace {

using std::chrono::milliseconds;

const Kept nothing_kept;

class ExactlyOnceCalls : public DirectoryTest {
 protected:
  explicit ExactlyOnceCalls(const Kept* kept = &nothing_kept) : DirectoryTest({}, kept) {}

  void offer(SessionRef session, std::uint32_t at_once = 1, std::string_view service = "image") {
    ASSERT_TRUE(call(session, offer_of(service, at_once)));
    take_turns();
  }
  struct Ask {
    std::optional<CallId> id = {};
    std::string_view method = "image.scale", arguments = "[1]";
    proto::Once once = proto::Once::exactly;
    bool all = false;
  };
  CallId ask(SessionRef session, const Ask& what) {
    const auto id = what.id.value_or(CallId{++calls_});
    std::string around;
    proto::encode_value(proto::ServiceCall{what.all, what.once, {what.arguments}}, around);
    directory_.call(session, id, MethodName::literal(what.method), around, now(), 5000);
    take_turns();
    return id;
  }
  CallId ask(SessionRef session) { return ask(session, Ask{}); }
  void answer_last(std::string_view result = "done", Status status = Status::ok) {
    const auto last = outlet_.invoked.back();
    directory_.outcome(last.provider, {last.id, status, {result}}, now());
    take_turns();
  }
  /// What is to be done at once is done.
  void take_turns() { wait({}); }
  void wait(milliseconds time) { outlet_.run_timers(time, now()); }
  std::vector<FakeDirectoryOutlet::Answer> answers(SessionRef session, CallId id) {
    std::vector<FakeDirectoryOutlet::Answer> found;
    std::ranges::copy_if(outlet_.replies, std::back_inserter(found),
                         [&](const auto& reply) { return reply.session == session && reply.call == id; });
    return found;
  }
  Status status_of(SessionRef session, CallId id) {
    const auto all = answers(session, id);
    EXPECT_FALSE(all.empty());
    return all.empty() ? Status::unknown : all.back().status;
  }
  proto::ServiceReply reply_of(SessionRef session, CallId id) {
    const auto all = answers(session, id);
    EXPECT_FALSE(all.empty());
    if (all.empty()) return {};
    EXPECT_EQ(all.back().status, Status::ok) << all.back().result;
    return proto::decode_value<proto::ServiceReply>(all.back().result).value();
  }
  std::string result_of(SessionRef session, CallId id) { return reply_of(session, id).answers.at(0).result.bytes; }

  SessionRef alice_ = greet("alice", 1), bob_ = greet("bob", 2);
};

/// A hub that was killed after it had given a call of alice's, under the id 77.
class ExactlyOnceCallsOfAnEarlierLife : public ExactlyOnceCalls {
 protected:
  ExactlyOnceCallsOfAnEarlierLife() : ExactlyOnceCalls(&kept()) {}
  static const Kept& kept() {
    static const Kept kept = [] {
      Kept before;
      std::string around;
      proto::encode_value(proto::ServiceCall{false, proto::Once::exactly, {"[1]"}}, around);
      before.open_calls.push_back({id_of<ClientId>(1),
                                   CallId{77},
                                   question_of("image.scale", around),
                                   MethodName::literal("image.scale"),
                                   PersonName::literal("alice"),
                                   false,
                                   "[1]",
                                   {}});
      return before;
    }();
    return kept;
  }
};

TEST_F(ExactlyOnceCalls, ACallIsKeptBeforeItIsGivenAndAnsweredOnceTheAnswerIs) {
  offer(bob_);
  outlet_.commits_at_once = false;
  const auto id = ask(alice_);
  const auto& given = std::get<CallGiven>(outlet_.changed.back().list.at(0));
  EXPECT_EQ(given.client, id_of<ClientId>(1));
  EXPECT_EQ(given.arguments, "[1]");
  EXPECT_TRUE(outlet_.invoked.empty());
  outlet_.commit();
  take_turns();
  ASSERT_EQ(outlet_.invoked.size(), 1u);
  EXPECT_EQ(outlet_.invoked[0].provider, bob_);
  EXPECT_EQ(outlet_.invoked[0].arguments, "[1]");
  EXPECT_EQ(outlet_.invoked[0].deadline_ms, 0u) << "the caller's deadline is of its wait alone";
  EXPECT_NE(outlet_.invoked[0].client, id_of<ClientId>(1)) << "whoever knows it can speak for its client";
  answer_last("small");
  EXPECT_TRUE(answers(alice_, id).empty());
  outlet_.commit();
  EXPECT_EQ(result_of(alice_, id), "small");
  EXPECT_FALSE(reply_of(alice_, id).replayed);
  EXPECT_EQ(answers(alice_, id).size(), 1u);
}

TEST_F(ExactlyOnceCalls, AskedAgainTheKeptAnswerComesAndSaysSo) {
  offer(bob_);
  const auto id = ask(alice_);
  answer_last("once");
  ask(alice_, {id});
  EXPECT_EQ(outlet_.invoked.size(), 1u) << "it isn't run again";
  EXPECT_EQ(answers(alice_, id).size(), 2u);
  EXPECT_TRUE(reply_of(alice_, id).replayed);
  EXPECT_EQ(result_of(alice_, id), "once");
  ask(alice_, {id, "image.scale", "[2]"});
  EXPECT_EQ(status_of(alice_, id), Status::already_exists) << "it is another question";
}

TEST_F(ExactlyOnceCalls, AFailureIsAnAnswer) {
  offer(bob_);
  const auto id = ask(alice_);
  answer_last("no such picture", Status::not_found);
  wait(ExactCalls::rest_max);
  ask(alice_, {id});
  EXPECT_EQ(outlet_.invoked.size(), 1u);
  EXPECT_EQ(status_of(alice_, id), Status::not_found);
  EXPECT_EQ(answers(alice_, id).at(1).result, "no such picture");
}

TEST_F(ExactlyOnceCalls, WithoutAProviderTheCallWaitsAndIsGivenAtOnceWhenOneIsThere) {
  const auto id = ask(alice_);
  EXPECT_TRUE(answers(alice_, id).empty());
  offer(greet("carol", 3), 1, "sound");
  EXPECT_TRUE(outlet_.invoked.empty());
  offer(bob_);
  EXPECT_EQ(outlet_.invoked.size(), 1u);
}

TEST_F(ExactlyOnceCalls, AProviderThatBecomesFreeIsGivenTheNextOne) {
  offer(bob_);
  const auto first = ask(alice_), second = ask(alice_), third = ask(alice_);
  EXPECT_EQ(outlet_.invoked.size(), 1u);
  answer_last("first");
  EXPECT_EQ(outlet_.invoked.size(), 2u);
  answer_last("second");
  answer_last("third");
  EXPECT_EQ(result_of(alice_, first), "first");
  EXPECT_EQ(result_of(alice_, second), "second");
  EXPECT_EQ(result_of(alice_, third), "third");
}

TEST_F(ExactlyOnceCalls, ManyThatWaitAreGivenByTurns) {
  for (int i = 0; i < 200; ++i) ask(alice_);
  offer(bob_, 150);
  EXPECT_EQ(outlet_.invoked.size(), 150u);
}

TEST_F(ExactlyOnceCalls, ACallThatIsLostWithItsProviderIsGivenAgainWithTheSameKeyUntilItIsAnswered) {
  offer(bob_);
  const auto id = ask(alice_);
  end(bob_);
  offer(greet("carol", 3));
  EXPECT_EQ(outlet_.invoked.size(), 1u) << "it rests";
  EXPECT_TRUE(answers(alice_, id).empty());
  wait(milliseconds(100));
  ASSERT_EQ(outlet_.invoked.size(), 2u);
  EXPECT_EQ(outlet_.invoked[1].client, outlet_.invoked[0].client);
  EXPECT_EQ(outlet_.invoked[1].call, outlet_.invoked[0].call);
  EXPECT_EQ(outlet_.invoked[0].attempt, 1u);
  EXPECT_EQ(outlet_.invoked[1].attempt, 2u);
  answer_last("by carol");
  EXPECT_EQ(result_of(alice_, id), "by carol");
  EXPECT_EQ(reply_of(alice_, id).attempts, 2u);
}

TEST_F(ExactlyOnceCalls, OneThatMayBeRepeatedIsNotHandedOnByTheWay) {
  offer(bob_);
  offer(greet("carol", 3));
  ask(alice_, {{}, "image.look"});
  end(outlet_.invoked.at(0).provider);
  take_turns();
  EXPECT_EQ(outlet_.invoked.size(), 1u);
  wait(milliseconds(100));
  EXPECT_EQ(outlet_.invoked.size(), 2u);
}

TEST_F(ExactlyOnceCalls, AProviderThatSaysThatNothingWasDoneIsGivenItAgainAfterARest) {
  offer(bob_);
  const auto id = ask(alice_);
  answer_last("not now", Status::unavailable);
  EXPECT_TRUE(answers(alice_, id).empty());
  wait(milliseconds(99));
  EXPECT_EQ(outlet_.invoked.size(), 1u);
  wait(milliseconds(100));
  ASSERT_EQ(outlet_.invoked.size(), 2u);
  answer_last("still not", Status::resource_exhausted);
  wait(milliseconds(100));
  EXPECT_EQ(outlet_.invoked.size(), 2u);
  wait(milliseconds(200));
  EXPECT_EQ(outlet_.invoked.size(), 3u);
  answer_last();
  EXPECT_EQ(reply_of(alice_, id).attempts, 3u);
}

TEST_F(ExactlyOnceCalls, WhoAsksWhileItRunsGetsTheAnswerToo) {
  offer(bob_);
  const auto id = ask(alice_);
  const auto again = greet("alice", 1);
  ask(again, {id});
  ask(again, {id});
  EXPECT_EQ(outlet_.invoked.size(), 1u);
  answer_last();
  EXPECT_EQ(answers(alice_, id).size(), 1u);
  EXPECT_EQ(answers(again, id).size(), 1u);
}

TEST_F(ExactlyOnceCalls, ACallerThatIsLostFindsTheAnswerWhenItComesBack) {
  offer(bob_);
  const auto id = ask(alice_);
  end(alice_);
  answer_last("late");
  const auto again = greet("alice", 1);
  ask(again, {id});
  EXPECT_EQ(result_of(again, id), "late");
  EXPECT_TRUE(reply_of(again, id).replayed);
}

TEST_F(ExactlyOnceCalls, ADeadlineEndsTheWaitAndNotTheCall) {
  offer(bob_);
  const auto id = ask(alice_);
  directory_.give_up(alice_, id, {Status::deadline_exceeded, "the service had no answer in time"});
  EXPECT_TRUE(outlet_.revoked.empty());
  EXPECT_EQ(status_of(alice_, id), Status::deadline_exceeded);
  EXPECT_EQ(
      answers(alice_, id).back().result,
      "the service had no answer in time; the call stays until it is done: ask again under the same id (--id) for "
      "its answer");
  answer_last("late");
  EXPECT_EQ(answers(alice_, id).size(), 1u);
  ask(alice_, {id});
  EXPECT_EQ(result_of(alice_, id), "late");
}

TEST_F(ExactlyOnceCalls, ADeadlineBeforeTheCallIsKeptSaysSo) {
  outlet_.commits_at_once = false;
  const auto id = ask(alice_);
  directory_.give_up(alice_, id, {Status::deadline_exceeded, "too late"});
  EXPECT_EQ(answers(alice_, id).back().result, "too late; it isn't kept yet, so ask again under the same id (--id)");
}

TEST_F(ExactlyOnceCalls, OneQuestionAtATimeIsLookedUpSoThatACallIsKeptOnce) {
  outlet_.looks_up_at_once = false;
  const auto id = ask(alice_);
  const auto again = greet("alice", 1);
  ask(again, {id});
  EXPECT_EQ(outlet_.looking_up.size(), 1u);
  outlet_.look_up();
  EXPECT_EQ(outlet_.changed.size(), 1u);
  offer(bob_);
  answer_last();
  ask(alice_, {id});
  ask(again, {id, "image.scale", "[2]"});
  outlet_.look_up();
  EXPECT_EQ(answers(alice_, id).size(), 2u);
  EXPECT_EQ(status_of(again, id), Status::already_exists);
}

TEST_F(ExactlyOnceCalls, WhatNoProviderCouldRunIsRefusedAndNotKept) {
  auto id = ask(alice_, {.all = true});
  EXPECT_EQ(status_of(alice_, id), Status::invalid_argument);
  const std::string long_arguments(limits::frame_bytes_max - 100, 'x');
  id = ask(alice_, {{}, "image.scale", long_arguments});
  EXPECT_EQ(status_of(alice_, id), Status::invalid_argument);
  offer(bob_);
  id = ask(alice_, {{}, "image.paint"});
  EXPECT_EQ(status_of(alice_, id), Status::unimplemented);
  EXPECT_TRUE(outlet_.changed.empty());
  id = ask(alice_, {id});
  EXPECT_EQ(outlet_.invoked.size(), 1u) << "nor does it keep its id";
}

TEST_F(ExactlyOnceCalls, InTroubleACallIsRefusedButAKeptAnswerIsGiven) {
  offer(bob_);
  const auto early = ask(alice_);
  answer_last("early");
  outlet_.disk_trouble = "the disk is full";
  const auto id = ask(alice_);
  EXPECT_EQ(status_of(alice_, id), Status::unavailable);
  EXPECT_EQ(answers(alice_, id).back().result, "the disk is full");
  ask(alice_, {early});
  EXPECT_EQ(result_of(alice_, early), "early");
  outlet_.disk_trouble.clear();
  ask(alice_, {id});
  answer_last();
  EXPECT_EQ(result_of(alice_, id), "done");
}

TEST_F(ExactlyOnceCalls, AnIdIsOfACallThatIsMadeAtMostOnceOrExactlyOnce) {
  offer(bob_, 9);
  const auto at_most = ask(alice_, {.once = proto::Once::at_most}), exactly = ask(alice_);
  ask(alice_, {at_most});
  EXPECT_EQ(status_of(alice_, at_most), Status::already_exists);
  ask(alice_, {.id = exactly, .once = proto::Once::at_most});
  EXPECT_EQ(status_of(alice_, exactly), Status::already_exists);
  EXPECT_EQ(outlet_.invoked.size(), 2u);
}

TEST_F(ExactlyOnceCallsOfAnEarlierLife, GoesOnAndIsAnsweredToWhoeverAsks) {
  ask(alice_, {CallId{77}});
  EXPECT_TRUE(outlet_.changed.empty()) << "it is kept already";
  offer(bob_);
  ASSERT_EQ(outlet_.invoked.size(), 1u);
  EXPECT_EQ(outlet_.invoked[0].attempt, 2u);
  EXPECT_EQ(outlet_.invoked[0].call, CallId{77});
  answer_last("at last");
  EXPECT_EQ(result_of(alice_, CallId{77}), "at last");
  EXPECT_FALSE(reply_of(alice_, CallId{77}).replayed);
}

using AHubThatKeepsNothing = DirectoryTest;

TEST_F(AHubThatKeepsNothing, RefusesToCallExactlyOnceAndSaysWhatToDo) {
  const auto alice = greet("alice", 1);
  std::string around;
  proto::encode_value(proto::ServiceCall{false, proto::Once::exactly, {"[1]"}}, around);
  directory_.call(alice, CallId{1}, MethodName::literal("image.scale"), around, now());
  ASSERT_EQ(outlet_.replies.size(), 1u);
  EXPECT_EQ(outlet_.replies[0].status, Status::failed_precondition);
  EXPECT_NE(outlet_.replies[0].result.find("hub.data"), std::string::npos);
}

}  // namespace
}  // namespace hubbub::server
