// The stamps of traced messages.
#include "client/link/trace.hpp"

#include "proto/limits.hpp"
#include "tests/unit/link/link_fixture.hpp"

namespace hubbub::link {
namespace {

using Side = Stamp::Side;

proto::Headers traced(std::string value) { return {{{std::string(trace_header), std::move(value)}}}; }

TEST(Trace, StampsComeBackInTheOrderInWhichTheyWereAdded) {
  proto::Headers headers{{{"a", "b"}}};
  const Stamp out{"pub", Side::sent, "agent", WallTime{1'767'225'600'000'000'000}};
  const Stamp in{"agent", Side::received, "socket", WallTime{1'767'225'600'000'000'123}};
  add_stamp(headers, out);
  add_stamp(headers, in);
  EXPECT_EQ(stamps_of(headers), (std::vector{out, in}));
  EXPECT_EQ(headers.list.size(), 2u);
  EXPECT_EQ(headers.list[1].value, "pub>agent@1767225600000000000 agent<socket@1767225600000000123");
}

TEST(Trace, LeavesOutWhatIsNoStamp) {
  EXPECT_TRUE(stamps_of({}).empty());
  for (const auto* odd : {"", " ", "pub", "pub>tcp", "pub>tcp@", "pub>tcp@x", "pub>tcp@1x", ">tcp@1", "pub>@1", "@1>x",
                          "pub>tcp@99999999999999999999999"})
    EXPECT_TRUE(stamps_of(traced(odd)).empty()) << odd;
  EXPECT_EQ(stamps_of(traced("x  pub>tcp@1 y")), (std::vector{Stamp{"pub", Side::sent, "tcp", WallTime{1}}}));
}

TEST(Trace, AStampThatFindsNoRoomIsLeftOut) {
  const Stamp stamp{"pub", Side::sent, "tcp", WallTime{1}};
  proto::Headers many;
  for (std::size_t i = 0; i < limits::headers_max; ++i) many.list.push_back({"k", "v"});
  proto::Headers large{{{"k", std::string(limits::headers_bytes_max - 10, 'v')}}};
  for (auto* full : {&many, &large}) {
    const auto before = *full;
    add_stamp(*full, stamp);
    EXPECT_EQ(*full, before);
  }
  for (int i = 0; i < 2000; ++i) add_stamp(large = {}, stamp);
  proto::Headers grown;
  for (int i = 0; i < 2000; ++i) add_stamp(grown, stamp);
  EXPECT_TRUE(proto::check_outgoing(proto::Kind::text, grown, "")) << "whoever adds stamps keeps to the limits";
  EXPECT_GT(stamps_of(grown).size(), 500u);
}

class LinkTrace : public LinkFixture {
 protected:
  LinkTrace() { options.hop = "here"; }
  static Outgoing traced_message() {
    auto message = saying("hi");
    message.traced = true;
    return message;
  }
};

TEST_F(LinkTrace, StampsATracedMessageWhenItIsSent) {
  go_online();
  const auto before = stamp_time();
  start(link->publish(traced_message()));
  hub.open("lobby", 7);
  const auto publish = hub.expect<proto::Publish>();
  EXPECT_EQ(publish.flags, proto::flags::traced);
  const auto stamps = stamps_of(publish.headers);
  ASSERT_EQ(stamps.size(), 1u);
  EXPECT_EQ(stamps[0].hop, "here");
  EXPECT_EQ(stamps[0].side, Side::sent);
  EXPECT_EQ(stamps[0].by, "unix");
  EXPECT_GE(stamps[0].time, before);
}

TEST_F(LinkTrace, StampsATracedMessageWhenItComes) {
  go_online();
  subscribe("lobby");
  hub.attach("lobby", 7, 1);
  expect_event<RoomAttached>();
  proto::Delivery delivery;
  delivery.room = RoomId{7};
  delivery.seq = Seq{1};
  delivery.flags = proto::flags::traced;
  delivery.from = PersonName::literal("bob");
  delivery.headers = traced("pub>tcp@1");
  hub.send(delivery);
  const auto message = expect_event<Message>();
  EXPECT_TRUE(message.traced);
  const auto stamps = stamps_of(message.headers);
  ASSERT_EQ(stamps.size(), 2u);
  EXPECT_EQ(stamps[0].hop, "pub");
  EXPECT_EQ(stamps[1].hop, "here");
  EXPECT_EQ(stamps[1].side, Side::received);
}

TEST_F(LinkTrace, LeavesOthersAlone) {
  go_online();
  start(link->publish(saying("hi")));
  hub.open("lobby", 7);
  const auto publish = hub.expect<proto::Publish>();
  EXPECT_EQ(publish.flags, 0);
  EXPECT_TRUE(publish.headers.list.empty());
}

}  // namespace
}  // namespace hubbub::link
