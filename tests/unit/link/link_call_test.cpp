// Calls, and whether the hub is there at all.
#include "tests/unit/link/link_fixture.hpp"

namespace hubbub::link {
namespace {

using LinkCall = LinkFixture;
using LinkLiveness = LinkFixture;

CallOptions within(int ms) { return {std::chrono::milliseconds(ms)}; }

/// How long a link bears silence before it asks, and again before it gives up: more than a busy machine stands still.
constexpr std::uint32_t quiet_ms = 1000;

TEST_F(LinkCall, ReturnsTheReply) {
  go_online();
  const auto called = start(link->call(proto::HubPing{}));
  hub.expect_call<proto::HubPing>();
  hub.reply(proto::HubPing::Reply{WallTime{5}});
  EXPECT_EQ(finish(called)->time.ns, 5u);
}

TEST_F(LinkCall, PassesTheHubsRefusalOn) {
  go_online();
  const auto called = start(link->call(proto::HubPing{}));
  hub.expect_call<proto::HubPing>();
  hub.refuse(Status::permission_denied, "not for you");
  EXPECT_EQ(finish(called).error(), (Error{Status::permission_denied, "not for you"}));
}

TEST_F(LinkCall, SaysThatAReplyMakesNoSense) {
  go_online();
  const auto called = start(link->call(proto::HubPing{}));
  hub.expect_call<proto::HubPing>();
  hub.reply(proto::Done{});
  EXPECT_EQ(finish(called).error().status, Status::internal);
}

TEST_F(LinkCall, CarriesItsDeadlineAndTellsTheHubWhenItHasPassed) {
  go_online();
  const auto called = start(link->call(proto::HubPing{}, within(20)));
  const auto call = hub.expect<proto::Call>();
  EXPECT_GT(call.deadline_ms, 0u);
  EXPECT_LE(call.deadline_ms, 20u);
  EXPECT_EQ(finish(called).error().status, Status::deadline_exceeded);
  EXPECT_EQ(hub.expect<proto::Cancel>().id, call.id);
}

TEST_F(LinkCall, HasNoDeadlineIfNoneIsWanted) {
  go_online();
  start(link->call(proto::HubPing{}, within(0)));
  EXPECT_EQ(hub.expect<proto::Call>().deadline_ms, 0u);
}

TEST_F(LinkCall, TellsTheHubWhenItsCoroutineIsCancelled) {
  go_online();
  asio::cancellation_signal stop;
  std::optional<Status> status;
  auto done = [&](const std::exception_ptr&, const Result<std::string>& outcome) {
    status = outcome ? Status::ok : outcome.error().status;
  };
  asio::co_spawn(hub.loop(), link->call_raw(MethodName::literal("room.next"), ""),
                 asio::bind_cancellation_slot(stop.slot(), done));
  const auto call = hub.expect<proto::Call>();
  stop.emit(asio::cancellation_type::terminal);
  hub.run_until("the call has ended", [&] { return status.has_value(); });
  EXPECT_EQ(*status, Status::cancelled);
  EXPECT_EQ(hub.expect<proto::Cancel>().id, call.id);
}

TEST_F(LinkCall, WaitsWhileOfflineWithinItsTimeout) {
  hub.listen(false);
  make_link();
  link->connect_in_background();
  const auto called = start(link->call(proto::HubPing{}));
  EXPECT_EQ(finish(link->call(proto::HubPing{}, within(10))).error().status, Status::deadline_exceeded);
  hub.listen(true);
  hub.accept();
  hub.welcome();
  hub.expect_call<proto::HubPing>();
  hub.reply(proto::HubPing::Reply{});
  EXPECT_TRUE(finish(called));
  EXPECT_TRUE(hub.nothing_came());
}

TEST_F(LinkCall, IsRepeatedUnderTheSameIdAfterALoss) {
  go_online();
  const proto::RoomJoin join{RoomName::literal("lobby")};
  const auto called = start(link->call(join));
  const auto first = hub.expect<proto::Call>();
  reconnect();
  EXPECT_EQ(hub.expect<proto::Call>().id, first.id);
  hub.send(proto::Reply{first.id, Status::already_exists, {"stored"}});
  EXPECT_EQ(finish(called).error().sentence, "stored");
}

TEST_F(LinkCall, ThatChangesSomethingIsNotRepeatedAtAnotherLifeOfTheHub) {
  go_online();
  const proto::RoomJoin join{RoomName::literal("lobby")};
  const auto joined = start(link->call(join));
  const auto pinged = start(link->call(proto::HubPing{}));
  hub.expect_call<proto::RoomJoin>();
  hub.expect_call<proto::HubPing>();
  hub.life = 2;
  reconnect();
  hub.expect_call<proto::HubPing>();
  hub.reply(proto::HubPing::Reply{});
  EXPECT_TRUE(finish(pinged));
  const auto outcome = finish(joined);
  EXPECT_EQ(outcome.error().status, Status::unavailable);
  EXPECT_NE(outcome.error().sentence.find("restarted"), std::string::npos);
}

TEST_F(LinkCall, RefusesArgumentsThatFitIntoNoFrame) {
  go_online();
  const std::string arguments(limits::frame_bytes_max, 'x');
  const auto method = MethodName::literal("hub.ping");
  EXPECT_EQ(finish(link->call_raw(method, arguments)).error().status, Status::invalid_argument);
}

TEST_F(LinkLiveness, AnswersPings) {
  go_online();
  hub.send(proto::Ping{77});
  EXPECT_EQ(hub.expect<proto::Pong>().token, 77u);
}

TEST_F(LinkLiveness, MeasuresTheRoundTripWhenAsked) {
  go_online();
  EXPECT_FALSE(link->round_trip());
  const auto ping = hub.expect<proto::Ping>();
  EXPECT_FALSE(link->round_trip());
  EXPECT_TRUE(hub.nothing_came());
  hub.send(proto::Pong{ping.token});
  hub.run_until("it is measured", [&] { return link->round_trip().has_value(); });
  EXPECT_TRUE(hub.nothing_came());
}

TEST_F(LinkLiveness, LetsTheRoundTripGrowWhileAPingIsUnanswered) {
  hub.ping_ms = 1000;
  go_online();
  (void)link->round_trip();
  hub.send(proto::Pong{hub.expect<proto::Ping>().token});
  hub.run_until("it is measured", [&] { return link->round_trip().has_value(); });
  const auto measured = *link->round_trip();
  hub.expect<proto::Ping>();
  test::wait_until("it grows", [&] { return *link->round_trip() > measured + std::chrono::milliseconds(20); });
}

TEST_F(LinkLiveness, GivesUpAHubThatAnswersNoPing) {
  hub.ping_ms = quiet_ms;
  go_online();
  hub.expect<proto::Ping>();
  const auto offline = expect_event<Offline>();
  EXPECT_EQ(offline.why.status, Status::unavailable);
  EXPECT_NE(offline.why.sentence.find("silent"), std::string::npos);
}

TEST_F(LinkLiveness, StaysWithAHubThatAnswers) {
  hub.ping_ms = quiet_ms;
  go_online();
  for (int i = 0; i < 3; ++i) {
    const auto ping = hub.expect<proto::Ping>();
    hub.send(proto::Pong{ping.token});
  }
  EXPECT_TRUE(link->online());
}

TEST_F(LinkLiveness, ShowsItselfWhileItDoesNotRead) {
  hub.ping_ms = quiet_ms;
  go_online();
  hub.attach("lobby", 7, 1);
  const std::string body(1'000'000, 'x');
  for (std::uint64_t seq = 1; seq <= 4; ++seq) hub.deliver(7, seq, body);
  for (int i = 0; i < 3; ++i) hub.expect<proto::Pong>();
  EXPECT_TRUE(link->online());
  expect_event<RoomAttached>();
  for (std::uint64_t seq = 1; seq <= 4; ++seq) expect_message(seq, body);
}

}  // namespace
}  // namespace hubbub::link
