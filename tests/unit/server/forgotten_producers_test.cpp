// A room remembers so many producers and no more, on disk as in memory: whoever published longest ago is unknown from
// then on, and is told so, whether the hub was started again meanwhile or not.
#include <cstring>
#include <utility>

#include "server/rooms/room.hpp"
#include "tests/unit/server/fake_room_outlet.hpp"
#include "tests/unit/server/fake_store.hpp"
#include "tests/unit/sqlite/a_database.hpp"

namespace hubbub::server {
namespace {

constexpr RoomId id{1};
constexpr std::uint32_t many = producers_per_room_max;

/// A room, with all that it is told committed at once.
class ARoomWithManyProducers : public ::testing::Test {
 protected:
  /// Producer 0 publishes twice, then as many others once as the room remembers.
  ARoomWithManyProducers() {
    database_.make_room(id, "room");
    start();
    say(0, 1);
    say(0, 2);
    for (std::uint32_t producer = 1; producer <= many; ++producer) say(producer, 1);
  }
  void start() {
    room_.emplace(database_.load().rooms.front(), false, 1, std::make_shared<RoomGauges>(), budget_, producers_, logs_,
                  outlet_);
  }
  void restart() {
    room_.reset();
    database_.reopen();
    start();
  }
  /// Gives up all messages but the last one, and folds all producers.
  void trim() {
    database_.writer().keep(id, {Durability::commit, 1, 0, {}});
    while (sqlite::value_of(database_.writer().tend(sqlite::noon)).worked) {
    }
  }

  void say(std::uint32_t producer, std::uint64_t publish) {
    ClientId client;
    std::memcpy(client.bytes.data(), &producer, sizeof producer);
    outlet_ = {};
    room_->publish({{0, ++sessions_, 1}, client, "somebody", false, 0},
                   {id, PublishId{publish}, 0, proto::Kind::data, {}, "said"}, sqlite::noon);
    room_->flush();
    for (auto& batch : std::exchange(store_.batches, {})) database_.commit(std::move(batch));
    store_.commit();
  }
  /// Where the room has that publish.
  std::uint64_t seq_of(std::uint32_t producer, std::uint64_t publish) {
    say(producer, publish);
    return outlet_.acknowledged.empty() ? 0 : outlet_.acknowledged.front().second.seq.value;
  }
  bool is_unknown(std::uint32_t producer, std::uint64_t publish) {
    say(producer, publish);
    return outlet_.acknowledged.empty() && !outlet_.refusals.empty() &&
           outlet_.refusals.front().second.why == proto::Refusal::unknown_producer;
  }
  void expect_the_oldest_is_forgotten() {
    EXPECT_TRUE(is_unknown(0, 2)) << "what it may have published already";
    EXPECT_TRUE(is_unknown(0, 3)) << "what would be next";
    for (std::uint32_t producer = 1; producer <= many; ++producer) ASSERT_EQ(seq_of(producer, 1), producer + 2);
    EXPECT_EQ(room_->last(), Seq{many + 2}) << "nothing of all this was taken";
  }

  sqlite::ADatabase database_;
  FakeStore store_;
  DurableLogs logs_{store_, 0};
  FakeRoomOutlet outlet_;
  TailBudget budget_{TailBounds{1'000'000, 1u << 30, 1u << 30}};
  ProducerBudget producers_;
  std::optional<Room> room_;
  std::uint32_t sessions_ = 0;
};

TEST_F(ARoomWithManyProducers, HasForgottenTheOldest) { expect_the_oldest_is_forgotten(); }

TEST_F(ARoomWithManyProducers, HasForgottenTheOldestAfterARestart) {
  restart();
  expect_the_oldest_is_forgotten();
}

TEST_F(ARoomWithManyProducers, HasForgottenTheOldestOnceItIsTrimmed) {
  trim();
  restart();
  expect_the_oldest_is_forgotten();
}

TEST_F(ARoomWithManyProducers, ForgetsInTheSameOrderOnDiskAsInMemory) {
  trim();
  say(1, 2);  // no longer the oldest, which is 2 now
  say(many + 1, 1);
  EXPECT_TRUE(is_unknown(2, 2));
  EXPECT_EQ(seq_of(1, 3), many + 5);
  restart();
  EXPECT_TRUE(is_unknown(2, 2));
  trim();
  restart();
  EXPECT_TRUE(is_unknown(2, 2));
  EXPECT_EQ(seq_of(3, 1), 5U);
}

}  // namespace
}  // namespace hubbub::server
