// A dump of the live state, written by a forked child while the hub serves on.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

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
  hub->wait_for_log("dumped");
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
