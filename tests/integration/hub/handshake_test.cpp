// Who may come in, as whom, and how long it may take.
#include <gtest/gtest.h>
#include <pwd.h>
#include <unistd.h>

#include "tests/support/hub_process.hpp"
#include "tests/support/wire_client.hpp"

namespace hubbub::test {
namespace {

using proto::CloseReason;

TEST(Handshake, OnTcpGivesTheNameThatWasClaimedAndSaysThatItIsUnverified) {
  HubProcess hub;
  WireClient alice(hub.url());
  const auto welcome = alice.greet("alice");
  EXPECT_EQ(welcome.name.str(), "alice");
  EXPECT_FALSE(welcome.verified);
  EXPECT_EQ(welcome.major, proto::protocol_major);
  EXPECT_EQ(welcome.minor, proto::protocol_minor);
  EXPECT_EQ(welcome.frame_bytes_max, limits::frame_bytes_max);
  EXPECT_GT(welcome.ping_ms, 0u);
}

TEST(Handshake, OnAUnixSocketGivesTheNameOfTheUserWhateverWasClaimed) {
  HubProcess hub;
  WireClient client(hub.unix_url());
  const auto welcome = client.greet("somebody-else");
  const auto* const user = ::getpwuid(::getuid());
  ASSERT_NE(user, nullptr);
  EXPECT_EQ(welcome.name.str(), user->pw_name);
  EXPECT_TRUE(welcome.verified);
}

TEST(Handshake, MarksDeliveriesOfTheVerifiedAndOnlyThose) {
  HubProcess hub;
  WireClient claimed(hub.url()), proven(hub.unix_url());
  claimed.greet("alice");
  proven.greet("");
  claimed.subscribe("lobby");
  claimed.say(claimed.open("lobby"), "one");
  EXPECT_EQ(claimed.expect<proto::Delivery>().flags & proto::flags::verified, 0);
  proven.say(proven.open("lobby"), "two");
  EXPECT_NE(claimed.expect<proto::Delivery>().flags & proto::flags::verified, 0);
}

TEST(Handshake, ADeliveryFlaggedVerifiedByItsSenderIsNotVerified) {
  HubProcess hub;
  WireClient liar(hub.url());
  liar.greet("alice");
  liar.subscribe("lobby");
  liar.say(liar.open("lobby"), "trust me", proto::Kind::text, proto::flags::verified);
  EXPECT_EQ(liar.expect<proto::Delivery>().flags & proto::flags::verified, 0);
}

TEST(Handshake, WithoutANameTheHubChoosesOneAndNeverTheSame) {
  HubProcess hub;
  WireClient one(hub.url()), two(hub.url());
  const auto first = one.greet("").name, second = two.greet("").name;
  EXPECT_TRUE(PersonName::parse(first.str()));
  EXPECT_NE(first, second);
}

TEST(Handshake, TwoPeopleNeverShareAName) {
  HubProcess hub;
  WireClient alice(hub.url()), impostor(hub.url());
  alice.greet("alice");
  proto::Hello hello;
  hello.name = Text::literal("alice");
  hello.owner = random_id<OwnerKey>();
  impostor.send(hello);
  const auto closing = impostor.expect_closing();
  EXPECT_EQ(closing.reason, CloseReason::name_taken);
  EXPECT_FALSE(closing.sentence.empty());
  alice.barrier();
}

TEST(Handshake, OnePersonMayHaveSeveralSessions) {
  HubProcess hub({"--cores", "2"});
  const Greeting greeting{"alice", {}, random_id<OwnerKey>()};
  WireClient desk(hub.url()), phone(hub.url()), observer(hub.url());
  desk.greet(greeting);
  EXPECT_EQ(phone.greet(greeting).name.str(), "alice");
  observer.greet("bob");
  const auto people = observer.call(proto::PeopleWho{});
  ASSERT_TRUE(people);
  EXPECT_EQ(people->people.size(), 2u);
}

TEST(Handshake, AProvenNameIsTakenBackFromWhoOnlyClaimedIt) {
  HubProcess hub;
  const auto* const user = ::getpwuid(::getuid());
  ASSERT_NE(user, nullptr);
  WireClient squatter(hub.url()), owner(hub.unix_url());
  squatter.greet(user->pw_name);
  EXPECT_EQ(owner.greet("").name.str(), user->pw_name);
  EXPECT_EQ(squatter.expect_closing().reason, CloseReason::name_reclaimed);
}

TEST(Handshake, AnotherMajorVersionIsRefusedWithASentence) {
  HubProcess hub;
  WireClient client(hub.url());
  proto::Hello hello;
  hello.major = 2;
  client.send(hello);
  const auto closing = client.expect_closing();
  EXPECT_EQ(closing.reason, CloseReason::version);
  EXPECT_NE(closing.sentence.str().find("version"), std::string::npos);
  EXPECT_NE(closing.sentence.str().find("2"), std::string::npos);
}

TEST(Handshake, AnotherMajorVersionIsRefusedAsSuchEvenIfItsHelloHasAnotherLayout) {
  HubProcess hub;
  WireClient client(hub.url());
  client.send_frame(proto::Hello::type, std::string("HUBBUB\x07\x00\x00\x00", 10) + "what only version 7 knows");
  EXPECT_EQ(client.expect_closing().reason, CloseReason::version);
}

TEST(Handshake, ANewerMinorVersionAndUnknownFeaturesAreWelcome) {
  HubProcess hub;
  WireClient client(hub.url());
  proto::Hello hello;
  hello.minor = 99;
  hello.features = {Text::literal("telepathy")};
  client.send(hello);
  const auto welcome = client.expect<proto::Welcome>();
  EXPECT_EQ(welcome.minor, proto::protocol_minor);
  EXPECT_TRUE(welcome.features.empty()) << "only features that both have";
}

TEST(Handshake, ARestartedHubHasAnotherLife) {
  HubLife first;
  {
    HubProcess hub;
    WireClient one(hub.url()), two(hub.url());
    first = one.greet("a").life;
    EXPECT_EQ(two.greet("b").life, first);
  }
  HubProcess hub;
  WireClient one(hub.url());
  EXPECT_NE(one.greet("a").life, first);
}

TEST(Handshake, WhoConnectsAndSaysNothingIsClosedInTimeAndTheOthersAreServed) {
  HubProcess hub({"--cores", "1", "--liveness-handshake-ms", "3000"});
  WireClient witness(hub.url()), client(hub.url());
  witness.greet("witness");
  const auto room = witness.open("lobby");
  witness.say(room, "meanwhile");
  EXPECT_EQ(client.expect_closing().reason, CloseReason::handshake_timeout);
  witness.say(room, "afterwards");
}

TEST(Handshake, ItsTimeIsForTheWholeOfItHoweverSlowlyTheBytesCome) {
  HubProcess hub({"--liveness-handshake-ms", "300"});
  WireClient client(hub.url());
  const auto hello = proto::encoded(proto::Hello{});
  const Deadline deadline;
  std::size_t sent = 0;
  const auto is_closed = [&] {  // a byte each time that we look
    return sent + 1 < hello.size() ? !client.send_bytes(hello.substr(sent++, 1)) : true;
  };
  EXPECT_NO_THROW({
    std::optional<RawFrame> frame;
    while (!frame && !deadline.passed()) {
      is_closed();
      try {
        frame = client.next_frame(Deadline(Milliseconds(20)));
      } catch (const Failure&) {
        continue;  // nothing yet
      }
      break;
    }
    ASSERT_TRUE(frame);
    EXPECT_EQ(frame->type, proto::Closing::type);
    EXPECT_EQ(proto::decode_value<proto::Closing>(frame->payload)->reason, CloseReason::handshake_timeout);
  });
}

}  // namespace
}  // namespace hubbub::test
