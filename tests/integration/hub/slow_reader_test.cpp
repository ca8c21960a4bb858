// A slow reader harms nobody and isn't thrown out: it reads on from the tail or, where the room is durable, from the
// disk, and is told exactly what it missed.
#include <gtest/gtest.h>

#include "tests/support/hub_process.hpp"
#include "tests/support/wire_client.hpp"
#include "tests/unit/config/temporary_folder.hpp"

namespace hubbub::test {
namespace {

constexpr int small_buffer = 16384;
constexpr std::size_t MiB = 1 << 20;
/// After so many messages of 1 kB tails, caches and SQLite's log are as large as they become.
constexpr std::uint64_t warm_up = 20'000;

/// Publishes without waiting for each, but never far ahead of the acknowledgements.
void publish_many(WireClient& client, RoomId room, std::uint64_t count, std::size_t bytes) {
  const std::string body(bytes, 'x');
  PublishId published, acknowledged;
  for (std::uint64_t i = 1; i <= count; ++i) {
    published = client.publish(room, body);
    while (published.value - acknowledged.value > 256) acknowledged = client.expect<proto::Published>().id;
  }
  while (acknowledged < published) acknowledged = client.expect<proto::Published>().id;
}

/// AddressSanitizer would keep what the hub has given up, and the search index fills caches of its own when it can.
HubOptions to_be_measured(std::vector<std::string> flags) {
  flags.emplace_back("--search-index=false");
  return {std::move(flags), {}, {"ASAN_OPTIONS=quarantine_size_mb=1"}, 0, true};
}

struct Heard {
  std::uint64_t messages = 0;
  std::uint64_t lost = 0;
};

/// Reads deliveries and losses of one room until `last`. Each continues exactly where the one before ended.
Heard read_until(WireClient& client, std::uint64_t last) {
  Heard heard;
  for (std::uint64_t next = 1; next <= last;) {
    const auto frame = client.next_frame();
    if (!frame) throw Failure("the reader was thrown out");
    if (frame->type == proto::Delivery::type) {
      EXPECT_EQ(proto::decode_value<proto::Delivery>(frame->payload)->seq.value, next);
      ++next;
      ++heard.messages;
    } else if (frame->type == proto::Lost::type) {
      const auto lost = proto::decode_value<proto::Lost>(frame->payload);
      EXPECT_EQ(lost->first.value, next);
      EXPECT_GE(lost->last.value, next);
      heard.lost += lost->last.value - lost->first.value + 1;
      next = lost->last.value + 1;
    }
    if (testing::Test::HasFailure()) break;
  }
  return heard;
}

enum class Kept { in_memory, on_disk };

class SlowReader : public testing::TestWithParam<std::tuple<std::string, Kept>> {
 protected:
  [[nodiscard]] std::vector<std::string> flags(const std::string& tail_bytes) const {
    const auto& [cores, kept] = GetParam();
    return {"--cores",
            cores,
            "--tail-bytes",
            tail_bytes,
            "--data",
            kept == Kept::on_disk ? data_.path() : "none",
            "--limits-queued-bytes",
            "65536"};
  }

  /// What a sanitizer's allocator holds back of what goes to the disk and comes from there says nothing.
  [[nodiscard]] static bool memory_tells() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    return std::get<Kept>(GetParam()) == Kept::in_memory;
#else
    return true;
#endif
  }

 private:
  TemporaryFolder data_;
};
using SlowReaderOfATransientRoom = SlowReader;
using SlowReaderOfADurableRoom = SlowReader;

constexpr auto name_of = [](const auto& info) {
  const auto& [cores, kept] = info.param;
  return (kept == Kept::on_disk ? "Durable" : "Transient") + cores + "Core" + (cores == "1" ? "" : "s");
};
INSTANTIATE_TEST_SUITE_P(Of, SlowReader,
                         testing::Combine(testing::Values("1", "2"), testing::Values(Kept::in_memory, Kept::on_disk)),
                         name_of);
INSTANTIATE_TEST_SUITE_P(Of, SlowReaderOfATransientRoom,
                         testing::Combine(testing::Values("1", "2"), testing::Values(Kept::in_memory)), name_of);
INSTANTIATE_TEST_SUITE_P(Of, SlowReaderOfADurableRoom,
                         testing::Combine(testing::Values("1", "2"), testing::Values(Kept::on_disk)), name_of);

TEST_P(SlowReader, CatchesUpWithoutALoss) {
  HubProcess hub(flags("67108864"));
  WireClient slow(hub.url(), small_buffer), talker(hub.url());
  slow.greet("slow");
  slow.subscribe("lobby");
  talker.greet("talker");
  publish_many(talker, talker.open("lobby"), 20'000, 1000);
  const auto heard = read_until(slow, 20'000);
  EXPECT_EQ(heard.messages, 20'000u);
  EXPECT_EQ(heard.lost, 0u);
}

TEST_P(SlowReaderOfATransientRoom, IsToldExactlyWhatTheTailHasLost) {
  HubProcess hub(flags("262144"));
  WireClient slow(hub.url(), small_buffer), talker(hub.url());
  slow.greet("slow");
  slow.subscribe("lobby");
  talker.greet("talker");
  const auto room = talker.open("lobby");
  publish_many(talker, room, 20'000, 1000);
  const auto heard = read_until(slow, 20'000);
  EXPECT_EQ(heard.messages + heard.lost, 20'000u);
  EXPECT_GT(heard.lost, 0u) << "20 MB don't fit into a tail of 256 KiB";
  EXPECT_GT(heard.messages, 100u) << "what was still there comes";
  talker.say(room, "and on");
  EXPECT_EQ(slow.expect<proto::Delivery>().body.bytes, "and on") << "it has caught up and goes on as before";
}

TEST_P(SlowReaderOfADurableRoom, IsGivenFromTheDiskWhatTheTailHasLost) {
  HubProcess hub(to_be_measured(flags("262144")));
  WireClient slow(hub.url(), small_buffer), talker(hub.url());
  slow.greet("slow");
  slow.subscribe("lobby");
  talker.greet("talker");
  const auto room = talker.open("lobby");
  publish_many(talker, room, warm_up, 1000);
  const auto before = hub.memory_bytes();
  publish_many(talker, room, 40'000, 1000);
  const auto after = hub.memory_bytes();
  const auto heard = read_until(slow, warm_up + 40'000);
  EXPECT_EQ(heard.messages, warm_up + 40'000);
  EXPECT_EQ(heard.lost, 0u);
  if (memory_tells()) EXPECT_LT(after, before + 8 * MiB) << "these 40 MB were only on the disk";
  talker.say(room, "and on");
  EXPECT_EQ(slow.expect<proto::Delivery>().body.bytes, "and on") << "it has caught up and goes on as before";
}

TEST_P(SlowReader, DoesNotHoldUpTheOthers) {
  HubProcess hub(flags("262144"));
  WireClient slow(hub.url(), small_buffer), talker(hub.url()), quick(hub.url());
  slow.greet("slow");
  slow.subscribe("lobby");
  quick.greet("quick");
  quick.subscribe("lobby");
  talker.greet("talker");
  const auto room = talker.open("lobby");
  const std::string body(1000, 'x');
  for (int i = 1; i <= 1'000; ++i) {  // in step with the quick one, who therefore never falls behind
    talker.publish(room, body);
    EXPECT_EQ(quick.expect<proto::Delivery>().seq.value, static_cast<std::uint64_t>(i));
  }
}

TEST_P(SlowReader, CostsTheHubBoundedMemory) {
  HubProcess hub(to_be_measured(flags("1048576")));
  std::vector<WireClient> slow;
  for (int i = 0; i < 20; ++i) {
    slow.emplace_back(hub.url(), small_buffer);
    slow.back().greet("slow-" + std::to_string(i));
    slow.back().subscribe("lobby");
  }
  WireClient talker(hub.url());
  talker.greet("talker");
  const auto room = talker.open("lobby");
  publish_many(talker, room, warm_up, 1000);
  const auto before = hub.memory_bytes();
  publish_many(talker, room, 40'000, 1000);
  const auto after = hub.memory_bytes();
  if (memory_tells()) EXPECT_LT(after, before + 8 * MiB) << "40 MB went past 20 readers that read nothing";
}

TEST_P(SlowReader, OfAQueueGroupGetsNothingWhileAnotherIsReady) {
  HubProcess hub(flags("67108864"));
  WireClient slow(hub.url(), small_buffer), quick(hub.url()), talker(hub.url());
  slow.greet("slow");
  slow.subscribe("jobs", proto::From::now, {}, "crew");
  quick.greet("quick");
  quick.subscribe("jobs", proto::From::now, {}, "crew");
  talker.greet("talker");
  const auto room = talker.open("jobs");
  constexpr std::uint64_t jobs = 10'000;
  publish_many(talker, room, jobs, 1000);
  std::uint64_t taken = 0, held = 0;
  for (; taken < jobs * 9 / 10; ++taken) quick.expect<proto::Delivery>();  // the slow one holds what fits, and no more
  wait_until("each is with one of them", [&] {
    while (quick.find<proto::Delivery>()) ++taken;
    while (slow.find<proto::Delivery>()) ++held;
    return taken + held >= jobs;
  });
  EXPECT_EQ(taken + held, jobs);
}

TEST_P(SlowReader, ThatLeavesGivesWhatItWasNotSentToTheOthersOfItsGroup) {
  HubProcess hub(flags("67108864"));
  WireClient slow(hub.unix_url()), talker(hub.url());
  slow.greet("");
  slow.subscribe("jobs", proto::From::now, {}, "crew");
  talker.greet("talker");
  const auto room = talker.open("jobs");
  constexpr std::uint64_t jobs = 3'000;
  publish_many(talker, room, jobs, 1000);  // alone in its group, it holds some; the rest waits
  WireClient quick(hub.url());
  quick.greet("quick");
  quick.subscribe("jobs", proto::From::now, {}, "crew");
  talker.say(room, "last");
  slow.shut_down_writing();  // and is gone; what its socket holds has reached it
  std::uint64_t by_quick = 0, by_slow = 0;
  while (const auto frame = slow.next_frame())
    if (frame->type == proto::Delivery::type) ++by_slow;
  while (by_quick + by_slow < jobs + 1) {
    quick.expect<proto::Delivery>();
    ++by_quick;
  }
  EXPECT_FALSE(quick.find<proto::Delivery>()) << "nobody gets what another got";
  EXPECT_GT(by_quick, 0u);
}

TEST_P(SlowReader, ThatIsBehindWhenTheHubStopsIsGivenTheRestBeforeItsClosing) {
  auto unhurried = flags("67108864");
  unhurried.insert(unhurried.end(), {"--liveness-drain-ms", "600000"});
  HubProcess hub(unhurried);
  WireClient slow(hub.url(), small_buffer), talker(hub.url());
  slow.greet("slow");
  slow.subscribe("lobby");
  talker.greet("talker");
  const auto room = talker.open("lobby");
  constexpr std::uint64_t messages = 10'000;
  publish_many(talker, room, messages, 1000);
  hub.signal(SIGTERM);
  for (std::uint64_t i = 1; i <= messages; ++i) ASSERT_EQ(slow.expect<proto::Delivery>().seq.value, i);
  EXPECT_EQ(slow.expect_closing().reason, proto::CloseReason::shutdown);
  EXPECT_EQ(hub.wait(), 0);
}

TEST_P(SlowReader, SubscribersThatComeDuringAStreamMissNothingFromTheirFirst) {
  HubProcess hub(flags("67108864"));
  WireClient talker(hub.url());
  talker.greet("talker");
  const auto room = talker.open("lobby");
  std::vector<WireClient> late;
  constexpr std::uint64_t messages = 6'000;
  for (std::uint64_t i = 1; i <= messages; ++i) {
    talker.publish(room, "x");
    if (i % 200 != 0) continue;
    late.emplace_back(hub.url());
    late.back().greet("late-" + std::to_string(i));
    late.back().start(proto::RoomSubscribe{Pattern::literal("lobby"), proto::From::now, {}, {}, false});
  }
  for (auto& client : late) {
    auto next = client.expect<proto::Attached>().next.value;
    for (; next <= messages; ++next) ASSERT_EQ(client.expect<proto::Delivery>().seq.value, next);
  }
}

}  // namespace
}  // namespace hubbub::test
