// The tree's folders: who may do what to them, and what happens when somebody does.
#include "client/agent/tree.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include "tests/unit/agent/tree_fixture.hpp"

namespace hubbub::agent {
namespace {

using Strings = std::vector<std::string>;
const auto ops = RoomName::literal("ops");
constexpr uid_t somebody_else = 65534;

mode_t mode_of(const std::string& path) {
  struct stat about {};
  return ::lstat(path.c_str(), &about) == 0 ? about.st_mode : 0;
}

class FifoTreeTest : public TreeTest {
 protected:
  Result<void> try_to_start() {
    tree.emplace(loop, root(), outlet);
    return tree->start();
  }
  bool is_fifo(const std::string& name) { return S_ISFIFO(mode_of(path(name))); }
  void say_something() {
    const auto before = outlet.count;
    ASSERT_EQ(run("echo hi > ops/in"), 0);
    run_until_said(before + 1);
    EXPECT_EQ(outlet.said.back(), "ops: hi");
  }
};

TEST_F(FifoTreeTest, IsForItsUserAloneWhateverWasThereBefore) {
  const auto before = ::umask(0);
  ASSERT_EQ(::mkdir(root().c_str(), 0755), 0);
  ASSERT_EQ(::mkdir(path("ops").c_str(), 0777), 0);
  ASSERT_EQ(::mkfifo(path("ops/in").c_str(), 0666), 0);
  around.write("rooms/ops/out", "");
  start_with("ops");
  ::umask(before);
  EXPECT_EQ(mode_of(root()), mode_t(S_IFDIR | 0700));
  EXPECT_EQ(mode_of(path("ops")), mode_t(S_IFDIR | 0700));
  for (const auto* fifo : {"ops/in", "ops/feed"}) EXPECT_EQ(mode_of(path(fifo)), mode_t(S_IFIFO | 0600)) << fifo;
  for (const auto* file : {"ops/out", "ops/topic", "ops/members", "ops/errors"})
    EXPECT_EQ(mode_of(path(file)), mode_t(S_IFREG | 0600)) << file;
}

TEST_F(FifoTreeTest, LetsNoOtherUserIn) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can be somebody else";
  start_with("ops");
  ASSERT_EQ(::chmod(around.path().c_str(), 0755), 0);
  for (const auto& script : {"echo hi > " + path("ops/in"), "cat " + path("ops/out"), "ls " + root(),
                             "ln -s /etc/passwd " + path("ops/x"), "head -n 1 " + path("ops/feed")}) {
    ShellProcess other(root(), "exec 2> /dev/null; " + script, "/bin/sh", somebody_else);
    run_until("it ends", [&] { return other.has_ended(); });
    EXPECT_NE(other.code(), 0) << script;
    EXPECT_LT(other.code(), 97) << script;
  }
  EXPECT_EQ(outlet.count, 0u);
}

TEST_F(FifoTreeTest, RefusesAFolderThatIsASymlinkAFileOrAnothers) {
  ASSERT_EQ(::symlink("/tmp", root().c_str()), 0);
  auto started = try_to_start();
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().sentence, root() + " is a symlink and not a folder; remove it, the agent makes its own");
  EXPECT_FALSE(tree->join(ops));

  ASSERT_EQ(::unlink(root().c_str()), 0);
  around.write("rooms", "mine");
  EXPECT_FALSE(try_to_start());
  EXPECT_EQ(read_file(root()), "mine");

  ASSERT_EQ(::unlink(root().c_str()), 0);
  if (::geteuid() != 0) return;
  ASSERT_EQ(::mkdir(root().c_str(), 0777), 0);
  ASSERT_EQ(::chown(root().c_str(), somebody_else, somebody_else), 0);
  started = try_to_start();
  ASSERT_FALSE(started);
  EXPECT_NE(started.error().sentence.find("another user's folder"), std::string::npos);
}

TEST_F(FifoTreeTest, RefusesARoomsFolderThatIsASymlinkAndMakesItOnceThatIsGone) {
  TreeLimits limits;
  limits.look_every = std::chrono::milliseconds(20);
  start(limits);
  const auto elsewhere = around.path("elsewhere");
  ASSERT_EQ(::mkdir(elsewhere.c_str(), 0700), 0);
  ASSERT_EQ(::symlink(elsewhere.c_str(), path("ops").c_str()), 0);
  const auto joined = tree->join(ops);
  ASSERT_FALSE(joined);
  EXPECT_NE(joined.error().sentence.find("is a symlink"), std::string::npos);
  tree->message(said("ops", 1, "hello"));
  tree->set_topic(ops, "kept");
  EXPECT_TRUE(std::filesystem::is_empty(elsewhere));
  ASSERT_EQ(::unlink(path("ops").c_str()), 0);
  run_until("it is made", [&] { return is_fifo("ops/in"); });
  EXPECT_EQ(read("ops/topic"), "kept\n");
  say_something();
}

TEST_F(FifoTreeTest, MovesWhatIsInTheWayAsideAndNeitherWritesToItNorLosesIt) {
  ASSERT_EQ(::mkdir(root().c_str(), 0700), 0);
  ASSERT_EQ(::mkdir(path("ops").c_str(), 0700), 0);
  around.write("precious", "precious");
  around.write("linked", "linked");
  around.write("rooms/ops/in", "typed before the agent ran\n");
  ASSERT_EQ(::symlink(around.path("precious").c_str(), path("ops/out").c_str()), 0);
  ASSERT_EQ(::symlink("/dev/null", path("ops/feed").c_str()), 0);
  ASSERT_EQ(::symlink(around.path("precious").c_str(), path("ops/topic").c_str()), 0);
  ASSERT_EQ(::link(around.path("linked").c_str(), path("ops/errors").c_str()), 0);
  start_with("ops");
  tree->set_topic(ops, "new");
  tree->message(said("ops", 1, "hello"));
  run_until("it is written", [&] { return read("ops/out").ends_with("hello\n"); });
  say_something();
  EXPECT_EQ(read("ops/in~"), "typed before the agent ran\n");
  EXPECT_TRUE(is_fifo("ops/feed"));
  EXPECT_EQ(around.read("precious"), "precious");
  EXPECT_EQ(around.read("linked"), "linked");
  EXPECT_EQ(read("ops/topic"), "new\n");
  EXPECT_TRUE(std::filesystem::is_symlink(path("ops/topic~")));
  const auto errors = read("ops/errors");
  for (const auto* sentence :
       {"a file was in the way of in; it is in~ now", "a symlink was in the way of out",
        "a symlink was in the way of feed", "a symlink was in the way of topic; it is topic~ now",
        "a file was in the way of errors"})
    EXPECT_NE(errors.find(sentence), std::string::npos) << sentence << " in\n" << errors;
}

TEST_F(FifoTreeTest, MakesAgainWhatIsRemovedOrReplacedWhileItRuns) {
  start_with("ops");
  tree->set_topic(ops, "topic");
  around.write("precious", "precious");
  EXPECT_EQ(run("cd ops && rm in feed out topic members errors"), 0);
  run_until("all are there again", [&] { return is_fifo("ops/in") && is_fifo("ops/feed") && exists("ops/members"); });
  EXPECT_EQ(read("ops/topic"), "topic\n");
  say_something();

  EXPECT_EQ(run("cd ops && ln -s ../../precious link && mv link in"), 0);
  run_until("it is a FIFO again", [&] { return is_fifo("ops/in"); });
  say_something();
  EXPECT_EQ(around.read("precious"), "precious");

  EXPECT_EQ(run("cd ops && echo mine > other && mv other in"), 0);
  run_until("it is a FIFO again", [&] { return is_fifo("ops/in"); });
  say_something();
  EXPECT_EQ(read("ops/in~"), "mine\n");

  EXPECT_EQ(run("cd ops && ln -sf ../../precious members"), 0);
  run_until("it is a file again", [&] { return exists("ops/members") && exists("ops/members~"); });
  EXPECT_EQ(around.read("precious"), "precious");
  EXPECT_TRUE(std::filesystem::is_symlink(path("ops/members~")));

  EXPECT_EQ(run("cd ops && rm out"), 0);
  run_until("it is there again", [&] { return exists("ops/out"); });
  tree->message(said("ops", 1, "hello"));
  run_until("it is written", [&] { return read("ops/out").ends_with("hello\n"); });
}

TEST_F(FifoTreeTest, IsMadeAgainWhenItsFolderIsDeletedWhileItRuns) {
  start_with("ops");
  ASSERT_TRUE(tree->join(RoomName::literal("ci.main")));
  tree->set_topic(ops, "topic");
  std::filesystem::remove_all(path("ops"));
  run_until("the room is there again", [&] { return is_fifo("ops/in") && exists("ops/topic"); });
  say_something();
  std::filesystem::remove_all(root());
  run_until("all is there again", [&] { return is_fifo("ci.main/in") && is_fifo("ops/in") && exists("ops/topic"); });
  EXPECT_EQ(read("ops/topic"), "topic\n");
  say_something();
}

TEST_F(FifoTreeTest, ComesBackOnceTheFolderAroundItDoes) {
  start_with("ops");
  const auto runtime = around.path();
  std::filesystem::remove_all(runtime);
  for (int i = 0; i < 100; ++i) {
    loop.restart();
    loop.run_for(std::chrono::milliseconds(1));
  }
  ASSERT_EQ(::mkdir(runtime.c_str(), 0700), 0);
  tree->look();
  EXPECT_TRUE(is_fifo("ops/in"));
  say_something();
}

TEST_F(FifoTreeTest, LetsAWriterThatWaitedForTheNextAgentThrough) {
  start_with("ops");
  abandon();
  auto writer = shell("echo waited > ops/in");  // open(2) waits for a reader
  start_with("ops");
  run_until_said(1);
  EXPECT_EQ(outlet.said, Strings{"ops: waited"});
}

TEST_F(FifoTreeTest, RemovesWhatItMadeAndNothingElse) {
  start_with("ops");
  ASSERT_TRUE(tree->join(RoomName::literal("ci.main")));
  EXPECT_EQ(run("echo mine > ops/notes"), 0);
  tree->clear();
  EXPECT_FALSE(exists("ci.main"));
  EXPECT_EQ(read("ops/notes"), "mine\n");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(path("ops")), {}), 1);
  std::filesystem::remove_all(path("ops"));
  start_with("ops");
  tree->clear();
  EXPECT_FALSE(std::filesystem::exists(root()));
}

TEST_F(FifoTreeTest, DoesNotRemoveWhatTookTheNameOfAFifo) {
  start_with("ops");
  around.write("rooms/other", "mine");
  std::filesystem::rename(path("other"), path("ops/in"));
  tree->leave(ops);
  EXPECT_EQ(read("ops/in"), "mine");
}

TEST_F(FifoTreeTest, SweepsAwayTheRoomsOfAKilledAgentThatAreNotJoinedAnyMore) {
  start_with("ops");
  ASSERT_TRUE(tree->join(RoomName::literal("ci.main")));
  tree->message(said("ci.main", 1, "kept"));
  run_until("it is written", [&] { return !read("ci.main/out").empty(); });
  abandon();
  auto waiting = shell("exec 2> /dev/null; echo hi > ops/in");
  start_with("ci.main");
  tree->sweep();
  EXPECT_FALSE(exists("ops"));
  EXPECT_TRUE(is_fifo("ci.main/in"));
  EXPECT_NE(read("ci.main/out"), "");
  run_until("who waited is let go", [&] { return waiting.has_ended(); });
}

TEST_F(FifoTreeTest, LeavesNoDescriptorOpen) {
  const auto count = [] { return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {}); };
  start_with("ops");
  tree->clear();
  tree.reset();
  loop.restart();
  loop.poll();
  const auto before = count();
  for (int i = 0; i < 50; ++i) {
    start_with("ops");
    say_something();
    std::filesystem::remove_all(root());
    tree->look();
    tree->clear();
    tree.reset();
    loop.restart();
    loop.poll();
  }
  EXPECT_EQ(count(), before);
}

}  // namespace
}  // namespace hubbub::agent
