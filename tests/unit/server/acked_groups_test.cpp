// Queue groups that acknowledge, at the home of their room: what is read, handed out, kept and put to the dead.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "proto/dead_letters.hpp"
#include "tests/unit/server/fake_room_outlet.hpp"
#include "tests/unit/server/fake_store.hpp"

namespace hubbub::server {
namespace {

using proto::Verdict;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using HandedOut = FakeRoomOutlet::HandedOut;

constexpr RoomId id{5};
constexpr SessionRef alice{0, 1, 1}, bob{1, 2, 1};
constexpr Acks standard{2, 3, 100, 1000};

class AckedGroupsTest : public testing::Test {
 protected:
  AckedGroupsTest() { room_.emplace(id, 2, std::make_shared<RoomGauges>(), budget_, producers_, outlet_); }
  void open_durable(KeptRoom kept = {id, "jobs"}) {
    room_.emplace(kept, false, 2, std::make_shared<RoomGauges>(), budget_, producers_, logs_, outlet_);
  }

  void say(std::string_view body) {
    room_->publish({alice, {}, "carol", false}, {id, {}, 0, proto::Kind::text, {}, body}, WallTime{1'000});
    room_->flush();
    store_.commit();
  }
  void redact(std::uint64_t seq) {
    std::string headers;
    proto::encode_value(proto::Headers{{{std::string(proto::redacts_header), std::to_string(seq)}}}, headers);
    Origin hub{alice, {}, "carol", false};
    hub.by_hub = true;
    room_->publish(hub, {id, {}, proto::flags::marked, proto::Kind::notice, std::string_view(headers).substr(2), {}},
                   WallTime{1'000});
    room_->flush();
    store_.commit();
  }
  AttachAnswer join(SessionRef who, const Acks& acks = standard, std::uint64_t from = 1) {
    AttachAnswer given;
    room_->attach({who, proto::From::seq, Seq{from}, workers_, {}, acks}, [&](const auto& answer) { given = answer; });
    room_->set_ready(who, workers_, true);
    return given;
  }
  void settle(SessionRef who, std::uint64_t seq, Verdict verdict, std::string_view reason = "exit code 1") {
    room_->acked().settle(who, workers_, {Seq{seq}, verdict, {std::string(reason), "oops", {"worker", true}}});
  }
  void leave(SessionRef who, bool is_lost) { room_->detach(who, workers_, {is_lost, {"worker", true}}); }
  void pass(std::chrono::milliseconds time) {
    outlet_.time += time;
    room_->serve_groups();
  }
  proto::GroupInfo info() { return room_->acked().list().at(0); }

  const GroupName workers_ = GroupName::literal("workers");
  FakeStore store_;
  DurableLogs logs_{store_, 0};
  FakeRoomOutlet outlet_;
  TailBudget budget_{TailBounds{1'000'000, 1u << 30, 1u << 30}};
  ProducerBudget producers_;
  std::optional<Room> room_;
};

TEST_F(AckedGroupsTest, HandsOutWhatIsSaidAndWhatWasSaidBefore) {
  say("a");
  EXPECT_EQ(join(alice).next, Seq{1});
  say("b");
  say("c");
  EXPECT_THAT(outlet_.handed, ElementsAre(HandedOut{alice, 1, 1, "a"}, HandedOut{alice, 2, 1, "b"}));
  settle(alice, 1, Verdict::done);
  EXPECT_THAT(outlet_.handed, ElementsAre(testing::_, testing::_, HandedOut{alice, 3, 1, "c"}));
}

TEST_F(AckedGroupsTest, HandsOutAgainWhatFailedOnceItsTimeHasCome) {
  join(alice);
  say("a");
  settle(alice, 1, Verdict::again);
  EXPECT_THAT(outlet_.handed, SizeIs(1));
  EXPECT_EQ(outlet_.serve_at, outlet_.time + std::chrono::milliseconds(100));
  pass(std::chrono::milliseconds(100));
  EXPECT_EQ(outlet_.handed.back(), (HandedOut{alice, 1, 2, "a"}));
}

TEST_F(AckedGroupsTest, HandsOutNothingThatWasErasedAfterItWasReadAhead) {
  for (const auto* body : {"a", "b", "c"}) say(body);
  join(alice, {1, 3, 100, 1000});
  redact(2);
  settle(alice, 1, Verdict::done);
  EXPECT_EQ(outlet_.handed.back(), (HandedOut{alice, 3, 1, "c"}));
}

TEST_F(AckedGroupsTest, HandsOutNothingThatWasErasedWhileTheDiskWasRead) {
  open_durable({id, "jobs", Seq{3}});
  join(alice);
  ASSERT_THAT(store_.asked, SizeIs(1));
  room_->erased(Seq{2});
  const auto then = store_.asked.front().then;
  store_.asked.pop_front();
  then(LogRead{Seq{1}, {slice_of(id, Seq{1}, {"a", "b", "c"})}});
  EXPECT_THAT(outlet_.handed, SizeIs(1));
  ASSERT_THAT(store_.asked, SizeIs(1));
  EXPECT_EQ(store_.asked.front().from, Seq{2});
}

TEST_F(AckedGroupsTest, GoesOnWithAnotherMemberWhereOnesCoreTakesNothing) {
  join(alice);
  join(bob);
  outlet_.full_cores.insert(bob.core);
  say("a");
  say("b");
  EXPECT_THAT(outlet_.handed, ElementsAre(HandedOut{alice, 1, 1, "a"}, HandedOut{alice, 2, 1, "b"}));
}

TEST_F(AckedGroupsTest, PutsToTheDeadWithWhatIsKnownAndSettlesOnceThatIsKept) {
  join(alice, {1, 1, 0, 0});
  say("a");
  settle(alice, 1, Verdict::again, "exit code 3");
  ASSERT_THAT(outlet_.burials, SizeIs(1));
  const auto& burial = outlet_.burials[0];
  EXPECT_EQ(burial.seq, Seq{1});
  EXPECT_EQ(burial.attempts, 1);
  EXPECT_EQ(burial.why.reason, "exit code 3");
  EXPECT_EQ(burial.why.worker.name, "worker");
  EXPECT_EQ(info().waiting, 1u);
  room_->acked().buried(workers_, Seq{1}, true);
  EXPECT_EQ(info().waiting, 0u);
  EXPECT_EQ(info().dead, 1u);
}

TEST_F(AckedGroupsTest, BuriesOneAfterTheOtherAndTriesAgainWhatDidNotGetThere) {
  join(alice, {9, 1, 0, 0});
  for (const auto* body : {"a", "b"}) say(body);
  settle(alice, 1, Verdict::dead);
  settle(alice, 2, Verdict::dead);
  EXPECT_THAT(outlet_.burials, SizeIs(1));
  room_->acked().buried(workers_, Seq{1}, false);
  EXPECT_THAT(outlet_.burials, SizeIs(1));
  pass(std::chrono::seconds(5));
  EXPECT_THAT(outlet_.burials, SizeIs(2));
  room_->acked().buried(workers_, Seq{1}, true);
  ASSERT_THAT(outlet_.burials, SizeIs(3));
  EXPECT_EQ(outlet_.burials[2].seq, Seq{2});
}

TEST_F(AckedGroupsTest, LosesOnlyWhatIsDyingWhileNobodyIsThereToHearOfTheRest) {
  open_durable({id, "jobs", Seq{3}});
  const auto answer = [&](const LogRead& read) {
    const auto then = store_.asked.front().then;
    store_.asked.pop_front();
    then(read);
  };
  join(alice, {1, 1, 0, 0});
  answer({Seq{1}, {slice_of(id, Seq{1}, {"a"})}});
  leave(alice, true);
  ASSERT_THAT(store_.asked, SizeIs(1)) << "it is to be buried";
  room_->trimmed(Seq{4});
  answer({Seq{4}, {}});
  EXPECT_THAT(outlet_.burials, IsEmpty());
  EXPECT_EQ(info().waiting, 0u);
  EXPECT_EQ(info().next, Seq{2}) << "the rest is lost once a member hears of it";
  join(bob);
  ASSERT_THAT(outlet_.losses, SizeIs(1));
  EXPECT_EQ(outlet_.losses[0].second.first, Seq{2});
  EXPECT_EQ(outlet_.losses[0].second.last, Seq{3});
}

TEST_F(AckedGroupsTest, HandsOutNothingWhileTooManyAreOnTheirWayToTheDead) {
  join(alice, {1, 1, 0, 0});
  constexpr auto most = bounds::group_dying_max + 1;
  for (std::size_t seq = 1; seq <= most + 1; ++seq) say("x");
  for (std::size_t seq = 1; seq <= most; ++seq) settle(alice, seq, Verdict::dead);
  EXPECT_THAT(outlet_.handed, SizeIs(most));
  room_->acked().buried(workers_, Seq{1}, true);
  EXPECT_THAT(outlet_.handed, SizeIs(most + 1));
}

TEST_F(AckedGroupsTest, AMessageThatTakesItsWorkerWithItDiesOfThat) {
  join(alice, {1, 2, 0, 0});
  say("a");
  leave(alice, true);
  join(bob, {1, 2, 0, 0});
  EXPECT_EQ(outlet_.handed.back(), (HandedOut{bob, 1, 2, "a"}));
  leave(bob, true);
  ASSERT_THAT(outlet_.burials, SizeIs(1));
  EXPECT_EQ(outlet_.burials[0].why.reason, "its worker was lost");
}

TEST_F(AckedGroupsTest, OfDifferentNamesGetTheSameMessages) {
  const auto others = GroupName::literal("others");
  join(alice);
  room_->attach({bob, proto::From::now, {}, others, {}, standard}, [](const auto&) {});
  room_->set_ready(bob, others, true);
  say("a");
  EXPECT_THAT(outlet_.handed, testing::UnorderedElementsAre(HandedOut{alice, 1, 1, "a"}, HandedOut{bob, 1, 1, "a"}));
}

TEST_F(AckedGroupsTest, StaysWithoutMembersUntilItIsForgotten) {
  join(alice);
  leave(alice, false);
  say("a");
  EXPECT_EQ(info().behind, 1u);
  EXPECT_TRUE(room_->acked().forget(workers_));
  EXPECT_THAT(room_->acked().list(), IsEmpty());
  EXPECT_FALSE(room_->acked().forget(workers_));
}

TEST_F(AckedGroupsTest, InARoomOfMemoryKeepsNothing) {
  join(alice);
  say("a");
  settle(alice, 1, Verdict::done);
  EXPECT_EQ(outlet_.moved, 0);
}

TEST_F(AckedGroupsTest, KeepsHowFarItIsOneStateAfterTheOther) {
  open_durable();
  join(alice);
  EXPECT_THAT(room_->acked().take_moved(), SizeIs(1)) << "that there is one";
  say("a");
  say("b");
  settle(alice, 1, Verdict::done);
  EXPECT_THAT(room_->acked().take_moved(), IsEmpty()) << "the one before isn't kept yet";
  outlet_.moved = 0;
  room_->acked().kept(workers_);
  EXPECT_EQ(outlet_.moved, 1);
  const auto moved = room_->acked().take_moved();
  ASSERT_THAT(moved, SizeIs(1));

  KeptRoom kept{id, "jobs", Seq{2}};
  kept.groups = {{moved[0].name, moved[0].next, moved[0].state}};
  open_durable(kept);
  outlet_.handed.clear();
  EXPECT_EQ(info().next, Seq{3});
  join(bob);
  store_.asked.clear();
  EXPECT_EQ(info().waiting, 1u);
}

TEST_F(AckedGroupsTest, ThatCanNotBeUnderstoodBeginsWhereItsUnsettledOnesMayLie) {
  KeptRoom kept{id, "jobs", Seq{9000}};
  kept.groups = {{"workers", Seq{9001}, "?"}};
  open_durable(kept);
  EXPECT_EQ(info().next, Seq{9001 - bounds::group_unsettled_max});
}

// ── what is put to the dead ──────────────────────────────────────────────────────────────────────────────────────────

class ADeadLetter : public testing::Test {
 protected:
  static proto::Headers headers_of(const DeadLetter& letter) {
    const auto size = static_cast<std::uint16_t>(letter.headers.size());
    EXPECT_TRUE(proto::are_headers(letter.headers));
    return proto::decode_value<proto::Headers>(std::string(reinterpret_cast<const char*>(&size), 2) + letter.headers)
        .value();
  }
  static std::string value(const proto::Headers& headers, std::string_view key) {
    for (const auto& header : headers.list)
      if (header.key == key) return header.value;
    return "(none)";
  }
  Burial burial_of(std::vector<proto::Header> headers, std::string detail = "the end") {
    proto::Delivery delivery;
    delivery.room = id;
    delivery.seq = Seq{42};
    delivery.kind = proto::Kind::data;
    delivery.from = PersonName::literal("carol");
    delivery.headers.list = std::move(headers);
    delivery.body = {"the body"};
    Burial burial{id, GroupName::literal("workers"), Seq{42}, 3, {"exit code 3", std::move(detail), {"bob", false}},
                  {}};
    proto::encode_value(delivery, burial.delivery);
    return burial;
  }
};

TEST_F(ADeadLetter, IsTheMessageWithWhatBecameOfIt) {
  const auto letter = dead_letter(burial_of({{"type", "json"}, {"dead-seq", "1"}}), "jobs");
  EXPECT_EQ(letter.kind, proto::Kind::data);
  EXPECT_EQ(letter.body, "the body");
  const auto headers = headers_of(letter);
  EXPECT_EQ(headers.list.size(), 8u);
  for (const auto& [key, wanted] : std::map<std::string, std::string>{{"type", "json"},
                                                                      {"dead-room", "jobs"},
                                                                      {"dead-seq", "42"},
                                                                      {"dead-from", "carol"},
                                                                      {"dead-group", "workers"},
                                                                      {"dead-attempts", "3"},
                                                                      {"dead-reason", "exit code 3"},
                                                                      {"dead-stderr", "the end"}})
    EXPECT_EQ(value(headers, key), wanted) << key;
}

TEST_F(ADeadLetter, HasMarksThatMeanNothing) {
  const auto letter = dead_letter(burial_of({{"ttl", "5"}, {"redacts", "3"}, {"undo", "1"}}), "jobs");
  EXPECT_FALSE(proto::read_marks(letter.headers).value().any());
  EXPECT_EQ(value(headers_of(letter), "original-ttl"), "5");
  EXPECT_EQ(value(headers_of(letter), "original-redacts"), "3");
  EXPECT_EQ(value(headers_of(letter), "original-undo"), "1");
}

TEST_F(ADeadLetter, KeepsTheMessagesHeadersBeforeTheEndOfStderr) {
  const auto headers =
      headers_of(dead_letter(burial_of({{"x", std::string(7500, 'x')}}, std::string(1000, 'e') + "!"), "jobs"));
  EXPECT_EQ(value(headers, "x").size(), 7500u);
  EXPECT_THAT(value(headers, "dead-stderr"), testing::EndsWith("e!"));
  EXPECT_LT(value(headers, "dead-stderr").size(), 600u);
}

TEST_F(ADeadLetter, SaysHowManyHeadersFoundNoPlace) {
  std::vector<proto::Header> many;
  for (int i = 0; i < 32; ++i) many.push_back({"h" + std::to_string(i), "v"});
  auto headers = headers_of(dead_letter(burial_of(many), "jobs"));
  EXPECT_EQ(headers.list.size(), 32u);
  EXPECT_EQ(value(headers, "h0"), "v");
  EXPECT_EQ(value(headers, "dead-cut"), "8");
  headers = headers_of(dead_letter(burial_of({{"x", std::string(8180, 'x')}}), "jobs"));
  EXPECT_EQ(value(headers, "dead-cut"), "1");
  EXPECT_EQ(value(headers, "dead-stderr"), "the end");
}

TEST_F(ADeadLetter, CutsNoCharacterInTwo) {
  std::string snowmen;
  for (int i = 0; i < 341; ++i) snowmen += "☃";
  for (std::size_t bytes = 7500; bytes < 7506; ++bytes)
    headers_of(dead_letter(burial_of({{"x", std::string(bytes, 'x')}}, snowmen), "jobs"));
}

}  // namespace
}  // namespace hubbub::server
