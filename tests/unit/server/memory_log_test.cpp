// The tail of a room: what it keeps, what it gives up first, and what a reader gets of it.
#include <gtest/gtest.h>

#include "server/log/memory_log.hpp"
#include "tests/unit/server/slices.hpp"

namespace hubbub::server {
namespace {

constexpr RoomId room{1};

class Log {
 public:
  explicit Log(TailBudget& budget)
      : log_(
            budget, [this](Seq last) { committed_.push_back(last.value); }, [this] { ++emptied_; }) {}
  /// Appends so many messages of `bytes` each, in one chunk of its own.
  void append(int messages, std::size_t bytes = 10) {
    const auto batch = slice_of(room, log_.last_committed().next(),
                                std::vector<std::string>(static_cast<std::size_t>(messages), std::string(bytes, 'x')));
    log_.append(batch);
  }
  LogRead read(std::uint64_t from, std::uint64_t until = UINT64_MAX, std::size_t bytes_max = SIZE_MAX) {
    LogRead found;
    log_.read(Seq{from}, Seq{until}, bytes_max, [&](LogRead read) { found = std::move(read); });
    return found;
  }
  std::vector<std::uint64_t> seqs(std::uint64_t from, std::uint64_t until = UINT64_MAX,
                                  std::size_t bytes_max = SIZE_MAX) {
    std::vector<std::uint64_t> all;
    for (const auto& slice : read(from, until, bytes_max).slices)
      for (const auto seq : seqs_in(slice)) all.push_back(seq);
    return all;
  }
  MemoryLog& operator*() { return log_; }
  std::vector<std::uint64_t> committed_;
  int emptied_ = 0;

 private:
  MemoryLog log_;
};

TailBudget roomy() { return TailBudget({1'000'000, 1u << 30, 1u << 30}); }

TEST(MemoryLog, AnEmptyLogHasNothingAndStartsAtOne) {
  auto budget = roomy();
  Log log(budget);
  EXPECT_EQ((*log).last_committed(), Seq{});
  EXPECT_EQ((*log).first_kept(), Seq{1});
  EXPECT_EQ(log.read(1).first_kept, Seq{1});
  EXPECT_TRUE(log.seqs(1).empty());
}

TEST(MemoryLog, CommitsABatchAsSoonAsItIsAppended) {
  auto budget = roomy();
  Log log(budget);
  log.append(3);
  log.append(2);
  EXPECT_EQ(log.committed_, (std::vector<std::uint64_t>{3, 5}));
  EXPECT_EQ((*log).last_committed(), Seq{5});
}

TEST(MemoryLog, ReadsExactlyTheRangeOverAllChunks) {
  auto budget = roomy();
  Log log(budget);
  for (int i = 0; i < 4; ++i) log.append(5);
  for (std::uint64_t from = 1; from <= 20; ++from)
    for (auto until = from; until <= 20; ++until) ASSERT_EQ(log.seqs(from, until), from_to(from, until));
  EXPECT_EQ(log.seqs(1), from_to(1, 20));
  EXPECT_TRUE(log.seqs(21).empty());
  EXPECT_TRUE(log.seqs(4, 3).empty());
}

TEST(MemoryLog, ReadsAboutTheBytesAskedForButAtLeastOneMessage) {
  auto budget = roomy();
  Log log(budget);
  for (int i = 0; i < 4; ++i) log.append(5, 100);
  EXPECT_EQ(log.seqs(7, UINT64_MAX, 1), from_to(7, 7));
  const auto few = log.seqs(1, UINT64_MAX, 1000);
  EXPECT_GE(few.size(), 6u);
  EXPECT_LE(few.size(), 8u);
  EXPECT_EQ(few, from_to(1, few.size()));
}

TEST(MemoryLog, KeepsAsManyMessagesAsItMay) {
  TailBudget budget{{10, 1u << 30, 1u << 30}};
  Log log(budget);
  for (int i = 0; i < 10; ++i) log.append(3);
  EXPECT_GE(30 - (*log).first_kept().value + 1, 10u);
  EXPECT_LE(30 - (*log).first_kept().value + 1, 12u) << "it gives up whole chunks only";
  EXPECT_EQ(log.read(1).first_kept, (*log).first_kept());
  EXPECT_EQ(log.seqs(1), from_to((*log).first_kept().value, 30));
}

TEST(MemoryLog, KeepsNoMoreBytesThanItMayPerRoom) {
  TailBudget budget{{1'000'000, 4000, 1u << 30}};
  Log log(budget);
  for (int i = 0; i < 20; ++i) log.append(1, 900);
  EXPECT_LE(budget.used_bytes, 4000u);
  EXPECT_EQ(log.seqs(1), from_to(17, 20));
}

TEST(MemoryLog, KeepsTheNewestChunkEvenIfItAloneIsTooLarge) {
  TailBudget budget{{1, 100, 100}};
  Log log(budget);
  log.append(3, 500);
  EXPECT_EQ(log.seqs(1), from_to(1, 3));
  log.append(2, 500);
  EXPECT_EQ(log.seqs(1), from_to(4, 5));
}

TEST(MemoryLog, BusyRoomsNeverCostAQuietOneWhatItRemembers) {
  TailBudget budget{{1'000'000, 1u << 30, 20'000}};
  Log quiet(budget), busy(budget), busier(budget);
  quiet.append(1, 900);
  for (int i = 0; i < 40; ++i) {
    busier.append(2, 400);
    busy.append(1, 900);
    EXPECT_LE(budget.used_bytes, 20'000u);
  }
  quiet.append(1, 900);
  EXPECT_EQ(quiet.seqs(1), from_to(1, 2)) << "its second message found the budget used up by the others";
  EXPECT_LE(budget.used_bytes, 20'000u);
  EXPECT_GE(busy.seqs(1).size(), 5u) << "each has its share";
  EXPECT_GE(busier.seqs(1).size(), 10u);
}

TEST(MemoryLog, IdleRoomsDoNotKeepTheBudgetForEver) {
  TailBudget budget{{1'000'000, 1u << 30, 20'000}};
  Log idle(budget), live(budget);
  for (int i = 0; i < 40; ++i) idle.append(1, 900);
  ASSERT_GE(idle.seqs(1).size(), 18u);
  for (int i = 0; i < 10; ++i) live.append(1, 900);
  EXPECT_EQ(live.seqs(1), from_to(1, 10));
  EXPECT_LE(budget.used_bytes, 20'000u);
}

TEST(MemoryLog, WithMoreRoomsThanTheBudgetHasPlaceForTheLongestQuietGiveUpAll) {
  TailBudget budget{{1'000'000, 1u << 30, 5'000}};
  std::vector<std::unique_ptr<Log>> logs;
  for (int i = 0; i < 20; ++i) {
    logs.push_back(std::make_unique<Log>(budget));
    logs.back()->append(1, 900);
    EXPECT_EQ(logs.back()->seqs(1), from_to(1, 1)) << "what was just said is there";
    EXPECT_LE(budget.used_bytes, 5'000u);
  }
  EXPECT_TRUE(logs.front()->seqs(1).empty());
  EXPECT_EQ(logs.front()->emptied_, 1);
  EXPECT_EQ((**logs.front()).first_kept(), Seq{2});
  logs.front()->append(1, 900);
  EXPECT_EQ(logs.front()->seqs(1), from_to(2, 2));
}

TEST(MemoryLog, WhatIsRetainedElsewhereDoesNotMakeBusyRoomsCostAQuietOne) {
  TailBudget budget({1'000'000, 1u << 30, 40'000});
  budget.retain(20'000, 0);
  Log quiet(budget), busy(budget), busier(budget);
  quiet.append(1, 900);
  for (int i = 0; i < 80; ++i) {
    busier.append(2, 400);
    busy.append(1, 900);
    EXPECT_LE(budget.used_bytes, 40'000u);
  }
  EXPECT_EQ(quiet.seqs(1), from_to(1, 1));
}

TEST(MemoryLog, RetainedMessagesCountAndMayTakeHalf) {
  TailBudget budget{{1'000'000, 1u << 30, 20'000}};
  EXPECT_TRUE(budget.may_retain(10'000, 0));
  budget.retain(8'000, 0);
  EXPECT_FALSE(budget.may_retain(3'000, 0));
  EXPECT_TRUE(budget.may_retain(9'000, 8'000)) << "in the place of what is there";
  Log log(budget);
  for (int i = 0; i < 40; ++i) log.append(1, 900);
  EXPECT_LE(budget.used_bytes, 20'000u);
  budget.retain(0, 8'000);
  EXPECT_TRUE(budget.may_retain(10'000, 0));
}

TEST(MemoryLog, GivesItsShareOfTheBudgetBackWhenItGoes) {
  auto budget = roomy();
  {
    Log log(budget);
    log.append(5, 100);
    EXPECT_GT(budget.used_bytes, 500u);
  }
  EXPECT_EQ(budget.used_bytes, 0u);
}

TEST(MemoryLog, BatchesOfOneChunkCountItOnce) {
  auto budget = roomy();
  MemoryLog log(
      budget, [](Seq) {}, [] {});
  ChunkWriter chunk(4096);
  for (std::uint64_t seq = 1; seq <= 5; ++seq)
    log.append(chunk.write(room, Seq{seq}, delivery_frame(room, Seq{seq}, "x")));
  EXPECT_EQ(budget.used_bytes, 4096u);
  log.read(Seq{1}, newest, SIZE_MAX, [](const LogRead& found) {
    ASSERT_EQ(found.slices.size(), 1u);
    EXPECT_EQ(seqs_in(found.slices.front()), from_to(1, 5));
  });
}

TEST(MemoryLog, AReaderKeepsWhatItReadEvenIfTheLogGivesItUp) {
  TailBudget budget{{1, 100, 100}};
  Log log(budget);
  log.append(2, 50);
  const auto read = log.read(1);
  log.append(2, 50);
  EXPECT_EQ(seqs_in(read.slices.front()), from_to(1, 2));
}

}  // namespace
}  // namespace hubbub::server
