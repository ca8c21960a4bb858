// The terminal client over a road that breaks while the hub lives on: where it was, there it goes on.
#include <gtest/gtest.h>

#include "tests/e2e/tui/people.hpp"
#include "tests/unit/link/relay.hpp"

namespace hubbub::test {
namespace {

class OverABrokenRoad : public testing::Test {
 protected:
  OverABrokenRoad() : road(Address::parse(hub.url()).value()), ci(hub.url()), alice(road.url(), "alice") {
    ci.greet("ci");
    lobby = ci.open("lobby");
    alice.wait_until_in("lobby");
    alice.enter("/join ci");
    alice.wait_for("#ci >");
    busy = ci.open("ci");
    ci.say(busy, "before");
    alice.wait_for("<~ci> before");
  }
  void looks_at(char number) { alice.type(std::string("\x1b") + number); }
  void goes_offline() {
    road.close();
    alice.wait_for("OFFLINE");
  }
  void goes_online() {
    road.open();
    alice.wait_until_gone("OFFLINE");
  }

  HubProcess hub;
  link::Relay road;
  WireClient ci;
  Client alice;
  RoomId lobby, busy;
};

TEST_F(OverABrokenRoad, CountsAllThatWasMissed) {
  looks_at('1');
  alice.wait_for("#lobby >");
  goes_offline();
  for (int i = 1; i < 2000; ++i) ci.say(busy, "b" + std::to_string(i));
  ci.say(busy, "alice: look");
  goes_online();
  alice.wait_for("2 #ci   2000!");
  EXPECT_EQ(alice.screen().bells(), 1);
  looks_at('2');
  alice.wait_for("alice: look");
  alice.type("\x1b[1;3H");  // Alt+Home
  alice.wait_for("before");
  EXPECT_LT(alice.row_of("before"), alice.row_of("unread")) << alice.screen().text();
  EXPECT_LT(alice.row_of("unread"), alice.row_of("b1")) << alice.screen().text();
}

TEST_F(OverABrokenRoad, SaysWhatWasTypedMeanwhileOnce) {
  ci.say(lobby, "before");
  looks_at('1');
  alice.wait_for("before");
  goes_offline();
  for (int i = 1; i <= 2000; ++i) ci.say(busy, "b" + std::to_string(i));
  alice.enter("first line");
  alice.enter("second line");
  alice.wait_for("second line …");
  goes_online();
  alice.wait_until_gone(" …");
  ci.say(lobby, "the end");
  alice.wait_for("the end");
  const auto seen = alice.screen().text();
  EXPECT_EQ(count_of(seen, "first line"), 1u) << seen;
  EXPECT_EQ(count_of(seen, "second line"), 1u) << seen;
  EXPECT_LT(alice.row_of("first line"), alice.row_of("second line")) << seen;
  EXPECT_LT(alice.row_of("second line"), alice.row_of("the end")) << seen;
  alice.wait_for("2 #ci    2000│");
  alice.enter("/part");
  alice.wait_until_gone("#lobby");
}

}  // namespace
}  // namespace hubbub::test
