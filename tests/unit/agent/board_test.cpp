// What the agent writes and what readers find. Who else is at work on the file: board_hostile_test.cpp.
#include "client/agent/board.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

#include "tests/unit/agent/a_board.hpp"

namespace hubbub::agent {
namespace {

using proto::Presence;

class BoardTest : public testing::Test {
 protected:
  BoardTest() : writer_(BoardWriter::make(name_).value()), reader_(name_) {}

  /// However long a busy machine has taken for what was before.
  void beat() { writer_->beat(SystemClock().steady_now()); }
  int person(const std::string& name) {
    beat();
    return reader_.person(name, person_);
  }
  int room(const std::string& name) {
    beat();
    return reader_.room(name, room_);
  }
  hubbub_summary summary() {
    beat();
    hubbub_summary summary{};
    EXPECT_EQ(reader_.summary(summary), HUBBUB_FOUND);
    return summary;
  }

  const std::string name_ = test_board_name();
  std::unique_ptr<BoardWriter> writer_;
  BoardReader reader_;
  hubbub_person person_{};
  hubbub_room room_{};
};

TEST_F(BoardTest, SaysWhoIsHere) {
  auto alice = a_person("alice", Presence::away, "lunch");
  alice.idle_since = WallTime{1234};
  alice.verified = true;
  writer_->set_person(alice);
  ASSERT_EQ(person("alice"), HUBBUB_FOUND);
  EXPECT_STREQ(person_.name, "alice");
  EXPECT_STREQ(person_.away, "lunch");
  EXPECT_EQ(person_.presence, 2U);
  EXPECT_EQ(person_.verified, 1U);
  EXPECT_EQ(person_.idle_since, 1234U);
  EXPECT_EQ(person("bob"), HUBBUB_ABSENT);
  EXPECT_EQ(person(""), HUBBUB_ABSENT);
  EXPECT_EQ(person(std::string(1000, 'a')), HUBBUB_ABSENT);
}

TEST_F(BoardTest, SaysWhatIsUnread) {
  writer_->set_room(a_room("ops", 3, 1, 42));
  writer_->set_room(a_room("@alice", 2, 2, 7));
  ASSERT_EQ(room("ops"), HUBBUB_FOUND);
  EXPECT_EQ(room_.unread, 3U);
  EXPECT_EQ(room_.mentions, 1U);
  EXPECT_EQ(room_.last, 42U);
  EXPECT_EQ(room_.direct, 0U);
  ASSERT_EQ(room("@alice"), HUBBUB_FOUND);
  EXPECT_EQ(room_.direct, 1U);
  EXPECT_EQ(summary().unread, 5U);
  EXPECT_EQ(summary().mentions, 3U);
  EXPECT_EQ(summary().rooms, 2U);
  writer_->set_room(a_room("ops", 0, 0, 42));
  EXPECT_EQ(summary().unread, 2U);
  writer_->forget_room(RoomName::literal("@alice"));
  EXPECT_EQ(summary().unread, 0U);
  EXPECT_EQ(summary().mentions, 0U);
  EXPECT_EQ(summary().rooms, 1U);
}

TEST_F(BoardTest, SaysHowTheAgentStandsWithItsHub) {
  writer_->set_names("tcp://127.0.0.1:4848", "carol");
  writer_->set_connection(BoardConnection::online);
  EXPECT_EQ(summary().connection, 2U);
  EXPECT_STREQ(summary().hub, "tcp://127.0.0.1:4848");
  EXPECT_STREQ(summary().own_name, "carol");
  writer_->set_connection(BoardConnection::offline);
  EXPECT_EQ(summary().connection, 0U);
  EXPECT_EQ(reader_.board.page->agent_pid, static_cast<std::uint64_t>(::getpid()));
}

TEST_F(BoardTest, ForgetsPeople) {
  writer_->set_person(a_person("alice"));
  writer_->forget_person(PersonName::literal("alice"));
  writer_->forget_person(PersonName::literal("nobody"));
  EXPECT_EQ(person("alice"), HUBBUB_ABSENT);
  EXPECT_EQ(summary().people, 0U);
}

TEST_F(BoardTest, WritesNothingForWhatHasNotChanged) {
  writer_->set_person(a_person("alice"));
  writer_->set_room(a_room("ops", 1, 0, 1));
  const auto before = reader_.board.page->changes;
  writer_->set_person(a_person("alice"));
  writer_->set_room(a_room("ops", 1, 0, 1));
  writer_->set_connection(BoardConnection::offline);
  EXPECT_EQ(reader_.board.page->changes, before);
  writer_->set_room(a_room("ops", 2, 0, 2));
  EXPECT_GT(reader_.board.page->changes, before);
}

TEST_F(BoardTest, CutsTextsBetweenCharacters) {
  std::string away(54, 'x');
  away += "é and more";  // whose second byte is one too many
  writer_->set_person(a_person("alice", Presence::away, away));
  ASSERT_EQ(person("alice"), HUBBUB_FOUND);
  EXPECT_EQ(person_.away, std::string(54, 'x'));
  writer_->set_person(a_person("alice", Presence::away, std::string_view("one\0two", 7)));
  ASSERT_EQ(person("alice"), HUBBUB_FOUND);
  EXPECT_STREQ(person_.away, "one");
}

TEST_F(BoardTest, HasRoomForTheLongestNames) {
  const std::string somebody(limits::person_name_bytes_max, 'p');
  const std::string somewhere(limits::room_name_bytes_max, 'r');
  writer_->set_person(a_person(somebody));
  writer_->set_room(a_room(somewhere, 1, 0, 1));
  ASSERT_EQ(person(somebody), HUBBUB_FOUND);
  EXPECT_EQ(person_.name, somebody);
  ASSERT_EQ(room(somewhere), HUBBUB_FOUND);
  EXPECT_EQ(room_.name, somewhere);
}

TEST_F(BoardTest, CountsWhatDoesNotFitAndGivesItTheNextFreePlace) {
  constexpr auto fit = BoardSlots::used_max(HUBBUB_PEOPLE);
  for (std::size_t i = 0; i < fit + 2; ++i) writer_->set_person(a_person("p" + std::to_string(i)));
  EXPECT_EQ(summary().people, fit);
  EXPECT_EQ(summary().people_left_out, 2U);
  EXPECT_EQ(person("p" + std::to_string(fit)), HUBBUB_ABSENT);
  writer_->forget_person(PersonName::literal("p0"));
  writer_->forget_person(PersonName::literal("p1"));
  EXPECT_EQ(summary().people, fit);
  EXPECT_EQ(summary().people_left_out, 0U);
  EXPECT_EQ(person("p" + std::to_string(fit)), HUBBUB_FOUND);
  EXPECT_EQ(person("p" + std::to_string(fit + 1)), HUBBUB_FOUND);
}

TEST_F(BoardTest, CountsTheUnreadOfRoomsThatDoNotFit) {
  constexpr auto fit = BoardSlots::used_max(HUBBUB_ROOMS);
  for (std::size_t i = 0; i < fit + 5; ++i) writer_->set_room(a_room("r" + std::to_string(i), 2, 1, 9));
  EXPECT_EQ(summary().rooms_left_out, 5U);
  EXPECT_EQ(summary().unread, 2 * (fit + 5));
  EXPECT_EQ(summary().mentions, fit + 5);
}

TEST_F(BoardTest, TellsNamesApartThatBelongInTheSamePlace) {
  std::vector<std::string> names;
  for (int i = 0; names.size() < 5; ++i)
    if (const auto name = "n" + std::to_string(i); BoardSlots::hash(name) % HUBBUB_PEOPLE == HUBBUB_PEOPLE - 2)
      names.push_back(name);
  for (const auto& name : names) writer_->set_person(a_person(name));
  writer_->forget_person(PersonName::literal(names[1]));
  EXPECT_EQ(person(names[1]), HUBBUB_ABSENT);
  for (const std::size_t other : {0, 2, 3, 4}) {
    ASSERT_EQ(person(names[other]), HUBBUB_FOUND);
    EXPECT_EQ(person_.name, names[other]);
  }
  for (const auto& name : names) writer_->forget_person(PersonName::literal(name));
  EXPECT_EQ(person(names[4]), HUBBUB_ABSENT);
}

TEST_F(BoardTest, ShowsAfterAnyComingAndGoingExactlyWhoIsThere) {
  std::mt19937 dice(4);
  std::map<std::string, Presence> here;
  for (int step = 0; step < 20'000; ++step) {
    const auto name = "p" + std::to_string(dice() % 1200);
    const auto presence = dice() % 2 == 0 ? Presence::online : Presence::offline;
    if (dice() % 3 != 0 && here.size() < BoardSlots::used_max(HUBBUB_PEOPLE)) {
      writer_->set_person(a_person(name, presence));
      here[name] = presence;
    } else {
      writer_->forget_person(PersonName::literal(name));
      here.erase(name);
    }
  }
  std::map<std::string, Presence> found;
  for (std::size_t at = 0; at < HUBBUB_PEOPLE; ++at)
    if (hubbub_board_person_at(&reader_.board, at, &person_) == HUBBUB_FOUND)
      found[person_.name] = Presence(person_.presence);
  EXPECT_EQ(found, here);
  for (int i = 0; i < 1200; ++i) {
    const auto name = "p" + std::to_string(i);
    EXPECT_EQ(person(name), here.contains(name) ? HUBBUB_FOUND : HUBBUB_ABSENT) << name;
  }
}

TEST(BoardSlots, AreAsGoodAsNewOnceAllAreFree) {
  BoardSlots slots(16);
  for (int round = 0; round < 100; ++round) {
    std::vector<std::size_t> taken;
    for (int i = 0; i < 12; ++i) taken.push_back(slots.take("p" + std::to_string(round * 7 + i)).value());
    EXPECT_FALSE(slots.take("one more"));
    for (const auto place : taken) slots.free(place);
  }
  for (std::size_t place = 0; place < slots.size(); ++place) EXPECT_EQ(slots.state(place), BoardSlots::never_used);
}

TEST_F(BoardTest, IsDeadOnceTheHeartbeatStops) {
  writer_->set_person(a_person("alice"));
  const auto now = SystemClock().steady_now();
  writer_->beat(now - std::chrono::seconds(HUBBUB_DEAD_AFTER_S - 1));
  EXPECT_EQ(reader_.person("alice", person_), HUBBUB_FOUND);
  writer_->beat(now - std::chrono::seconds(HUBBUB_DEAD_AFTER_S + 1));
  hubbub_summary summary{};
  EXPECT_EQ(reader_.summary(summary), HUBBUB_DEAD);
  EXPECT_EQ(reader_.person("alice", person_), HUBBUB_DEAD);
  EXPECT_EQ(reader_.person("nobody", person_), HUBBUB_DEAD);
  EXPECT_EQ(reader_.room("ops", room_), HUBBUB_DEAD);
  writer_->beat(now + std::chrono::seconds(HUBBUB_DEAD_AFTER_S + 60));
  EXPECT_EQ(reader_.person("alice", person_), HUBBUB_DEAD) << "of another machine's or another boot's clock";
  writer_->beat(SystemClock().steady_now());
  EXPECT_EQ(reader_.person("alice", person_), HUBBUB_FOUND);
}

TEST_F(BoardTest, IsGoneWithItsWriterAndItsReadersNotice) {
  writer_->set_person(a_person("alice"));
  writer_.reset();
  hubbub_summary summary{};
  EXPECT_EQ(reader_.summary(summary), HUBBUB_DEAD);
  EXPECT_EQ(reader_.person("alice", person_), HUBBUB_FOUND)
      << "what stands there can still be read until the heartbeat is too old";
  EXPECT_EQ(BoardReader(name_).opened, HUBBUB_ABSENT);
}

TEST_F(BoardTest, TakesThePlaceOfOneThatAKilledAgentHasLeft) {
  const auto old = reader_.board.page->generation;
  writer_->set_person(a_person("alice"));
  const auto next = BoardWriter::make(name_).value();
  hubbub_summary summary{};
  EXPECT_EQ(reader_.summary(summary), HUBBUB_DEAD) << "a reader of the old one notices";
  BoardReader reader(name_);
  EXPECT_EQ(reader.person("alice", person_), HUBBUB_ABSENT);
  EXPECT_NE(reader.board.page->generation, old);
  writer_.reset();
  EXPECT_EQ(BoardReader(name_).opened, HUBBUB_FOUND) << "the old one must not take the new one's file with it";
}

}  // namespace
}  // namespace hubbub::agent
