// How programs share a room's `feed`.
#include <algorithm>
#include <set>

#include "tests/unit/agent/tree_fixture.hpp"

namespace hubbub::agent {
namespace {

using Strings = std::vector<std::string>;

/// The loops that docs/local-doors.md shows. Each worker writes what it got, and ends at "quit".
constexpr const char* block_reader = R"(
  while line=$(head -n 1 jobs/feed) && [ -n "$line" ]; do
    printf '%s\n' "$line" >> got.$$
    case $line in *quit) exit;; esac
  done)";
constexpr const char* locking_reader = R"(
  exec 3< jobs/feed
  while flock 3 && IFS= read -r line <&3 && flock -u 3; do
    printf '%s\n' "$line" >> got.$$
    case $line in *quit) exit;; esac
  done)";
constexpr const char* stream_reader = R"(
  exec 3< jobs/feed
  exec awk '{ print; fflush() } /quit$/ { exit }' <&3 > got.$$)";

class TreeFeedTest : public TreeTest {
 protected:
  void push(std::uint64_t seq, const std::string& body) { tree->message(said("jobs", seq, body)); }

  Strings got() {
    Strings lines;
    for (const auto& entry : std::filesystem::directory_iterator(root()))
      if (entry.path().filename().string().starts_with("got."))
        for (auto& line : lines_of(read_file(entry.path()))) lines.push_back(std::move(line));
    return lines;
  }

  /// `bodies` long lines to all of them, then an end for each.
  void share(const std::vector<std::pair<const char*, const char*>>& workers) {
    start_with("jobs");
    std::vector<ShellProcess> processes;
    for (const auto& [with, script] : workers) processes.push_back(shell(script, with));
    constexpr std::uint64_t bodies = 200;
    std::set<std::string> expected;
    for (std::uint64_t seq = 1; seq <= bodies; ++seq) {
      const auto body = std::string(1 + seq * 37 % 3000, static_cast<char>('a' + seq % 26));
      push(seq, body);
      expected.insert(std::to_string(seq) + " 2023-11-14T22:13:20.123Z alice " + body);
      run_until("there is room", [&] { return tree_has_room(seq); });
    }
    for (std::size_t i = 0; i < workers.size(); ++i) push(bodies + 1 + i, "quit");
    for (auto& process : processes) run_until("a worker ends", [&] { return process.has_ended(); });
    auto lines = got();
    std::erase_if(lines, [](const std::string& line) { return line.ends_with("quit"); });
    EXPECT_EQ(lines.size(), bodies);
    EXPECT_EQ(std::set(lines.begin(), lines.end()), expected);
  }

  /// No more than a few lines wait, so that none is dropped.
  bool tree_has_room(std::uint64_t seq) { return seq < got().size() + 15; }
};

TEST_F(TreeFeedTest, GivesEachLineWholeToOneOfFourShellsThatReadWithHead) {
  share({{"/bin/dash", block_reader},
         {"/bin/bash", block_reader},
         {"/bin/dash", block_reader},
         {"/bin/bash", block_reader}});
}

TEST_F(TreeFeedTest, GivesEachLineWholeToOneOfFourShellsThatReadUnderALock) {
  share({{"/bin/dash", locking_reader},
         {"/bin/bash", locking_reader},
         {"/bin/dash", locking_reader},
         {"/bin/bash", locking_reader}});
}

TEST_F(TreeFeedTest, GivesEachLineWholeToProgramsThatKeepItOpen) {
  share({{"/bin/dash", stream_reader}, {"/bin/dash", stream_reader}, {"/bin/bash", block_reader}});
}

TEST_F(TreeFeedTest, KeepsLinesForAReaderThatComesLater) {
  start_with("jobs");
  push(1, "a");
  push(2, "b");
  EXPECT_EQ(run("head -n 1 jobs/feed > one; head -n 1 jobs/feed > two"), 0);
  EXPECT_EQ(read("one"), "1 2023-11-14T22:13:20.123Z alice a\n");
  EXPECT_EQ(read("two"), "2 2023-11-14T22:13:20.123Z alice b\n");
}

TEST_F(TreeFeedTest, GivesOthersWhatAStoppedReaderDoesNotTake) {
  start_with("jobs");
  auto stopped = shell("exec head -n 1 jobs/feed > stopped");
  run_until("it waits", [&] { return exists("stopped"); });
  stopped.signal(SIGSTOP);
  run_until("it is stopped", [&] { return stopped.has_stopped(); });
  auto worker = shell(block_reader);
  for (std::uint64_t seq = 1; seq <= 20; ++seq) push(seq, "job");
  push(21, "quit");
  run_until("the worker ends", [&] { return worker.has_ended(); });
  EXPECT_EQ(got().size(), 21u);
  EXPECT_EQ(read("stopped"), "");
}

TEST_F(TreeFeedTest, KeepsTheNewestWithinItsLimitForOneWhoStopsReadingAndNotesWhatIsLost) {
  TreeLimits limits;
  limits.feed_bytes_max = 4096;
  start_with("jobs", limits);
  push(1, "first");
  EXPECT_EQ(run("head -n 1 jobs/feed > /dev/null"), 0);
  for (std::uint64_t seq = 2; seq <= 1000; ++seq) push(seq, std::string(50, 'x'));
  EXPECT_NE(read("jobs/errors").find("feed is full because nobody reads it; from message 3 on"), std::string::npos)
      << read("jobs/errors");
  EXPECT_EQ(run("for i in 1 2 3; do head -n 1 jobs/feed; done | cut -d ' ' -f 1 > seqs"), 0);
  const auto seqs = lines_of(read("seqs"));
  ASSERT_EQ(seqs.size(), 3u);
  EXPECT_EQ(seqs[0], "2");  // was in the FIFO before
  const auto oldest = std::stoi(seqs[1]);
  EXPECT_GT(oldest, 900);
  EXPECT_NE(read("jobs/errors")
                .find("messages 3 to " + std::to_string(oldest - 1) + ", " + std::to_string(oldest - 3) + " in all"),
            std::string::npos)
      << read("jobs/errors");
}

TEST_F(TreeFeedTest, SaysNothingOfWhatIsDroppedInARoomWhoseFeedNobodyUses) {
  TreeLimits limits;
  limits.feed_bytes_max = 4096;
  start_with("jobs", limits);
  for (std::uint64_t seq = 1; seq <= 1000; ++seq) push(seq, std::string(50, 'x'));
  push(1001, std::string(5000, 'x'));
  EXPECT_EQ(read("jobs/errors"), "");
}

TEST_F(TreeFeedTest, NeverGivesHalfAMessage) {
  start_with("jobs");
  push(1, "a");
  EXPECT_EQ(run("head -n 1 jobs/feed > one"), 0);
  run_until("it was noticed", [&] {
    push(2, std::string(5000, 'x'));
    loop.restart();
    loop.poll();
    return read("jobs/errors").find("message 2 is too long for feed") != std::string::npos;
  });
  push(3, "b");
  EXPECT_EQ(run("head -n 1 jobs/feed > two"), 0);
  EXPECT_EQ(read("two").substr(0, 2), "3 ");
}

TEST_F(TreeFeedTest, KeepsWhatNobodyHadReadWhenTheFifoIsRemoved) {
  start_with("jobs");
  push(1, "a");
  push(2, "b");
  EXPECT_EQ(run("rm jobs/feed"), 0);
  run_until("it is made again", [&] { return exists("jobs/feed"); });
  EXPECT_EQ(run("head -n 1 jobs/feed > one; head -n 1 jobs/feed > two"), 0);
  EXPECT_EQ(read("one").substr(0, 2), "1 ");
  EXPECT_EQ(read("two").substr(0, 2), "2 ");
}

TEST_F(TreeFeedTest, EndsTheDocumentedLoopsWhenTheRoomIsLeft) {
  start_with("jobs");
  auto head = shell(block_reader), lock = shell(locking_reader);
  push(1, "a");
  push(2, "b");
  run_until("both are at work", [&] { return got().size() == 2; });
  tree->leave(RoomName::literal("jobs"));
  run_until("one ends", [&] { return head.has_ended(); });
  run_until("the other ends", [&] { return lock.has_ended(); });
  EXPECT_EQ(got().size(), 2u);
}

}  // namespace
}  // namespace hubbub::agent
