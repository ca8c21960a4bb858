// A program that offers a service, and one that calls it, over connections that come and go.
#include <set>

#include "tests/unit/link/link_fixture.hpp"

namespace hubbub::link {
namespace {

class LinkServices : public LinkFixture {
 protected:
  static proto::ServiceOffer image() {
    proto::ServiceOffer offer;
    offer.service = MethodName::literal("image");
    return offer;
  }
  OfferHandlers handlers() {
    return {[this](Invocation call) { invoked.push_back(std::move(call)); },
            [this](InvocationId id) { revoked.push_back(id); }, [this](const Error& why) { refused.push_back(why); }};
  }
  /// A service that the hub takes.
  void offer() {
    const auto offered = start(link->offer(image(), handlers()));
    EXPECT_EQ(hub.expect_call<proto::ServiceOffer>().service.str(), "image");
    hub.reply(proto::Done{});
    ASSERT_TRUE(finish(offered));
  }
  void invoke(std::uint64_t id, std::string_view method = "image.scale") {
    proto::Invoke invoke;
    invoke.id = InvocationId{id};
    invoke.method = MethodName::literal(method);
    invoke.from = PersonName::literal("bob");
    hub.send(invoke);
  }
  void expect_invoked() {
    hub.run_until("a call comes", [this] { return !invoked.empty(); });
  }
  void expect_outcome(std::uint64_t id, Status status, std::string_view result) {
    const auto outcome = hub.expect<proto::Outcome>();
    EXPECT_EQ(outcome.id.value, id);
    EXPECT_EQ(outcome.status, status);
    EXPECT_EQ(outcome.result.bytes, result);
  }

  std::vector<Invocation> invoked;
  std::vector<InvocationId> revoked;
  std::vector<Error> refused;
};

TEST_F(LinkServices, AnswersTheCallsOfWhatItOffers) {
  go_online();
  offer();
  invoke(7);
  expect_invoked();
  EXPECT_EQ(invoked[0].method, "scale");
  EXPECT_TRUE(link->answer(invoked[0].id, Status::ok, "small"));
  expect_outcome(7, Status::ok, "small");
  EXPECT_FALSE(link->answer(invoked[0].id, Status::ok, "again"));
  EXPECT_TRUE(hub.nothing_came());
}

TEST_F(LinkServices, TakesACallThatComesBeforeTheAnswerToItsOffer) {
  go_online();
  const auto offered = start(link->offer(image(), handlers()));
  hub.expect_call<proto::ServiceOffer>();
  invoke(7);
  hub.reply(proto::Done{});
  EXPECT_TRUE(finish(offered));
  expect_invoked();
}

TEST_F(LinkServices, ThePingIsAnsweredWithoutTheProgram) {
  go_online();
  offer();
  invoke(7, "image.ping");
  expect_outcome(7, Status::ok, "");
  EXPECT_TRUE(invoked.empty());
}

TEST_F(LinkServices, OffersAgainOnEachConnection) {
  go_online();
  offer();
  reconnect();
  EXPECT_EQ(hub.expect_call<proto::ServiceOffer>().service.str(), "image");
  hub.reply(proto::Done{});
  invoke(1);
  expect_invoked();
  EXPECT_TRUE(refused.empty());
}

TEST_F(LinkServices, AnOfferThatTheHubRefusesIsNoneAndIsTakenBack) {
  go_online();
  const auto offered = start(link->offer(image(), handlers()));
  hub.expect_call<proto::ServiceOffer>();
  hub.refuse(Status::already_exists, "taken");
  EXPECT_EQ(finish(offered).error(), (Error{Status::already_exists, "taken"}));
  EXPECT_EQ(hub.expect_call<proto::ServiceWithdraw>().service.str(), "image");
  hub.refuse(Status::not_found, "it isn't offered");
  reconnect();
  EXPECT_TRUE(hub.nothing_came());
}

TEST_F(LinkServices, AnOfferWhoseAnswerDidNotComeInTimeIsTakenBack) {
  go_online();
  const auto offered = start(link->offer(image(), handlers(), {std::chrono::milliseconds(10)}));
  hub.expect_call<proto::ServiceOffer>();
  EXPECT_EQ(finish(offered).error().status, Status::deadline_exceeded);
  hub.expect<proto::Cancel>();
  hub.expect_call<proto::ServiceWithdraw>();
}

TEST_F(LinkServices, ARefusalByAnotherConnectionIsToldAndTheNextIsAskedAgain) {
  go_online();
  offer();
  reconnect();
  hub.expect_call<proto::ServiceOffer>();
  hub.refuse(Status::resource_exhausted, "too many");
  hub.run_until("the program hears", [this] { return !refused.empty(); });
  EXPECT_EQ(refused.at(0).sentence, "too many");
  reconnect();
  hub.expect_call<proto::ServiceOffer>();
}

TEST_F(LinkServices, AWithdrawnServiceIsNotOfferedAgain) {
  go_online();
  offer();
  invoke(7);
  expect_invoked();
  const auto withdrawn = start(link->withdraw(MethodName::literal("image")));
  hub.expect_call<proto::ServiceWithdraw>();
  hub.reply(proto::Done{});
  EXPECT_TRUE(finish(withdrawn));
  hub.send(proto::Revoke{InvocationId{7}});
  hub.run_until("what runs is revoked", [this] { return !revoked.empty(); });
  EXPECT_TRUE(link->answer(revoked.at(0), Status::ok, "it was running"));
  expect_outcome(7, Status::ok, "it was running");
  reconnect();
  EXPECT_TRUE(hub.nothing_came());
}

TEST_F(LinkServices, TheEndOfTheConnectionRevokesWhatRunsAndNoAnswerIsOwed) {
  go_online();
  offer();
  invoke(7);
  expect_invoked();
  hub.close();
  expect_event<Offline>();
  EXPECT_EQ(revoked, std::vector{invoked.at(0).id});
  EXPECT_FALSE(link->answer(invoked[0].id, Status::ok, "small"));
  hub.accept();
  hub.welcome();
  expect_event<Online>();
  hub.expect_call<proto::ServiceOffer>();
  EXPECT_FALSE(link->answer(invoked[0].id, Status::ok, "small"));
  EXPECT_TRUE(hub.nothing_came());
}

TEST_F(LinkServices, ARevokedCallIsTold) {
  go_online();
  offer();
  invoke(7);
  expect_invoked();
  hub.send(proto::Revoke{InvocationId{7}});
  hub.run_until("it is revoked", [this] { return !revoked.empty(); });
  EXPECT_TRUE(link->answer(revoked.at(0), Status::cancelled, "stopped"));
  expect_outcome(7, Status::cancelled, "stopped");
}

// ── the caller's side ────────────────────────────────────────────────────────────────────────────────────────────────

TEST_F(LinkServices, ACallHasItsEnvelopeAndTheReplyIsOpened) {
  go_online();
  const auto called = start(link->call_service(MethodName::literal("image.scale"), "[640]"));
  const auto call = hub.expect<proto::Call>();
  EXPECT_EQ(call.method.str(), "image.scale");
  const auto envelope = proto::decode_value<proto::ServiceCall>(call.arguments.bytes);
  ASSERT_TRUE(envelope);
  EXPECT_FALSE(envelope->all);
  EXPECT_EQ(envelope->arguments.bytes, "[640]");
  std::string result;
  proto::encode_value(proto::ServiceReply{true, 2, {{PersonName::literal("bob"), {}, Status::ok, 5, {"small"}}}},
                      result);
  hub.send(proto::Reply{call.id, Status::ok, {result}});
  const auto reply = finish(called);
  ASSERT_TRUE(reply);
  EXPECT_TRUE(reply->replayed);
  EXPECT_EQ(reply->attempts, 2u);
  EXPECT_EQ(reply->answers.at(0).result.bytes, "small");
}

TEST_F(LinkServices, AReplyWithoutAnAnswerMakesNoSense) {
  go_online();
  const auto called = start(link->call_service(MethodName::literal("image.scale"), "[640]"));
  const auto call = hub.expect<proto::Call>();
  std::string result;
  proto::encode_value(proto::ServiceReply{}, result);
  hub.send(proto::Reply{call.id, Status::ok, {result}});
  EXPECT_EQ(finish(called).error().status, Status::internal);
}

TEST_F(LinkServices, ACallThatTakesEffectExactlyOnceIsAskedAgainOfEveryLifeOfTheHubWithTheSameData) {
  hub.store = 5;
  go_online();
  const auto called =
      start(link->call_service(MethodName::literal("image.scale"), "[1]", {false, proto::Once::exactly}));
  const auto first = hub.expect<proto::Call>();
  EXPECT_EQ(proto::decode_value<proto::ServiceCall>(first.arguments.bytes)->once, proto::Once::exactly);
  hub.life = 2;
  reconnect();
  EXPECT_EQ(hub.expect<proto::Call>().id, first.id);
  hub.life = 3;
  hub.store = 6;
  reconnect();
  EXPECT_EQ(finish(called).error().status, Status::unknown) << "another hub's data";
}

TEST_F(LinkServices, ACallIsAskedAgainUnderItsIdOfTheSameLifeOfTheHubOnly) {
  hub.store = 5;
  go_online();
  CallOptions chosen;
  chosen.id = CallId{77};
  const auto named = start(link->call_service(MethodName::literal("image.scale"), "[1]", {}, chosen));
  const auto plain = start(link->call_service(MethodName::literal("image.scale"), "[2]"));
  const auto first = hub.expect<proto::Call>(), second = hub.expect<proto::Call>();
  reconnect();
  const std::set<std::uint64_t> again{hub.expect<proto::Call>().id.value, hub.expect<proto::Call>().id.value};
  EXPECT_EQ(again, (std::set{first.id.value, second.id.value}));
  hub.life = 2;
  reconnect();
  EXPECT_EQ(finish(named).error().status, Status::unknown) << "the record of services went with the hub's life";
  EXPECT_EQ(finish(plain).error().status, Status::unknown);
  EXPECT_TRUE(hub.nothing_came());
}

}  // namespace
}  // namespace hubbub::link
