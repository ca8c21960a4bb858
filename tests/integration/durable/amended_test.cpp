// What later messages mean for earlier ones: amendments come with the page, and what is redacted, replaced or expired
// is gone wherever the hub had it. In rooms on disk and in memory alike.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "proto/erase.hpp"
#include "proto/marks.hpp"
#include "tests/integration/durable/kept_hub.hpp"

namespace hubbub::test {
namespace {

using proto::Kind;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr auto rules = "[rooms]\nrules = ['passing.> durability=memory']\n";

proto::Delivery decoded(const proto::Blob& payload) {
  return proto::decode_value<proto::Delivery>(payload.bytes).value();
}

class Amended : public testing::TestWithParam<const char*> {
 protected:
  [[nodiscard]] RoomName room() const { return RoomName::literal(GetParam()); }
  [[nodiscard]] bool is_durable() const { return room().str() != "passing.lobby"; }
  Seq post(WireClient& who, const std::string& body, proto::Headers headers = {}, bool retain = false) {
    return who.call(proto::RoomPost{room(), Kind::text, retain, std::move(headers), {body}}).value().seq;
  }
  static proto::Headers header(std::string key, std::uint64_t value) {
    return {{{std::move(key), std::to_string(value)}}};
  }
  proto::RoomHistory::Reply history(WireClient& who, Seq before = {}, std::uint16_t limit = 100) {
    return who.call(proto::RoomHistory{room(), before, limit}).value();
  }
  Result<proto::RoomRedact::Reply> redact(WireClient& who, Seq seq, const std::string& why = "") {
    return who.call(proto::RoomRedact{room(), seq, Topic::literal(why)});
  }
  static bool is_erased(const proto::Delivery& message) { return (message.flags & proto::flags::erased) != 0; }
  /// Of that person, in the next life of the hub: with ids that its calls of the last one hadn't.
  WireClient client_again(const char* name) {
    auto client = hub_.client(name);
    for (int i = 0; i < 20; ++i) client.call(proto::HubPing{}).value();
    return client;
  }
  /// What a reader gets that begins at the first message: the seqs that are erased, and the bodies of the others.
  std::vector<std::string> read_all(WireClient& reader, std::size_t count) {
    reader.subscribe(room().str(), proto::From::seq, Seq{1});
    std::vector<std::string> found;
    for (std::size_t i = 0; i < count; ++i) {
      const auto message = reader.expect<proto::Delivery>();
      found.push_back(is_erased(message) ? "gone" : std::string(message.body.bytes));
    }
    return found;
  }

  KeptHub hub_{{}, rules};
};

TEST_P(Amended, WhatWasSaidAboutAPageOfHistoryComesWithIt) {
  auto alice = hub_.client("alice"), bob = hub_.client("bob");
  const auto first = post(alice, "hallo");
  for (int i = 0; i < 5; ++i) post(alice, "between");
  post(alice, "hello", header("edits", first.value));
  post(bob, "+1", header("reacts", first.value));
  post(bob, "later still");
  const auto page = history(bob, Seq{2}, 1);
  EXPECT_THAT(bodies(page), ElementsAre("hallo")) << "an edit erases nothing";
  ASSERT_EQ(page.amendments.size(), 2u);
  EXPECT_EQ(decoded(page.amendments[0]).body.bytes, "hello");
  EXPECT_EQ(decoded(page.amendments[1]).body.bytes, "+1");
  EXPECT_THAT(history(bob).amendments, IsEmpty()) << "they are in the page itself";
  EXPECT_THAT(history(bob, Seq{4}, 1).amendments, IsEmpty()) << "of another message";
}

TEST_P(Amended, AmendmentsAreFoundAfterARestart) {
  if (!is_durable()) GTEST_SKIP() << "it lives in memory";
  {
    auto alice = hub_.client("alice");
    post(alice, "hallo");
    post(alice, "hello", header("edits", 1));
  }
  hub_.restart(SIGKILL);
  auto alice = hub_.client("alice");
  EXPECT_EQ(history(alice, Seq{2}, 1).amendments.size(), 1u);
}

TEST_P(Amended, WhatIsRedactedIsGoneForWhoeverReadsItLater) {
  auto alice = hub_.client("alice"), bob = hub_.client("bob");
  bob.subscribe(room().str());
  post(alice, "before");
  const auto secret = post(alice, "the password is swordfish");
  post(alice, "the password is a fish", header("edits", secret.value));
  post(alice, "after");
  const auto notice = redact(alice, secret, "oops").value().notice;
  EXPECT_EQ(notice, Seq{5});
  for (int i = 0; i < 4; ++i) EXPECT_FALSE(is_erased(bob.expect<proto::Delivery>())) << "who has it, has it";
  const auto told = bob.expect<proto::Delivery>();
  EXPECT_EQ(told.kind, Kind::notice);
  EXPECT_EQ(told.from.str(), "alice");
  EXPECT_EQ(told.body.bytes, "oops");
  EXPECT_NE(told.flags & proto::flags::by_hub, 0);
  EXPECT_EQ(proto::read_marks(told.headers), (proto::Marks{0, {}, proto::Amends::redaction, secret, false}));

  const auto page = history(bob);
  ASSERT_EQ(page.messages.size(), 5u) << "its place stays";
  EXPECT_EQ(decoded(page.messages[1]).seq, secret);
  EXPECT_EQ(decoded(page.messages[1]).from.str(), "alice");
  EXPECT_THAT(page.messages[1].bytes, Not(HasSubstr("fish")));
  EXPECT_TRUE(is_erased(decoded(page.messages[2]))) << "what it was edited to as well";
  auto carol = hub_.client("carol");
  EXPECT_THAT(read_all(carol, 5), ElementsAre("before", "gone", "gone", "after", "oops"));
}

TEST_P(Amended, WhatIsRedactedIsOnNoDisk) {
  if (!is_durable()) GTEST_SKIP() << "it never was";
  {
    auto alice = hub_.client("alice");
    post(alice, "before");
    const auto secret = post(alice, "swordfish-swordfish-swordfish");
    redact(alice, secret).value();
  }
  hub_.restart();
  auto alice = hub_.client("alice");
  EXPECT_THAT(read_all(alice, 3), ElementsAre("before", "gone", ""));
  hub_.stop();
  EXPECT_THAT(read_file(hub_.data() + "/hub.db"), Not(HasSubstr("swordfish")));
}

TEST_P(Amended, ASearchDoesNotFindWhatIsRedacted) {
  if (!is_durable()) GTEST_SKIP() << "what lives in memory isn't searched";
  auto alice = hub_.client("alice");
  const auto secret = post(alice, "the word is swordfish");
  const auto hits = [&] {
    proto::RoomSearch search;
    search.words = Text::literal("swordfish");
    return alice.call(search).value().hits.size();
  };
  wait_until("it is indexed", [&] { return hits() == 1; });
  redact(alice, secret).value();
  wait_until("it isn't found any more", [&] { return hits() == 0; });
}

TEST_P(Amended, OnlyItsAuthorAndTheOwnerOfTheRoomMayRedactAMessage) {
  auto alice = hub_.client("alice"), bob = hub_.client("bob"), carol = hub_.client("carol");
  const auto of_alice = post(alice, "mine, and my room");
  const auto of_bob = post(bob, "bob's");
  EXPECT_EQ(redact(bob, of_alice).error().status, Status::permission_denied);
  EXPECT_EQ(redact(carol, of_bob).error().status, Status::permission_denied);
  EXPECT_TRUE(redact(alice, of_bob)) << "who made the room";
  EXPECT_EQ(redact(bob, of_bob).error().status, Status::not_found) << "it is gone already";
  EXPECT_EQ(redact(bob, Seq{77}).error().status, Status::not_found);
  EXPECT_EQ(history(carol).messages.size(), 3u);
}

TEST_P(Amended, TheOwnerOfARoomIsKnownAfterARestart) {
  if (!is_durable()) GTEST_SKIP() << "the room is gone then";
  {
    auto alice = hub_.client("alice"), bob = hub_.client("bob");
    alice.call(proto::RoomJoin{room()}).value();
    post(bob, "bob's");
  }
  hub_.restart(SIGKILL);
  auto alice = client_again("alice");
  const auto redacted = redact(alice, Seq{1});
  EXPECT_TRUE(redacted) << (redacted ? "" : redacted.error().sentence);
}

TEST_P(Amended, TheOwnerOfARoomIsSoUnderAnotherName) {
  auto alice = hub_.client("alice"), bob = hub_.client("bob");
  alice.call(proto::RoomJoin{room()}).value();
  post(bob, "bob's");
  alice.call(proto::PeopleRename{PersonName::literal("alicia")}).value();
  const auto rooms = bob.call(proto::RoomList{}).value().rooms;
  ASSERT_EQ(rooms.size(), 1u);
  EXPECT_EQ(rooms[0].owner.str(), "alicia");
  EXPECT_TRUE(redact(alice, Seq{1}));
}

TEST_P(Amended, ARedactionThatIsSentAgainTakesEffectOnce) {
  auto alice = hub_.client("alice");
  const auto seq = post(alice, "twice");
  const proto::RoomRedact method{room(), seq, Topic::literal("")};
  std::string arguments;
  proto::encode_value(method, arguments);
  const proto::Call call{CallId{99}, 0, MethodName::literal(method.name), {arguments}};
  alice.send(call);
  const auto once = std::string(alice.expect<proto::Reply>().result.bytes);
  alice.send(call);
  const auto again = alice.expect<proto::Reply>();
  EXPECT_EQ(again.status, Status::ok);
  EXPECT_EQ(again.result.bytes, once);
  EXPECT_EQ(history(alice).last, Seq{2});
}

TEST_P(Amended, ClientsCanNotSayWhatOnlyTheHubVouchesFor) {
  auto alice = hub_.client("alice"), eve = hub_.client("eve");
  post(alice, "stays");
  EXPECT_EQ(eve.call(proto::RoomPost{room(), Kind::notice, false, header("redacts", 1), {""}}).error().status,
            Status::invalid_argument);
  for (const auto* const nonsense : {"ttl", "edits", "reacts", "pins"}) {
    const auto refused = eve.call(proto::RoomPost{room(), Kind::notice, false, {{{nonsense, "soon"}}}, {""}});
    EXPECT_EQ(refused.error().status, Status::invalid_argument) << nonsense;
  }
  const auto id = eve.open(room().str());
  eve.send(proto::Publish{id, PublishId{1}, proto::flags::marked, Kind::notice, header("redacts", 1), {""}});
  EXPECT_EQ(eve.expect<proto::PublishRefused>().status, Status::invalid_argument);
  eve.send(proto::Publish{id, PublishId{1}, proto::flags::by_hub | proto::flags::erased, Kind::notice, {}, {"liar"}});
  eve.expect<proto::Published>();
  const auto page = history(alice);
  EXPECT_FALSE(is_erased(decoded(page.messages.at(0))));
  EXPECT_EQ(decoded(page.messages.at(1)).flags, 0);
}

TEST_P(Amended, OfEachKeyTheNewestMessageIsThereForLaterReaders) {
  auto alice = hub_.client("alice");
  const auto key = [](const char* of) { return proto::Headers{{{"key", of}}}; };
  post(alice, "cpu 1", key("cpu"));
  post(alice, "mem 1", key("mem"));
  post(alice, "cpu 2", key("cpu"));
  post(alice, "no key");
  post(alice, "cpu 3", key("cpu"));
  auto bob = hub_.client("bob");
  EXPECT_THAT(read_all(bob, 5), ElementsAre("gone", "mem 1", "gone", "no key", "cpu 3"));
  if (!is_durable()) return;
  hub_.restart(SIGKILL);
  auto again = client_again("alice");
  post(again, "cpu 4", key("cpu"));
  auto carol = hub_.client("carol");
  EXPECT_THAT(read_all(carol, 6), ElementsAre("gone", "mem 1", "gone", "no key", "gone", "cpu 4"));
}

TEST_P(Amended, AMessageWithATimeToLiveIsGoneAfterIt) {
  auto alice = hub_.client("alice");
  post(alice, "stays");
  post(alice, "for a moment", header("ttl", 300), true);
  post(alice, "for a day", header("ttl", 86'400'000));
  const auto expired = [&] { return is_erased(decoded(history(alice).messages.at(1))); };
  EXPECT_FALSE(is_erased(decoded(history(alice).messages.at(2))));
  wait_until("it has expired", expired);
  auto bob = hub_.client("bob");
  EXPECT_THAT(read_all(bob, 3), ElementsAre("stays", "gone", "for a day"));
  auto carol = hub_.client("carol");
  carol.subscribe(room().str(), proto::From::last);
  EXPECT_FALSE(carol.find<proto::Retained>()) << "what is retained expires, too";
}

TEST_P(Amended, WhatExpiresWhileTheHubIsDownIsGoneWhenItIsBack) {
  if (!is_durable()) GTEST_SKIP() << "all of it is";
  {
    auto alice = hub_.client("alice");
    post(alice, "for a moment", header("ttl", 1), true);
  }
  hub_.restart(SIGKILL);
  auto bob = hub_.client("bob");
  wait_until("it has expired", [&] { return is_erased(decoded(history(bob).messages.at(0))); });
}

TEST_P(Amended, PinnedMessagesAreListedWithWhatWasSaidAboutThem) {
  auto alice = hub_.client("alice"), bob = hub_.client("bob");
  for (const auto* const body : {"one", "two", "three", "four"}) post(alice, body);
  const auto unpin = [&](std::uint64_t seq) {
    auto headers = header("pins", seq);
    headers.list.push_back({"undo", "1"});
    return headers;
  };
  for (const std::uint64_t seq : {4, 2, 1, 3}) post(bob, "", header("pins", seq));
  post(alice, "", unpin(1));
  post(alice, "zwei", header("edits", 2));
  redact(alice, Seq{3}).value();
  const auto pins = [&] { return alice.call(proto::RoomPins{room()}).value(); };
  EXPECT_THAT(bodies(pins()), ElementsAre("two", "four"));
  bool has_edit = false;
  for (const auto& amendment : pins().amendments) has_edit = has_edit || decoded(amendment).body.bytes == "zwei";
  EXPECT_TRUE(has_edit);
}

TEST_P(Amended, AmendmentsTakeNoMoreOfAReplyThanTheirShare) {
  auto alice = hub_.client("alice");
  const std::string large(60'000, 'x');
  for (int i = 0; i < 20; ++i) post(alice, large);
  for (int i = 0; i < 10; ++i) post(alice, std::to_string(i) + large, header("edits", 5));
  const auto page = history(alice, Seq{21}, 20);
  std::size_t bytes = 0;
  for (const auto& amendment : page.amendments) bytes += amendment.bytes.size();
  EXPECT_LE(bytes, limits::amendments_bytes_max);
  ASSERT_FALSE(page.amendments.empty());
  EXPECT_EQ(decoded(page.amendments.back()).body.bytes.substr(0, 1), "9") << "the newest count most";
  EXPECT_FALSE(page.messages.empty());
  EXPECT_EQ(decoded(page.messages.back()).seq, Seq{20}) << "a page ends where it was asked to";
}

INSTANTIATE_TEST_SUITE_P(InRooms, Amended, testing::Values("kept.lobby", "passing.lobby"),
                         [](const auto& room) { return std::string(room.param).substr(0, 4); });

}  // namespace
}  // namespace hubbub::test
