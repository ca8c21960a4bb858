#include "client/cli/ipc/figures.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace hubbub::ipc {
namespace {

using namespace std::chrono_literals;

TEST(Percentile, IsASampleThatSoManyDontExceed) {
  std::vector<std::chrono::nanoseconds> hundred;
  for (int i = 1; i <= 100; ++i) hundred.emplace_back(i);
  EXPECT_EQ(percentile(hundred, 50), 50ns);
  EXPECT_EQ(percentile(hundred, 99), 99ns);
  EXPECT_EQ(percentile(hundred, 100), 100ns);
}

TEST(Percentile, IsTheWorstWhereThereAreFew) {
  EXPECT_EQ(percentile({1ns, 2ns, 7ns}, 50), 2ns);
  EXPECT_EQ(percentile({1ns, 2ns, 7ns}, 99), 7ns);
  EXPECT_EQ(percentile({5ns}, 1), 5ns);
}

TEST(Figures, HaveRatesOfWhatArrived) {
  Figures figures;
  figures.messages = 3'000;
  figures.took = 1500ms;
  figures.message_bytes = 500;
  EXPECT_DOUBLE_EQ(figures.messages_per_second(), 2'000);
  EXPECT_DOUBLE_EQ(figures.megabytes_per_second(), 1);
  EXPECT_EQ(Figures().messages_per_second(), 0);
}

TEST(JsonRow, HasWhatWasMeasuredAndWhere) {
  const Figures figures{1'000, 7'125ns, 15'250ns, 600, 2ms, 128};
  const auto json = nlohmann::json::parse(json_row({"pipe", figures}, {2, 0.25}));
  EXPECT_EQ(json, nlohmann::json::parse(R"({"mechanism": "pipe", "cpus": 2, "load": 0.25, "bytes": 128,
      "round_trips": 1000, "p50_us": 7.125, "p99_us": 15.25,
      "messages": 600, "messages_per_second": 300000, "megabytes_per_second": 38.4})"));
}

TEST(JsonRow, SaysWhyNothingWasMeasured) {
  const auto json = nlohmann::json::parse(json_row({"queue", fail(Status::unavailable, "no \"queues\"")}, {1, 0}));
  EXPECT_EQ(json, nlohmann::json::parse(R"({"mechanism": "queue", "cpus": 1, "load": 0.0,
      "status": "unavailable", "error": "no \"queues\""})"));
}

}  // namespace
}  // namespace hubbub::ipc
