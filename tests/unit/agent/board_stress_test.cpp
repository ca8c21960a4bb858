// Four processes read while one writes as fast as it can: none may ever see a half of one update and a half of another.
// HUBBUB_BOARD_SECONDS says for how long; 1.5 if it isn't set.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <csignal>
#include <cstdlib>
#include <iostream>
#include <memory>

#include "tests/support/deadline.hpp"
#include "tests/unit/agent/a_board.hpp"

namespace hubbub::agent {
namespace {

constexpr int readers = 4;
constexpr int people = 8;
/// Stay where they are, in the midst of others that come and go.
const std::vector<std::string> stays = {"s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7"};

std::chrono::duration<double> run_time() {
  const char* const seconds = std::getenv("HUBBUB_BOARD_SECONDS");
  return std::chrono::duration<double>(seconds == nullptr ? 1.5 : std::atof(seconds));
}

/// All of a record follows from one number, so that a mixture shows.
proto::Person version(const std::string& name, std::uint64_t n) {
  auto person = a_person(name, proto::Presence(n % 3), std::string(n % 56, static_cast<char>('a' + n % 26)));
  person.idle_since = WallTime{n};
  person.verified = n % 2 == 0;
  return person;
}

bool is_whole(const hubbub_person& person) {
  const auto n = person.idle_since;
  const std::string away(n % 56, static_cast<char>('a' + n % 26));
  return person.presence == n % 3 && person.verified == (n % 2 == 0 ? 1U : 0U) && person.away == away &&
         person.state == 1;
}

bool is_whole(const hubbub_room& room) {
  return room.mentions == room.unread / 2 && room.last == room.unread * 3ull && std::string_view(room.name) == "ops";
}

struct Seen {
  std::uint64_t reads = 0, busy = 0, torn = 0, missing = 0, backwards = 0, updates = 0;
};

/// Reads until the writer has gone.
Seen read_all(const std::string& name) {
  const BoardReader reader(name);
  Seen seen;
  std::uint64_t last[people] = {};
  hubbub_person person{};
  hubbub_room room{};
  hubbub_summary summary{};
  for (int summed = 0; (summed = hubbub_board_summary(&reader.board, &summary)) != HUBBUB_DEAD;) {
    seen.torn += summed == HUBBUB_FOUND && summary.mentions != summary.unread / 2;
    for (int i = 0; i < people * 100; ++i) {
      const auto at = static_cast<std::size_t>(i % people);
      const int code = reader.person(stays[at], person);
      ++seen.reads;
      seen.busy += code == HUBBUB_BUSY;
      seen.missing += code != HUBBUB_FOUND && code != HUBBUB_BUSY;
      if (code != HUBBUB_FOUND) continue;
      seen.torn += !is_whole(person);
      seen.backwards += person.idle_since < last[at];
      seen.updates += person.idle_since != last[at];
      last[at] = person.idle_since;
    }
    const int code = reader.room("ops", room);
    seen.torn += code == HUBBUB_FOUND && !is_whole(room);
    seen.missing += code != HUBBUB_FOUND && code != HUBBUB_BUSY;
  }
  return seen;
}

void write_all(BoardWriter& writer, std::uint32_t n) {
  for (const auto& name : stays) writer.set_person(version(name, n));
  writer.set_room(a_room("ops", n % 1000, n % 1000 / 2, n % 1000 * 3ull));
  for (int i = 0; i < 4; ++i) {
    const auto passer_by = "p" + std::to_string((n + static_cast<std::uint32_t>(i) * 17) % 900);
    if ((n / 900 + static_cast<std::uint32_t>(i)) % 2 == 0)
      writer.set_person(version(passer_by, n));
    else
      writer.forget_person(PersonName::literal(passer_by));
  }
  writer.beat(std::chrono::steady_clock::now());
}

TEST(BoardStress, NoReaderEverSeesHalfAnUpdate) {
  const auto name = test_board_name(2);
  auto writer = BoardWriter::make(name).value();
  write_all(*writer, 1);
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  for (int i = 0; i < readers; ++i) {
    if (::fork() != 0) continue;
    ::alarm(static_cast<unsigned>(run_time().count()) + 120);
    const auto seen = read_all(name);
    ::_exit(::write(ends[1], &seen, sizeof seen) == sizeof seen ? 0 : 1);
  }
  ::close(ends[1]);
  std::uint32_t n = 1;
  const auto begun = std::chrono::steady_clock::now();
  while (std::chrono::steady_clock::now() - begun < run_time()) write_all(*writer, ++n);
  writer.reset();  // which the readers notice
  Seen all;
  for (int i = 0; i < readers; ++i) {
    Seen seen;
    ASSERT_EQ(::read(ends[0], &seen, sizeof seen), static_cast<ssize_t>(sizeof seen));
    EXPECT_GT(seen.reads, 0U);
    EXPECT_GT(seen.updates, 1U) << "it has seen nothing change";
    for (auto part : {&Seen::reads, &Seen::busy, &Seen::torn, &Seen::missing, &Seen::backwards, &Seen::updates})
      all.*part += seen.*part;
  }
  while (::wait(nullptr) > 0) {
  }
  ::close(ends[0]);
  EXPECT_EQ(all.torn, 0U);
  EXPECT_EQ(all.missing, 0U);
  EXPECT_EQ(all.backwards, 0U);
  std::cout << all.reads << " reads, " << all.busy << " of them in vain, of " << n << " rounds of writing; "
            << all.updates << " changes seen\n";
}

/// One that is stopped wherever it happens to be: now and then in the middle of a record.
TEST(BoardStress, AReaderIsToldWhereAWriterStandsInTheMiddle) {
  const auto name = test_board_name(4);
  const auto writer = BoardWriter::make(name).value();
  write_all(*writer, 1);
  const auto child = ::fork();
  for (std::uint32_t n = 2; child == 0; ++n) {
    ::alarm(120);
    writer->set_person(version("s0", n));
    writer->set_room(a_room("ops", n % 1000, n % 1000 / 2, n % 1000 * 3ull));
  }
  const BoardReader reader(name);
  hubbub_person person{};
  hubbub_room room{};
  constexpr int times = 1;
  int in_the_middle = 0;
  const test::Deadline deadline;
  while (in_the_middle < times && !deadline.passed()) {
    ::kill(child, SIGSTOP);
    ::waitpid(child, nullptr, WUNTRACED);
    const auto now = std::chrono::steady_clock::now();
    writer->beat(now);
    const int codes[] = {reader.person("s0", person), reader.room("ops", room)};
    EXPECT_TRUE(codes[0] != HUBBUB_FOUND || is_whole(person));
    EXPECT_TRUE(codes[1] != HUBBUB_FOUND || is_whole(room));
    for (const int code : codes) {
      EXPECT_TRUE(code == HUBBUB_FOUND || code == HUBBUB_BUSY) << code;
      in_the_middle += code == HUBBUB_BUSY;
    }
    if (HasFailure()) break;
    ::kill(child, SIGCONT);
    std::this_thread::yield();
  }
  EXPECT_GE(in_the_middle, times);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
}

}  // namespace
}  // namespace hubbub::agent
