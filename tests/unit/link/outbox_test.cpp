#include "client/link/outbox/outbox.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <deque>
#include <filesystem>
#include <fstream>

#include "client/link/outbox/outboxes.hpp"
#include "client/link/publish_frame.hpp"
#include "common/frame_reader.hpp"
#include "proto/hot.hpp"
#include "tests/unit/link/scratch.hpp"

namespace hubbub::link {
namespace {

const RoomName lobby = RoomName::literal("lobby");
const RoomName ci = RoomName::literal("ci.main");
using Bodies = std::vector<std::string>;

/// An outbox whose program may end at any moment.
struct Desk {
  ScratchFolder folder;
  std::string path = folder.path() + "/1.db";
  std::shared_ptr<Outbox> outbox = Outbox::open(path).value();

  void say(const RoomName& room, const Bodies& bodies) {
    std::string frames;
    Outgoing message;
    message.room = room;
    for (const auto& body : bodies) {
      message.body = body;
      append_publish(message, frames);
    }
    outbox->append(room, frames, bodies.size());
  }
  void commit() { ASSERT_TRUE(outbox->commit()); }
  void reopen() {
    outbox.reset();
    outbox = Outbox::open(path).value();
  }
  Outbox::Room room(const RoomName& name) {
    for (const auto& one : outbox->rooms())
      if (one.name == name) return one;
    return {};
  }
  /// All that is left of a room, as "id:body".
  Bodies left(const RoomName& name) {
    Bodies bodies;
    const auto about = room(name);
    for (auto id = about.first.value; id < about.first.value + about.count;) {
      const auto frames = outbox->read(name, PublishId{id});
      if (!frames) return {frames.error().sentence};
      FrameReader(limits::frame_bytes_max).feed(frames->bytes, [&](const proto::Frame& frame) {
        const auto said = proto::PublishView::parse(frame.payload);
        bodies.push_back(std::to_string(id++) + ":" + std::string(said->body));
        return true;
      });
    }
    return bodies;
  }
};

TEST(Outbox, KeepsWhatWasSaidUntilItIsAcknowledgedAlsoOverARestart) {
  Desk desk;
  desk.say(lobby, {"a", "b"});
  desk.say(ci, {"x"});
  desk.say(lobby, {"c"});
  desk.commit();
  desk.reopen();
  EXPECT_EQ(desk.left(lobby), (Bodies{"1:a", "2:b", "3:c"}));
  EXPECT_EQ(desk.left(ci), (Bodies{"1:x"}));
  desk.outbox->acknowledged(lobby, PublishId{1});
  desk.reopen();
  EXPECT_EQ(desk.left(lobby), (Bodies{"2:b", "3:c"}));
  desk.outbox->acknowledged(lobby, PublishId{3});
  desk.outbox->acknowledged(ci, PublishId{1});
  desk.reopen();
  EXPECT_EQ(desk.outbox->count(), 0u);
}

TEST(Outbox, KeepsWhatWasCommittedOverTheKillOfItsProgram) {
  ScratchFolder folder;
  const auto path = folder.path() + "/1.db";
  const auto child = ::fork();
  if (child == 0) {
    Desk desk;
    desk.outbox = Outbox::open(path).value();
    desk.say(lobby, {"a", "b"});
    desk.commit();
    desk.outbox->acknowledged(lobby, PublishId{1});
    desk.commit();
    desk.say(lobby, {"never promised"});
    ::raise(SIGKILL);
  }
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  Desk desk;
  desk.outbox = Outbox::open(path).value();
  EXPECT_EQ(desk.left(lobby), (Bodies{"2:b"}));
}

TEST(Outbox, CountsItsIdsOnOverRestarts) {
  Desk desk;
  desk.say(lobby, {"a", "b"});
  desk.outbox->acknowledged(lobby, PublishId{2});
  const auto client = desk.outbox->client();
  desk.reopen();
  EXPECT_EQ(desk.outbox->client(), client);
  desk.say(lobby, {"c"});
  EXPECT_EQ(desk.left(lobby), (Bodies{"3:c"}));
}

TEST(Outbox, RemembersWhatMayHaveBeenSentAndToWhichHub) {
  Desk desk;
  desk.say(lobby, {"a", "b"});
  desk.outbox->sending(lobby, PublishId{1});
  desk.outbox->set_durable(lobby, true);
  HubLife life;
  life.bytes[0] = 7;
  desk.outbox->set_life(life);
  desk.reopen();
  EXPECT_EQ(desk.room(lobby).sent.value, 1u);
  EXPECT_TRUE(desk.room(lobby).durable);
  EXPECT_EQ(desk.outbox->life(), life);
}

TEST(Outbox, BelongsToOneProgramAtATime) {
  Desk desk;
  const auto second = Outbox::open(desk.path);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().status, Status::already_exists);
  desk.outbox.reset();
  EXPECT_TRUE(Outbox::open(desk.path));
}

TEST(Outbox, MovesThoseBehindARefusedMessageUp) {
  Desk desk;
  desk.say(lobby, {"a", "bad", "c"});
  desk.say(lobby, {"alone"});
  desk.say(lobby, {"d"});
  desk.outbox->sending(lobby, PublishId{5});
  desk.outbox->drop(lobby, PublishId{2});
  EXPECT_EQ(desk.left(lobby), (Bodies{"1:a", "2:c", "3:alone", "4:d"}));
  desk.outbox->drop(lobby, PublishId{3});
  desk.reopen();
  EXPECT_EQ(desk.left(lobby), (Bodies{"1:a", "2:c", "3:d"}));
  EXPECT_EQ(desk.room(lobby).sent.value, 3u);
  desk.say(lobby, {"e"});
  EXPECT_EQ(desk.left(lobby).back(), "4:e");
}

TEST(Outbox, CountsAnewFromWhereTheHubWants) {
  Desk desk;
  desk.say(lobby, {"a", "b", "c"});
  desk.say(lobby, {"d"});
  desk.outbox->acknowledged(lobby, PublishId{2});
  desk.outbox->sending(lobby, PublishId{3});
  desk.outbox->renumber(lobby, PublishId{1});
  desk.reopen();
  EXPECT_EQ(desk.left(lobby), (Bodies{"1:c", "2:d"}));
  EXPECT_EQ(desk.room(lobby).sent.value, 1u);
  desk.outbox->acknowledged(lobby, PublishId{1});
  desk.reopen();
  EXPECT_EQ(desk.left(lobby), (Bodies{"2:d"}));
}

TEST(Outbox, FollowsWhoIsRenamed) {
  const auto bob = RoomName::literal("@bob"), robert = RoomName::literal("@robert");
  Desk desk;
  desk.say(bob, {"a", "b"});
  desk.outbox->acknowledged(bob, PublishId{1});
  desk.outbox->rename(bob, robert);
  desk.reopen();
  EXPECT_EQ(desk.left(robert), (Bodies{"2:b"}));
  desk.say(bob, {"c", "d", "e"});
  desk.outbox->acknowledged(bob, PublishId{2});
  desk.outbox->merge(bob, robert);
  desk.reopen();
  EXPECT_EQ(desk.left(robert), (Bodies{"2:b", "3:e"}));
  EXPECT_EQ(desk.left(bob), Bodies{});
}

TEST(Outbox, SetsAsideWhoseOutcomeNobodyKnowsUntilSomebodyDecides) {
  Desk desk;
  desk.say(lobby, {"a", "b"});
  desk.say(lobby, {"c", "d"});
  desk.outbox->set_aside(lobby, 3, "the hub has forgotten");
  desk.reopen();
  EXPECT_EQ(desk.left(lobby), (Bodies{"4:d"}));
  const auto waiting = desk.outbox->waiting();
  ASSERT_EQ(waiting.size(), 2u);
  EXPECT_EQ(waiting[0].count, 1u);
  EXPECT_EQ(waiting[1].count, 3u);
  EXPECT_EQ(waiting[1].why, "the hub has forgotten");
  const auto client = desk.outbox->client();
  desk.outbox->resend();
  EXPECT_EQ(desk.outbox->client(), client) << "what waits keeps its ids, which the hub may have seen";
  desk.reopen();
  EXPECT_EQ(desk.left(lobby), (Bodies{"4:d", "5:a", "6:b", "7:c"}));
  desk.outbox->discard();
  desk.reopen();
  EXPECT_TRUE(desk.outbox->waiting().empty());
}

TEST(Outbox, IsAnotherProducerInACopiedFile) {
  Desk desk;
  const auto client = desk.outbox->client();
  desk.outbox.reset();
  const auto copy = desk.folder.path() + "/2.db";
  std::filesystem::copy_file(desk.path, copy);
  EXPECT_NE(Outbox::open(copy).value()->client(), client);
  EXPECT_EQ(Outbox::open(desk.path).value()->client(), client);
}

TEST(Outbox, TakesNothingNewInACopyThatHasSomethingLeft) {
  Desk desk;
  desk.say(lobby, {"a"});
  desk.outbox.reset();
  std::filesystem::create_directory(desk.folder.path() + "/copy");
  std::filesystem::copy_file(desk.path, desk.folder.path() + "/copy/1.db");
  std::filesystem::copy_file(desk.path + "-frames", desk.folder.path() + "/copy/1.db-frames");
  EXPECT_FALSE(Outbox::open(desk.folder.path() + "/copy/1.db").value()->may_grow());
  const auto taken = take_outbox(desk.folder.path() + "/copy");
  ASSERT_TRUE(taken);
  EXPECT_EQ((*taken)->path(), desk.folder.path() + "/copy/2.db");
}

TEST(Outbox, MissesWhatALossOfPowerHasTakenAndKeepsTheRest) {
  Desk desk;
  desk.say(lobby, {"a", "b"});
  desk.commit();
  desk.say(lobby, {"c"});
  desk.commit();
  desk.say(lobby, {"d"});
  desk.outbox.reset();
  const auto copy = desk.folder.path() + "/2.db";  // another place is what another start of the machine is
  std::filesystem::copy_file(desk.path, copy);
  auto frames = [&] {
    std::ifstream file(desk.path + "-frames", std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
  }();
  frames[frames.find('c')] = 'x';
  std::ofstream(copy + "-frames", std::ios::binary) << frames;
  desk.outbox = Outbox::open(copy).value();
  EXPECT_EQ(desk.outbox->torn(), 1u);
  EXPECT_EQ(desk.left(lobby), (Bodies{"1:a", "2:b", "3:d"}));
  desk.path = copy;
  desk.reopen();
  EXPECT_EQ(desk.outbox->torn(), 1u) << "nobody was told";
  desk.outbox->told_torn();
  desk.reopen();
  EXPECT_EQ(desk.outbox->torn(), 0u);
}

TEST(Outbox, MissesWhatWasSetAsideAndIsDamagedToo) {
  Desk desk;
  desk.say(lobby, {"a", "b"});
  desk.outbox->set_aside(lobby, 2, "nobody knows");
  desk.commit();
  std::filesystem::resize_file(desk.path + "-frames", 1);
  desk.outbox->resend();
  desk.reopen();
  EXPECT_EQ(desk.outbox->torn(), 2u);
  EXPECT_EQ(desk.outbox->count(), 0u);
  EXPECT_TRUE(desk.outbox->waiting().empty());
}

TEST(FrameFile, UsesThePlaceOfWhatIsGone) {
  ScratchFolder folder;
  const auto path = folder.path() + "/frames";
  auto file = FrameFile::open(path).value();
  const std::string bytes(1 << 20, 'x');
  std::deque<Extent> held;
  for (int i = 0; i < 100; ++i) {
    held.push_back(file.write(bytes).value());
    if (held.size() < 4) continue;
    file.release(held.front());
    held.pop_front();
    file.settle();
  }
  EXPECT_LE(std::filesystem::file_size(path), 20u << 20);
  for (const auto& extent : held) EXPECT_EQ(file.read(extent).value(), bytes);
}

TEST(FrameFile, UsesThePlaceOfWhatIsGoneAlsoAroundWhatStays) {
  ScratchFolder folder;
  const auto path = folder.path() + "/frames";
  auto file = FrameFile::open(path).value();
  const auto first = file.write("stays").value();
  const std::string bytes(1 << 20, 'x');
  std::optional<Extent> middle;
  for (int i = 0; i < 100; ++i) {
    const auto extent = file.write(bytes).value();
    if (i == 5) middle = extent;
    if (i != 5) file.release(extent);
    file.settle();
  }
  EXPECT_LE(std::filesystem::file_size(path), 18u << 20);
  EXPECT_EQ(file.read(first).value(), "stays");
  EXPECT_EQ(file.read(*middle).value(), bytes);
}

TEST(FrameFile, GivesNoPlaceAwayBeforeTheTablesHaveForgottenIt) {
  ScratchFolder folder;
  auto file = FrameFile::open(folder.path() + "/frames").value();
  const auto first = file.write("first").value();
  file.release(first);
  const auto second = file.write("other").value();
  EXPECT_NE(second.at, first.at);
  EXPECT_EQ(file.read(first).value(), "first");
}

TEST(Outbox, LeavesAFileAloneThatIsSomethingElse) {
  ScratchFolder folder;
  const auto path = folder.path() + "/1.db";
  std::string text(4096, 'x');
  { std::ofstream(path) << text; }
  EXPECT_FALSE(Outbox::open(path));
  EXPECT_EQ(std::filesystem::file_size(path), 4096u);
}

TEST(Outboxes, GiveEachOfTwoProgramsItsOwnAndTheFirstToTheNext) {
  ScratchFolder folder;
  const auto place = folder.path() + "/outbox/alice@hub";
  auto first = take_outbox(place).value();
  auto second = take_outbox(place).value();
  EXPECT_EQ(first->path(), place + "/1.db");
  EXPECT_EQ(second->path(), place + "/2.db");
  EXPECT_NE(first->client(), second->client());
  first.reset();
  EXPECT_EQ(take_outbox(place).value()->path(), place + "/1.db");
  EXPECT_EQ(outbox_files(place), (std::vector<std::string>{place + "/1.db", place + "/2.db"}));
}

TEST(Outboxes, AreFoundByNameAndHub) {
  ScratchFolder home;
  Environment environment;
  environment.set("XDG_STATE_HOME", home.path());
  const auto hub = Address::parse("unix:///run/my hub/sock").value();
  const auto folder = outbox_folder(hub, "alice").value();
  ASSERT_TRUE(take_outbox(folder));
  const auto places = outbox_places();
  ASSERT_EQ(places.size(), 1u);
  EXPECT_EQ(places[0].folder, folder);
  EXPECT_EQ(places[0].hub, hub.str());
  EXPECT_EQ(places[0].name, "alice");
}

}  // namespace
}  // namespace hubbub::link
