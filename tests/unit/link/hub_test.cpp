// The library against a real hub.
#include <gtest/gtest.h>

#include <map>
#include <thread>

#include "client/link/blocking.hpp"
#include "tests/support/hub_process.hpp"
#include "tests/unit/link/relay.hpp"
#include "tests/unit/link/scratch.hpp"

namespace hubbub::link {
namespace {

using test::HubProcess;

Options options_for(const std::string& url, const std::string& name) {
  Options options;
  options.hub = Address::parse(url).value();
  options.name = name;
  options.program = "test";
  options.owner.bytes[0] = static_cast<std::uint8_t>(name[0]);
  options.backoff_min = std::chrono::milliseconds(5);
  options.backoff_max = std::chrono::milliseconds(50);
  return options;
}

Outgoing saying(const std::string& body, std::string_view room = "lobby") {
  Outgoing message;
  message.room = RoomName::literal(room);
  message.body = body;
  return message;
}

Subscription to(std::string_view pattern) {
  Subscription subscription;
  subscription.pattern = Pattern::literal(pattern);
  return subscription;
}

/// The next message; other events are passed over, a gap is a failure.
Message next_message(BlockingLink& link) {
  const test::Deadline deadline;
  while (auto event = link.next_within(std::chrono::milliseconds(deadline.left_ms()))) {
    if (std::holds_alternative<Gap>(*event)) throw test::Failure("a gap");
    if (auto* message = std::get_if<Message>(&*event)) return *std::move(message);
  }
  throw test::Failure("no message came");
}

template <class Event>
void wait_for_event(BlockingLink& link) {
  const test::Deadline deadline;
  while (auto event = link.next_within(std::chrono::milliseconds(deadline.left_ms())))
    if (std::holds_alternative<Event>(*event)) return;
  throw test::Failure("the event didn't come");
}

TEST(LinkWithHub, TalksOverTcpAndUnixSockets) {
  HubProcess hub;
  BlockingLink alice(options_for(hub.url(), "alice")), bob(options_for(hub.unix_url(), ""));
  const auto welcome = alice.connect();
  ASSERT_TRUE(welcome) << welcome.error().sentence;
  EXPECT_EQ(welcome->name.str(), "alice");
  EXPECT_FALSE(welcome->verified);
  const auto proven = bob.connect();
  ASSERT_TRUE(proven) << proven.error().sentence;
  EXPECT_TRUE(proven->verified);
  ASSERT_TRUE(bob.subscribe(to(">")));
  const auto receipt = alice.publish(saying("hi"));
  ASSERT_TRUE(receipt) << receipt.error().sentence;
  EXPECT_EQ(receipt->seq.value, 1u);
  const auto message = next_message(bob);
  EXPECT_EQ(message.body, "hi");
  EXPECT_EQ(message.from.str(), "alice");
  alice.close();
  bob.close();
  EXPECT_EQ(hub.stop(), 0);
}

TEST(LinkWithHub, TakesALotAndLosesNothing) {
  HubProcess hub({"--cores", "2"});
  BlockingLink publisher(options_for(hub.url(), "pub")), reader(options_for(hub.url(), "reader"));
  ASSERT_TRUE(publisher.connect());
  ASSERT_TRUE(reader.connect());
  ASSERT_TRUE(reader.subscribe(to("flood")));
  constexpr std::uint64_t messages = 20'000;
  std::thread publishing([&] {
    for (std::uint64_t i = 1; i <= messages; ++i)
      ASSERT_TRUE(publisher.publish_soon(saying(std::to_string(i), "flood")));
    ASSERT_TRUE(publisher.drain());
  });
  for (std::uint64_t i = 1; i <= messages; ++i) {
    const auto message = next_message(reader);
    ASSERT_EQ(message.seq.value, i);
    ASSERT_EQ(message.body, std::to_string(i));
  }
  publishing.join();
  EXPECT_EQ(publisher.unacknowledged(), 0u);
}

TEST(LinkWithHub, SaysEverythingOnceToAHubThatLimitsIt) {
  test::HubOptions limited;
  limited.flags = {"--cores", "2"};
  limited.config = "[limits]\nmessage_rate = 20000\nmessage_burst = 500\n";
  HubProcess hub(limited);
  BlockingLink publisher(options_for(hub.url(), "pub")), reader(options_for(hub.url(), "reader"));
  ASSERT_TRUE(publisher.connect());
  ASSERT_TRUE(reader.connect());
  ASSERT_TRUE(reader.subscribe(to("flood")));
  constexpr std::uint64_t messages = 5'000;
  for (std::uint64_t i = 1; i <= messages; ++i) ASSERT_TRUE(publisher.publish_soon(saying(std::to_string(i), "flood")));
  const auto drained = publisher.drain();
  ASSERT_TRUE(drained) << drained.error().sentence;
  for (std::uint64_t i = 1; i <= messages; ++i) ASSERT_EQ(next_message(reader).body, std::to_string(i));
}

TEST(LinkWithHub, GoesOnAfterTheHubWasRestarted) {
  const ScratchFolder folder;
  const auto url = "unix://" + folder.path() + "/hub";  // a port could be somebody else's meanwhile
  const std::vector<std::string> flags = {"--listen", url};
  std::optional<HubProcess> hub(flags);
  BlockingLink alice(options_for(url, "alice")), bob(options_for(url, "bob"));
  ASSERT_TRUE(alice.connect());
  ASSERT_TRUE(bob.connect());
  ASSERT_TRUE(bob.subscribe(to("lobby")));
  ASSERT_TRUE(alice.publish(saying("before")));
  EXPECT_EQ(next_message(bob).body, "before");
  hub->stop();
  hub.reset();
  wait_for_event<Offline>(alice);
  wait_for_event<Offline>(bob);
  ASSERT_TRUE(alice.publish_soon(saying("during")));
  hub.emplace(flags);
  ASSERT_TRUE(alice.drain());
  const auto message = next_message(bob);
  EXPECT_EQ(message.body, "during");
  EXPECT_EQ(message.seq.value, 1u);
}

TEST(LinkWithHub, SaysAndHearsEverythingOnceOverManyLosses) {
  HubProcess hub({"--cores", "2"});
  Relay road(Address::parse(hub.url()).value());
  BlockingLink publisher(options_for(road.url(), "pub")), reader(options_for(road.url(), "reader"));
  ASSERT_TRUE(publisher.connect());
  ASSERT_TRUE(reader.connect());
  ASSERT_TRUE(reader.subscribe(to("r.>")));
  constexpr std::uint64_t messages = 6'000;
  std::thread publishing([&] {
    for (std::uint64_t i = 1; i <= messages; ++i) {
      ASSERT_TRUE(publisher.publish_soon(saying(std::to_string(i), i % 2 == 0 ? "r.even" : "r.odd")));
      if (i % 600 == 0) road.cut();
    }
    ASSERT_TRUE(publisher.drain());
  });
  std::map<std::string, std::uint64_t> heard;
  for (std::uint64_t i = 1; i <= messages; ++i) {
    const auto message = next_message(reader);
    ASSERT_EQ(message.seq.value, ++heard[message.room.str()]);
    const auto number = message.seq.value * 2 - (message.room.str() == "r.odd" ? 1 : 0);
    ASSERT_EQ(message.body, std::to_string(number));
  }
  publishing.join();
  EXPECT_GE(road.connections(), 4u);
}

}  // namespace
}  // namespace hubbub::link
