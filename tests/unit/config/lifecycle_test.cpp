#include "server/lifecycle.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/unit/common/in_a_child.hpp"
#include "tests/unit/config/temporary_folder.hpp"

namespace hubbub::server {
namespace {

using testing::HasSubstr;

/// Stands in for a hub: tells the test what it is asked to do, and then does what the test wants next.
struct FakeHub {
  FakeHub(int told_to, std::string file) : pipe(told_to) {
    sources.file = std::move(file);
    sources.environment = [](const std::string&) { return std::optional<std::string>(); };
    block_signals(lifecycle_signals);
  }

  HubControls controls() {
    return {
        .reload =
            [this](const Config& config) {
              did("reload rooms=" + std::to_string(config.limits.rooms) + " cores=" + std::to_string(config.hub.cores));
            },
        .stop = [this] { did("stop"); },
        .stop_now =
            [this] {
              did("stop_now");
              loop.stop();
            },
        .summarize =
            [this](const std::function<void(std::string)>& then) {
              then("sessions=3");
              did("summarize");
            },
        .dump = [this] { did("dump"); }};
  }
  void did(const std::string& what) {
    tell(pipe, what);
    if (next) next(what);
  }
  static void signal(int number) { ::kill(::getpid(), number); }

  int pipe;
  asio::io_context loop;
  ConfigSources sources;
  std::function<void(const std::string&)> next;
};

/// Runs a lifecycle in a child, whose log comes back too.
std::string lived(const std::string& file, const std::function<void(FakeHub&)>& begin) {
  return in_a_child([&](int pipe) {
    ::dup2(pipe, STDERR_FILENO);
    FakeHub hub(pipe, file);
    Config running;
    running.hub.cores = 1;
    Lifecycle lifecycle(hub.loop, hub.sources, running, hub.controls(), Notifier(""));
    if (!lifecycle.start()) ::_exit(1);
    begin(hub);
    hub.loop.run();
  });
}

/// What the hub was asked, without the lines of the log.
std::string asked(const std::string& told) {
  std::istringstream lines(told);
  std::string kept;
  for (std::string line; std::getline(lines, line);)
    if (!line.starts_with("20")) kept += line + ' ';
  return kept;
}

TEST(Lifecycle, StopsInGoodOrderAtTheFirstSignalAndAtOnceAtTheSecond) {
  for (const auto& [first, second] :
       {std::pair(SIGTERM, SIGTERM), std::pair(SIGINT, SIGTERM), std::pair(SIGTERM, SIGINT)}) {
    const auto told = lived("/dev/null", [second = second, first = first](FakeHub& hub) {
      hub.next = [second](const std::string& what) {
        if (what == "stop") FakeHub::signal(second);
      };
      FakeHub::signal(first);
    });
    EXPECT_EQ(asked(told), "stop stop_now exit 0 ");
    EXPECT_THAT(told, HasSubstr("stopping; a second signal stops at once signal=" + signal_name(first)));
  }
}

TEST(Lifecycle, LogsASummary) {
  const auto told = lived("/dev/null", [](FakeHub& hub) {
    hub.next = [&hub](const std::string&) { hub.loop.stop(); };
    FakeHub::signal(SIGUSR1);
  });
  EXPECT_EQ(asked(told), "summarize exit 0 ");
  EXPECT_THAT(told, HasSubstr("sessions=3"));
}

TEST(Lifecycle, AppliesAChangedFileButNotWhatNeedsARestart) {
  const TemporaryFolder folder;
  const auto file = folder.write("hubbubd.toml", "[hub]\ncores = 2\n[limits]\nrooms = 77\n");
  const auto told = lived(file, [](FakeHub& hub) {
    hub.next = [&hub](const std::string&) { hub.loop.stop(); };
    FakeHub::signal(SIGHUP);
  });
  EXPECT_EQ(asked(told), "reload rooms=77 cores=1 exit 0 ");
  EXPECT_THAT(told, HasSubstr("setting changed key=limits.rooms from=16384 to=77"));
  EXPECT_THAT(
      told, HasSubstr("this setting changes only when the hub is started again key=hub.cores in_force=1 configured=2"));
}

TEST(Lifecycle, KeepsTheOldConfigurationIfTheNewOneIsBad) {
  const TemporaryFolder folder;
  const auto file = folder.write("hubbubd.toml", "[limits]\nrooms = 0\n");
  const auto told = lived(file, [](FakeHub& hub) {
    hub.next = [&hub](const std::string&) { hub.loop.stop(); };
    FakeHub::signal(SIGHUP);
    FakeHub::signal(SIGUSR1);
  });
  EXPECT_EQ(asked(told), "summarize exit 0 ") << "no reload";
  EXPECT_THAT(told,
              HasSubstr("where=" + file + ":2 key=limits.rooms mistake=\"0 is out of range; it may be 1 to 1000000\""));
}

TEST(Lifecycle, SaysWhereTheHubListens) {
  const TemporaryFolder folder;
  Config config;
  config.hub.ready_file = folder.path("ready");
  const std::vector addresses = {*Address::parse("tcp://127.0.0.1:5"), *Address::parse("unix:///run/hub.sock")};
  asio::io_context loop;
  {
    Lifecycle lifecycle(loop, {}, config, {}, Notifier(""));
    testing::internal::CaptureStdout();
    EXPECT_TRUE(lifecycle.announce(addresses));
    EXPECT_EQ(testing::internal::GetCapturedStdout(), "hubbubd " HUBBUB_VERSION
                                                      " listening on tcp://127.0.0.1:5\n"
                                                      "hubbubd " HUBBUB_VERSION " listening on unix:///run/hub.sock\n");
    EXPECT_EQ(folder.read("ready"), "tcp://127.0.0.1:5\nunix:///run/hub.sock\n");
  }
  EXPECT_FALSE(std::filesystem::exists(folder.path("ready"))) << "removed with the hub";
}

TEST(ReadyFile, LeavesNothingBehindWhereItCannotBeWritten) {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder.path("taken"));
  ReadyFile file;
  const auto written = file.write(folder.path("taken"), {Address{}});
  ASSERT_FALSE(written);
  EXPECT_THAT(written.error().sentence, HasSubstr("can't write the ready file " + folder.path("taken")));
  EXPECT_FALSE(file.write(folder.path("no/such/folder"), {Address{}}));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
}

TEST(ReadyFile, TakesThePlaceOfNothingThatIsNoFile) {
  const TemporaryFolder folder;
  const auto pipe = folder.path("pipe");
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  {
    ReadyFile file;
    EXPECT_FALSE(file.write(pipe, {Address{}}));
  }
  EXPECT_TRUE(std::filesystem::is_fifo(pipe)) << "a device would be gone, too";
}

TEST(ReadyFile, ReplacesAnOldOneAsAWhole) {
  const TemporaryFolder folder;
  const auto path = folder.write("ready", "tcp://127.0.0.1:1\ntcp://127.0.0.1:2\n");
  ReadyFile file;
  ASSERT_TRUE(file.write(path, {*Address::parse("tcp://127.0.0.1:3")}));
  EXPECT_EQ(folder.read("ready"), "tcp://127.0.0.1:3\n");
  file.remove();
  EXPECT_FALSE(std::filesystem::exists(path));
}

}  // namespace
}  // namespace hubbub::server
