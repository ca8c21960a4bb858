// Retention and folding: what goes, what stays, and what is remembered of what went.
#include <random>

#include "server/log/producers.hpp"
#include "tests/unit/sqlite/a_database.hpp"

namespace hubbub::server::sqlite {
namespace {

constexpr RoomId room{1}, other{2};

RoomPolicy at_least(std::uint64_t messages, std::uint64_t bytes = 0, std::chrono::nanoseconds age = {}) {
  return {Durability::commit, messages, bytes, age};
}

class ATrimmedRoom : public ::testing::Test {
 protected:
  ATrimmedRoom() { database_.change({RoomMade{room, "room"}, RoomMade{other, "other"}}); }
  /// So many batches of five messages, a second apart, published by `client(1)` and `client(2)` in turn.
  void say(std::uint64_t batches) {
    for (std::uint64_t i = 0; i < batches; ++i) {
      auto batch = batch_of(room, Seq{last_ + 1}, 5, after_noon(last_));
      const auto turn = static_cast<std::uint8_t>(1 + last_ / 5 % 2);
      auto& ids = published_[turn];
      batch.runs = {{client(turn), 0, PublishId{ids + 1}, Seq{last_ + 1}, {last_, 1, 2, 3, 4}}};
      ids += 5;
      database_.commit(batch);
      last_ += 5;
    }
  }
  /// Steps until there is nothing to do. Returns the oldest message that is kept then.
  std::uint64_t tend(WallTime now = noon) {
    for (;;) {
      const auto tended = value_of(database_.writer().tend(now));
      if (!tended.worked) return database_.load().rooms.front().first_kept.value;
    }
  }
  ADatabase database_;
  std::uint64_t last_ = 0;
  std::map<std::uint8_t, std::uint64_t> published_;
};

TEST_F(ATrimmedRoom, WithoutABoundKeepsEverything) {
  say(100);
  EXPECT_EQ(tend(after_noon(1'000'000)), 1u);
}

TEST_F(ATrimmedRoom, KeepsAtLeastTheMessagesItMustAndHardlyMore) {
  say(100);
  database_.writer().keep(room, at_least(42));
  EXPECT_EQ(tend(), 456u) << "a batch goes whole: 45 are kept";
  EXPECT_EQ(database_.seqs(room, 1), from_to(456, 500));
  EXPECT_EQ(value_of(database_.reader().read(room, Seq{1}, newest, SIZE_MAX)).first_kept, Seq{456});
  say(1);
  EXPECT_EQ(tend(), 461u);
}

TEST_F(ATrimmedRoom, KeepsAtLeastTheBytesItMust) {
  say(100);
  const auto batch_bytes = batch_of(room, Seq{1}, 5).frames.bytes;
  database_.writer().keep(room, at_least(0, batch_bytes * 10));
  EXPECT_EQ(tend(), 451u);
  database_.writer().keep(room, at_least(0, batch_bytes * 9 + 1));
  EXPECT_EQ(tend(), 451u);
  database_.writer().keep(room, at_least(0, batch_bytes * 9));
  EXPECT_EQ(tend(), 456u);
}

TEST_F(ATrimmedRoom, KeepsWhatIsNotOldEnough) {
  say(10);
  database_.writer().keep(room, at_least(0, 0, std::chrono::seconds(100)));
  EXPECT_EQ(tend(after_noon(99)), 1u);
  EXPECT_EQ(tend(after_noon(100)), 6u);
  EXPECT_EQ(tend(after_noon(125)), 31u);
}

TEST_F(ATrimmedRoom, LetsAMessageGoOnceAnyBoundAllowsIt) {
  say(10);
  database_.writer().keep(room, at_least(20, 0, std::chrono::seconds(100)));
  EXPECT_EQ(tend(after_noon(50)), 31u);
  EXPECT_EQ(tend(after_noon(145)), 51u);
}

TEST_F(ATrimmedRoom, ThatIsEmptyGoesOnWithItsSeqsAndTimesOverARestart) {
  say(10);
  database_.writer().keep(room, at_least(0, 0, std::chrono::seconds(1)));
  EXPECT_EQ(tend(after_noon(1000)), 51u);
  database_.reopen();
  const auto kept = database_.load().rooms.front();
  EXPECT_EQ(kept.last, Seq{50});
  EXPECT_EQ(kept.first_kept, Seq{51});
  EXPECT_EQ(kept.time, after_noon(45));
  EXPECT_TRUE(database_.seqs(room, 1).empty());
  EXPECT_EQ(value_of(database_.reader().find_time(room, noon)), Seq{51});
  say(3);
  EXPECT_EQ(database_.seqs(room, 1), from_to(51, 65));
  database_.writer().keep(room, at_least(7));
  EXPECT_EQ(tend(), 56u);
}

TEST_F(ATrimmedRoom, LeavesOtherRoomsAlone) {
  database_.commit(batch_of(other, Seq{1}, 30));
  say(10);
  database_.writer().keep(room, at_least(1));
  EXPECT_EQ(tend(), 46u);
  EXPECT_EQ(database_.seqs(other, 1), from_to(1, 30));
}

TEST_F(ATrimmedRoom, GoesInSmallSteps) {
  say(400);
  database_.writer().keep(room, at_least(5));
  std::uint64_t before = 1;
  for (;;) {
    const auto tended = value_of(database_.writer().tend(noon));
    if (!tended.worked) break;
    EXPECT_EQ(tended.trimmed, room);
    EXPECT_LE(tended.first_kept.value - before, 64u * 5);
    before = tended.first_kept.value;
  }
  EXPECT_EQ(before, 1996u);
}

TEST_F(ATrimmedRoom, RemembersItsProducersLongerThanTheirMessages) {
  say(10);
  const auto before = database_.load().rooms.front().producers;
  ASSERT_EQ(before.size(), 2u);
  EXPECT_EQ(before.front().last, PublishId{25});
  database_.writer().keep(room, at_least(1));
  EXPECT_EQ(tend(), 46u);
  EXPECT_EQ(database_.load().rooms.front().producers, before);
  database_.reopen();
  EXPECT_EQ(database_.load().rooms.front().producers, before);
  say(1);
  EXPECT_EQ(database_.load().rooms.front().producers.back().last, PublishId{30});
}

TEST_F(ATrimmedRoom, NeverGivesABatchTheIdOfOneThatIsGone) {
  const auto newest_id = [&] {
    auto database = value_of(Database::open(database_.path(), Database::Access::read));
    Statement statement(*database, "SELECT max(id) FROM batches");
    auto rows = statement.query();
    rows.next();
    return rows.integer(0);
  };
  say(10);
  const auto before = newest_id();
  database_.writer().keep(room, at_least(0, 0, std::chrono::seconds(1)));
  EXPECT_EQ(tend(after_noon(1000)), 51u);
  database_.reopen();
  say(1);
  EXPECT_GT(newest_id(), before);
}

/// What a hub would know of its producers had it never stopped.
class AModel {
 public:
  void take(const PublishRun& run) {
    auto& producer = by_client_[run.producer];
    producer.client = run.producer;
    producer.epoch = run.epoch;
    for (std::uint64_t i = 0; i < run.hashes.size(); ++i) {
      const PublishId id{run.first.value + i};
      if (id != producer.last.next()) producer.recent.clear();
      producer.last = id;
      producer.recent.push_back({Seq{run.at.value + i}, run.hashes[i]});
      if (producer.recent.size() > producer_window) producer.recent.erase(producer.recent.begin());
    }
    if (by_client_.size() > producers_per_room_max) by_client_.erase(oldest());
  }
  [[nodiscard]] bool knows(const ClientId& client) const { return by_client_.contains(client); }
  [[nodiscard]] std::vector<KeptProducer> producers() const {
    std::vector<KeptProducer> all;
    for (const auto& [client, producer] : by_client_) all.push_back(producer);
    std::ranges::sort(all, {}, [](const auto& producer) { return producer.recent.back().seq; });
    return all;
  }

 private:
  std::map<ClientId, KeptProducer>::iterator oldest() {
    return std::ranges::min_element(by_client_, {}, [](const auto& entry) { return entry.second.recent.back().seq; });
  }
  std::map<ClientId, KeptProducer> by_client_;
};

TEST(Producers, AreTheSameWheneverTheyAreFoldedAndHoweverManyThereAre) {
  std::mt19937 random(3);
  ADatabase database;
  database.make_room(room, "room");
  AModel model;
  std::map<std::uint32_t, std::uint64_t> ids;
  std::uint64_t last = 0;
  for (int round = 0; round < 1500; ++round) {
    // Some publish all the time, and so past their window; many others once or twice, and so are forgotten.
    const auto who = random() % 2 == 0 ? random() % 3 : 100 + random() % 3000;
    const auto count = 1 + random() % 9;
    ClientId id;
    std::memcpy(id.bytes.data(), &who, sizeof who);
    if (!model.knows(id)) ids[who] = 0;  // whom the room has forgotten has to begin with 1
    PublishRun run{id, round / 700u, PublishId{ids[who] + 1}, Seq{last + 1}, {}};
    for (std::uint32_t i = 0; i < count; ++i) run.hashes.push_back(random());
    ids[who] += count;
    auto batch = batch_of(room, Seq{last + 1}, count);
    batch.runs = {run};
    database.commit(batch);
    model.take(run);
    last += count;
    if (random() % 50 == 0) database.writer().keep(room, at_least(1 + random() % 500));
    if (random() % 10 == 0) value_of(database.writer().tend(noon));
    if (random() % 100 == 0) database.reopen();
  }
  EXPECT_EQ(database.load().rooms.front().producers, model.producers());
}

}  // namespace
}  // namespace hubbub::server::sqlite
