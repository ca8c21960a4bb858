// The hub as a process: where it listens and says so, what it does on signals, what it refuses at the start.
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/support/hub_process.hpp"
#include "tests/support/wire_client.hpp"

namespace hubbub::test {
namespace {

using proto::CloseReason;

// ── where it listens ──

TEST(Process, SaysWhereItListensWithTheRealPorts) {
  HubProcess hub({"--listen", "tcp://127.0.0.1:0"});
  std::istringstream lines(read_file(hub.ready_file()));
  std::vector<std::string> urls;
  for (std::string line; std::getline(lines, line);) urls.push_back(line);
  ASSERT_EQ(urls.size(), 3u) << "one URL a line, in the order of the flags";
  EXPECT_EQ(urls[1], hub.unix_url());
  EXPECT_NE(urls[0], urls[2]);
  for (const auto& url : urls) {
    EXPECT_FALSE(url.ends_with(":0"));
    wait_until("it says so on stdout too", [&] { return hub.output().find(url + '\n') != std::string::npos; });
    WireClient client(url);
    client.greet("");
  }
}

TEST(Process, TheReadyFileAndTheSocketAreGoneAfterTheEnd) {
  HubProcess hub;
  EXPECT_EQ(hub.stop(), 0);
  EXPECT_FALSE(std::filesystem::exists(hub.ready_file()));
  EXPECT_FALSE(std::filesystem::exists(hub.unix_url().substr(7)));
}

TEST(Process, RefusesToListenBeyondTheLoopbackUnlessToldThatItIsInsecure) {
  const auto refused = run_hubbubd({"--listen", "tcp://0.0.0.0:0"});
  EXPECT_NE(refused.code, 0);
  EXPECT_NE(refused.errors.find("--insecure"), std::string::npos) << "it says how: " << refused.errors;
}

TEST(Process, RefusesAnAddressThatIsInUse) {
  HubProcess hub;
  const auto second = run_hubbubd({"--listen", hub.url()});
  EXPECT_EQ(second.code, 69) << second.errors;
  EXPECT_NE(second.errors.find(hub.url().substr(6)), std::string::npos) << second.errors;
}

TEST(Process, ReplacesTheSocketOfAHubThatWasKilled) {
  HubProcess killed;
  EXPECT_EQ(killed.stop(SIGKILL), 128 + SIGKILL);
  ASSERT_TRUE(std::filesystem::exists(killed.unix_url().substr(7)));
  HubProcess next({"--listen", killed.unix_url()});
  WireClient client(killed.unix_url());
  client.greet("");
}

TEST(Process, LeavesAFileThatIsNoSocketAlone) {
  HubProcess hub;
  const auto path = hub.folder() + "/precious";
  write_file(path, "data");
  EXPECT_EQ(run_hubbubd({"--listen", "unix://" + path}).code, 69);
  EXPECT_EQ(read_file(path), "data");
}

// ── signals ──

class ProcessSignal : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Stops, ProcessSignal, testing::Values(SIGTERM, SIGINT));

TEST_P(ProcessSignal, EndsInGoodOrder) {
  HubProcess hub({"--cores", "2"});
  WireClient alice(hub.url()), bob(hub.unix_url());
  alice.greet("alice");
  bob.greet("");
  bob.subscribe("lobby");
  const auto room = alice.open("lobby");
  for (int i = 0; i < 200; ++i) alice.publish(room, std::to_string(i));
  PublishId acknowledged = alice.expect<proto::Published>().id;
  hub.signal(GetParam());
  while (const auto frame = alice.next_frame()) {
    if (frame->type == proto::Published::type) {
      acknowledged = proto::decode_value<proto::Published>(frame->payload)->id;
    } else if (frame->type == proto::Closing::type) {
      EXPECT_EQ(proto::decode_value<proto::Closing>(frame->payload)->reason, CloseReason::shutdown);
    }
  }
  std::uint64_t heard = 0;
  bool told = false;
  while (const auto frame = bob.next_frame()) {
    if (frame->type == proto::Delivery::type) ++heard;
    if (frame->type == proto::Closing::type) told = true;
  }
  EXPECT_TRUE(told);
  EXPECT_GE(heard, acknowledged.value) << "what was acknowledged was delivered";
  alice.close();
  bob.close();
  EXPECT_EQ(hub.wait(), 0);
}

/// Reads nothing, and more waits for it than the kernels keep: a hub that ends in good order waits for it.
WireClient stuck_client(const HubProcess& hub) {
  WireClient stuck(hub.url(), 16384), talker(hub.url());
  stuck.greet("stuck");
  stuck.subscribe("lobby");
  talker.greet("talker");
  const auto room = talker.open("lobby");
  const std::string body(10'000, 'x');
  for (int i = 0; i < 500; ++i) talker.say(room, body);
  return stuck;
}

TEST(Process, EndsWithinTheStatedTimeThoughAClientReadsNothing) {
  HubProcess hub({"--liveness-drain-ms", "500", "--log-level", "debug"});
  const auto stuck = stuck_client(hub);
  const auto before = std::chrono::steady_clock::now();
  EXPECT_EQ(hub.stop(), 0);
  EXPECT_GE(std::chrono::steady_clock::now() - before, Milliseconds(500)) << "the client has all of that time";
  EXPECT_EQ(hub.log().find("reason=stalled"), std::string::npos) << "no more, such as each connection has by itself";
}

TEST(Process, ASecondSignalEndsItAtOnce) {
  HubProcess hub({"--liveness-drain-ms", "600000"});
  const auto stuck = stuck_client(hub);
  WireClient other(hub.url());
  other.greet("other");
  hub.signal(SIGTERM);
  other.expect<proto::Closing>();
  EXPECT_TRUE(hub.running()) << "it waits for the one that reads nothing";
  EXPECT_EQ(hub.stop(), 0);
}

TEST(Process, AcceptsNobodyWhileItStops) {
  HubProcess hub({"--liveness-drain-ms", "600000"});
  WireClient stays(hub.url());
  stays.greet("stays");
  hub.signal(SIGTERM);
  stays.expect<proto::Closing>();
  EXPECT_THROW(
      {
        WireClient late(hub.url());
        late.greet("late");
      },
      Failure);
  hub.stop();
}

TEST(Process, HupReadsTheConfigurationAgain) {
  HubOptions options;
  options.config = "[limits]\nrooms = 1\n";
  HubProcess hub(options);
  WireClient alice(hub.url());
  alice.greet("alice");
  alice.open("a");
  EXPECT_FALSE(alice.call(proto::RoomOpen{RoomName::literal("b")}));
  write_file(hub.config_file(), "[limits]\nrooms = 2\n");
  hub.signal(SIGHUP);
  wait_until("the new limit holds", [&] { return alice.call(proto::RoomOpen{RoomName::literal("b")}).has_value(); });
}

TEST(Process, HupChangesTheRateOfThoseWhoAreThere) {
  HubOptions options;
  options.config = "[limits]\nmessage_rate = 0\n";
  HubProcess hub(options);
  WireClient alice(hub.url());
  alice.greet("alice");
  const auto room = alice.open("a");
  for (int i = 0; i < 20; ++i) alice.say(room, "x");
  write_file(hub.config_file(), "[limits]\nmessage_rate = 1\n");
  hub.signal(SIGHUP);
  wait_until("it is held to the new rate", [&] {
    alice.publish(room, "x");
    return alice.find<proto::PublishRefused>().has_value();
  });
}

TEST(Process, HupWithABadConfigurationKeepsTheOldOneAndSaysSo) {
  HubOptions options;
  options.config = "[limits]\nrooms = 1\n";
  HubProcess hub(options);
  WireClient alice(hub.url());
  alice.greet("alice");
  alice.open("a");
  write_file(hub.config_file(), "[limits]\nrooms = 5\nroms = 7\n");
  hub.signal(SIGHUP);
  hub.wait_for_log("roms");
  EXPECT_NE(hub.log().find("hubbubd.toml:3"), std::string::npos) << hub.log();
  EXPECT_FALSE(alice.call(proto::RoomOpen{RoomName::literal("b")})) << "nothing of it is in force";
}

TEST(Process, Usr1LogsASummary) {
  HubProcess hub({"--cores", "2"});
  WireClient alice(hub.url());
  alice.greet("alice");
  alice.open("lobby");
  hub.signal(SIGUSR1);
  hub.wait_for_log("sessions=1");
  for (const char* word : {"rooms=1", "queued", "published"})
    EXPECT_NE(hub.log().find(word), std::string::npos) << word << " in\n" << hub.log();
}

TEST(Process, PipeIsIgnored) {
  HubProcess hub;
  hub.signal(SIGPIPE);
  WireClient alice(hub.url());
  alice.greet("alice");
}

// ── as process 1, which the kernel treats in its own way: a signal that it doesn't handle does nothing ──

class Process1 : public testing::TestWithParam<int> {
 protected:
  void SetUp() override {
    if (std::system("unshare --pid --fork --mount-proc true 2>/dev/null") != 0)
      GTEST_SKIP() << "unshare(1) can't make a PID namespace here: that needs root, and a container that allows it";
  }
  static HubOptions within_a_namespace(const std::vector<std::string>& flags) {
    HubOptions options;
    options.flags = flags;
    options.started_by = {"/usr/bin/unshare", "--pid", "--fork", "--mount-proc", "--kill-child"};
    return options;
  }
  /// unshare's child.
  static void signal(const HubProcess& hub, int number) {
    const auto unshare = std::to_string(hub.pid());
    ASSERT_EQ(::kill(std::stoi(read_file("/proc/" + unshare + "/task/" + unshare + "/children")), number), 0);
  }
};
INSTANTIATE_TEST_SUITE_P(Stops, Process1, testing::Values(SIGTERM, SIGINT));

TEST_P(Process1, EndsInGoodOrder) {
  HubProcess hub(within_a_namespace({}));
  WireClient alice(hub.url());
  alice.greet("alice");
  signal(hub, GetParam());
  EXPECT_EQ(alice.expect_closing().reason, CloseReason::shutdown);
  alice.close();
  EXPECT_EQ(hub.wait(), 0);
}

TEST_P(Process1, EndsAtOnceAtASecondSignal) {
  HubProcess hub(within_a_namespace({"--liveness-drain-ms", "600000"}));
  const auto stuck = stuck_client(hub);
  signal(hub, SIGTERM);
  hub.wait_for_log("stopping");
  EXPECT_TRUE(hub.running());
  signal(hub, GetParam());
  EXPECT_EQ(hub.wait(), 0);
}

// ── the service manager ──

TEST(Process, TellsAServiceManagerThatItIsReadyAndThatItStops) {
  HubProcess unused;  // for a folder
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  const auto path = unused.folder() + "/notify";
  std::memcpy(name.sun_path, path.data(), path.size());
  const int manager = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  ASSERT_EQ(::bind(manager, reinterpret_cast<const sockaddr*>(&name), sizeof name), 0);
  const timeval timeout{15, 0};
  ::setsockopt(manager, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
  HubOptions options;
  options.environment = {"NOTIFY_SOCKET=" + path};
  HubProcess hub(options);
  const auto wait_for_word = [&](const std::string& word) {
    char text[512];
    for (;;) {
      const auto got = ::recv(manager, text, sizeof text, 0);
      if (got <= 0) throw Failure("the service manager was never told " + word);
      if (std::string_view(text, static_cast<std::size_t>(got)).find(word) != std::string_view::npos) return;
    }
  };
  wait_for_word("READY=1");
  hub.signal(SIGTERM);
  wait_for_word("STOPPING=1");
  EXPECT_EQ(hub.wait(), 0);
  ::close(manager);
}

// ── configuration ──

TEST(Process, CheckConfigNamesFileLineAndKeyOfAMistake) {
  HubProcess hub;  // for a folder
  const auto file = hub.folder() + "/bad.toml";
  write_file(file, "[hub]\ncores = 2\n\n[limits]\nrooms = \"many\"\nconections = 3\n");
  const auto checked = run_hubbubd({"--config", file, "--check-config"});
  EXPECT_EQ(checked.code, 78);
  EXPECT_NE(checked.errors.find("bad.toml:5"), std::string::npos) << checked.errors;
  EXPECT_NE(checked.errors.find("limits.rooms"), std::string::npos);
  EXPECT_NE(checked.errors.find("bad.toml:6"), std::string::npos) << "an unknown key is a mistake";
  EXPECT_NE(checked.errors.find("conections"), std::string::npos);
  EXPECT_EQ(run_hubbubd({"--config", file}).code, 78) << "a hub doesn't start with it";
}

TEST(Process, FlagsCountMoreThanTheEnvironmentAndThatMoreThanTheFile) {
  const auto rooms_allowed = [](const HubOptions& options) {
    HubProcess hub(options);
    WireClient alice(hub.url());
    alice.greet("alice");
    int made = 0;
    while (alice.call(proto::RoomOpen{RoomName::literal("room-" + std::to_string(made))})) ++made;
    return made;
  };
  HubOptions options;
  options.config = "[limits]\nrooms = 1\n";
  EXPECT_EQ(rooms_allowed(options), 1);
  options.environment = {"HUBBUBD_LIMITS_ROOMS=2"};
  EXPECT_EQ(rooms_allowed(options), 2);
  options.flags = {"--limits-rooms", "3"};
  EXPECT_EQ(rooms_allowed(options), 3);
}

TEST(Process, AnUnknownFlagIsAUsageError) {
  const auto finished = run_hubbubd({"--frobnicate"});
  EXPECT_EQ(finished.code, 64);
  EXPECT_NE(finished.errors.find("frobnicate"), std::string::npos);
}

TEST(Process, LogsJsonLinesWhenAskedTo) {
  HubProcess hub({"--log-format", "json", "--log-level", "debug"});
  WireClient alice(hub.url());
  proto::Hello hello;
  hello.program = Text::literal("a \"quoted\" \\ program\n");
  hello.name = Text::literal("alice");
  alice.send(hello);
  alice.expect<proto::Welcome>();
  alice.close();
  EXPECT_EQ(hub.stop(), 0);
  std::istringstream lines(hub.log());
  int read = 0;
  for (std::string line; std::getline(lines, line); ++read) {
    const auto object = nlohmann::json::parse(line, nullptr, false);
    EXPECT_TRUE(object.is_object()) << line;
  }
  EXPECT_GT(read, 1);
}

}  // namespace
}  // namespace hubbub::test
