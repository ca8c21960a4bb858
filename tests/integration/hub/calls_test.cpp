// Requests: typed, named, answered once, with deadlines, cancellation, and at most one effect.
#include <gtest/gtest.h>

#include <set>

#include "tests/support/hub_process.hpp"
#include "tests/support/wire_client.hpp"

namespace hubbub::test {
namespace {

class Calls : public testing::Test {
 protected:
  Calls() : alice_(hub_.url()) { alice_.greet(me_); }
  /// A call exactly as it stands on the wire, with an id of the test's choosing.
  template <class Method>
  static void send(WireClient& client, std::uint64_t id, const Method& method, std::uint32_t deadline_ms = 0) {
    std::string arguments;
    proto::encode_value(method, arguments);
    client.send(proto::Call{CallId{id}, deadline_ms, MethodName::literal(Method::name), {arguments}});
  }
  static proto::RoomPost post(std::string body) {
    return {RoomName::literal("lobby"), proto::Kind::text, false, {}, {std::move(body)}};
  }
  std::size_t memory_peak() {
    const auto status = read_file("/proc/" + std::to_string(hub_.pid()) + "/status");
    return std::stoul(status.substr(status.find("VmHWM:") + 6)) * 1024;
  }
  static Seq seq_in(const proto::Reply& reply) {
    return proto::decode_value<proto::RoomPost::Reply>(reply.result.bytes).value().seq;
  }

  // AddressSanitizer would keep what the hub has given up, and some tests ask how much it keeps.
  HubProcess hub_{HubOptions{{"--cores", "2"}, {}, {"ASAN_OPTIONS=quarantine_size_mb=1"}}};
  Greeting me_{"alice", random_id<ClientId>(), random_id<OwnerKey>()};
  WireClient alice_;
};

TEST_F(Calls, EveryMethodOfTheTableIsThere) {
  const auto methods = alice_.call(proto::HubMethods{});
  ASSERT_TRUE(methods);
  EXPECT_EQ(methods->methods.size(), std::tuple_size_v<proto::Methods>);
  std::set<std::string> names;
  for (const auto& method : methods->methods) {
    names.insert(method.name.str());
    EXPECT_FALSE(method.help.str().empty());
  }
  EXPECT_EQ(names.size(), methods->methods.size());
  EXPECT_TRUE(names.contains("room.subscribe"));
}

TEST_F(Calls, TheHubTellsItsTimeAndItsState) {
  EXPECT_GT(alice_.call(proto::HubPing{})->time.ns, 1'700'000'000'000'000'000u);
  alice_.say(alice_.open("lobby"), "hi");
  const auto info = alice_.call(proto::HubInfo{});
  ASSERT_TRUE(info);
  EXPECT_EQ(info->cores, 2u);
  EXPECT_EQ(info->sessions, 1u);
  EXPECT_EQ(info->people, 1u);
  EXPECT_EQ(info->rooms, 1u);
  EXPECT_GE(info->published, 1u);
}

TEST_F(Calls, ManyMayBeUnderWayAndEachIsAnsweredOnce) {
  std::set<std::uint64_t> waiting;
  for (std::uint64_t id = 1; id <= 200; ++id) {
    send(alice_, id, proto::RoomOpen{RoomName::literal("room-" + std::to_string(id))});
    waiting.insert(id);
  }
  while (!waiting.empty()) EXPECT_EQ(waiting.erase(alice_.expect<proto::Reply>().id.value), 1u);
  EXPECT_FALSE(alice_.find<proto::Reply>());
}

TEST_F(Calls, LargeAnswersAreMadeAFewAtATimeAndAllCome) {
  const auto room = alice_.open("lobby");
  for (int i = 0; i < 20; ++i) alice_.say(room, std::string(100'000, 'x'));
  const auto before = memory_peak();
  constexpr std::uint64_t calls = 300;
  std::string arguments, frames;
  proto::encode_value(proto::RoomHistory{RoomName::literal("lobby"), {}, 100}, arguments);
  for (std::uint64_t id = 1001; id <= 1000 + calls; ++id)
    proto::encode(proto::Call{CallId{id}, 0, MethodName::literal(proto::RoomHistory::name), {arguments}}, frames);
  alice_.send_bytes(frames);
  send(alice_, 999, proto::HubPing{});
  std::uint64_t next = 1001, before_the_small_one = 0;
  for (std::uint64_t i = 0; i <= calls; ++i) {
    const auto reply = alice_.expect<proto::Reply>();
    if (reply.id.value == 999) {
      before_the_small_one = i;
      continue;
    }
    EXPECT_EQ(reply.id.value, next++);
    EXPECT_GT(reply.result.bytes.size(), 900'000u);
  }
  EXPECT_LT(before_the_small_one, calls / 10) << "a small answer doesn't wait for the turn of large ones";
  EXPECT_LT(memory_peak(), before + (64u << 20)) << "300 answers of a megabyte each";
}

TEST_F(Calls, WaitForTheirTurnWithTheirOwnArgumentsWhateverOthersSend) {
  HubProcess hub({"--cores", "1"});
  WireClient alice(hub.url(), 4096), bob(hub.url());
  alice.greet("alice");
  bob.greet("bob");
  const auto room = bob.open("lobby");
  for (int i = 0; i < 10; ++i) bob.say(room, std::string(100'000, 'x'));
  for (std::uint64_t id = 1; id <= 16; ++id) send(alice, id, proto::RoomHistory{RoomName::literal("lobby"), {}, 10});
  EXPECT_EQ(alice.expect<proto::Reply>().id.value, 1u);
  for (int i = 0; i < 20; ++i) bob.say(room, std::string(5'000, 'y'));  // over what was read of alice's
  for (std::uint64_t id = 2; id <= 16; ++id) {
    const auto reply = alice.expect<proto::Reply>();
    EXPECT_EQ(reply.id.value, id);
    EXPECT_EQ(reply.status, Status::ok) << reply.result.bytes;
  }
}

TEST_F(Calls, CancelledOnesAreNoWayAroundTheBoundOnLargeAnswers) {
  const auto room = alice_.open("lobby");
  for (int i = 0; i < 10; ++i) alice_.say(room, std::string(100'000, 'x'));
  const auto before = memory_peak();
  std::string arguments, frames;
  proto::encode_value(proto::RoomHistory{RoomName::literal("lobby"), {}, 100}, arguments);
  for (std::uint64_t id = 1001; id <= 1500; ++id) {
    proto::encode(proto::Call{CallId{id}, 0, MethodName::literal(proto::RoomHistory::name), {arguments}}, frames);
    proto::encode(proto::Cancel{CallId{id}}, frames);
  }
  alice_.send_bytes(frames);
  for (int i = 0; i < 500; ++i) EXPECT_EQ(alice_.expect<proto::Reply>().status, Status::cancelled);
  EXPECT_LT(memory_peak(), before + (64u << 20)) << "500 answers of a megabyte each";
}

TEST_F(Calls, ADeadlineIsKeptByTheHub) {
  send(alice_, 1, proto::RoomNext{RoomName::literal("lobby"), {}}, 100);
  const auto reply = alice_.expect<proto::Reply>();
  EXPECT_EQ(reply.id, CallId{1});
  EXPECT_EQ(reply.status, Status::deadline_exceeded);
  EXPECT_FALSE(reply.result.bytes.empty()) << "a sentence for a person";
  alice_.say(alice_.open("lobby"), "too late");
  EXPECT_FALSE(alice_.find<proto::Reply>()) << "an expired call isn't answered again";
}

TEST_F(Calls, ACancelledCallIsAnsweredWithCancelled) {
  send(alice_, 1, proto::RoomNext{RoomName::literal("lobby"), {}});
  alice_.send(proto::Cancel{CallId{1}});
  const auto reply = alice_.expect<proto::Reply>();
  EXPECT_EQ(reply.id, CallId{1});
  EXPECT_EQ(reply.status, Status::cancelled);
  alice_.say(alice_.open("lobby"), "nobody waits");
  EXPECT_FALSE(alice_.find<proto::Reply>());
}

TEST_F(Calls, ACancelAfterTheAnswerChangesNothing) {
  send(alice_, 1, proto::HubPing{});
  EXPECT_EQ(alice_.expect<proto::Reply>().status, Status::ok);
  alice_.send(proto::Cancel{CallId{1}});
  EXPECT_FALSE(alice_.find<proto::Reply>());
}

TEST_F(Calls, TheSameIdAgainGetsTheStoredReplyAndNoSecondEffect) {
  alice_.subscribe("lobby");
  send(alice_, 7, post("once"));
  const auto first = seq_in(alice_.expect<proto::Reply>());
  send(alice_, 7, post("once"));
  EXPECT_EQ(seq_in(alice_.expect<proto::Reply>()), first);
  EXPECT_EQ(alice_.expect<proto::Delivery>().body.bytes, "once");
  EXPECT_FALSE(alice_.find<proto::Delivery>());
}

TEST_F(Calls, TheStoredReplyIsThereForTheSameClientOnAnotherConnection) {
  send(alice_, 7, post("once"));
  const auto first = seq_in(alice_.expect<proto::Reply>());
  alice_.reset();
  WireClient again(hub_.url());
  again.greet(me_);
  send(again, 7, post("once"));
  EXPECT_EQ(seq_in(again.expect<proto::Reply>()), first);
  EXPECT_EQ(again.call(proto::RoomHistory{RoomName::literal("lobby"), {}, 10})->messages.size(), 1u);
}

TEST_F(Calls, ARefusalIsStoredToo) {
  WireClient bob(hub_.url());
  bob.greet("bob");
  send(alice_, 7, proto::PeopleRename{PersonName::literal("bob")});
  EXPECT_EQ(alice_.expect<proto::Reply>().status, Status::already_exists);
  ASSERT_TRUE(bob.call(proto::PeopleRename{PersonName::literal("robert")}));
  send(alice_, 7, proto::PeopleRename{PersonName::literal("bob")});
  EXPECT_EQ(alice_.expect<proto::Reply>().status, Status::already_exists) << "the answer of that call, not a new one";
}

TEST_F(Calls, AnotherClientsCallOfTheSameIdIsAnotherCall) {
  WireClient bob(hub_.url());
  bob.greet("bob");
  send(alice_, 7, post("alice's"));
  const auto first = seq_in(alice_.expect<proto::Reply>());
  send(bob, 7, post("bob's"));
  EXPECT_NE(seq_in(bob.expect<proto::Reply>()), first);
}

TEST_F(Calls, GoodbyeIsAnsweredAfterTheCallsBeforeIt) {
  for (std::uint64_t id = 1; id <= 20; ++id) send(alice_, id, post(std::to_string(id)));
  alice_.send(proto::Goodbye{});
  for (int i = 0; i < 20; ++i) EXPECT_EQ(alice_.expect<proto::Reply>().status, Status::ok);
  EXPECT_EQ(alice_.expect_closing().reason, proto::CloseReason::goodbye);
}

}  // namespace
}  // namespace hubbub::test
