// Any program is a client: JSON lines at the agent's socket.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include <fstream>

#include "common/descriptor_limit.hpp"
#include "tests/integration/agent/an_agent.hpp"

namespace hubbub::test {
namespace {

using testing::HasSubstr;

class JsonDoor : public testing::Test {
 protected:
  JsonDoor() { agent.wait_for_hub(); }
  /// Of the agent.
  static std::ptrdiff_t open_files(JsonProgram& program) {
    const auto pid = program.ask(R"({"op":"status"})")["pid"].get<int>();
    const auto folder = std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/fd");
    return std::distance(begin(folder), end(folder));
  }
  AnAgent agent;
};

TEST_F(JsonDoor, PublishesAndTellsTheSeq) {
  auto program = agent.program();
  const auto answer = program.ask(R"({"op":"pub","room":"ops","text":"disk is full","id":7})");
  EXPECT_EQ(answer.dump(), R"({"seq":1,"id":7})");
  EXPECT_EQ(agent.said("ops"), "1 disk is full\n");
}

TEST_F(JsonDoor, AnswersAPublishWithoutAnIdOnlyIfItFails) {
  auto program = agent.program();
  program.say(R"({"op":"pub","room":"ops","text":"hi"})");
  const auto answer = program.ask(R"({"op":"pub","room":"No Room","text":"hi"})");
  EXPECT_EQ(answer["error"]["status"], "invalid_argument");
  EXPECT_THAT(answer["error"]["sentence"], HasSubstr("room"));
}

TEST_F(JsonDoor, CarriesKindHeadersAndBytes) {
  auto program = agent.program();
  program.ask(R"({"op":"pub","room":"ops","base64":"/wA=","headers":{"host":"web1","via":"forged"},"id":1})");
  program.ask(R"({"op":"pub","room":"ops","kind":"notice","text":"ü","retain":true,"id":2})");
  EXPECT_EQ(agent.said("ops", "{kind} {header:host} {base64}"), "data web1 /wA=\nnotice  w7w=\n");
}

TEST_F(JsonDoor, SaysThroughWhichProgramSomethingWasSaid) {
  auto program = agent.program();
  program.ask(R"({"op":"pub","room":"ops","text":"hi","headers":{"via":"forged"},"id":1})");
  const auto via = agent.said("ops", "{header:via}");
  EXPECT_THAT(via, HasSubstr("integration_age"));  // what the kernel calls this test
  EXPECT_THAT(via, testing::Not(HasSubstr("forged")));
}

TEST_F(JsonDoor, ReceivesWhatIsSaidToAPattern) {
  auto program = agent.program();
  EXPECT_EQ(program.ask(R"({"op":"sub","room":"ci.>","id":"s"})").dump(), R"({"rooms":0,"id":"s"})");
  agent.shell.run("hubbub pub ci.main -m green --no-agent");
  EXPECT_EQ(program.next("attached")["room"], "ci.main");
  const auto message = program.next("message");
  EXPECT_EQ(message["room"], "ci.main");
  EXPECT_EQ(message["seq"], 1);
  EXPECT_EQ(message["text"], "green");
}

TEST_F(JsonDoor, ReadsFromAnEarlierMessageOnWithoutAGap) {
  agent.shell.run("seq 3000 | hubbub pub numbers --no-agent");
  auto program = agent.program();
  program.say(R"({"op":"sub","room":"numbers","from":1000})");
  agent.shell.run("seq 3001 3100 | hubbub pub numbers --no-agent");
  for (int number = 1000; number <= 3100; ++number) {
    const auto message = program.next("message");
    ASSERT_EQ(message["seq"], number);
    ASSERT_EQ(message["text"], std::to_string(number));
  }
}

TEST_F(JsonDoor, GivesAReaderThatStopsReadingEverythingLater) {
  auto program = agent.program();
  program.ask(R"({"op":"sub","room":"flood","id":1})");
  const std::string body(10'000, 'x');
  write_file(agent.shell.path("line"), body + "\n");
  ASSERT_EQ(agent.shell.run("for i in $(seq 2000); do cat line; done | hubbub pub flood --no-agent").code, 0);
  for (int seq = 1; seq <= 2000; ++seq) ASSERT_EQ(program.next("message")["seq"], seq);
}

TEST_F(JsonDoor, EndsASubscription) {
  auto program = agent.program();
  program.ask(R"({"op":"sub","room":"ops","id":1})");
  EXPECT_EQ(program.ask(R"({"op":"unsub","room":"ops","id":2})").dump(), R"({"done":true,"id":2})");
  EXPECT_EQ(program.ask(R"({"op":"unsub","room":"ops","id":3})")["error"]["status"], "not_found");
}

TEST_F(JsonDoor, TellsWhoIsThereAndAsksTheHub) {
  auto program = agent.program();
  agent.shell.run("hubbub join ops --no-agent");
  EXPECT_EQ(program.ask(R"({"op":"who","room":"ops","id":1})")["reply"]["members"][0]["name"], "alice");
  EXPECT_EQ(program.ask(R"({"op":"who"})")["reply"]["people"][0]["presence"], "online");
  program.ask(R"({"op":"call","method":"room.set_topic","arguments":{"room":"ops","topic":"all well"},"id":2})");
  EXPECT_EQ(program.ask(R"({"op":"call","method":"room.topic","arguments":{"room":"ops"}})")["reply"]["topic"],
            "all well");
}

TEST_F(JsonDoor, RefusesAMethodOrArgumentsThatThereAreNot) {
  auto program = agent.program();
  EXPECT_EQ(program.ask(R"({"op":"call","method":"room.dance"})")["error"]["status"], "unimplemented");
  EXPECT_EQ(program.ask(R"({"op":"call","method":"room.topic","arguments":{"rom":"x"}})")["error"]["status"],
            "invalid_argument");
  EXPECT_EQ(program.ask(R"({"op":"call","method":"room.subscribe","arguments":{"pattern":">"}})")["error"]["status"],
            "failed_precondition");
}

TEST_F(JsonDoor, CountsWhatIsUnreadAndMeantForTheUser) {
  agent.shell.run("hubbub join ops");
  agent.shell.run(
      "export XDG_STATE_HOME=$PWD/bob HUBBUB_NAME=bob; hubbub pub ops -m 'hello alice'; hubbub pub ops -m hello");
  auto program = agent.program();
  Json unread;
  wait_until([&] { return "two are unread: " + unread.dump(); },
             [&] { return (unread = program.ask(R"({"op":"unread"})"))["unread"] == 2; });
  EXPECT_EQ(unread.dump(), R"({"unread":2,"mentions":1,"rooms":[{"room":"ops","unread":2,"mentions":1}]})");
  program.ask(R"({"op":"call","method":"cursor.set","arguments":{"room":"ops","consumer":"","seq":1}})");
  wait_until("one is unread", [&] { return program.ask(R"({"op":"unread"})")["unread"] == 1; });
}

TEST_F(JsonDoor, GivesAnIdBackAsItWas) {
  auto program = agent.program();
  for (const auto* id : {"null", "0", "18446744073709551615", "-9223372036854775808", "9007199254740993", "0.1",
                         "1e+300", "\"\"", "[1,{\"a\":null}]", "false"})
    EXPECT_EQ(program.ask(std::string(R"({"op":"pub","room":"ops","text":"hi","id":)") + id + "}")["id"].dump(), id);
  EXPECT_TRUE(program.ask(R"({"op":"dance","id":null})")["id"].is_null());
  EXPECT_FALSE(program.ask(R"({"op":"dance"})").contains("id"));
  EXPECT_FALSE(program.ask(R"({"op":"unread"})").contains("id"));
}

TEST_F(JsonDoor, SaysWhatAPokeLacks) {
  auto program = agent.program();
  EXPECT_THAT(program.ask(R"({"op":"poke","pid":1,"on":["unread"]})")["error"]["sentence"], HasSubstr("no signal"));
  EXPECT_THAT(program.ask(R"({"op":"poke","signal":10,"on":["unread"]})")["error"]["sentence"], HasSubstr("no pid"));
}

// ── bad input ────────────────────────────────────────────────────────────────────────────────────────────────────────

TEST_F(JsonDoor, SaysWhatALineHasToBe) {
  auto program = agent.program();
  EXPECT_THAT(program.ask("hello")["error"]["sentence"], HasSubstr("JSON object"));
  EXPECT_THAT(program.ask("{\"op\":")["error"]["sentence"], HasSubstr("JSON object"));
  EXPECT_THAT(program.ask("[1,2]")["error"]["sentence"], HasSubstr("JSON object"));
  EXPECT_THAT(program.ask(R"({"op":"dance"})")["error"]["sentence"], HasSubstr("pub, sub"));
  EXPECT_THAT(program.ask(R"({"op":"pub","room":"ops"})")["error"]["sentence"], HasSubstr("text"));
  EXPECT_THAT(program.ask("\xff\xfe{")["error"]["sentence"], HasSubstr("JSON object"));
}

TEST_F(JsonDoor, LeavesOutALineOfAHundredMegabytesAndGoesOn) {
  auto program = agent.program();
  const std::string part(1 << 20, 'x');
  ASSERT_GT(::send(program.descriptor(), "{\"op\":\"", 7, 0), 0);
  for (int i = 0; i < 100; ++i)
    for (std::string_view left = part; !left.empty();)
      left.remove_prefix(static_cast<std::size_t>(::send(program.descriptor(), left.data(), left.size(), 0)));
  EXPECT_THAT(program.ask("\"}")["error"]["sentence"], HasSubstr("at most"));
  EXPECT_EQ(program.ask(R"({"op":"pub","room":"ops","text":"still here","id":1})")["seq"], 1);
}

TEST_F(JsonDoor, AnswersAProgramThatHasSaidAllItWantsTo) {
  const auto ran = agent.shell.run(
      R"(printf '%s\n' '{"op":"pub","room":"ops","text":"a","id":1}' '{"op":"unread","id":2}' |
    python3 -c 'import socket,sys; s=socket.socket(socket.AF_UNIX); s.connect(")" +
      agent.socket() + R"("); s.sendall(sys.stdin.buffer.read()); s.shutdown(1); print(s.makefile().read(),end="")')");
  if (ran.code == 127) GTEST_SKIP() << "there is no python3 here";
  EXPECT_THAT(ran.out, HasSubstr(R"("seq":1)"));
  EXPECT_THAT(ran.out, HasSubstr(R"("unread":0)"));
}

TEST_F(JsonDoor, ServesAThousandProgramsAtOnce) {
  constexpr std::size_t programs = 1000;
  if (raise_descriptor_limit() < programs + 100) GTEST_SKIP() << "this system allows fewer than 1,100 open files";
  std::vector<JsonProgram> all;
  for (std::size_t i = 0; i < programs; ++i) all.push_back(agent.program());
  for (auto& one : all) one.ask(R"({"op":"sub","room":"ops","id":1})");
  EXPECT_EQ(all.front().ask(R"({"op":"status"})")["programs"].size(), programs);
  all.back().say(R"({"op":"pub","room":"ops","text":"to all of you"})");
  for (auto& one : all) ASSERT_EQ(one.next("message")["text"], "to all of you");
}

TEST_F(JsonDoor, HoldsNothingOfProgramsThatHaveGone) {
  auto program = agent.program();
  program.ask(R"({"op":"sub","room":"ops","id":1})");
  const auto before = open_files(program);
  for (int i = 0; i < 2000; ++i) {
    auto one = agent.program();
    i % 2 == 0 ? one.say(R"({"op":"sub","room":"ops"})") : static_cast<void>(one.ask(R"({"op":"unread"})"));
  }
  wait_until("all have gone", [&] { return program.ask(R"({"op":"status"})")["programs"].size() == 1; });
  EXPECT_EQ(open_files(program), before);
}

TEST_F(JsonDoor, HoldsNothingOfSubscribersThatWereKilled) {
  auto program = agent.program();
  for (int i = 0; i < 50; ++i) {
    auto one = agent.program();
    one.ask(R"({"op":"sub","room":"quiet","id":1})");
    ::shutdown(one.descriptor(), SHUT_WR);  // it has said all, and listens on; then it is gone
  }
  wait_until("all have gone", [&] { return program.ask(R"({"op":"status"})")["programs"].size() == 1; });
}

TEST_F(JsonDoor, RefusesWhatIsTooDeepToBeRead) {
  auto program = agent.program();
  const std::string deep(1'000'000, '[');
  EXPECT_THAT(program.ask(R"({"op":"unread","id":)" + deep)["error"]["sentence"], HasSubstr("brackets"));
  EXPECT_EQ(program.ask(R"({"op":"unread","id":"[[[["})")["id"], "[[[[");
}

TEST_F(JsonDoor, AsksAMillionThingsWithoutReadingAndIsBounded) {
  auto program = agent.program();
  const auto pid = program.ask(R"({"op":"status"})")["pid"].get<int>();
  const std::string lines = [] {
    std::string text;
    for (int i = 0; i < 10'000; ++i) text += "{\"op\":\"status\"}\n";
    return text;
  }();
  std::size_t sent = 0;
  pollfd room{program.descriptor(), POLLOUT, 0};
  while (sent < lines.size() * 100 && ::poll(&room, 1, 1000) == 1) {  // until the agent reads no more
    const auto took = ::send(program.descriptor(), lines.data(), lines.size(), MSG_DONTWAIT);
    if (took > 0) sent += static_cast<std::size_t>(took);
  }
  EXPECT_LT(sent, lines.size() * 100) << "what it owes isn't read";
  std::ifstream file("/proc/" + std::to_string(pid) + "/statm");
  std::size_t size = 0, resident_pages = 0;
  file >> size >> resident_pages;
  EXPECT_LT(resident_pages * 4096, 400u << 20);  // also under a sanitizer
  EXPECT_EQ(agent.program().ask(R"({"op":"unread"})")["unread"], 0);
}

TEST_F(JsonDoor, ClosesDescriptorsThatNobodyAskedFor) {
  auto program = agent.program();
  program.ask(R"({"op":"unread"})");
  const auto before = open_files(program);
  for (int i = 0; i < 20; ++i) {
    char line[] = "{\"op\":\"unread\"}\n";
    iovec part{line, sizeof line - 1};
    alignas(cmsghdr) char control[CMSG_SPACE(4 * sizeof(int))] = {};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    auto* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(4 * sizeof(int));
    const int descriptors[4] = {0, 1, 2, program.descriptor()};
    std::memcpy(CMSG_DATA(header), descriptors, sizeof descriptors);
    ASSERT_GT(::sendmsg(program.descriptor(), &message, 0), 0);
    EXPECT_EQ(program.next()["unread"], 0);
  }
  EXPECT_EQ(open_files(program), before);
}

}  // namespace
}  // namespace hubbub::test
