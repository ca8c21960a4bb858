// hubbub board, beside a board that the test writes as an agent does. Needs no hub.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <fstream>
#include <mutex>
#include <nlohmann/json.hpp>
#include <thread>

#include "client/agent/board_name.hpp"
#include "client/agent/board_writer.hpp"
#include "client/link/hub_key.hpp"
#include "tests/integration/cli/shell.hpp"

namespace hubbub::test {
namespace {

using agent::BoardConnection;
using agent::BoardWriter;
using nlohmann::json;
using testing::HasSubstr;

class BoardCommand : public testing::Test {
 protected:
  BoardCommand() {
    shell_.environment["HUBBUB_URL"] = hub_.str();
    shell_.environment["HUBBUB_SOCK"] = "";  // or an agent is started
    beating_ = std::thread([this] {
      for (bool done = false; !done; std::this_thread::sleep_for(Milliseconds(50))) {
        const std::lock_guard lock(mutex_);
        done = done_;
        if (agent_) agent_->beat(std::chrono::steady_clock::now());
      }
    });
  }
  ~BoardCommand() override {
    {
      const std::lock_guard lock(mutex_);
      done_ = true;
    }
    beating_.join();
  }
  /// Beats until end_agent().
  void start_agent() {
    auto writer = BoardWriter::make(name_).value();
    writer->set_names(hub_.str(), "carol");
    writer->set_connection(BoardConnection::online);
    writer->set_room({RoomName::literal("ops"), 3, 1, Seq{9}});
    proto::Person alice;
    alice.name = PersonName::literal("alice");
    alice.presence = proto::Presence::away;
    alice.away = AwayText::literal("lunch");
    writer->set_person(alice);
    const std::lock_guard lock(mutex_);
    agent_ = std::move(writer);
  }
  std::unique_ptr<BoardWriter> end_agent() {
    const std::lock_guard lock(mutex_);
    return std::move(agent_);
  }

  Shell shell_;
  /// Where nobody listens: the board's name is made of it, and the test's alone.
  const Address hub_ = Address::parse(shell_.path("no-hub.sock")).value();
  const std::string name_ = agent::board_name(::geteuid(), link::hub_key(hub_));
  std::mutex mutex_;
  std::unique_ptr<BoardWriter> agent_;
  bool done_ = false;
  std::thread beating_;
};

TEST_F(BoardCommand, ShowsWhatTheAgentHasWritten) {
  start_agent();
  const auto ran = shell_.run("hubbub board");
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("as carol; 3 unread, 1 mention\n"));
  EXPECT_THAT(ran.out, HasSubstr("#ops  3"));
  EXPECT_THAT(ran.out, HasSubstr("lunch"));
  EXPECT_EQ(json::parse(shell_.run("hubbub board --json").out).at("unread"), 3);
  EXPECT_EQ(json::parse(shell_.run("hubbub board --waybar").out).at("class"), "mention");
  EXPECT_EQ(shell_.run("hubbub board --tmux").out, "3 unread, 1 mention\n");
  EXPECT_EQ(json::parse(shell_.run("hubbub board @alice --json").out).at("people")[0].at("away"), "lunch");
  EXPECT_EQ(shell_.run("hubbub board --path").out, "/dev/shm/" + name_ + "\n");
}

TEST_F(BoardCommand, SaysThatNoAgentIsRunning) {
  const auto ran = shell_.run("hubbub board");
  EXPECT_EQ(ran.code, 69);
  EXPECT_EQ(ran.out, "");
  EXPECT_THAT(ran.err, HasSubstr("no agent is running for unix://"));
}

TEST_F(BoardCommand, SaysThatTheAgentHangsOrWasKilled) {
  start_agent();
  const auto killed = end_agent();
  killed->beat(std::chrono::steady_clock::now() - std::chrono::minutes(1));
  const auto ran = shell_.run("hubbub board --tmux");
  EXPECT_EQ(ran.code, 69);
  EXPECT_EQ(ran.out, "");
  EXPECT_THAT(ran.err, HasSubstr("has ended or hangs"));
}

TEST_F(BoardCommand, SaysWhatIsNotOnTheBoard) {
  start_agent();
  EXPECT_EQ(shell_.run("hubbub board nowhere").code, 65);
  EXPECT_EQ(shell_.run("hubbub board --json --tmux").code, 64);
  EXPECT_EQ(shell_.run("hubbub board --path --watch").code, 64);
}

TEST_F(BoardCommand, RefusesWhatIsNoBoard) {
  std::ofstream(agent::board_path(name_)) << "not a board";
  const auto ran = shell_.run("hubbub board");
  std::remove(agent::board_path(name_).c_str());
  EXPECT_EQ(ran.code, 69);
  EXPECT_THAT(ran.err, HasSubstr("is no board that this hubbub can read"));
}

TEST_F(BoardCommand, WatchesAgentsComeAndGo) {
  const std::string gone = "\"agent\":null";
  auto job = shell_.start("exec hubbub board --watch --json");
  job.wait_for_out(gone);
  start_agent();
  job.wait_for_out("\"unread\":3");
  {
    const std::lock_guard lock(mutex_);
    agent_->set_room({RoomName::literal("ops"), 4, 1, Seq{10}});
  }
  job.wait_for_out("\"unread\":4");
  end_agent();
  wait_until("it tells that the agent is gone",
             [&] { return job.out().rfind(gone) > job.out().rfind("\"unread\":4"); });
  start_agent();
  wait_until("it shows the next one", [&] { return job.out().rfind("\"unread\":3") > job.out().rfind(gone); });
  job.signal_alone(SIGTERM);
  EXPECT_EQ(job.wait(), 143);
}

TEST_F(BoardCommand, StopsWatchingForAReaderThatIsGone) {
  start_agent();
  EXPECT_EQ(shell_.run("hubbub board --watch --tmux | head -n 1").out, "3 unread, 1 mention\n");
}

}  // namespace
}  // namespace hubbub::test
