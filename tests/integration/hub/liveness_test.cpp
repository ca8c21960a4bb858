// Who is silent is asked; who doesn't answer is closed, within a stated time.
#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/hub_process.hpp"
#include "tests/support/wire_client.hpp"

namespace hubbub::test {
namespace {

using proto::CloseReason;

/// For clients that shall be closed.
const std::vector<std::string> quick = {"--liveness-ping-ms", "200", "--liveness-pong-ms", "200"};
/// For clients that shall stay, on a machine that may stand still for a while.
const std::vector<std::string> patient = {"--liveness-ping-ms", "200", "--liveness-pong-ms", "10000"};

/// A client in a process of its own, which is stopped once it has been let in.
class StoppedClient {
 public:
  explicit StoppedClient(const std::string& url) : pid_(::fork()) {
    if (pid_ == 0) be_let_in_and_stop(url);
    int status = 0;
    if (::waitpid(pid_, &status, WUNTRACED) == pid_ && WIFSTOPPED(status)) return;
    throw Failure("the client was not let in");
  }
  ~StoppedClient() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  StoppedClient(const StoppedClient&) = delete;
  StoppedClient& operator=(const StoppedClient&) = delete;

 private:
  [[noreturn]] static void be_let_in_and_stop(const std::string& url) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    try {
      WireClient client(url);
      client.greet("stopped");
      ::raise(SIGSTOP);
    } catch (const std::exception&) {  // told by the exit code
    }
    ::_exit(1);
  }

  pid_t pid_;
};

TEST(Liveness, APingIsAnsweredWithItsToken) {
  HubProcess hub;
  WireClient client(hub.url());
  client.greet("alice");
  client.send(proto::Ping{0x1234567890});
  EXPECT_EQ(client.expect<proto::Pong>().token, 0x1234567890u);
}

TEST(Liveness, TheSilentAreAskedAndThoseWhoAnswerStay) {
  HubProcess hub(patient);
  WireClient client(hub.url());
  EXPECT_EQ(client.greet("alice").ping_ms, 200u);
  client.ignore_pings();
  for (int i = 0; i < 2; ++i) client.send(proto::Pong{client.expect<proto::Ping>().token});
  client.barrier();
}

TEST(Liveness, ThoseWhoDoNotAnswerAreClosed) {
  HubProcess hub(quick);
  WireClient client(hub.url());
  client.greet("alice");
  client.ignore_pings();
  client.expect<proto::Ping>();
  EXPECT_EQ(client.expect_closing().reason, CloseReason::unanswered_ping);
}

TEST(Liveness, ATruncatedFrameFollowedBySilenceIsSilence) {
  HubProcess hub(quick);
  WireClient client(hub.url());
  client.greet("alice");
  client.ignore_pings();
  client.send_bytes(
      std::string("\x10\xff\x00\x00"
                  "half",
                  8));
  EXPECT_EQ(client.expect_closing().reason, CloseReason::unanswered_ping);
}

TEST(Liveness, AFrameCutByTheEndOfTheConnectionChangesNothing) {
  HubProcess hub;
  WireClient client(hub.url()), witness(hub.url());
  witness.greet("witness");
  witness.subscribe("lobby");
  client.greet("alice");
  const auto room = client.open("lobby");
  auto frame = proto::encoded(proto::Publish{room, PublishId{1}, 0, proto::Kind::text, {}, {"never said"}});
  frame.pop_back();
  client.send_bytes(frame);
  client.shut_down_writing();
  client.expect_end();
  EXPECT_FALSE(witness.find<proto::Delivery>());
}

TEST(Liveness, WhoEndsItsSideStillGetsItsAnswers) {
  HubProcess hub({"--cores", "2"});
  WireClient client(hub.url());
  client.greet("alice");
  const auto room = client.open("lobby");
  for (int i = 0; i < 100; ++i) client.publish(room, "x");
  client.shut_down_writing();
  while (client.expect<proto::Published>().id != PublishId{100}) {
  }
  client.expect_end();
}

TEST(Liveness, AStoppedClientIsClosedAndTheOthersAreServed) {
  HubProcess hub(patient);
  WireClient witness(hub.url());
  witness.greet("witness");
  const StoppedClient stopped(hub.url());
  EXPECT_EQ(witness.call(proto::HubInfo{})->sessions, 2u);
  wait_until("the stopped one is closed", [&] { return witness.call(proto::HubInfo{})->sessions == 1; });
}

TEST(Liveness, AResetConnectionIsGoneAtOnce) {
  HubProcess hub;
  WireClient witness(hub.url()), client(hub.url());
  witness.greet("witness");
  client.greet("alice");
  client.reset();
  wait_until("its session is gone", [&] { return witness.call(proto::HubInfo{})->sessions == 1; });
}

}  // namespace
}  // namespace hubbub::test
