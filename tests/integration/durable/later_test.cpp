// Messages that are posted later: each once, in its time, whatever becomes of the hub meanwhile; and those that wait
// cost it no memory.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <map>
#include <set>

#include "common/clock.hpp"
#include "tests/integration/durable/kept_hub.hpp"
#include "tests/support/dice.hpp"
#include "tests/support/memory_bound.hpp"

namespace hubbub::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::uint64_t ms = 1'000'000, second = 1000 * ms;

proto::LaterPost post_in(std::uint64_t delay_ms, std::string body, const std::string& room = "lobby") {
  proto::LaterPost post;
  post.room = RoomName::literal(room);
  post.delay_ms = delay_ms;
  post.body.bytes = std::move(body);
  return post;
}

/// All that was said in the room so far.
std::vector<proto::Delivery> said(WireClient& client, std::vector<std::string>& pages, const std::string& room) {
  std::vector<proto::Delivery> all;
  for (Seq before{};;) {
    const auto page = client.call(proto::RoomHistory{RoomName::literal(room), before, 500}).value();
    std::vector<proto::Delivery> earlier;
    for (const auto& message : page.messages) {
      pages.push_back(message.bytes);
      earlier.push_back(proto::decode_value<proto::Delivery>(pages.back()).value());
    }
    all.insert(all.begin(), earlier.begin(), earlier.end());
    if (earlier.empty() || earlier.front().seq <= page.first) return all;
    before = earlier.front().seq;
  }
}
std::vector<std::string> bodies_in(WireClient& client, const std::string& room = "lobby") {
  std::vector<std::string> pages, bodies;
  pages.reserve(100'000);
  for (const auto& message : said(client, pages, room)) bodies.emplace_back(message.body.bytes);
  return bodies;
}

void let_pass(Milliseconds time) {
  const Deadline end(time);
  wait_until("time has passed", [&] { return end.passed(); });
}

std::vector<proto::LaterMessage> waiting(WireClient& client, std::uint16_t limit = 100) {
  std::vector<proto::LaterMessage> all;
  proto::LaterList question;
  question.limit = limit;
  for (;;) {
    const auto page = client.call(question).value();
    all.insert(all.end(), page.messages.begin(), page.messages.end());
    if (!page.more) return all;
    question.after_at = all.back().at;
    question.after = all.back().id;
  }
}

/// Puts so many messages of somebody's into the data of a hub that doesn't run; the first for `first`, one each `step`.
void put_later(const std::string& data, std::uint64_t count, WallTime first, std::uint64_t step_ns) {
  sqlite3* database = nullptr;
  sqlite3_open((data + "/hub.db").c_str(), &database);
  const auto sql =
      "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n LIMIT " + std::to_string(count) +
      ") INSERT INTO later(at, room, owner, uid, person, verified, kind, flags, headers, body) SELECT " +
      std::to_string(first.ns) + " + i * " + std::to_string(step_ns) +
      ", 'lobby', NULL, 4711, 'bob', 0, 0, 0, x'', CAST(i || ': a message that waits for its time' AS BLOB) FROM n";
  char* why = nullptr;
  if (sqlite3_exec(database, sql.c_str(), nullptr, nullptr, &why) != SQLITE_OK) throw Failure(why);
  sqlite3_close(database);
}

TEST(Later, IsPostedInItsTimeAsItWasSaid) {
  KeptHub hub;
  auto alice = hub.client("alice");
  alice.subscribe("lobby", proto::From::seq, Seq{1});
  auto post = post_in(300, "now");
  post.kind = proto::Kind::notice;
  post.headers.list = {{"host", "web1"}};
  post.retain = true;
  const auto taken = alice.call(post).value();
  ASSERT_EQ(waiting(alice).size(), 1u);
  const auto message = alice.expect<proto::Delivery>();
  EXPECT_EQ(message.body.bytes, "now");
  EXPECT_EQ(message.kind, proto::Kind::notice);
  EXPECT_EQ(message.headers, post.headers);
  EXPECT_EQ(message.from.str(), "alice");
  EXPECT_EQ(message.flags & proto::flags::retain, proto::flags::retain);
  EXPECT_GE(message.time, taken.at);
  EXPECT_LT(message.time.ns, taken.at.ns + 30 * second);
  EXPECT_THAT(waiting(alice), IsEmpty());
}

TEST(Later, IsPostedFromWhoSaidItThoughThatOneHasGoneAndIsCalledOtherwise) {
  KeptHub hub;
  auto bob = hub.client("bob");
  bob.subscribe("@*", proto::From::now, {}, {}, true);
  {
    auto alice = hub.client("alice");
    ASSERT_TRUE(alice.call(post_in(500, "to you alone", "@bob")));
    ASSERT_TRUE(alice.call(proto::PeopleRename{PersonName::literal("alicia")}));
    alice.send(proto::Goodbye{});
  }
  EXPECT_EQ(bob.expect<proto::Delivery>().from.str(), "alice");
}

TEST(Later, NeedsAHubThatKeepsSomething) {
  HubProcess hub({"--data", "none"});
  WireClient alice(hub.url());
  alice.greet("alice");
  EXPECT_EQ(alice.call(post_in(1, "x")).error().status, Status::failed_precondition);
  EXPECT_THAT(waiting(alice), IsEmpty());
}

TEST(Later, IsPostedOnceHoweverTheHubIsKilledAroundItsTime) {
  KeptHub hub;
  Dice dice(7);
  std::multiset<std::string> expected;
  for (int kill = 0; kill < 8; ++kill) {
    auto alice = hub.client("alice" + std::to_string(kill));
    for (int i = 0; i < 200; ++i) {
      const auto body = std::to_string(kill) + "." + std::to_string(i);
      ASSERT_TRUE(alice.call(post_in(dice.below(400), body)));
      expected.insert(body);
    }
    let_pass(Milliseconds(dice.below(300)));
    hub.restart(SIGKILL);
  }
  auto alice = hub.client("alice");
  wait_until("all are there", [&] { return bodies_in(alice).size() >= expected.size(); });
  const auto all = bodies_in(alice);
  EXPECT_EQ(std::multiset<std::string>(all.begin(), all.end()), expected);
}

TEST(Later, IsPostedInTheOrderOfItsTimeWhereTheHubWasAwayThen) {
  KeptHub hub;
  {
    auto alice = hub.client("alice");
    for (const auto* const after : {"900", "700", "800"}) ASSERT_TRUE(alice.call(post_in(std::stoul(after), after)));
    ASSERT_TRUE(alice.call(post_in(600, "first", "other")));
  }
  hub.stop();
  let_pass(Milliseconds(1000));
  hub.start();
  auto alice = hub.client("alice");
  wait_until("all are posted", [&] { return bodies_in(alice).size() == 3; });
  EXPECT_THAT(bodies_in(alice), ElementsAre("700", "800", "900"));
  EXPECT_THAT(bodies_in(alice, "other"), ElementsAre("first"));
}

TEST(Later, IsPostedInARoomThatLivesInMemoryThoughThatHasBegunAnew) {
  KeptHub hub({"--rooms-rules", "brief.* durability=memory"});
  ASSERT_TRUE(hub.client("alice").call(post_in(600, "x", "brief.one")));
  hub.restart();
  auto alice = hub.client("alice");
  alice.subscribe("brief.*", proto::From::seq, Seq{1});
  EXPECT_EQ(alice.expect<proto::Delivery>().body.bytes, "x");
  wait_until("it waits no more", [&] { return waiting(alice).empty(); });
}

TEST(Later, IsEitherPostedOrCancelled) {
  KeptHub hub;
  auto alice = hub.client("alice"), bob = hub.client("bob");
  Dice dice(3);
  std::map<std::uint64_t, std::string> bodies;
  for (int i = 0; i < 300; ++i) {
    const auto body = std::to_string(i);
    bodies[alice.call(post_in(dice.below(500), body)).value().id.value] = body;
  }
  EXPECT_EQ(bob.call(proto::LaterCancel{LaterId{bodies.begin()->first}}).error().status, Status::not_found);
  std::set<std::string> posted_by_now, cancelled;
  for (const auto& [id, body] : bodies)
    if (alice.call(proto::LaterCancel{LaterId{id}})) cancelled.insert(body);
  wait_until("nothing waits any more", [&] { return waiting(alice).empty(); });
  wait_until("the others are posted", [&] { return bodies_in(alice).size() + cancelled.size() >= bodies.size(); });
  for (const auto& body : bodies_in(alice)) {
    EXPECT_FALSE(cancelled.contains(body)) << body;
    EXPECT_TRUE(posted_by_now.insert(body).second) << body << " twice";
  }
  EXPECT_EQ(posted_by_now.size() + cancelled.size(), bodies.size());
}

TEST(Later, IsListedPageByPageTheNextFirst) {
  KeptHub hub;
  auto alice = hub.client("alice");
  for (std::uint64_t i = 0; i < 25; ++i)
    ASSERT_TRUE(alice.call(post_in(3'600'000 + (i * 7 % 25) * 1000, std::string(2000, 'x'))));
  ASSERT_TRUE(hub.client("bob").call(post_in(3'600'000, "bob's")));
  const auto all = waiting(alice, 10);
  ASSERT_EQ(all.size(), 25u);
  for (std::size_t i = 1; i < all.size(); ++i) EXPECT_LT(all[i - 1].at, all[i].at);
  EXPECT_EQ(all[0].body.bytes.size(), limits::later_shown_bytes_max);
  EXPECT_EQ(all[0].body_bytes, 2000u);
  EXPECT_EQ(waiting(alice, 0).size(), 25u) << "a page has one at least";
}

// The hub measures the time of a message when it numbers it. How late that is at most is measured on a machine that has
// nothing else to do: see hubbub_bench --only later.
TEST(Later, IsOnTimeWhereTenThousandAreDueInOneSecond) {
  constexpr std::uint64_t count = 10'000;
  KeptHub hub;
  hub.client("bob").open("lobby");
  hub.stop();
  const WallTime first{SystemClock().wall_now().ns + 3 * second};
  put_later(hub.data(), count, first, second / count);
  hub.start();
  auto alice = hub.client("alice");
  wait_until("all are posted", [&] {
    return alice.call(proto::RoomHistory{RoomName::literal("lobby"), {}, 1}).value().last == Seq{count};
  });
  std::vector<std::string> pages;
  pages.reserve(count);
  std::uint64_t i = 0, latest = 0;
  for (const auto& message : said(alice, pages, "lobby")) {
    const auto due = first.ns + i * (second / count);
    EXPECT_EQ(message.body.bytes, std::to_string(i++) + ": a message that waits for its time");
    EXPECT_GE(message.time.ns, due);
    latest = std::max(latest, message.time.ns - due);
  }
  EXPECT_EQ(i, count);
  EXPECT_LT(latest, 10 * second);
  RecordProperty("latest_ms", static_cast<int>(latest / ms));
}

TEST(Later, CostsTheHubNoMemoryWhileItWaits) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "a sanitizer has memory of its own for each byte";
#endif
  constexpr std::uint64_t count = 200'000;
  KeptHub hub;
  hub.client("bob").open("lobby");
  hub.restart();
  const auto before = hub->memory_bytes();
  hub.stop();
  put_later(hub.data(), count, WallTime{SystemClock().wall_now().ns + 86'400 * second}, ms);
  hub.start();
  auto alice = hub.client("alice");
  ASSERT_TRUE(alice.call(post_in(1, "x")));
  wait_until("one is posted all the same", [&] { return bodies_in(alice).size() == 1; });
  EXPECT_TRUE(is_below(hub->memory_bytes(), before + (12u << 20))) << "60 bytes of each would be as much";
}

}  // namespace
}  // namespace hubbub::test
