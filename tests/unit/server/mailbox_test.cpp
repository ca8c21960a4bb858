// Mail between threads: nothing lost, nothing twice, in order, and its owner woken exactly when it has to be.
#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <thread>
#include <vector>

#include "common/mailbox.hpp"

namespace hubbub {
namespace {

std::vector<int> taken_from(Mailbox<int>& box) {
  std::vector<int> items;
  box.take_all([&](int&& item) { items.push_back(item); });
  return items;
}

TEST(Mailbox, GivesItemsInTheOrderInWhichTheyWerePut) {
  Mailbox<int> box;
  for (int i = 1; i <= 5; ++i) box.put(i);
  EXPECT_EQ(taken_from(box), (std::vector{1, 2, 3, 4, 5}));
  EXPECT_TRUE(taken_from(box).empty());
}

TEST(Mailbox, SaysWhoFoundItEmpty) {
  Mailbox<int> box;
  EXPECT_TRUE(box.put(1));
  EXPECT_FALSE(box.put(2));
  taken_from(box);
  EXPECT_TRUE(box.put(3));
}

TEST(Mailbox, AnItemPutWhileOthersAreTakenWaitsForTheNextTime) {
  Mailbox<int> box;
  box.put(1);
  bool was_empty = false;
  box.take_all([&](int&&) { was_empty = box.put(2); });
  EXPECT_TRUE(was_empty);
  EXPECT_EQ(taken_from(box), std::vector{2});
}

TEST(Mailbox, WeighsWhatLiesInIt) {
  Mailbox<int> box;
  box.put(1, 100);
  box.put(2, 20);
  EXPECT_EQ(box.weight(), 120u);
  std::vector<std::size_t> left;
  box.take_all([&](int&&) { left.push_back(box.weight()); });
  EXPECT_EQ(left, (std::vector<std::size_t>{20, 0}));
}

TEST(Mailbox, DropsWhatNobodyTook) {
  const auto item = std::make_shared<int>(1);
  {
    Mailbox<std::shared_ptr<int>> box;
    box.put(item);
  }
  EXPECT_EQ(item.use_count(), 1);
}

TEST(Mailbox, ManyThreadsPutAndOneTakesAllInEachOnesOrder) {
  constexpr int putters = 4, each_puts = 20'000;
  Mailbox<std::pair<int, int>> box;
  std::atomic<int> found_empty = 0;
  std::vector<std::thread> threads;
  for (int putter = 0; putter < putters; ++putter) {
    threads.emplace_back([&, putter] {
      for (int i = 0; i < each_puts; ++i)
        if (box.put({putter, i}, 3)) ++found_empty;
    });
  }
  std::array<int, putters> next{};
  int taken = 0, not_empty = 0;
  while (taken < putters * each_puts) {
    const auto count = box.take_all(
        [&](std::pair<int, int>&& item) { ASSERT_EQ(item.second, next[static_cast<std::size_t>(item.first)]++); });
    taken += static_cast<int>(count);
    not_empty += count > 0;
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(found_empty, not_empty);  // the owner is woken once for each time that it finds something
  EXPECT_EQ(box.weight(), 0u);
}

TEST(Mailbox, WhatHappenedBeforeIsTakenBefore) {
  // One tells the owner, then another thread, which tells the owner too: the owner hears the first one first.
  constexpr int rounds = 2000;
  Mailbox<int> owner, relay;
  std::thread first([&] {
    for (int i = 0; i < rounds; ++i) {
      owner.put(2 * i);
      relay.put(2 * i + 1);
    }
  });
  std::thread second([&] {
    for (int relayed = 0; relayed < rounds;)
      relayed += static_cast<int>(relay.take_all([&](int&& item) { owner.put(item); }));
  });
  std::vector<bool> seen(2 * rounds);
  for (int taken = 0; taken < 2 * rounds;) {
    taken += static_cast<int>(owner.take_all([&](int&& item) {
      EXPECT_TRUE(item % 2 == 0 || seen[static_cast<std::size_t>(item - 1)]);
      seen[static_cast<std::size_t>(item)] = true;
    }));
  }
  first.join();
  second.join();
}

TEST(Waiters, AreReleasedOnceEach) {
  Waiters waiters;
  waiters.add(0);
  waiters.add(63);
  waiters.add(7);
  waiters.add(7);
  std::vector<unsigned> released;
  waiters.release([&](unsigned core) { released.push_back(core); });
  EXPECT_EQ(released, (std::vector<unsigned>{0, 7, 63}));
  waiters.release([&](unsigned core) { released.push_back(core); });
  EXPECT_EQ(released.size(), 3u);
}

TEST(Waiters, NobodyWhoFoundTheBoxFullWaitsForEver) {
  // A putter that finds too much in the box waits to be told. It is told, or sees the room itself, each time.
  constexpr int rounds = 2'000;
  Mailbox<int> box;
  Waiters waiters;
  std::atomic<int> told = 0;
  std::thread putter([&] {
    for (int i = 0; i < rounds; ++i) {
      box.put(i, 1);
      if (box.weight() == 0) continue;
      const int before = told;
      waiters.add(1);
      if (box.weight() == 0) continue;
      while (told == before) std::this_thread::yield();
    }
    box.put(-1);
  });
  for (bool ended = false; !ended;) {
    if (box.take_all([&](int&& item) { ended = ended || item < 0; }) > 0)
      waiters.release([&](unsigned) { ++told; });
    else
      std::this_thread::yield();
  }
  putter.join();
}

}  // namespace
}  // namespace hubbub
