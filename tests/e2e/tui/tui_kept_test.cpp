// The terminal client at a hub that keeps its rooms: where one left off, and what was said, outlive both.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/e2e/tui/people.hpp"

namespace hubbub::test {
namespace {

using testing::HasSubstr;
using testing::Not;

class AtAKeptHub : public testing::Test {
 protected:
  /// Bob says m<from> to m<to>.
  void bob_says(int from, int to) {
    WireClient bob(hub.url());
    bob.greet({"bob", {}, bobs_key, proto::protocol_minor});
    const auto lobby = bob.open("lobby");
    for (int i = from; i <= to; ++i) bob.say(lobby, "m" + std::to_string(i));
  }
  /// The bodies of all that was said in the lobby.
  std::vector<std::string> said() {
    WireClient reader(hub.url());
    reader.greet("");
    const auto page = reader.call(proto::RoomHistory{RoomName::literal("lobby"), {}, 100}).value();
    std::vector<std::string> bodies;
    for (const auto& message : page.messages)
      bodies.emplace_back(proto::decode_value<proto::Delivery>(message.bytes).value().body.bytes);
    return bodies;
  }

  const OwnerKey bobs_key = random_id<OwnerKey>();
  Home home, data;
  HubProcess hub{{"--data", data.path()}};
};

TEST_F(AtAKeptHub, TheUnreadLineStandsWhereOneLeftOffBeforeTheHubWasKilled) {
  {
    Client alice(home, hub.url(), "alice");
    alice.wait_until_in("lobby");
    bob_says(1, 7);
    alice.wait_for("<~bob> m7");
    alice.enter("/quit");
    EXPECT_EQ(alice.wait(), 0);
  }
  hub.stop(SIGKILL);
  hub.start_again();
  bob_says(8, 10);
  Client alice(home, hub.url(), "alice");
  alice.wait_for("<~bob> m10");
  alice.wait_for("unread");
  EXPECT_LT(alice.row_of("<~bob> m1"), alice.row_of("<~bob> m7")) << alice.screen().text();
  EXPECT_EQ(alice.row_of("<~bob> m7") + 1, alice.row_of("unread")) << alice.screen().text();
  EXPECT_EQ(alice.row_of("unread") + 1, alice.row_of("<~bob> m8")) << alice.screen().text();
}

TEST_F(AtAKeptHub, NothingHasHappenedWhenTheHubIsKilledAndStartedAgain) {
  Client alice(home, hub.url(), "alice");
  alice.wait_until_in("lobby");
  bob_says(1, 3);
  alice.wait_for("<~bob> m3");
  alice.enter("said before");
  alice.wait_for("said before");
  alice.wait_until_gone(" …");
  hub.stop(SIGKILL);
  alice.wait_for("OFFLINE");
  alice.enter("typed meanwhile");
  alice.wait_for("typed meanwhile …");
  hub.start_again();
  alice.wait_until_gone("OFFLINE");
  alice.wait_until_gone(" …");
  bob_says(4, 4);
  alice.wait_for("<~bob> m4");
  const auto seen = alice.screen().text();
  EXPECT_THAT(seen, Not(HasSubstr("started anew")));
  for (const auto* once : {"m1", "m2", "m3", "said before", "typed meanwhile", "m4"})
    EXPECT_EQ(count_of(seen, "> " + std::string(once)), 1u) << once << "\n" << seen;
  EXPECT_THAT(said(), testing::ElementsAre("m1", "m2", "m3", "said before", "typed meanwhile", "m4"));
}

TEST_F(AtAKeptHub, ASearchGoesToWhatWasSaidLongAgo) {
  bob_says(1, 400);
  hub.stop(SIGKILL);
  hub.start_again();
  WireClient bob(hub.url());
  bob.greet({"bob", {}, bobs_key, proto::protocol_minor});
  proto::RoomSearch newest;
  newest.words = Text::literal("m400");
  wait_until("all is in the index", [&] { return bob.call(newest)->hits.size() == 1; });
  Client alice(home, hub.url(), "alice");
  alice.wait_for("<~bob> m400");
  EXPECT_EQ(alice.row_of("<~bob> m77"), -1);
  alice.enter("/search m77");
  alice.wait_for("1 found");
  alice.type("\r");
  alice.wait_for("<~bob> m76");
  EXPECT_EQ(alice.row_of("<~bob> m76") + 1, alice.row_of("<~bob> m77")) << alice.screen().text();
  EXPECT_EQ(alice.row_of("<~bob> m77") + 1, alice.row_of("<~bob> m78")) << alice.screen().text();
  bob.say(bob.open("lobby"), "and on");
  alice.wait_for("1 new below");
}

}  // namespace
}  // namespace hubbub::test
