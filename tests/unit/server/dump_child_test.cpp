// The folder in which dumps are written holds the newest of them, and nothing half-made.
#include "server/dump/dump_child.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <set>

#include "server/limits.hpp"
#include "tests/unit/config/temporary_folder.hpp"

namespace hubbub::server {
namespace {

using testing::IsEmpty;

/// So few descriptors as long as it lives that none but the next can be opened.
class OneMoreDescriptor {
 public:
  OneMoreDescriptor() {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    const int next = ::dup(STDIN_FILENO);
    ::close(next);
    const rlimit few{static_cast<rlim_t>(next) + 1, before_.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &few);
  }
  ~OneMoreDescriptor() { ::setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_{};
};

class DumpChildTest : public testing::Test {
 protected:
  std::set<std::string> files() {
    std::set<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder_.path())) names.insert(entry.path().filename());
    return names;
  }
  /// The name of what was written.
  std::string dump() {
    EXPECT_TRUE(child_.prepare(folder_.path(), WallTime{++now_}));
    EXPECT_TRUE(child_.start([](JsonWriter& json) {
      json.begin_object();
      json.end();
    }));
    std::string file;
    child_.await([&](const Result<DumpChild::Written>& written) { file = written.value().file; });
    loop_.restart();
    loop_.run();
    return std::filesystem::path(file).filename();
  }
  TemporaryFolder folder_;
  asio::io_context loop_;
  DumpChild child_{loop_};
  std::uint64_t now_ = 999'999'998;  // and one more: names are in the order of time in the next second too
};

TEST_F(DumpChildTest, KeepsTheNewestDumps) {
  folder_.write("hub.db", "not a dump");
  std::set<std::string> newest{"hub.db"};
  for (std::size_t i = 0; i < bounds::dumps_max + 3; ++i) {
    const auto name = dump();
    if (i >= 3) newest.insert(name);
  }
  EXPECT_EQ(files(), newest);
}

TEST_F(DumpChildTest, LeavesNothingWhereItCannotBegin) {
  ASSERT_TRUE(child_.prepare(folder_.path(), WallTime{1}));
  const OneMoreDescriptor few;
  EXPECT_FALSE(child_.start([](JsonWriter&) {}));
  EXPECT_THAT(files(), IsEmpty());
}

TEST_F(DumpChildTest, RemovesWhatAHubThatWasKilledHasLeft) {
  folder_.write("dump-2026-11-24T21-30-00.000000001Z.json.part", "{");
  const auto name = dump();
  EXPECT_EQ(files(), std::set{name});
}

}  // namespace
}  // namespace hubbub::server
