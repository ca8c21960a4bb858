#include "client/link/identity.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "tests/unit/link/scratch.hpp"

namespace hubbub::link {
namespace {

struct IdentityTest : ::testing::Test {
  ScratchFolder scratch;
  std::string path = scratch.path() + "/state/hubbub/identity";

  [[nodiscard]] unsigned mode(const std::string& of) const {
    struct stat info {};
    return ::stat(of.c_str(), &info) == 0 ? info.st_mode & 0777 : 0;
  }
};

TEST_F(IdentityTest, IsMadeOnceAndReadableOnlyByTheUser) {
  const auto made = kept_owner_key(path);
  ASSERT_TRUE(made) << made.error().sentence;
  EXPECT_NE(*made, OwnerKey{});
  EXPECT_EQ(kept_owner_key(path), made);
  EXPECT_EQ(mode(path), 0600u);
  EXPECT_EQ(mode(scratch.path() + "/state/hubbub"), 0700u);
}

TEST_F(IdentityTest, LeavesNothingElseBehind) {
  ASSERT_TRUE(kept_owner_key(path));
  int files = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(scratch.path() + "/state/hubbub"))
    ++files;
  EXPECT_EQ(files, 1);
}

TEST_F(IdentityTest, IsTheSameForProcessesThatMakeItAtOnce) {
  constexpr int processes = 8;
  int results[2];
  ASSERT_EQ(::pipe(results), 0);
  for (int i = 0; i < processes; ++i) {
    if (::fork() != 0) continue;
    const auto key = kept_owner_key(path);
    const bool told = key && ::write(results[1], key->bytes.data(), 16) == 16;
    ::_exit(told ? 0 : 1);
  }
  ::close(results[1]);
  const auto key = kept_owner_key(path);
  ASSERT_TRUE(key);
  OwnerKey other;
  int same = 0;
  while (::read(results[0], other.bytes.data(), 16) == 16) same += other == *key ? 1 : 0;
  ::close(results[0]);
  while (::wait(nullptr) > 0) {
  }
  EXPECT_EQ(same, processes);
}

TEST_F(IdentityTest, IsNeverGuessedFromADamagedFile) {
  ASSERT_TRUE(kept_owner_key(path));
  for (const auto* damage : {"", "00112233445566778899aabbccddeef\n", "00112233445566778899aabbccddeefg\n",
                             "00112233445566778899aabbccddeeff\n\n", "00112233445566778899aabbccddeeff"}) {
    std::ofstream(path) << damage;
    const auto key = kept_owner_key(path);
    ASSERT_FALSE(key) << damage;
    EXPECT_EQ(key.error().status, Status::data_loss);
    EXPECT_NE(key.error().sentence.find("remove it"), std::string::npos);
  }
}

TEST_F(IdentityTest, IsReadAsItStandsThere) {
  ASSERT_TRUE(kept_owner_key(path));
  std::ofstream(path) << "000102030405060708090a0b0c0d0eff\n";
  const auto key = kept_owner_key(path);
  ASSERT_TRUE(key);
  EXPECT_EQ(key->bytes[1], 1);
  EXPECT_EQ(key->bytes[10], 10);
  EXPECT_EQ(key->bytes[15], 255);
}

TEST_F(IdentityTest, IsThisProcessesOwnWhereNothingCanBeKept) {
  Environment environment;
  std::ofstream(scratch.path() + "/file") << "not a folder";
  environment.set("XDG_STATE_HOME", scratch.path() + "/file");
  const auto one = identity(), other = identity();
  ASSERT_TRUE(one.not_kept);
  EXPECT_NE(one.not_kept->sentence.find(scratch.path()), std::string::npos);
  EXPECT_NE(one.owner, other.owner);
}

TEST_F(IdentityTest, IsKeptUnderTheStateFolder) {
  Environment environment;
  environment.set("XDG_STATE_HOME", scratch.path() + "/state");
  const auto one = identity();
  EXPECT_FALSE(one.not_kept);
  EXPECT_EQ(one.owner, *kept_owner_key(path));
  environment.unset("XDG_STATE_HOME");
  environment.set("HOME", scratch.path());
  identity();
  EXPECT_TRUE(std::filesystem::exists(scratch.path() + "/.local/state/hubbub/identity"));
}

}  // namespace
}  // namespace hubbub::link
