// A dump of the live state, written by a forked child while the hub serves on.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <thread>

#include "tests/integration/durable/kept_hub.hpp"

namespace hubbub::test {
namespace {

using Json = nlohmann::json;

Json read_dump(const std::string& path) { return Json::parse(read_file(path)); }

/// Who runs the hub, over its UNIX socket.
WireClient operator_of(KeptHub& hub) {
  WireClient client(hub->unix_url());
  client.greet("whoever");
  return client;
}

TEST(Dump, ShowsSessionsRoomsCursorsAndMemoryAsTheyAre) {
  KeptHub hub;
  auto alice = hub.client("alice");
  alice.call(proto::RoomJoin{RoomName::literal("lobby")}).value();
  alice.subscribe("lobby");
  const auto room = alice.open("lobby");
  for (int i = 0; i < 5; ++i) alice.say(room, "x");
  alice.call(proto::CursorSet{RoomName::literal("lobby"), {}, Seq{3}}).value();

  const auto dumped = operator_of(hub).call(proto::HubDump{}).value();
  const auto dump = read_dump(dumped.file.str());
  EXPECT_EQ(dumped.bytes, std::filesystem::file_size(dumped.file.str()));
  EXPECT_GT(dumped.pause_us, 0u);
  EXPECT_LE(dumped.pause_us, (dumped.took_ms + 1) * 1000) << "whole milliseconds were counted";
  EXPECT_EQ(dump["hub"]["pid"], hub->pid());
  EXPECT_GT(dump["memory"]["resident_bytes"], 1'000'000);
  ASSERT_EQ(dump["rooms"].size(), 1u);
  const auto& lobby = dump["rooms"][0];
  EXPECT_EQ(lobby["name"], "lobby");
  EXPECT_EQ(lobby["last"], 5);
  EXPECT_EQ(lobby["durable"], true);
  EXPECT_EQ(lobby["members"], Json({"alice"}));
  EXPECT_EQ(lobby["cursors"][0]["seq"], 3);
  ASSERT_EQ(dump["sessions"].size(), 2u);
  const auto hers = std::ranges::find_if(dump["sessions"], [](const Json& one) { return one["name"] == "alice"; });
  ASSERT_NE(hers, dump["sessions"].end());
  EXPECT_EQ((*hers)["rooms"][0]["next"], 6);
}

TEST(Dump, ComesBySignalToo) {
  KeptHub hub;
  hub->signal(SIGUSR2);
  hub->wait_for_log("pause_us=");
  std::size_t dumps = 0;
  for (const auto& entry : std::filesystem::directory_iterator(hub.data()))
    if (entry.path().extension() == ".json") ++dumps;
  EXPECT_EQ(dumps, 1u);
}

/// What is published while the picture is taken goes on, in order, and a connection that ends meanwhile ends.
TEST(Dump, HoldsNobodyUp) {
  KeptHub hub;
  auto alice = hub.client("alice"), bob = hub.client("bob"), root = operator_of(hub);
  bob.subscribe("lobby");
  const auto room = alice.open("lobby");
  for (int round = 0; round < 20; ++round) {
    const auto dump = root.start(proto::HubDump{});
    for (int i = 0; i < 50; ++i) alice.publish(room, "x");
    EXPECT_TRUE(root.finish<proto::HubDump>(dump));
  }
  for (std::uint64_t seq = 1; seq <= 1000; ++seq) ASSERT_EQ(bob.expect<proto::Delivery>().seq, Seq{seq});
}

TEST(Dump, ShowsTheQueueOfASlowReader) {
  constexpr std::size_t queued_bytes = 65536, chunk_bytes = 65536;
  KeptHub hub({"--limits-queued-bytes", std::to_string(queued_bytes)});
  WireClient slow(hub->url(), 16384);
  slow.greet("slow");
  slow.subscribe("lobby");
  auto alice = hub.client("alice");
  const auto room = alice.open("lobby");
  const std::string body(1000, 'x');
  for (int i = 0; i < 10'000; ++i) alice.publish(room, body);
  const auto last = alice.say(room, body).value;
  auto root = operator_of(hub);
  Json dump;
  const auto slow_one = [&] {
    return std::ranges::find(dump["sessions"], "slow", [](const Json& one) { return one["name"]; });
  };
  wait_until("it holds something, and not just nothing between two pieces", [&] {
    dump = read_dump(root.call(proto::HubDump{}).value().file.str());
    return slow_one() != dump["sessions"].end() && (*slow_one())["pinned_bytes"] > 0;
  });
  const auto session = slow_one();
  EXPECT_LE((*session)["pinned_bytes"], queued_bytes + chunk_bytes);
  EXPECT_EQ((*session)["rooms"][0]["behind"], true);
  EXPECT_LT((*session)["rooms"][0]["next"], last);
}

/// Two cores that publish, deliver and move cursors, until the end of it.
class Bustle {
 public:
  explicit Bustle(KeptHub& hub) {
    for (const auto* name : {"ann", "ben", "cleo", "dan"})
      threads_.emplace_back([this, &hub, name](const std::stop_token& end) { talk(hub.client(name), name, end); });
    wait_until("everybody talks", [this] { return talkers_ == threads_.size(); });
  }
  [[nodiscard]] int said() const { return said_; }

 private:
  void talk(WireClient client, const std::string& name, const std::stop_token& end) {
    client.subscribe(">");
    const auto room = client.open(name);
    ++talkers_;
    while (!end.stop_requested()) {
      client.call(proto::CursorSet{RoomName::literal(name), {}, client.say(room, "x")}).value();
      ++said_;
    }
  }
  std::atomic<std::size_t> talkers_ = 0;
  std::atomic<int> said_ = 0;
  std::vector<std::jthread> threads_;
};

/// What holds at every moment.
void expect_one_moment(const Json& dump) {
  std::set<std::string> people;
  for (const auto& person : dump["people"]) people.insert(person["name"]);
  std::map<std::uint32_t, std::uint64_t> last;
  for (const auto& room : dump["rooms"]) {
    last[room["id"]] = room["last"];
    EXPECT_LE(room["last"], room["newest"]) << room;
    EXPECT_LE(room["first"], room["last"].get<std::uint64_t>() + 1) << room;
    for (const auto& cursor : room["cursors"]) {
      EXPECT_LE(cursor["seq"], room["last"]) << room;
      EXPECT_TRUE(people.contains(cursor["person"])) << room;
    }
  }
  for (const auto& session : dump["sessions"]) {
    EXPECT_TRUE(people.contains(session["name"])) << session;
    for (const auto& room : session["rooms"]) {
      ASSERT_TRUE(last.contains(room["id"])) << session;
      EXPECT_LE(room["next"], last[room["id"]] + 1) << session;
    }
  }
}

TEST(Dump, IsOneMomentOfCoresUnderLoad) {
  KeptHub hub({"--cores", "2"});
  auto watcher = operator_of(hub);
  const Bustle bustle(hub);
  for (int round = 0; round < 20; ++round) {
    const int before = bustle.said();
    wait_until("more is said", [&] { return bustle.said() > before + 20; });
    const auto dump = read_dump(watcher.call(proto::HubDump{}).value().file.str());
    EXPECT_EQ(dump["rooms"].size(), 4u);
    EXPECT_EQ(dump["sessions"].size(), 5u);
    expect_one_moment(dump);
  }
}

TEST(Dump, IsRefusedWhereThereIsNoPlaceForIt) {
  HubProcess hub;
  WireClient root(hub.unix_url());
  root.greet("whoever");
  EXPECT_EQ(root.call(proto::HubDump{}).error().status, Status::failed_precondition);
}

TEST(Dump, IsForTheOperatorAlone) {
  KeptHub hub;
  const auto refused = hub.client("alice").call(proto::HubDump{});
  EXPECT_EQ(refused.error().status, Status::permission_denied);
}

}  // namespace
}  // namespace hubbub::test
