// The ring: what the agent receives, out of shared memory.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <sstream>

#include "common/fd_passing.hpp"
#include "common/ring/ring_reader.hpp"
#include "tests/integration/agent/an_agent.hpp"

namespace hubbub::test {
namespace {

using testing::HasSubstr;

struct Seat {
  std::string line;
  std::vector<Descriptor> descriptors;
};

/// The answer to what a program has asked, and what lies beside it.
Seat take_seat(int socket) {
  Seat seat;
  std::array<char, 4096> buffer;
  while (!seat.line.ends_with('\n')) {
    auto got = receive_with_descriptors(socket, buffer, ring::descriptor_count);
    pollfd waiting{socket, POLLIN, 0};
    if (got.io.status == IoStatus::would_block && ::poll(&waiting, 1, 60'000) == 1) continue;
    if (got.io.status != IoStatus::done) throw Failure("the agent gives no seat");
    seat.line.append(buffer.data(), got.io.bytes);
    std::ranges::move(got.descriptors, std::back_inserter(seat.descriptors));
  }
  return seat;
}

class RingDoor : public testing::Test {
 protected:
  RingDoor() {
    agent.shell.environment["LC_ALL"] = "C";
    agent.wait_for_hub();
  }
  Job reader(const std::string& words) { return agent.shell.start_sub("--ring " + words); }
  Seat seat(JsonProgram& program, const std::string& room = "ops") {
    program.say(R"({"op":"ring","room":")" + room + "\"}");
    return take_seat(program.descriptor());
  }
  static std::ptrdiff_t open_files(int pid) {
    const auto folder = std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/fd");
    return std::distance(begin(folder), end(folder));
  }
  Json status() { return agent.program().ask(R"({"op":"status"})"); }
  /// 64 KiB each: 80 of them go round the ring.
  void flood(const std::string& room, int messages) {
    write_file(agent.shell.path("body"), std::string(64 * 1024, 'x') + "\n");
    const auto line = "for i in $(seq " + std::to_string(messages) + "); do cat body; done | hubbub pub " + room;
    ASSERT_EQ(agent.shell.run(line + " --no-agent").code, 0);
  }
  static std::string numbers(int first, int last, const std::string& before = {}) {
    std::string lines;
    for (int i = first; i <= last; ++i) lines += before + std::to_string(i) + "\n";
    return lines;
  }
  AnAgent agent;
};

TEST_F(RingDoor, GivesWhatLocalAndOtherPublishersSayOnceAndInOrder) {
  auto sub = reader("numbers");
  agent.shell.run("seq 1 500 | hubbub pub numbers");
  agent.shell.run("seq 501 1000 | hubbub pub numbers --no-agent");
  sub.wait_for_out("\n1000\n");
  sub.signal_alone(SIGINT);
  EXPECT_EQ(sub.wait(), 130);
  EXPECT_EQ(sub.out(), numbers(1, 1000));
  EXPECT_EQ(sub.err(), "");
}

TEST_F(RingDoor, GivesRoomsThatAreMadeLater) {
  auto sub = reader("-F '{room} {seq} {body}' -n 4 'ci.>'");
  agent.shell.run("hubbub pub other -m no; hubbub pub ci.a -m 1; hubbub pub ci.b -m 1; seq 2 3 | hubbub pub ci.a");
  EXPECT_EQ(sub.wait(), 0);
  EXPECT_THAT(sub.out(), HasSubstr("ci.a 1 1\n"));
  EXPECT_THAT(sub.out(), HasSubstr("ci.b 1 1\n"));
  EXPECT_THAT(sub.out(), HasSubstr("ci.a 2 2\nci.a 3 3\n"));
}

TEST_F(RingDoor, BeginsInThePastWithoutAGap) {
  agent.shell.run("seq 3000 | hubbub pub numbers --no-agent");
  auto some = reader("--from 1000 -n 2101 numbers");
  auto all = reader("--all -n 3100 numbers");
  agent.shell.run("seq 3001 3100 | hubbub pub numbers");
  EXPECT_EQ(some.wait(), 0);
  EXPECT_EQ(some.out(), numbers(1000, 3100));
  EXPECT_EQ(all.wait(), 0);
  EXPECT_EQ(all.out(), numbers(1, 3100));
}

TEST_F(RingDoor, AReaderThatWasStoppedForMoreThanTheRingHoldsHealsFromTheHub) {
  agent.shell.run("hubbub pub quiet -m 1");
  auto sub = reader("-F '{room} {seq}' flood quiet 'late.*'");
  sub.signal_alone(SIGSTOP);
  agent.shell.run("hubbub pub quiet -m 2");  // nothing comes of it afterwards
  flood("flood", 100);
  agent.shell.run("hubbub pub late.one -m 1; hubbub pub late.one -m 2");
  flood("flood", 100);
  sub.signal_alone(SIGCONT);
  sub.wait_for_out("flood 200\n");
  agent.shell.run("hubbub pub flood -m end; hubbub pub late.one -m 3");
  sub.wait_for_out("flood 201\n");
  sub.wait_for_out("late.one 3\n");
  sub.wait_for_out("quiet 2\n");
  sub.signal_alone(SIGINT);
  sub.wait();
  std::map<std::string, std::string> by_room;
  std::istringstream lines(sub.out());
  for (std::string room, seq; lines >> room >> seq;) by_room[room] += seq + "\n";
  EXPECT_EQ(by_room["flood"], numbers(1, 201));
  EXPECT_EQ(by_room["late.one"], numbers(1, 3));
  EXPECT_EQ(by_room["quiet"], "2\n");
  EXPECT_EQ(sub.err(), "");
}

TEST_F(RingDoor, AReaderThatIsKilledHarmsNobodyAndLeavesNothing) {
  auto sub = reader("numbers");
  const auto pid = status()["pid"].get<int>();
  const auto before = open_files(pid);
  {
    std::vector<Job> others;
    for (int i = 0; i < 5; ++i) others.push_back(reader("numbers"));
    EXPECT_EQ(status()["ring_readers"], 6);
    for (auto& other : others) other.signal_alone(SIGKILL);
    agent.shell.run("seq 100 | hubbub pub numbers");
  }
  wait_until("they have gone", [&] { return status()["ring_readers"] == 1; });
  wait_until("nothing of them is open", [&] { return open_files(pid) <= before; });
  sub.wait_for_out("\n100\n");
  EXPECT_EQ(sub.out(), numbers(1, 100));
}

TEST_F(RingDoor, IsLetGoWithItsLastReader) {
  const auto pid = status()["pid"].get<int>();
  const auto before = open_files(pid);
  {
    auto program = agent.program();
    seat(program);
    EXPECT_GT(open_files(pid), before);
  }
  wait_until("the ring is gone", [&] { return status()["ring_readers"] == 0 && open_files(pid) <= before; });
}

TEST_F(RingDoor, LetsAReaderNeitherWriteNorResizeIt) {
  auto program = agent.program();
  auto [line, descriptors] = seat(program);
  const auto rooms = Json::parse(line)["rooms"];
  ASSERT_EQ(rooms.size(), 1u);
  EXPECT_EQ(rooms[0]["durable"], false);
  EXPECT_EQ(rooms[0]["life"].get<std::string>().size(), 32u);
  EXPECT_EQ(rooms[0]["room"], "ops");
  EXPECT_EQ(rooms[0]["next"], 1);
  ASSERT_EQ(descriptors.size(), 3u);
  const int ring = descriptors[ring::the_ring].get();
  EXPECT_EQ(::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, ring, 0), MAP_FAILED);
  EXPECT_EQ(::write(ring, "x", 1), -1);
  EXPECT_EQ(::ftruncate(ring, 0), -1);
  EXPECT_EQ(::ftruncate(ring, 1 << 30), -1);
  EXPECT_EQ(::ftruncate(descriptors[ring::the_seat].get(), 0), -1);
  EXPECT_TRUE(RingReader::open(std::move(descriptors)));
}

TEST_F(RingDoor, RefusesAReaderMoreThanThereAreSeats) {
  std::vector<JsonProgram> programs;
  for (int i = 0; i < 256; ++i) {
    programs.push_back(agent.program());
    ASSERT_EQ(seat(programs.back()).descriptors.size(), 3u) << i;
  }
  auto one_more = agent.program();
  const auto refused = seat(one_more);
  EXPECT_THAT(refused.line, HasSubstr("resource_exhausted"));
  EXPECT_TRUE(refused.descriptors.empty());
  EXPECT_EQ(seat(programs.front()).descriptors.size(), 3u) << "who has a seat may take another one instead";
  programs.pop_back();
  wait_until("a seat is free", [&] { return seat(one_more).descriptors.size() == 3; });
}

TEST_F(RingDoor, RefusesWhatIsNoPattern) {
  auto program = agent.program();
  EXPECT_EQ(program.ask(R"({"op":"ring"})")["error"]["status"], "invalid_argument");
  EXPECT_EQ(program.ask(R"({"op":"ring","room":[]})")["error"]["status"], "invalid_argument");
  EXPECT_EQ(program.ask(R"({"op":"ring","room":["ops",7]})")["error"]["status"], "invalid_argument");
}

TEST_F(RingDoor, AProgramThatAsksAndNeverReadsIsBoundedAndHarmsNobody) {
  auto sub = reader("numbers");
  const auto pid = status()["pid"].get<int>();
  auto deaf = agent.program();
  const std::string asked = "{\"op\":\"ring\",\"room\":\"numbers\"}\n";
  pollfd room{deaf.descriptor(), POLLOUT, 0};
  for (int i = 0; i < 20'000 && ::poll(&room, 1, 200) == 1; ++i)
    ::send(deaf.descriptor(), asked.data(), asked.size(), MSG_DONTWAIT);
  EXPECT_LT(open_files(pid), 100);
  agent.shell.run("seq 100 | hubbub pub numbers");
  sub.wait_for_out("\n100\n");
}

TEST_F(RingDoor, AProgramGetsTheDescriptorsBesideItsAnswerAndNoOtherLine) {
  auto program = agent.program();
  program.say(R"({"op":"unread","id":1})");
  program.say(R"({"op":"ring","room":"ops","id":2})");
  program.say(R"({"op":"unread","id":3})");
  std::string lines;
  std::size_t with_descriptors = 0;
  std::array<char, 65536> buffer;
  wait_until("three lines have come", [&] {
    auto got = receive_with_descriptors(program.descriptor(), buffer, 3);
    if (got.io.status != IoStatus::done) return false;
    const std::string_view bytes(buffer.data(), got.io.bytes);
    EXPECT_EQ(!got.descriptors.empty(), bytes.find(R"({"rooms")") != std::string_view::npos) << bytes;
    with_descriptors += got.descriptors.size();
    lines += bytes;
    return std::ranges::count(lines, '\n') == 3;
  });
  EXPECT_EQ(with_descriptors, 3u);
}

TEST_F(RingDoor, AReaderWaitsForAnAgentThatWasKilledAndMissesNothing) {
  auto sub = reader("-F '{room} {seq} {body}' 'ops.>'");
  agent.shell.run("hubbub pub ops.a -m one");
  sub.wait_for_out("ops.a 1 one\n");
  agent.stop(SIGKILL);
  sub.wait_for_err("the agent has ended");
  agent.shell.run("hubbub pub ops.a -m two --no-agent; hubbub pub ops.b -m new --no-agent");
  agent.start();
  sub.wait_for_err("connected again");
  agent.shell.run("hubbub pub ops.a -m three");
  sub.wait_for_out("ops.a 3 three\n");
  sub.wait_for_out("ops.b 1 new\n");
  sub.signal_alone(SIGINT);
  sub.wait();
  std::multiset<std::string> lines;
  std::istringstream out(sub.out());
  for (std::string line; std::getline(out, line);) lines.insert(line);
  EXPECT_EQ(lines, (std::multiset<std::string>{"ops.a 1 one", "ops.a 2 two", "ops.a 3 three", "ops.b 1 new"}));
}

TEST_F(RingDoor, ReadsTheNewLifeOfARestartedHubFromItsFirstMessageThoughItHasMissedTheRestart) {
  auto sub = reader("-F '{room} {seq} {body}' ops flood");
  agent.shell.run("hubbub pub ops -m a; hubbub pub ops -m b");
  sub.wait_for_out("ops 2 b\n");
  sub.signal_alone(SIGSTOP);
  agent.shell.hub().stop();
  agent.shell.hub().start_again();
  agent.shell.run("for i in 1 2 3 4 5; do hubbub pub ops -m new$i; done");
  flood("flood", 100);
  agent.shell.run("hubbub pub flood -m end");
  sub.signal_alone(SIGCONT);
  sub.wait_for_out("flood 101 end\n");
  sub.wait_for_out("ops 5 new5\n");
  agent.shell.run("hubbub pub ops -m last");
  sub.wait_for_out("ops 6 last\n");
  sub.signal_alone(SIGINT);
  sub.wait();
  std::string of_ops;
  std::istringstream lines(sub.out());
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with("ops ")) of_ops += line.substr(4) + "\n";
  EXPECT_EQ(of_ops, "1 a\n2 b\n1 new1\n2 new2\n3 new3\n4 new4\n5 new5\n6 last\n");
}

TEST_F(RingDoor, GivesEachMessageOfEachLifeOfTheHubOnce) {
  auto sub = reader("-F '{seq} {body}' ops");
  std::string expected;
  for (const std::string life : {"a", "b", "c"}) {
    const auto said = agent.shell.run("for i in 1 2 3; do hubbub pub ops -m " + life + "$i || exit; done");
    ASSERT_EQ(said.code, 0) << said.err;
    sub.wait_for_out("3 " + life + "3\n");
    for (const std::string i : {"1", "2", "3"}) expected += i + " " + life + i + "\n";
    agent.shell.hub().stop();
    agent.shell.hub().start_again();
  }
  sub.signal_alone(SIGINT);
  sub.wait();
  EXPECT_EQ(sub.out(), expected);
}

TEST_F(RingDoor, AnotherUserGetsNoSeat) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can become another user";
  const auto ran =
      agent.shell.run("setpriv --reuid 65534 --clear-groups python3 -c '" +
                      ("import socket; socket.socket(socket.AF_UNIX).connect(\"" + agent.socket()) + "\")'");
  if (ran.code == 127) GTEST_SKIP() << "there is no setpriv or python3 here";
  EXPECT_NE(ran.code, 0);
  EXPECT_THAT(ran.err, HasSubstr("Permission"));
}

TEST_F(RingDoor, RunsACommandForEachMessage) {
  auto sub = reader("-n 3 --exec 'cat; echo \" $HUBBUB_SEQ\"' ops");
  agent.shell.run("printf 'a\\nb\\nc\\n' | hubbub pub ops");
  EXPECT_EQ(sub.wait(), 0);
  EXPECT_EQ(sub.out(), "a 1\nb 2\nc 3\n");
}

TEST_F(RingDoor, SubSaysWhatItCantDoWithTheRing) {
  for (const std::string option : {"--group g", "--durable d", "--since 1h", "--last"}) {
    const auto ran = agent.shell.run("hubbub sub --ring " + option + " ops");
    EXPECT_EQ(ran.code, 64) << option;
    EXPECT_THAT(ran.err, HasSubstr("--ring goes with none of")) << option;
  }
  EXPECT_EQ(agent.shell.run("hubbub sub --ring --no-agent ops").code, 69);
  EXPECT_EQ(agent.shell.run("hubbub sub --ring --until-idle 100ms ops").code, 0);
  EXPECT_EQ(agent.shell.run("hubbub sub --ring --for 100ms -n 1 ops").code, 124);
  agent.stop();
  const auto ran = agent.shell.run("hubbub sub --ring ops");
  EXPECT_EQ(ran.code, 69);
  EXPECT_THAT(ran.err, HasSubstr("hubbub agent start starts one"));
}

}  // namespace
}  // namespace hubbub::test
