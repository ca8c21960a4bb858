// Last wills: posted when a client vanishes, and only then.
#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/integration/durable/kept_hub.hpp"

namespace hubbub::test {
namespace {

proto::SessionWill will(std::string body = "gone") {
  proto::SessionWill will;
  will.room = RoomName::literal("lobby");
  will.kind = proto::Kind::notice;
  will.body.bytes = std::move(body);
  return will;
}

/// A client in a process of its own that leaves a will and then waits for what is done to it.
class ClientProcess {
 public:
  explicit ClientProcess(const std::string& url) {
    int ends[2];
    if (::pipe(ends) != 0) throw Failure("no pipe");
    pid_ = ::fork();
    if (pid_ == 0) leave_and_wait(url, ends[1]);
    ::close(ends[1]);
    char byte = 0;
    const auto got = ::read(ends[0], &byte, 1);
    ::close(ends[0]);
    if (got != 1) throw Failure("the client could not leave its will");
  }
  ~ClientProcess() {
    signal(SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  ClientProcess(const ClientProcess&) = delete;
  ClientProcess& operator=(const ClientProcess&) = delete;
  void signal(int number) const { ::kill(pid_, number); }

 private:
  [[noreturn]] static void leave_and_wait(const std::string& url, int done) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    try {
      WireClient client(url);
      client.greet("mallory");
      if (client.call(will()) && ::write(done, "x", 1) == 1)
        for (;;) client.next_frame(Deadline(std::chrono::minutes(10)));
    } catch (const std::exception&) {  // told by the end of the pipe
    }
    ::_exit(1);
  }
  pid_t pid_ = -1;
};

/// With somebody who hears what is said in the lobby.
class Wills : public testing::Test {
 protected:
  explicit Wills(const std::vector<std::string>& flags = {}) : hub(flags), alice(hub.url()) {
    alice.greet("alice");
    alice.subscribe("lobby");
  }
  /// Those that come while another client's will is waited for, which comes later than theirs would.
  void expect_no_will() {
    WireClient last(hub.url());
    last.greet("last");
    ASSERT_TRUE(last.call(will("the last")));
    last.reset();
    const auto heard = alice.expect<proto::Delivery>();
    EXPECT_EQ(heard.from.str(), "last");
    EXPECT_EQ(heard.body.bytes, "the last");
  }
  WireClient greeted(const Greeting& greeting) {
    WireClient client(hub.url());
    client.greet(greeting);
    return client;
  }
  HubProcess hub;
  WireClient alice;
};

TEST_F(Wills, ArePostedForAClientThatIsKilled) {
  const ClientProcess mallory(hub.url());
  mallory.signal(SIGKILL);
  const auto heard = alice.expect<proto::Delivery>();
  EXPECT_EQ(heard.from.str(), "mallory");
  EXPECT_EQ(heard.kind, proto::Kind::notice);
  EXPECT_EQ(heard.body.bytes, "gone");
}

class WillsOfTheSilent : public Wills {
 protected:
  WillsOfTheSilent() : Wills({"--liveness-ping-ms", "200", "--liveness-pong-ms", "5000"}) {}
};

TEST_F(WillsOfTheSilent, ArePostedForAClientThatAnswersNoPing) {
  const ClientProcess mallory(hub.url());
  mallory.signal(SIGSTOP);
  EXPECT_EQ(alice.expect<proto::Delivery>().from.str(), "mallory");
}

TEST_F(Wills, AreNotPostedAfterAGoodbye) {
  auto bob = greeted({"bob", {}, {}, proto::protocol_minor});
  ASSERT_TRUE(bob.call(will()));
  bob.send(proto::Goodbye{});
  bob.expect_closing();
  expect_no_will();
}

TEST_F(Wills, AreNotPostedForAClientThatComesBackAtOnce) {
  const Greeting bobs{"bob", random_id<ClientId>(), random_id<OwnerKey>(), proto::protocol_minor};
  auto bob = greeted(bobs);
  ASSERT_TRUE(bob.call(will()));
  bob.reset();
  auto again = greeted(bobs);
  expect_no_will();
  ASSERT_TRUE(again.call(will("really")));
  again.reset();
  EXPECT_EQ(alice.expect<proto::Delivery>().body.bytes, "really");
}

TEST_F(Wills, ArePostedForAClientThatBreaksTheProtocol) {
  auto bob = greeted({"bob", {}, {}, proto::protocol_minor});
  ASSERT_TRUE(bob.call(will()));
  bob.send_frame(proto::Delivery::type, "x");
  bob.expect_closing();
  EXPECT_EQ(alice.expect<proto::Delivery>().from.str(), "bob");
}

TEST(WillsOfAHubThatStops, AreNotPosted) {
  KeptHub hub;
  std::vector<WireClient> clients;
  for (int i = 0; i < 20; ++i) {
    clients.push_back(hub.client("bob" + std::to_string(i)));
    ASSERT_TRUE(clients.back().call(will()));
  }
  clients.front().reset();  // and one whose grace runs
  hub.restart();
  auto alice = hub.client("alice");
  WireClient last = hub.client("last");
  ASSERT_TRUE(last.call(will("the last")));
  last.reset();
  wait_until("a later one is posted", [&] {
    return !alice.call(proto::RoomHistory{RoomName::literal("lobby"), {}, 10})->messages.empty();
  });
  EXPECT_EQ(bodies(alice.call(proto::RoomHistory{RoomName::literal("lobby"), {}, 10}).value()),
            std::vector<std::string>{"the last"});
}

}  // namespace
}  // namespace hubbub::test
