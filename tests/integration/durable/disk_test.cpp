// A disk that is full, read-only or holds something else: never an acknowledgement that doesn't hold, a sentence that
// says what is wrong, and no help needed once all is well again.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sysexits.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <optional>

#include "tests/integration/durable/crowd.hpp"
#include "tests/integration/durable/kept_hub.hpp"

namespace hubbub::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

std::string make_folder() {
  std::string name = std::filesystem::temp_directory_path() / "hubbub-disk-XXXXXX";
  if (::mkdtemp(name.data()) == nullptr) throw Failure("no temporary folder can be made");
  return name;
}

bool may_mount() { return std::system("unshare --map-root-user --mount true 2>/dev/null") == 0; }

/// A small file system that only those see who are `seen_from` there. It goes with this.
class SmallFileSystem {
 public:
  SmallFileSystem(std::string folder, const std::string& mount_options, const std::string& and_then)
      : folder_(std::move(folder)) {
    const auto script = "mount -t tmpfs -o " + mount_options + " tmpfs " + folder_ + " && " + and_then +
                        " && echo $$ >" + pid_file() + " && exec cat";
    // It lives as long as somebody might write to it: no longer than the test.
    holder_ = ::popen(("exec unshare --map-root-user --mount /bin/sh -c '" + script + "'").c_str(), "w");
    wait_until("the file system is mounted", [&] { return read_file(pid_file()).ends_with('\n'); });
    pid_ = std::to_string(std::stol(read_file(pid_file())));
  }
  ~SmallFileSystem() {
    ::pclose(holder_);
    std::filesystem::remove(pid_file());
  }
  SmallFileSystem(const SmallFileSystem&) = delete;
  SmallFileSystem& operator=(const SmallFileSystem&) = delete;

  /// What starts a program that is to see it.
  [[nodiscard]] std::vector<std::string> seen_from() const {
    return {"/usr/bin/nsenter", "--target", pid_, "--user", "--mount", "--preserve-credentials"};
  }
  void fill() const {
    std::ofstream ballast(ballast_file(), std::ios::binary);
    const std::string block(4096, 'x');
    while (ballast.write(block.data(), static_cast<std::streamsize>(block.size())).flush()) {
    }
  }
  void make_room() const { std::filesystem::remove(ballast_file()); }

 private:
  [[nodiscard]] std::string pid_file() const { return folder_ + ".pid"; }
  [[nodiscard]] std::string ballast_file() const { return "/proc/" + pid_ + "/root" + folder_ + "/ballast"; }
  const std::string folder_;
  FILE* holder_;
  std::string pid_;
};

/// A hub whose data lies on a small disk of its own.
class SmallDisk : public testing::Test {
 protected:
  void SetUp() override {
    if (!may_mount()) GTEST_SKIP() << "no file system can be mounted here (unshare --map-root-user --mount)";
  }
  void TearDown() override {
    hub_.reset();
    disk_.reset();
    std::filesystem::remove_all(data_);
  }

  void mount(const std::string& options, const std::string& and_then = "true") {
    disk_.emplace(data_, options, and_then);
  }
  void start(bool wait_until_ready = true, std::vector<std::string> flags = {}) {
    flags.insert(flags.end(), {"--data", data_});
    HubOptions options{std::move(flags), rules, {}, 0, wait_until_ready};
    options.started_by = disk_->seen_from();
    hub_ = std::make_unique<HubProcess>(std::move(options));
  }
  [[nodiscard]] std::string trouble() const {
    WireClient client(hub_->url());
    client.greet({"operator", {}, OwnerKey{{1}}, proto::protocol_minor});
    return std::string(client.call(proto::HubInfo{}).value().trouble.str());
  }
  /// What `hubbubd check` says. Empty if nothing is wrong.
  [[nodiscard]] std::string damage() const {
    const auto checked = run_hubbubd({"check", "--data", data_}, {}, disk_->seen_from());
    return checked.code == 0 ? "" : checked.output + checked.errors;
  }

  static constexpr auto rules = R"(
[rooms]
rules = ["full.fsync durability=fsync"]
)";
  static CrowdPlan unhurried() {
    CrowdPlan plan;
    plan.rooms = {{"full.commit"}, {"full.fsync"}};
    plan.pause = Milliseconds(1);
    return plan;
  }
  const CrowdPlan plan_ = unhurried();
  const std::string data_ = make_folder();
  std::optional<SmallFileSystem> disk_;
  std::unique_ptr<HubProcess> hub_;
};

TEST_F(SmallDisk, ThatIsFullTakesNothingAndGoesOnByItselfOnceThereIsRoom) {
  mount("size=128m");
  start();
  const auto outboxes = make_folder();
  {
    Crowd crowd(hub_->url(), outboxes, plan_);
    for (int times = 0; times < 2; ++times) {
      crowd.run_for(Milliseconds(200));
      disk_->fill();
      wait_until("the hub is in trouble", [&] {
        crowd.run_for(Milliseconds(50));
        return !trouble().empty();
      });
      EXPECT_THAT(trouble(), HasSubstr("full"));
      std::uint64_t acknowledged = 0;
      wait_until("the crowd has read what was acknowledged before", [&] {
        acknowledged = crowd.acknowledged();
        crowd.run_for(Milliseconds(200));
        return crowd.acknowledged() == acknowledged;
      });
      crowd.run_for(Milliseconds(200));
      EXPECT_EQ(crowd.acknowledged(), acknowledged);
      disk_->make_room();
      wait_until("the hub commits again", [&] {
        crowd.run_for(Milliseconds(50));
        return crowd.acknowledged() > acknowledged;
      });
    }
    crowd.come_to_rest();
    hub_->stop(SIGKILL);
    EXPECT_EQ(damage(), "");
    hub_->start_again();
    crowd.read_all();
    EXPECT_EQ(crowd.findings(), "");
    EXPECT_THAT(crowd.refusals(), testing::IsEmpty());
  }
  EXPECT_EQ(trouble(), "");
  EXPECT_EQ(damage(), "");
  std::filesystem::remove_all(outboxes);
}

TEST_F(SmallDisk, ThatIsFullAtTheFirstStartIsSaidSo) {
  mount("size=8m");
  disk_->fill();
  start(false);
  EXPECT_EQ(hub_->wait(), EX_CANTCREAT);
  EXPECT_THAT(hub_->log(), AllOf(HasSubstr(data_), HasSubstr("make room")));
  disk_->make_room();
  hub_->start_again();
  EXPECT_EQ(trouble(), "");
}

TEST_F(SmallDisk, ThatIsFullWhenAHubStartsWithItsDataIsTroubleThatPasses) {
  mount("size=64m");
  start();
  const auto outboxes = make_folder();
  {
    Crowd crowd(hub_->url(), outboxes, plan_);
    crowd.run_for(Milliseconds(200));
    hub_->stop(SIGKILL);
    disk_->fill();
    crowd.run_for(Milliseconds(1));
    hub_->start_again();
    const auto acknowledged = crowd.acknowledged();
    wait_until("the hub is in trouble", [&] {
      crowd.run_for(Milliseconds(50));
      return !trouble().empty();
    });
    EXPECT_THAT(trouble(), HasSubstr("make room"));
    disk_->make_room();
    wait_until("the hub commits", [&] {
      crowd.run_for(Milliseconds(50));
      return crowd.acknowledged() > acknowledged;
    });
    crowd.come_to_rest();
    crowd.read_all();
    EXPECT_EQ(crowd.findings(), "");
    EXPECT_THAT(crowd.refusals(), testing::IsEmpty());
  }
  EXPECT_EQ(damage(), "");
  std::filesystem::remove_all(outboxes);
}

/// All that is lost is what nobody was told was there.
class StoppingOnAFullDisk : public SmallDisk {
 protected:
  void stop_in_trouble(const std::string& drain_ms, int signals) {
    mount("size=8m");
    start(true, {"--liveness-drain-ms", drain_ms});
    WireClient alice(hub_->url());
    alice.greet("alice");
    const auto room = alice.open("lobby");
    alice.say(room, "there is room still");
    disk_->fill();
    for (int i = 0; i < 3; ++i) alice.publish(room, std::string(100'000, 'x'));
    EXPECT_EQ(alice.expect<proto::PublishRefused>().why, proto::Refusal::unknown_outcome);
    for (; signals > 1; --signals) {
      hub_->signal(SIGTERM);
      hub_->wait_for_log("stopping");
    }
    EXPECT_EQ(hub_->stop(), 0);
    EXPECT_THAT(hub_->log(), HasSubstr("given_up="));
  }
};

TEST_F(StoppingOnAFullDisk, WaitsForItNoLongerThanForClients) { stop_in_trouble("300", 1); }

TEST_F(StoppingOnAFullDisk, WaitsForNothingAfterASecondSignal) { stop_in_trouble("600000", 2); }

TEST_F(SmallDisk, ThatIsReadOnlyIsSaidSoAtTheStart) {
  mount("size=8m", "mount -o remount,ro " + data_);
  start(false);
  EXPECT_NE(hub_->wait(), 0);
  EXPECT_THAT(hub_->log(), HasSubstr(data_));
  EXPECT_THAT(hub_->log(), testing::AnyOf(HasSubstr("read-only"), HasSubstr("Read-only")));
}

/// The commands that tend data, on a disk of 100 KB or one that may not be written.
class SmallDiskForCommands : public testing::Test {
 protected:
  void SetUp() override {
    if (!may_mount()) GTEST_SKIP() << "no file system can be mounted here (unshare --map-root-user --mount)";
    {
      KeptHub hub;
      auto alice = hub.client("alice");
      const auto room = alice.open("lobby");
      for (int i = 0; i < 30; ++i) alice.say(room, std::string(10'000, 'x'));
      ASSERT_EQ(run_hubbubd({"backup", folder_ + "/backup", "--data", hub.data()}).code, 0);
    }
    std::filesystem::create_directory(disk());
    ASSERT_EQ(run_hubbubd({"restore", folder_ + "/backup", "--data", data()}).code, 0);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  [[nodiscard]] std::string disk() const { return folder_ + "/disk"; }
  [[nodiscard]] std::string data() const { return folder_ + "/data"; }

  /// Its output ends with the names of what is on the disk.
  [[nodiscard]] Finished run(const std::string& mount_options, const std::vector<std::string>& arguments) const {
    const auto script = "mount -t tmpfs -o " + mount_options + " tmpfs '" + disk() + "' && \"$@\"; code=$?; find '" +
                        disk() + "' -mindepth 1; exit $code";
    return run_hubbubd(arguments, {},
                       {"/usr/bin/unshare", "--map-root-user", "--mount", "/bin/sh", "-c", script, "sh"});
  }

  const std::string folder_ = make_folder();
};

TEST_F(SmallDiskForCommands, ABackupThatHasNoPlaceIsSaidSoAndLeavesNothing) {
  for (const auto& [options, why] : {std::pair("size=100k", "no room"), std::pair("size=8m,ro", "Read-only")}) {
    const auto ended = run(options, {"backup", disk() + "/backup", "--data", data()});
    EXPECT_EQ(ended.code, 1);
    EXPECT_THAT(ended.errors, testing::AllOf(HasSubstr(disk()), HasSubstr(why)));
    EXPECT_EQ(ended.output, "");
  }
}

TEST_F(SmallDiskForCommands, WhatHasNoPlaceToBeRestoredIsSaidSoAndLeavesNothing) {
  for (const auto& [options, why] : {std::pair("size=100k", "no room"), std::pair("size=8m,ro", "Read-only")}) {
    const auto ended = run(options, {"restore", folder_ + "/backup", "--data", disk() + "/data"});
    EXPECT_EQ(ended.code, 1);
    EXPECT_THAT(ended.errors, testing::AllOf(HasSubstr(disk()), HasSubstr(why)));
    EXPECT_EQ(ended.output, "");
  }
}

/// A folder with data, and a hub that is started on it.
class Data : public testing::Test {
 protected:
  Finished start_hub() { return run_hubbubd({"--data", hub_.data(), "--listen", "tcp://127.0.0.1:0"}); }
  [[nodiscard]] std::string file() const { return hub_.data() + "/hub.db"; }
  KeptHub hub_;
};

TEST_F(Data, OfAHubThatServesIsRefusedToAnother) {
  const auto second = start_hub();
  EXPECT_NE(second.code, 0);
  EXPECT_THAT(second.errors, HasSubstr(std::to_string(hub_->pid())));
  auto alice = hub_.client("alice");
  EXPECT_EQ(alice.say(alice.open("lobby"), "still there"), Seq{1});
}

TEST_F(Data, OfAHubThatServesIsBackedUpAndCheckedAndNotReplaced) {
  auto alice = hub_.client("alice");
  alice.say(alice.open("lobby"), "hi");
  const auto folder = make_folder();
  const auto run = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--data", hub_.data()});
    return run_hubbubd(arguments);
  };
  EXPECT_EQ(run({"backup", folder + "/backup"}).code, 0);
  EXPECT_EQ(run({"check"}).code, 0);
  const auto restored = run({"restore", "--replace", folder + "/backup"});
  EXPECT_NE(restored.code, 0);
  EXPECT_THAT(restored.errors, HasSubstr(std::to_string(hub_->pid())));
  std::filesystem::remove_all(folder);
}

TEST_F(Data, ThatIsNotThereIsSaidSoByACheck) {
  const auto checked = run_hubbubd({"check", "--data", hub_.data() + "/nowhere"});
  EXPECT_NE(checked.code, 0);
  EXPECT_THAT(checked.errors, HasSubstr("isn't there"));
  EXPECT_FALSE(std::filesystem::exists(hub_.data() + "/nowhere"));
}

TEST_F(Data, OfAHubThatWasKilledIsOpenedByTheNext) {
  {
    auto alice = hub_.client("alice");
    alice.say(alice.open("lobby"), "hi");
  }
  hub_.restart(SIGKILL);
  auto alice = hub_.client("alice");
  EXPECT_EQ(alice.call(proto::RoomHistory{RoomName::literal("lobby"), {}, 10}).value().last, Seq{1});
}

TEST_F(Data, ThatWasCutIsRefusedWithASentence) {
  auto alice = hub_.client("alice");
  const auto room = alice.open("lobby");
  for (int i = 0; i < 200; ++i) alice.say(room, std::string(1000, 'x'));
  hub_.stop();
  std::filesystem::resize_file(file(), std::filesystem::file_size(file()) / 2);
  const auto size = std::filesystem::file_size(file());
  const auto started = start_hub();
  EXPECT_NE(started.code, 0);
  EXPECT_THAT(started.errors, HasSubstr("damaged"));
  EXPECT_EQ(std::filesystem::file_size(file()), size);
}

TEST_F(Data, ThatIsNoDatabaseIsRefusedWithASentenceAndLeftAlone) {
  hub_.stop();
  const std::string something_else(100'000, '#');
  write_file(file(), something_else);
  const auto started = start_hub();
  EXPECT_NE(started.code, 0);
  EXPECT_THAT(started.errors, HasSubstr("no database"));
  EXPECT_EQ(read_file(file()), something_else);
}

}  // namespace
}  // namespace hubbub::test
