// The way of a traced message, as people and programs see it.
#include "client/cli/trace_path.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/unit/cli/a_message.hpp"

namespace hubbub::cli {
namespace {

using link::Stamp;
using Side = Stamp::Side;

WallTime at(std::uint64_t us) { return WallTime{1'767'225'600'000'000'000 + us * 1000}; }

Stamp sent(std::string hop, std::string by, std::uint64_t us) {
  return {std::move(hop), Side::sent, std::move(by), at(us)};
}
Stamp received(std::string hop, std::string by, std::uint64_t us) {
  return {std::move(hop), Side::received, std::move(by), at(us)};
}

proto::RoomTrace::Reply the_hub(std::uint64_t from_us) {
  proto::RoomTrace::Reply hub;
  hub.reader_core = 1;
  hub.durability = proto::Durability::fsync;
  hub.read = at(from_us);
  hub.numbered = at(from_us + 5);
  hub.logged = at(from_us + 10);
  hub.committed = at(from_us + 5'010);
  hub.fanned_out = at(from_us + 5'020);
  hub.readers = 3;
  return hub;
}

std::vector<std::string> names(const std::vector<Hop>& path) {
  std::vector<std::string> all;
  for (const auto& hop : path) all.push_back(hop.by.empty() ? hop.name : hop.name + " by " + hop.by);
  return all;
}

const std::vector<Stamp> through_agents = {sent("pub", "agent", 0),       received("agent", "socket", 100),
                                           sent("agent", "tcp", 110),     received("agent", "tcp", 6'000),
                                           sent("agent", "local", 6'010), received("trace", "agent", 6'100)};

TEST(TracePath, HasEveryHopThroughAgentsAndTheHub) {
  EXPECT_EQ(
      names(path_of(through_agents, the_hub(200))),
      (std::vector<std::string>{"pub", "agent by UNIX socket", "agent by handed on", "hub core 1 by TCP",
                                "hub core 0 by lane between cores, numbered", "log by end of the tick", "log by fsync",
                                "fan-out by 3 readers", "agent by TCP", "agent by handed on", "trace by UNIX socket"}));
}

TEST(TracePath, HasTheShortWayStraightToTheHub) {
  const std::vector<Stamp> stamps = {sent("pub", "tcp", 0), received("trace", "tcp", 6'000)};
  const auto path = path_of(stamps, the_hub(200));
  EXPECT_EQ(names(path).front(), "pub");
  EXPECT_EQ(names(path).at(1), "hub core 1 by TCP");
  EXPECT_EQ(names(path).back(), "trace by TCP");
  EXPECT_EQ(path.size(), 7u);
}

TEST(TracePath, OfAMessageThatOnlyWentOutEndsWithTheFanOut) {
  EXPECT_EQ(path_of({sent("pub", "tcp", 0)}, the_hub(200)).back().name, "fan-out");
}

TEST(TracePath, DoesWithoutTheHubsPartWhereItIsNotKnown) {
  EXPECT_EQ(names(path_of(through_agents, std::nullopt)),
            (std::vector<std::string>{"pub", "agent by UNIX socket", "agent by handed on", "agent by TCP",
                                      "agent by handed on", "trace by UNIX socket"}));
  EXPECT_TRUE(path_of({}, std::nullopt).empty());
}

TEST(TracePath, SaysOfTheSlowestHopWhatItMayHaveWaitedFor) {
  const auto text = show_path(a_message("hi"), path_of(through_agents, the_hub(200)));
  EXPECT_NE(text.find(": 6100 µs\n"), std::string::npos) << text;
  EXPECT_NE(text.find("+5000 µs  fsync"), std::string::npos) << text;
  EXPECT_NE(text.find("<- 82 %: the disk had to make it safe"), std::string::npos) << text;
  EXPECT_EQ(text.find("<-", text.find("<-") + 1), std::string::npos) << "only of that one\n" << text;
}

TEST(TracePath, SaysThatItWaitedForTheHubInAnOutbox) {
  const std::vector<Stamp> stamps = {sent("agent", "outbox", 0), received("trace", "tcp", 90'010'000)};
  const auto text = show_path(a_message("hi"), path_of(stamps, the_hub(90'000'000)));
  EXPECT_NE(text.find("+90.0 s"), std::string::npos) << text;
  EXPECT_NE(text.find("the hub was away; until it was back it lay in the outbox"), std::string::npos) << text;
}

TEST(TracePath, SaysWhereTheClocksOfTwoHostsDisagree) {
  const std::vector<Stamp> stamps = {sent("pub", "tcp", 1'000), received("trace", "tcp", 20'000)};
  const auto text = show_path(a_message("hi"), path_of(stamps, the_hub(200)));
  EXPECT_NE(text.find("-800 µs"), std::string::npos) << text;
  EXPECT_NE(text.find("the clocks of the two hosts differ"), std::string::npos) << text;
}

TEST(TracePath, NeverPassesOnWhatATerminalWouldObey) {
  const auto text =
      show_path(a_message("hi"), path_of({sent("\x1b[2J", "\x1b[1m", 0), received("b", "\x1b]0;x", 1)}, {}));
  EXPECT_EQ(text.find('\x1b'), std::string::npos) << text;
}

TEST(TracePath, IsJsonForPrograms) {
  const auto line = json_path(a_message("hi"), path_of(through_agents, the_hub(200)));
  ASSERT_EQ(line.back(), '\n');
  const auto json = nlohmann::json::parse(line);
  EXPECT_EQ(json["hops"].size(), 11u);
  EXPECT_EQ(json["hops"][6]["hop"], "log");
  EXPECT_EQ(json["hops"][6]["by"], "fsync");
  EXPECT_EQ(json["hops"][6]["took_us"], 5000.0);
  EXPECT_EQ(json["hops"][0]["time_ns"], at(0).ns);
}

}  // namespace
}  // namespace hubbub::cli
