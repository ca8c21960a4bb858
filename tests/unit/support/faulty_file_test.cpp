// What a loss of power leaves of a file: what was synced, and of the rest any sector in any state that it had.
#include <gtest/gtest.h>

#include <set>

#include "tests/support/faulty_file.hpp"

namespace hubbub::test {
namespace {

std::string content(const FaultyFile& file) {
  std::string bytes(file.size(), '\0');
  file.read(0, bytes.data(), bytes.size());
  return bytes;
}
std::string sectors(std::size_t count, char letter) { return std::string(count * FaultyFile::sector_bytes, letter); }

TEST(FaultyFile, ShowsWhatWasWritten) {
  FaultyFile file;
  file.write(2, "abc");
  EXPECT_EQ(content(file), std::string("\0\0abc", 5));
  file.write(1, "x");
  file.resize(4);
  EXPECT_EQ(content(file), std::string("\0xab", 4));
}

TEST(FaultyFile, KeepsWhatWasSynced) {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    Dice dice(seed);
    FaultyFile file;
    file.write(0, "kept");
    file.sync();
    file.cut_power(dice);
    ASSERT_EQ(content(file), "kept") << "seed " << seed;
  }
}

TEST(FaultyFile, LosesKeepsTearsAndReordersWhatWasNotSynced) {
  std::set<std::string> found;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    Dice dice(seed);
    FaultyFile file;
    file.write(0, sectors(2, 'a'));
    file.sync();
    file.write(0, sectors(2, 'b'));
    file.write(0, sectors(1, 'c'));
    file.cut_power(dice);
    found.insert(std::string{content(file).front(), content(file).back()});
  }
  EXPECT_EQ(found, (std::set<std::string>{"aa", "ab", "ba", "bb", "ca", "cb"}));
}

TEST(FaultyFile, LeavesBytesOfASectorThatWereSyncedBefore) {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    Dice dice(seed);
    FaultyFile file;
    file.write(0, "first");
    file.sync();
    file.write(5, "second");
    file.cut_power(dice);
    ASSERT_EQ(content(file).substr(0, 5), "first") << "seed " << seed;
  }
}

TEST(FaultyFile, MayFindAnySizeThatTheFileHadSinceTheLastSync) {
  std::set<std::size_t> found;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    Dice dice(seed);
    FaultyFile file;
    file.write(0, sectors(3, 'a'));
    file.sync();
    file.resize(0);
    file.write(0, "b");
    file.cut_power(dice);
    found.insert(file.size());
  }
  EXPECT_EQ(found, (std::set<std::size_t>{0, 1, 3 * FaultyFile::sector_bytes}));
}

TEST(FaultyFile, ASyncAfterOneThatFailedDoesNotBringWhatThatOneLost) {
  std::set<std::string> found;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    Dice dice(seed);
    FaultyFile file;
    file.write(0, "old");
    file.sync();
    file.write(0, "new");
    file.fail_to_sync(dice);
    EXPECT_EQ(content(file), "new") << "which the program sees all the time";
    file.sync();
    file.cut_power(dice);
    found.insert(content(file));
  }
  EXPECT_EQ(found, (std::set<std::string>{"new", "old"}));
}

TEST(FaultyFile, WhatIsWrittenAgainAfterASyncThatFailedIsKeptByTheNext) {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    Dice dice(seed);
    FaultyFile file;
    file.write(0, "new");
    file.fail_to_sync(dice);
    file.write(0, "new");
    file.sync();
    file.cut_power(dice);
    ASSERT_EQ(content(file), "new") << "seed " << seed;
  }
}

}  // namespace
}  // namespace hubbub::test
