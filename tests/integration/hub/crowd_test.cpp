// Crowds and shortages: ten thousand at once, no descriptors left, no memory for one more queue. The others are served.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <exception>
#include <iostream>

#include "tests/support/hub_process.hpp"
#include "tests/support/wire_client.hpp"

namespace hubbub::test {
namespace {

/// As many descriptors for this program as it may have.
std::size_t raise_descriptor_limit() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  return limit.rlim_cur;
}

void expect_served(WireClient& client, RoomId room) {
  client.say(room, "served");
  EXPECT_EQ(client.expect<proto::Delivery>().body.bytes, "served");
}

/// Shows the end of the hub's log beneath a failure.
class LogOnFailure {
 public:
  explicit LogOnFailure(const HubProcess& hub) : hub_(hub) {}
  ~LogOnFailure() {
    if (testing::Test::HasFailure() || std::uncaught_exceptions() > 0)
      std::cerr << "the hub logged:\n" << end_of(hub_.log());
  }
  LogOnFailure(const LogOnFailure&) = delete;
  LogOnFailure& operator=(const LogOnFailure&) = delete;

 private:
  const HubProcess& hub_;
};

TEST(Crowd, TenThousandThatConnectAtOnceAreAllLetInAndTheOthersAreServedMeanwhile) {
  constexpr std::size_t crowd = 10'000;
  if (raise_descriptor_limit() < crowd + 100) GTEST_SKIP() << "this system allows fewer than 10,100 open files";
  HubProcess hub({"--cores", "2", "--liveness-handshake-ms", "60000"});
  WireClient witness(hub.url());
  witness.greet("witness");
  const auto room = witness.open("lobby");
  witness.subscribe("lobby");
  std::vector<WireClient> clients;
  clients.reserve(crowd);
  proto::Hello hello;
  for (std::size_t i = 0; i < crowd; ++i) {
    clients.emplace_back(hub.url());
    clients.back().send(hello);
    if (i % 1000 == 999) expect_served(witness, room);
  }
  for (auto& client : clients) client.expect<proto::Welcome>();
  EXPECT_EQ(witness.call(proto::HubInfo{})->sessions, crowd + 1);
  expect_served(witness, room);
}

TEST(Crowd, WithoutDescriptorsTheNextOnesWaitOrAreTurnedAwayAndTheOthersAreServed) {
  HubOptions options;
  options.files_max = 64;
  HubProcess hub(options);
  const LogOnFailure log(hub);
  WireClient witness(hub.url());
  witness.greet("witness");
  const auto room = witness.open("lobby");
  witness.subscribe("lobby");
  {
    std::vector<WireClient> clients;
    for (int i = 0; i < 200; ++i) clients.emplace_back(hub.url());
    hub.wait_for_log("another connection");
    expect_served(witness, room);
    const auto before = hub.cpu_time();
    for (int i = 0; i < 300; ++i) expect_served(witness, room);
    EXPECT_LT(hub.cpu_time() - before, Milliseconds(2000)) << "it doesn't spin";
  }
  wait_until("there is room again", [&] {
    try {
      WireClient again(hub.url());
      again.greet("");
      return true;
    } catch (const Failure&) {
      return false;
    }
  });
}

TEST(Crowd, OneThatAsksAndNeverReadsTheAnswersIsHeldUpAndTheOthersAreServed) {
  HubProcess hub({"--cores", "2"});
  WireClient witness(hub.url());
  witness.greet("witness");
  const auto room = witness.open("lobby");
  witness.subscribe("lobby");
  WireClient greedy(hub.url(), 16384);
  greedy.greet("greedy");
  const auto before = hub.memory_bytes();
  std::string calls;
  for (std::uint64_t id = 1; id <= 1000; ++id)
    proto::encode(proto::Call{CallId{id}, 0, MethodName::literal("hub.methods"), {}}, calls);
  const auto ask_on_and_on = [&] {
    while (greedy.send_bytes(calls, Deadline(Milliseconds(1000)))) {
    }
  };
  EXPECT_THROW(ask_on_and_on(), Failure) << "TCP pushes back";
  EXPECT_LT(hub.memory_bytes(), before + (64u << 20));
  expect_served(witness, room);
}

TEST(Crowd, WithoutMemoryForOneMoreQueueTheOthersAreServed) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "sanitizers need the address space that this test takes away";
#endif
  HubProcess hub({"--cores", "1"});
  WireClient witness(hub.url());
  witness.greet("witness");
  const auto room = witness.open("lobby");
  witness.subscribe("lobby");
  expect_served(witness, room);
  const auto pages = std::stoul(read_file("/proc/" + std::to_string(hub.pid()) + "/statm"));
  const rlimit limit{pages * 4096 + (8u << 20), RLIM_INFINITY};
  ASSERT_EQ(::prlimit(hub.pid(), RLIMIT_AS, &limit, nullptr), 0);
  const std::string part = std::string("\x10\x00\x00\x10", 4) + std::string(900'000, 'x');
  std::vector<WireClient> hungry;
  for (int i = 0; i < 40; ++i) {  // each makes the hub keep most of a megabyte
    hungry.emplace_back(hub.url());
    try {
      hungry.back().greet("");
      hungry.back().send_bytes(part);
    } catch (const Failure&) {  // turned away: also an answer
    }
    expect_served(witness, room);
  }
  EXPECT_TRUE(hub.running()) << hub.log();
  hungry.clear();
  wait_until("those who came back are served again", [&] {
    try {
      WireClient again(hub.url());
      again.greet("");
      return true;
    } catch (const Failure&) {
      return false;
    }
  });
  EXPECT_EQ(hub.stop(), 0) << hub.log();
}

}  // namespace
}  // namespace hubbub::test
