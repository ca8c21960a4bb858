// What programs read: `out`, `topic`, `members`.
#include "client/agent/tree_notes.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "tests/unit/agent/tree_fixture.hpp"

namespace hubbub::agent {
namespace {

using Strings = std::vector<std::string>;
const auto ops = RoomName::literal("ops");

class TreeOutTest : public TreeTest {
 protected:
  void run_until_written(const std::string& end) {
    run_until("it is written", [&] { return read("ops/out").ends_with(end); });
  }
};

TEST_F(TreeOutTest, GetsOneLineAMessageAndSaysWhatIsMissing) {
  start_with("ops");
  tree->message(said("ops", 1, "hello"));
  tree->gap(ops, Seq{2}, Seq{4});
  tree->message(said("ops", 5, "a\nb"));
  run_until_written("b\n");
  EXPECT_EQ(read("ops/out"),
            "1 2023-11-14T22:13:20.123Z alice hello\n"
            "-- messages 2 to 4 can't be had any more\n"
            "5 2023-11-14T22:13:20.123Z alice a\\nb\n");
  EXPECT_NE(read("ops/errors").find("messages 2 to 4 can't be had any more"), std::string::npos);
}

TEST_F(TreeOutTest, CutsAMessageThatIsTooLongToLookAt) {
  start_with("ops");
  tree->message(said("ops", 1, std::string(limits::body_bytes_max, '\x1b')));
  run_until_written("… (1032192 bytes)\n");
  EXPECT_EQ(read("ops/out").size(), TreeLimits().out_line_bytes_max);
}

TEST_F(TreeOutTest, IsRotatedAtItsLimitAndTailFollowsWithoutLosingALine) {
  TreeLimits limits;
  limits.out_bytes_max = 8192;
  start_with("ops", limits);
  auto tail = shell("exec tail -n +1 -F ops/out > seen 2> said-by-tail");
  constexpr std::uint64_t messages = 1000;
  for (std::uint64_t seq = 1; seq <= messages; ++seq) {
    tree->message(said("ops", seq, "hello"));
    // A file is kept for one rotation: tail is never that far behind here.
    if (seq % 50 == 0)
      run_until("tail has seen it",
                [&] { return read("seen").find("\n" + std::to_string(seq) + " ") != std::string::npos; });
  }
  std::uint64_t next = 1;
  for (const auto& line : lines_of(read("seen")))
    if (!line.starts_with("--")) {
      EXPECT_EQ(line.substr(0, line.find(' ')), std::to_string(next++));
    }
  EXPECT_EQ(next, messages + 1);
  EXPECT_LE(read("ops/out").size(), limits.out_bytes_max);
  EXPECT_LE(read("ops/out.1").size(), limits.out_bytes_max + 100);
  EXPECT_TRUE(read("ops/out.1").ends_with("-- goes on in a new file; tail -F follows it\n"));
}

TEST_F(TreeOutTest, TellsOneWhoFollowsTheFileAndNotItsName) {
  TreeLimits limits;
  limits.out_bytes_max = 1024;
  start_with("ops", limits);
  auto tail = shell("exec tail -f ops/out > seen");
  run_until("it runs", [&] { return exists("seen"); });
  std::uint64_t seq = 0;
  run_until("it is told", [&] {
    if (read("ops/out.1").empty()) tree->message(said("ops", ++seq, "hello"));
    return read("seen").ends_with("-- goes on in a new file; tail -F follows it\n");
  });
}

TEST_F(TreeOutTest, NeverSplitsALineHoweverManyComeAtOnce) {
  TreeLimits limits;
  limits.out_bytes_max = 1024;
  start_with("ops", limits);
  for (std::uint64_t seq = 1; seq <= 100; ++seq) tree->message(said("ops", seq, "hello"));
  run_until_written("hello\n");
  for (const auto& file : {"ops/out", "ops/out.1"})
    for (const auto& line : lines_of(read(file)))
      EXPECT_TRUE(line.ends_with("Z alice hello") || line.starts_with("-- ")) << line;
  EXPECT_LE(read("ops/out").size(), 1024u);
}

TEST_F(TreeOutTest, GoesOnInTheFileThatAKilledAgentLeft) {
  start_with("ops");
  tree->message(said("ops", 1, "before"));
  run_until_written("before\n");
  abandon();
  start_with("ops");
  tree->message(said("ops", 2, "after"));
  run_until_written("after\n");
  EXPECT_EQ(lines_of(read("ops/out")).size(), 2u);
}

TEST_F(TreeOutTest, MayBeEmptiedByWhoeverReadsIt) {
  start_with("ops");
  tree->message(said("ops", 1, "before"));
  run_until_written("before\n");
  EXPECT_EQ(run(": > ops/out"), 0);
  tree->message(said("ops", 2, "after"));
  run_until_written("after\n");
  EXPECT_EQ(read("ops/out"), "2 2023-11-14T22:13:20.123Z alice after\n");
}

TEST_F(TreeOutTest, HasTopicAndMembersBesideIt) {
  start_with("ops");
  EXPECT_EQ(read("ops/topic"), "");
  tree->set_topic(ops, "deploys \x1b[31mtoday");
  EXPECT_EQ(read("ops/topic"), "deploys \\x1b[31mtoday\n");
  proto::Person alice;
  alice.name = PersonName::literal("alice");
  alice.verified = true;
  alice.presence = proto::Presence::online;
  tree->set_members(ops, std::vector{alice});
  EXPECT_EQ(read("ops/members"), "alice online\n");
  tree->set_topic(ops, "");
  EXPECT_EQ(read("ops/topic"), "");
}

/// Files of this process have an end after so many bytes, as on a full disk.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    ::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit now{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &now);
  }
  ~FileSizeLimit() { ::setrlimit(RLIMIT_FSIZE, &before_); }
  FileSizeLimit(const FileSizeLimit&) = delete;

 private:
  rlimit before_{};
};

TEST_F(TreeOutTest, HasNoHalfLinesAndSaysHowManyAreMissingAfterTheDiskWasFull) {
  auto folder = TreeFolder::open(AT_FDCWD, root(), root());
  ASSERT_TRUE(folder);
  TreeOut out(*folder, "out", 4096);
  ASSERT_TRUE(out.open());
  {
    const FileSizeLimit full(10);
    out.append("one\n");
    out.flush();
    out.append("two is too long\n");
    out.append("three\n");
    out.flush();
    out.append("4\n");
    out.flush();
  }
  out.append("five\n");
  out.flush();
  EXPECT_EQ(read("out"), "one\n-- lines missing here because they couldn't be written: 3\nfive\n");
}

TEST_F(TreeOutTest, NotesSoManyErrorsASecondAndCountsTheOthers) {
  auto folder = TreeFolder::open(AT_FDCWD, root(), root());
  ASSERT_TRUE(folder);
  TreeNotes notes(*folder, 1 << 20, 10);
  ASSERT_TRUE(notes.file().open());
  for (int i = 0; i < 10000; ++i) notes.note("no\x1b");
  EXPECT_LT(lines_of(read("errors")).size(), 5000u);
  EXPECT_TRUE(lines_of(read("errors")).front().ends_with("Z no\\x1b"));
  run_until("the others are counted", [&] {
    notes.settle();
    return read("errors").find("Z and more of that kind: ") != std::string::npos;
  });
}

}  // namespace
}  // namespace hubbub::agent
