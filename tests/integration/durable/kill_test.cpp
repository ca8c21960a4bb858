// A hub that is killed under load, again and again, loses nothing that it acknowledged and does nothing twice.
// HUBBUB_KILLS=N kills it so often, instead of a dozen times.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/integration/durable/crowd.hpp"
#include "tests/integration/durable/kept_hub.hpp"

namespace hubbub::test {
namespace {

constexpr unsigned kept_messages = 1000;  // of kept.trimmed, as its rule says

constexpr auto rules = R"(
[rooms]
rules = ["kept.fsync durability=fsync", "kept.trimmed messages=1000"]
)";

unsigned kills_wanted() {
  const char* const text = std::getenv("HUBBUB_KILLS");
  return text == nullptr ? 12 : static_cast<unsigned>(std::strtoul(text, nullptr, 10));
}

/// What `hubbubd check` says of the data. Empty if nothing is wrong.
std::string damage_in(const std::string& data) {
  const auto checked = run_hubbubd({"check", "--data", data});
  return checked.code == 0 ? "" : checked.output + checked.errors;
}

TEST(Crashes, LoseNothingThatWasAcknowledgedAndDoNothingTwice) {
  KeptHub hub({}, rules);
  CrowdPlan plan;
  plan.rooms = {{"kept.commit"}, {"kept.fsync"}, {"kept.trimmed", kept_messages}};
  Crowd crowd(hub->url(), hub.data(), plan);
  Dice dice(plan.seed);
  for (auto kills = kills_wanted(); kills > 0; --kills) {
    crowd.run_for(Milliseconds(dice.between(20, 250)));
    if (dice.one_in(4)) crowd.crash_a_publisher();
    hub->stop(SIGKILL);
    if (kills % 4 == 0) EXPECT_EQ(damage_in(hub.data()), "");
    crowd.run_for(Milliseconds(dice.below(20)));
    hub->start_again();
  }
  wait_until("more is said than one room keeps", [&] {
    crowd.run_for(Milliseconds(100));
    return crowd.acknowledged() > 10 * kept_messages;
  });
  crowd.come_to_rest();
  crowd.read_all();
  EXPECT_EQ(crowd.findings(), "");
  EXPECT_THAT(crowd.refusals(), testing::IsEmpty());
  EXPECT_TRUE(crowd.has_met_retention());
  hub->stop(SIGKILL);
  EXPECT_EQ(damage_in(hub.data()), "");
}

}  // namespace
}  // namespace hubbub::test
