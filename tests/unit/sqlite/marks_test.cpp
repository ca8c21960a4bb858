// What later messages mean for earlier ones, on the disk: erased where they lie, in the transaction that says so.
#include "proto/erase.hpp"
#include "server/log/sqlite/check.hpp"
#include "tests/unit/sqlite/a_database.hpp"

namespace hubbub::server::sqlite {
namespace {

using proto::Amends;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr RoomId room{1};

class MarksOnDisk : public testing::Test {
 protected:
  void SetUp() override { database_.make_room(room, "lobby"); }
  static Batch with(Batch batch, std::vector<Marked> marks) {
    batch.marks = std::move(marks);
    return batch;
  }
  static Marked keyed(std::uint64_t seq, std::string key) { return {Seq{seq}, {}, std::move(key)}; }
  static Marked about(std::uint64_t seq, Amends amends, std::uint64_t target, bool undo = false) {
    return {Seq{seq}, {}, {}, amends, Seq{target}, undo};
  }
  /// The seqs of the room's messages that are erased.
  std::vector<std::uint64_t> erased() {
    std::vector<std::uint64_t> found;
    for (const auto& slice : value_of(database_.reader().read(room, Seq{1}, Seq{UINT64_MAX}, SIZE_MAX)).slices)
      for_each_payload(slice, [&](std::string_view payload) {
        if (proto::is_erased(payload)) found.push_back(proto::seq_of_delivery(payload)->value);
      });
    return found;
  }
  std::vector<std::uint64_t> told() {
    std::vector<std::uint64_t> found;
    for (const auto& [of, seq] : database_.writer().take_erased()) found.push_back(seq.value);
    return found;
  }
  std::vector<std::uint64_t> amendments(std::uint64_t first, std::uint64_t last, std::uint64_t behind = 0,
                                        std::size_t bytes_max = SIZE_MAX) {
    std::vector<std::uint64_t> found;
    const AmendmentsWish wish{{{Seq{first}, Seq{last}}}, Seq{behind}, bytes_max};
    for (const auto& payload : value_of(database_.reader().amendments(room, wish)))
      found.push_back(proto::seq_of_delivery(payload)->value);
    return found;
  }
  std::vector<std::string> wrongs() {
    database_.reopen();
    return value_of(check(database_.path()));
  }
  ADatabase database_;
};

TEST_F(MarksOnDisk, AKeysLastMessageIsErasedWhereverItLies) {
  database_.commit(with(batch_of(room, Seq{1}, 3), {keyed(2, "cpu")}));
  EXPECT_THAT(told(), IsEmpty());
  database_.commit({with(batch_of(room, Seq{4}, 2), {keyed(4, "cpu"), keyed(5, "mem")}),
                    with(batch_of(room, Seq{6}, 1), {keyed(6, "cpu")})});
  EXPECT_THAT(told(), ElementsAre(2, 4)) << "one in an earlier transaction, one in the same";
  EXPECT_THAT(erased(), ElementsAre(2, 4));
  database_.reopen();
  database_.commit(with(batch_of(room, Seq{7}, 1), {keyed(7, "mem")}));
  EXPECT_THAT(erased(), ElementsAre(2, 4, 5));
  EXPECT_THAT(wrongs(), IsEmpty());
}

TEST_F(MarksOnDisk, KeysOfOtherRoomsAreOthers) {
  database_.make_room(RoomId{2}, "other");
  database_.commit(with(batch_of(room, Seq{1}, 1), {keyed(1, "cpu")}));
  database_.commit(with(batch_of(RoomId{2}, Seq{1}, 1), {keyed(1, "cpu")}));
  EXPECT_THAT(told(), IsEmpty());
}

TEST_F(MarksOnDisk, ARedactionErasesItsTargetAndItsEditsAndNothingElse) {
  database_.commit(with(batch_of(room, Seq{1}, 8), {about(4, Amends::edit, 2), about(5, Amends::reaction, 2),
                                                    about(6, Amends::edit, 3), about(7, Amends::edit, 2)}));
  database_.commit(with(batch_of(room, Seq{9}, 1), {about(9, Amends::redaction, 2)}));
  EXPECT_THAT(erased(), ElementsAre(2, 4, 7));
  EXPECT_THAT(amendments(2, 2), ElementsAre(5, 9)) << "what is erased says nothing any more";
  EXPECT_THAT(wrongs(), IsEmpty());
}

TEST_F(MarksOnDisk, OfVeryManyEditsThoseThatARedactionLeavesExpireAtOnce) {
  std::vector<Marked> marks;
  for (std::uint64_t seq = 2; seq <= 201; ++seq) marks.push_back(about(seq, Amends::edit, 1));
  database_.commit(with(batch_of(room, Seq{1}, 201), marks));
  database_.commit(with(batch_of(room, Seq{202}, 1), {about(202, Amends::redaction, 1)}));
  EXPECT_LT(told().size(), 100u);
  EXPECT_THAT(erased(), Contains(1));
  ASSERT_TRUE(value_of(database_.writer().tend(noon)).worked);
  EXPECT_EQ(erased(), from_to(1, 201));
  EXPECT_FALSE(database_.writer().has_bounds());
}

TEST_F(MarksOnDisk, LargeMessagesAreErasedToo) {
  const std::string large(900'000, 'x');
  database_.commit(with(batch_of(room, Seq{1}, {"small", large, "small"}), {keyed(2, "k")}));
  database_.commit(with(batch_of(room, Seq{4}, {large}), {keyed(4, "k")}));
  EXPECT_THAT(erased(), ElementsAre(2));
  EXPECT_THAT(wrongs(), IsEmpty());
}

TEST_F(MarksOnDisk, NothingIsErasedByATransactionThatFails) {
  database_.commit(with(batch_of(room, Seq{1}, 1), {keyed(1, "cpu")}));
  {
    const auto other = value_of(Database::open(database_.path(), Database::Access::write));
    value_of(other->run("BEGIN IMMEDIATE"));
    const Record record = with(batch_of(room, Seq{2}, 1), {keyed(2, "cpu")});
    EXPECT_FALSE(database_.writer().commit(std::span(&record, 1)));
    value_of(other->run("ROLLBACK"));
  }
  EXPECT_THAT(told(), IsEmpty());
  EXPECT_THAT(erased(), IsEmpty());
}

TEST_F(MarksOnDisk, MessagesExpireInTheirOrderAndNotBefore) {
  std::vector<Marked> marks;
  for (std::uint64_t seq = 1; seq <= 600; ++seq) marks.push_back({Seq{seq}, after_noon(seq)});
  database_.commit(with(batch_of(room, Seq{1}, 700), marks));
  auto& writer = database_.writer();
  EXPECT_TRUE(writer.has_bounds());
  EXPECT_FALSE(value_of(writer.tend(noon)).worked);
  while (value_of(writer.tend(after_noon(500))).worked) {
  }
  EXPECT_THAT(told(), SizeIs(500));
  EXPECT_THAT(erased(), SizeIs(500));
  database_.reopen();
  while (value_of(database_.writer().tend(after_noon(900))).worked) {
  }
  EXPECT_THAT(erased(), SizeIs(600));
  EXPECT_FALSE(database_.writer().has_bounds()) << "nothing expires any more";
  EXPECT_THAT(wrongs(), IsEmpty());
}

TEST_F(MarksOnDisk, MessagesThatExpireHoldUpNeitherCommitsNorRetention) {
  std::vector<Marked> marks;
  for (std::uint64_t seq = 1; seq <= 600; ++seq) marks.push_back({Seq{seq}, after_noon(seq)});
  database_.commit(with(batch_of(room, Seq{1}, 600), marks));
  database_.make_room(RoomId{2}, "other");
  for (std::uint64_t seq = 1; seq <= 100; ++seq) database_.commit(batch_of(RoomId{2}, Seq{seq}, 1));
  auto& writer = database_.writer();
  RoomPolicy policy;
  policy.messages = 1;
  writer.keep(RoomId{2}, policy);
  bool trimmed = false;
  int steps = 0;
  for (; writer.owes_a_step(); ++steps)
    trimmed = value_of(writer.tend(after_noon(900))).trimmed == RoomId{2} || trimmed;
  EXPECT_TRUE(trimmed);
  EXPECT_LE(steps, 7) << "as many as were owed";
  EXPECT_THAT(told(), testing::Not(IsEmpty()));
}

TEST_F(MarksOnDisk, WhatIsRetainedGoesWithItsMessage) {
  auto batch = with(batch_of(room, Seq{1}, 1), {{Seq{1}, after_noon(1)}});
  batch.retained = batch.frames;  // as a Retained, but for its type
  database_.commit(batch);
  EXPECT_FALSE(database_.load().rooms.at(0).retained.empty());
  ASSERT_TRUE(value_of(database_.writer().tend(after_noon(2))).worked);
  EXPECT_TRUE(database_.load().rooms.at(0).retained.empty());
}

TEST_F(MarksOnDisk, WhatIsRetainedStaysWhenAnotherMessageGoes) {
  database_.commit(with(batch_of(room, Seq{1}, 1), {keyed(1, "k")}));
  auto batch = with(batch_of(room, Seq{2}, 1), {keyed(2, "k")});
  batch.retained = batch.frames;
  database_.commit(batch);
  EXPECT_THAT(erased(), ElementsAre(1));
  EXPECT_FALSE(database_.load().rooms.at(0).retained.empty());
}

TEST_F(MarksOnDisk, AmendmentsAreFoundByTargetTheNewestIfThatIsTooMuch) {
  database_.commit(with(batch_of(room, Seq{1}, 4), {about(3, Amends::edit, 1), about(4, Amends::pin, 2)}));
  database_.commit(with(batch_of(room, Seq{5}, 4), {about(6, Amends::edit, 1), about(8, Amends::reaction, 5)}));
  EXPECT_THAT(amendments(1, 2), ElementsAre(3, 4, 6));
  EXPECT_THAT(amendments(1, 2, 3), ElementsAre(4, 6));
  EXPECT_THAT(amendments(3, 4), IsEmpty());
  const auto one = proto::delivery_frame_bytes(5, 0, 5) - proto::frame_header_bytes;
  EXPECT_THAT(amendments(1, 2, 0, 2 * one), ElementsAre(4, 6));
  EXPECT_THAT(amendments(1, 2, 0, one - 1), IsEmpty());
}

TEST_F(MarksOnDisk, AnAmendmentThatDoesNotFitHidesNoOthers) {
  auto bodies = std::vector<std::string>(4, "hello");
  bodies[3] = std::string(1000, 'x');
  database_.commit(with(batch_of(room, Seq{1}, bodies), {about(3, Amends::edit, 1), about(4, Amends::edit, 1)}));
  EXPECT_THAT(amendments(1, 2, 0, 500), ElementsAre(3));
}

TEST_F(MarksOnDisk, WhatAnErasedMessageMeantIsForgottenAndItsPinIsNone) {
  database_.commit(with(batch_of(room, Seq{1}, 5),
                        {about(2, Amends::pin, 1), about(3, Amends::pin, 1), about(4, Amends::reaction, 1)}));
  database_.commit(with(batch_of(room, Seq{6}, 2), {about(6, Amends::redaction, 3), about(7, Amends::redaction, 4)}));
  EXPECT_THAT(value_of(database_.reader().pinned(room)), IsEmpty());
  EXPECT_THAT(amendments(1, 1), ElementsAre(2));
}

TEST_F(MarksOnDisk, TheLastWordAboutAPinCounts) {
  database_.commit(with(batch_of(room, Seq{1}, 8), {about(5, Amends::pin, 2), about(6, Amends::pin, 1),
                                                    about(7, Amends::pin, 2, true), about(8, Amends::edit, 3)}));
  EXPECT_THAT(value_of(database_.reader().pinned(room)), ElementsAre(Seq{1}));
}

TEST_F(MarksOnDisk, RetentionTakesWhatIsKnownOfAMessageWithIt) {
  database_.commit(
      with(batch_of(room, Seq{1}, 2), {about(2, Amends::pin, 1), keyed(1, "k"), {Seq{1}, after_noon(100)}}));
  database_.commit(with(batch_of(room, Seq{3}, 1), {}));
  auto& writer = database_.writer();
  RoomPolicy policy;
  policy.messages = 1;
  writer.keep(room, policy);
  while (value_of(writer.tend(noon)).worked) {
  }
  EXPECT_THAT(database_.seqs(room, 1), ElementsAre(3));
  EXPECT_THAT(value_of(database_.reader().pinned(room)), IsEmpty());
  database_.commit(with(batch_of(room, Seq{4}, 1), {keyed(4, "k")}));
  EXPECT_THAT(told(), IsEmpty()) << "what had that key is gone";
  database_.reopen();
  EXPECT_FALSE(database_.writer().has_bounds()) << "and nothing is left that would expire";
}

TEST_F(MarksOnDisk, ADamagedRowKeepsNobodyFromCommitting) {
  database_.commit(with(batch_of(room, Seq{1}, 2), {keyed(1, "k")}));
  database_.reopen();
  value_of(value_of(Database::open(database_.path(), Database::Access::write))
               ->run("UPDATE batches SET frames = x'0102' WHERE room = 1"));
  database_.commit(with(batch_of(room, Seq{3}, 1), {keyed(3, "k")}));
  EXPECT_THAT(told(), IsEmpty());
}

}  // namespace
}  // namespace hubbub::server::sqlite
