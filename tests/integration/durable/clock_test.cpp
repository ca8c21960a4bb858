// The machine's clock is set while the hub runs, by an hour ahead or back: what is measured isn't changed by it, what
// is dated behaves as docs/operations.md says.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>

#include "tests/integration/durable/kept_hub.hpp"

namespace hubbub::test {
namespace {

using std::chrono::hours, std::chrono::minutes;

/// What the preloaded clock reads.
class ClockAhead {
 public:
  explicit ClockAhead(const std::string& file) : file_(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {
    set(hours(0));
  }
  ~ClockAhead() { ::close(file_); }
  ClockAhead(const ClockAhead&) = delete;
  ClockAhead& operator=(const ClockAhead&) = delete;

  void set(std::chrono::nanoseconds ahead) const {
    const std::int64_t ns = ahead.count();
    if (::pwrite(file_, &ns, sizeof ns, 0) != sizeof ns) throw Failure("the clock can't be set");
  }

 private:
  const int file_;
};

class AClockThatIsSet : public testing::Test {
 protected:
  void SetUp() override {
#ifndef HUBBUB_ANOTHER_CLOCK
    GTEST_SKIP() << "a sanitizer wants to be the first that is preloaded";
#endif
  }
  void TearDown() override { std::filesystem::remove(file_); }

  KeptHub start() const {
#ifdef HUBBUB_ANOTHER_CLOCK
    return KeptHub({"--rooms-rules", "short.* age=30m", "--liveness-ping-ms", "100", "--liveness-pong-ms", "10000"}, {},
                   {"LD_PRELOAD=" HUBBUB_ANOTHER_CLOCK, "HUBBUB_CLOCK_AHEAD=" + file_});
#else
    return KeptHub();
#endif
  }
  static std::chrono::nanoseconds now(WireClient& client) {
    return std::chrono::nanoseconds(client.call(proto::HubPing{}).value().time.ns);
  }
  static WallTime time_of_newest(WireClient& client, const std::string& room) {
    const auto page = client.call(proto::RoomHistory{RoomName::literal(room), {}, 1}).value();
    return proto::decode_value<proto::Delivery>(page.messages.at(0).bytes).value().time;
  }
  static Seq first_of(WireClient& client, const std::string& room) {
    return client.call(proto::RoomHistory{RoomName::literal(room), {}, 500}).value().first;
  }

  const std::string file_ = std::filesystem::temp_directory_path() / ("hubbub-clock-" + std::to_string(::getpid()));
  const ClockAhead ahead_{file_};
};

TEST_F(AClockThatIsSet, EndsNoSessionAndNoCallAndKnowsEveryProducer) {
  auto hub = start();
  auto alice = hub.client("alice");
  const auto room = alice.open("lobby");
  alice.ignore_pings();
  ASSERT_EQ(alice.say(room, "one"), Seq{1});
  std::uint64_t published = 1;
  for (const auto jump : {hours(1), hours(-1)}) {
    const auto waits = alice.start(proto::RoomNext{RoomName::literal("lobby"), {}}, 600'000);
    const auto before = now(alice);
    ahead_.set(jump);
    EXPECT_GE(std::chrono::abs(now(alice) - before), minutes(59)) << "or the test shows nothing";
    alice.send(proto::Pong{alice.expect<proto::Ping>().token});  // so the hub has looked at the time
    alice.send(proto::Publish{room, PublishId{1}, 0, proto::Kind::text, {}, {"one"}});
    EXPECT_EQ(alice.expect<proto::Published>().seq, Seq{1}) << "a duplicate is one at any time";
    EXPECT_EQ(alice.say(room, "next"), Seq{++published});
    EXPECT_TRUE(alice.finish<proto::RoomNext>(waits)) << "its deadline is ten minutes from when it was asked";
  }
}

TEST_F(AClockThatIsSet, AheadMakesOldWhatItSaysIsOldAndNothingElse) {
  auto hub = start();
  auto alice = hub.client("alice");
  const auto kept = alice.open("kept"), brief = alice.open("short.lived");
  for (int i = 0; i < 200; ++i) alice.say(brief, std::string(1000, 'x'));
  alice.say(kept, "x");
  ahead_.set(hours(1));
  alice.say(brief, "new");
  wait_until("what is too old is given up", [&] { return first_of(alice, "short.lived") > Seq{1}; });
  EXPECT_LE(first_of(alice, "short.lived"), Seq{201}) << "but not what was said since";
  EXPECT_EQ(first_of(alice, "kept"), Seq{1});
}

TEST_F(AClockThatIsSet, AheadMakesDueWhatIsToBePostedByThen) {
  auto hub = start();
  auto alice = hub.client("alice");
  alice.subscribe("lobby");
  proto::LaterPost post;
  post.room = RoomName::literal("lobby");
  post.delay_ms = 1'800'000;
  post.body.bytes = "in half an hour";
  ASSERT_TRUE(alice.call(post));
  ahead_.set(hours(1));
  EXPECT_EQ(alice.expect<proto::Delivery>().body.bytes, "in half an hour");
  ASSERT_TRUE(alice.call(post));
  ahead_.set(hours(-1));
  post.delay_ms = 1;
  post.body.bytes = "at once";
  ASSERT_TRUE(alice.call(post));
  EXPECT_EQ(alice.expect<proto::Delivery>().body.bytes, "at once") << "though what was read last was due later";
  EXPECT_EQ(alice.call(proto::LaterList{})->messages.size(), 1u);
}

TEST_F(AClockThatIsSet, BackGivesNoMessageATimeBeforeTheOneBefore) {
  auto hub = start();
  auto alice = hub.client("alice");
  const auto room = alice.open("short.lived");
  alice.say(room, "one");
  const auto one = time_of_newest(alice, "short.lived");
  ahead_.set(hours(-1));
  alice.say(room, "two");
  EXPECT_EQ(time_of_newest(alice, "short.lived"), one);
  hub.restart(SIGKILL);
  auto again = hub.client("alice");
  again.send(proto::Publish{again.open("short.lived"), PublishId{3}, 0, proto::Kind::text, {}, {"three"}});
  EXPECT_EQ(again.expect<proto::Published>().seq, Seq{3});
  EXPECT_EQ(time_of_newest(again, "short.lived"), one) << "over a restart, too";
  EXPECT_EQ(first_of(again, "short.lived"), Seq{1});
}

}  // namespace
}  // namespace hubbub::test
