// What is committed is what the next run of the hub finds: every kind of record.
#include "tests/unit/sqlite/a_database.hpp"

namespace hubbub::server::sqlite {
namespace {

constexpr RoomId room{1}, other{5};
const Owner alices_key = OwnerKey{{1, 2, 3}};

template <class List>
auto names_of(const List& people) {
  std::vector<std::string> names;
  for (const auto& person : people) names.push_back(person.name);
  return names;
}

TEST(RoundTrip, ANewDatabaseHoldsItsIdAndNothingElse) {
  ADatabase database;
  const auto kept = database.load();
  EXPECT_EQ(kept.store, store_id);
  EXPECT_TRUE(kept.rooms.empty() && kept.people.empty() && kept.cursors.empty());
  EXPECT_TRUE(kept.registrations.empty() && kept.replies.empty());
}

TEST(RoundTrip, ARoomIsFoundAsItWasMade) {
  ADatabase database;
  database.change({RoomMade{room, "ci.main"}, RoomMade{other, "lobby"}, TopicSet{other, "Hello", "alice", noon}});
  database.reopen();
  const auto kept = database.load();
  ASSERT_EQ(kept.rooms.size(), 2u);
  EXPECT_EQ(kept.rooms[0].id, room);
  EXPECT_EQ(kept.rooms[0].key, "ci.main");
  EXPECT_EQ(kept.rooms[0].last, Seq{});
  EXPECT_EQ(kept.rooms[0].first_kept, Seq{1});
  EXPECT_EQ(kept.rooms[0].topic, "");
  EXPECT_EQ(kept.rooms[1].id, other);
  EXPECT_EQ(kept.rooms[1].topic, "Hello");
  EXPECT_EQ(kept.rooms[1].topic_by, "alice");
  EXPECT_EQ(kept.rooms[1].topic_at, noon);
}

TEST(RoundTrip, AQueueGroupIsFoundAsItWasLastMoved) {
  ADatabase database;
  database.make_room(room, "jobs");
  database.change({GroupMoved{room, "a", Seq{3}, "old"}, GroupMoved{room, "b", Seq{1}, {}}});
  database.change({GroupMoved{room, "a", Seq{9}, std::string("\0new", 4)}, GroupForgotten{room, "b"}});
  database.reopen();
  const auto kept = database.load().rooms.at(0);
  ASSERT_EQ(kept.groups.size(), 1u);
  EXPECT_EQ(kept.groups[0].name, "a");
  EXPECT_EQ(kept.groups[0].next, Seq{9});
  EXPECT_EQ(kept.groups[0].state, std::string("\0new", 4));
}

TEST(RoundTrip, ARoomIsAsLongAsWhatWasCommittedToIt) {
  ADatabase database;
  database.make_room(room, "room");
  database.commit(batch_of(room, Seq{1}, 3, after_noon(1)));
  database.commit(
      std::vector<Record>{batch_of(room, Seq{4}, 2, after_noon(2)), batch_of(room, Seq{6}, 1, after_noon(3))});
  database.reopen();
  const auto kept = database.load().rooms.front();
  EXPECT_EQ(kept.last, Seq{6});
  EXPECT_EQ(kept.first_kept, Seq{1});
  EXPECT_EQ(kept.time, after_noon(3));
  EXPECT_EQ(database.seqs(room, 1), from_to(1, 6));
  database.commit(batch_of(room, Seq{7}, 2));
  EXPECT_EQ(database.seqs(room, 1), from_to(1, 8));
}

TEST(RoundTrip, AGroupOfManyBatchesIsReadBackWhateverItsSize) {
  ADatabase database;
  std::vector<Record> group = {Changes{{RoomMade{room, "room"}, RoomMade{other, "other"}}, std::nullopt}};
  for (std::uint64_t i = 0; i < 40; ++i) {
    group.emplace_back(batch_of(room, Seq{i * 2 + 1}, {std::string(20'000, 'x'), "y"}));
    group.emplace_back(batch_of(other, Seq{i + 1}, 1));
  }
  database.commit(group);
  EXPECT_EQ(database.seqs(room, 1), from_to(1, 80));
  EXPECT_EQ(database.seqs(other, 1), from_to(1, 40));
}

TEST(RoundTrip, TheRetainedMessageIsTheLastOneUntilThereIsNone) {
  ADatabase database;
  database.make_room(room, "room");
  auto first = batch_of(room, Seq{1}, 1), second = batch_of(room, Seq{2}, 1);
  first.retained = slice_of_bytes("one");
  second.retained = slice_of_bytes("two");
  database.commit(std::vector<Record>{first, second, batch_of(room, Seq{3}, 1)});
  EXPECT_EQ(database.load().rooms.front().retained, "two");
  auto none = batch_of(room, Seq{4}, 1);
  none.retained = Slice{};
  database.commit(none);
  EXPECT_EQ(database.load().rooms.front().retained, "");
}

TEST(RoundTrip, PeopleAreFoundWithWhatProvesThem) {
  ADatabase database;
  database.change({PersonMade{"alice", alices_key, true}, PersonMade{"bob", 1000u, false}});
  const auto people = database.load().people;
  ASSERT_EQ(people.size(), 2u);
  EXPECT_EQ(people[0].owner, alices_key);
  EXPECT_TRUE(people[0].verified);
  EXPECT_EQ(people[1].owner, Owner(1000u));
  EXPECT_FALSE(people[1].verified);
}

class AlicesThings : public ::testing::Test {
 protected:
  AlicesThings() {
    database_.change({RoomMade{room, "room"}, PersonMade{"alice", alices_key, true}, PersonMade{"bob", 1000u, false},
                      MemberAdded{room, "alice"}, MemberAdded{room, "bob"}, MemberAdded{room, "alice"},
                      CursorMoved{room, "alice", "", Seq{4}, noon}, CursorMoved{room, "alice", "mailer", Seq{7}, noon},
                      CursorMoved{room, "bob", "", Seq{1}, noon}});
  }
  std::vector<std::string> members() { return database_.load().rooms.front().members; }
  std::vector<std::uint64_t> cursors() {
    std::vector<std::uint64_t> seqs;
    for (const auto& cursor : database_.load().cursors) seqs.push_back(cursor.seq.value);
    return seqs;
  }
  ADatabase database_;
};

TEST_F(AlicesThings, AreFoundAgain) {
  EXPECT_EQ(members(), (std::vector<std::string>{"alice", "bob"}));
  const auto kept = database_.load();
  ASSERT_EQ(kept.cursors.size(), 3u);
  EXPECT_EQ(kept.cursors[1].person, "alice");
  EXPECT_EQ(kept.cursors[1].consumer, "mailer");
  EXPECT_EQ(kept.cursors[1].seq, Seq{7});
  EXPECT_EQ(kept.cursors[1].at, noon);
}

TEST_F(AlicesThings, ACursorIsWhereItWasMovedLast) {
  database_.change({CursorMoved{room, "alice", "", Seq{9}, after_noon(1)}, CursorForgotten{room, "alice", "mailer"}});
  EXPECT_EQ(cursors(), (std::vector<std::uint64_t>{9, 1}));
}

TEST_F(AlicesThings, FollowARename) {
  database_.change({PersonRenamed{"alice", "alicia"}});
  EXPECT_EQ(members(), (std::vector<std::string>{"alicia", "bob"}));
  EXPECT_EQ(database_.load().cursors.front().person, "alicia");
}

TEST_F(AlicesThings, GoWithHer) {
  database_.change({PersonForgotten{"alice"}});
  EXPECT_EQ(members(), std::vector<std::string>{"bob"});
  EXPECT_EQ(cursors(), std::vector<std::uint64_t>{1});
  EXPECT_EQ(names_of(database_.load().people), std::vector<std::string>{"bob"});
}

TEST_F(AlicesThings, AreNotThoseOfWhoTakesHerName) {
  database_.change({PersonMade{"alice", 77u, false}});
  EXPECT_EQ(members(), std::vector<std::string>{"bob"});
  EXPECT_EQ(cursors(), std::vector<std::uint64_t>{1});
  database_.change({PersonRenamed{"alice", "bob"}});
  EXPECT_TRUE(members().empty());
  EXPECT_EQ(database_.load().people.front().owner, Owner(77u));
}

TEST_F(AlicesThings, StayWhenSheIsMadeAgain) {
  database_.change({PersonMade{"alice", alices_key, false}});
  EXPECT_EQ(members(), (std::vector<std::string>{"alice", "bob"}));
  EXPECT_FALSE(database_.load().people.front().verified);
}

TEST_F(AlicesThings, ARoomThatSheLeftHasHerNoMore) {
  database_.change({MemberRemoved{room, "alice"}});
  EXPECT_EQ(members(), std::vector<std::string>{"bob"});
}

TEST(RoundTrip, OfManyPublishesOnlyTheNewestOfEachProducerIsRead) {
  ADatabase database;
  for (const auto id : {room, other}) {
    database.make_room(id, "room-" + std::to_string(id.value));
    auto batch = batch_of(id, Seq{1}, 10);
    batch.runs = {{client(1), 1, PublishId{1}, Seq{1}, std::vector<std::uint64_t>(10, 7)}};
    database.commit(batch);
  }
  const auto kept = value_of(load(database.path(), {}, 15));
  const auto &whole = kept.rooms[0].producers[0], &cut = kept.rooms[1].producers[0];
  EXPECT_EQ(whole.recent.size(), 10u);
  EXPECT_EQ(cut.recent, (std::vector<KeptProducer::Taken>{{Seq{10}, 7}}));
  EXPECT_EQ(cut.last, PublishId{10});
}

TEST(RoundTrip, ARegistrationHasItsLastEpoch) {
  ADatabase database;
  database.change({ProducerRegistered{client(1), alices_key, 1}, ProducerRegistered{client(1), alices_key, 2}});
  const auto kept = database.load().registrations;
  ASSERT_EQ(kept.size(), 1u);
  EXPECT_EQ(kept.front().client, client(1));
  EXPECT_EQ(kept.front().owner, alices_key);
  EXPECT_EQ(kept.front().epoch, 2u);
}

TEST(RoundTrip, ARegistrationThatIsForgottenIsGone) {
  ADatabase database;
  database.change({ProducerRegistered{client(1), alices_key, 1}, ProducerRegistered{client(2), alices_key, 2}});
  database.change({ProducerForgotten{client(1), 5}});
  const auto kept = database.load();
  ASSERT_EQ(kept.registrations.size(), 1u);
  EXPECT_EQ(kept.registrations.front().client, client(2));
  EXPECT_EQ(kept.forgotten_epoch, 5u);
}

TEST(RoundTrip, RegistrationsComeInTheOrderInWhichTheyWereMadeLast) {
  ADatabase database;
  database.change({ProducerRegistered{client(1), alices_key, 1}, ProducerRegistered{client(2), alices_key, 1},
                   ProducerRegistered{client(1), alices_key, 2}});
  const auto kept = database.load().registrations;
  ASSERT_EQ(kept.size(), 2u);
  EXPECT_EQ(kept.front().client, client(2));
}

TEST(RoundTrip, RepliesLieInTheTransactionOfTheirEffectAndTheNewestAreKept) {
  ADatabase database(3);
  const auto reply = [](std::uint64_t call) { return KeptReply{client(1), CallId{call}, Status::ok, "r", call}; };
  auto batch = batch_of(room, Seq{1}, 1);
  batch.replies = {reply(2), {client(2), CallId{UINT64_MAX}, Status::not_found, std::string("\0x", 2), UINT64_MAX}};
  database.commit(std::vector<Record>{Changes{{RoomMade{room, "room"}}, reply(1)}, batch});
  EXPECT_EQ(database.load().replies, (std::vector{reply(1), batch.replies[0], batch.replies[1]}));
  database.reopen();
  database.commit(Changes{{}, reply(4)});
  EXPECT_EQ(database.load().replies, (std::vector{batch.replies[0], batch.replies[1], reply(4)}));
}

CallGiven call_of(std::uint64_t id, std::string arguments = "[1]") {
  return {client(1),
          CallId{id},
          UINT64_MAX - id,
          MethodName::literal("image.scale"),
          PersonName::literal("alice"),
          true,
          std::move(arguments),
          noon};
}
std::vector<std::uint64_t> open_calls_in(const ADatabase& database) {
  std::vector<std::uint64_t> ids;
  for (const auto& call : database.load().open_calls) ids.push_back(call.call.value);
  return ids;
}

TEST(RoundTrip, ACallIsOpenUntilItIsAnsweredAndItsAnswerIsFoundForEver) {
  ADatabase database;
  database.change({call_of(UINT64_MAX, std::string("\0[", 2)), call_of(2)});
  database.reopen();
  const auto open = database.load().open_calls;
  ASSERT_EQ(open.size(), 2u);
  EXPECT_EQ(open[0].client, client(1));
  EXPECT_EQ(open[0].call, CallId{UINT64_MAX});
  EXPECT_EQ(open[0].question, 0u);
  EXPECT_EQ(open[0].method.str(), "image.scale");
  EXPECT_EQ(open[0].person.str(), "alice");
  EXPECT_TRUE(open[0].verified);
  EXPECT_EQ(open[0].arguments, std::string("\0[", 2));
  EXPECT_EQ(open[0].at, noon);
  EXPECT_FALSE(value_of(database.reader().find_answer(client(1), CallId{2}))) << "it isn't answered";

  database.change({CallAnswered{client(1), CallId{2}, Status::not_found, "no"}});
  database.change({CallAnswered{client(1), CallId{2}, Status::ok, "another"}});
  database.reopen();
  EXPECT_EQ(open_calls_in(database), std::vector<std::uint64_t>{UINT64_MAX});
  const auto answer = value_of(database.reader().find_answer(client(1), CallId{2}));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->question, UINT64_MAX - 2);
  EXPECT_EQ(answer->status, Status::not_found) << "the first one counts";
  EXPECT_EQ(answer->result, "no");
  EXPECT_FALSE(value_of(database.reader().find_answer(client(2), CallId{2}))) << "of another client";
}

TEST(RoundTrip, ProducersAreWhatTheirRunsSay) {
  ADatabase database;
  database.make_room(room, "room");
  auto first = batch_of(room, Seq{1}, 4), second = batch_of(room, Seq{5}, 2);
  first.runs = {{client(1), 0, PublishId{1}, Seq{1}, {11, 12}}, {client(2), 0, PublishId{1}, Seq{4}, {21}}};
  second.runs = {{client(1), 1, PublishId{3}, Seq{6}, {13}}};
  database.commit(first);
  database.commit(second);
  const std::vector<KeptProducer> expected = {{client(2), 0, PublishId{1}, {{Seq{4}, 21}}},
                                              {client(1), 1, PublishId{3}, {{Seq{1}, 11}, {Seq{2}, 12}, {Seq{6}, 13}}}};
  EXPECT_EQ(database.load().rooms.front().producers, expected);
}

}  // namespace
}  // namespace hubbub::server::sqlite
