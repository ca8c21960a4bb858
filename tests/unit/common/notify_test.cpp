#include "common/notify.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <cstring>
#include <regex>

namespace hubbub {
namespace {

/// Stands in for the service manager: a datagram socket at a path, or at `@name`.
class Manager {
 public:
  explicit Manager(const std::string& name) : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    sockaddr_un at{};
    at.sun_family = AF_UNIX;
    std::memcpy(at.sun_path, name.data(), name.size());
    if (name[0] == '@') at.sun_path[0] = '\0';
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
    bound_ = ::bind(socket_, reinterpret_cast<const sockaddr*>(&at), size) == 0;
  }
  ~Manager() { ::close(socket_); }
  [[nodiscard]] bool bound() const { return bound_; }
  /// A datagram between UNIX sockets is there as soon as it is sent. Empty: none is.
  std::string heard() {
    char buffer[4096];
    const auto size = ::recv(socket_, buffer, sizeof buffer, 0);
    return size < 0 ? std::string() : std::string(buffer, static_cast<std::size_t>(size));
  }

 private:
  int socket_;
  bool bound_ = false;
};

std::string temporary_path() {
  std::string folder = "/tmp/hubbub-notify-XXXXXX";
  return std::string(::mkdtemp(folder.data())) + "/notify";
}

class Notify : public testing::Test {
 protected:
  ~Notify() override {
    for (const char* const name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"}) ::unsetenv(name);
  }
};

TEST_F(Notify, TellsAManagerAtAPath) {
  const auto path = temporary_path();
  Manager manager(path);
  ASSERT_TRUE(manager.bound());
  ::setenv("NOTIFY_SOCKET", path.c_str(), 1);
  const auto notifier = Notifier::from_environment();
  EXPECT_TRUE(notifier.ready());
  EXPECT_EQ(manager.heard(), "READY=1");
  EXPECT_TRUE(notifier.stopping());
  EXPECT_EQ(manager.heard(), "STOPPING=1");
  EXPECT_TRUE(notifier.watchdog());
  EXPECT_EQ(manager.heard(), "WATCHDOG=1");
  EXPECT_TRUE(notifier.reloading());
  EXPECT_TRUE(std::regex_match(manager.heard(), std::regex("RELOADING=1\nMONOTONIC_USEC=\\d+")));
  ::unlink(path.c_str());
  ::rmdir(path.substr(0, path.rfind('/')).c_str());
}

TEST_F(Notify, TellsAManagerAtAnAbstractName) {
  const auto name = "@hubbub-notify-test-" + std::to_string(::getpid());
  Manager manager(name);
  ASSERT_TRUE(manager.bound());
  EXPECT_TRUE(Notifier(name).ready());
  EXPECT_EQ(manager.heard(), "READY=1");
}

TEST_F(Notify, KeepsAStatusInOneLine) {
  const auto name = "@hubbub-notify-status-" + std::to_string(::getpid());
  Manager manager(name);
  EXPECT_TRUE(Notifier(name).status("3 sessions\nREADY=1"));
  EXPECT_EQ(manager.heard(), "STATUS=3 sessions READY=1");
}

TEST_F(Notify, SaysNothingWhereNobodyListens) {
  EXPECT_FALSE(Notifier("").ready());
  EXPECT_FALSE(Notifier("/tmp/hubbub-no-such-folder/notify").ready());
  EXPECT_FALSE(Notifier("/" + std::string(200, 'x')).ready());
}

TEST_F(Notify, FeedsTheWatchdogTwiceInItsTime) {
  EXPECT_FALSE(watchdog_interval());
  ::setenv("WATCHDOG_USEC", "3000000", 1);
  EXPECT_EQ(watchdog_interval(), std::chrono::microseconds(1'500'000));
  ::setenv("WATCHDOG_PID", std::to_string(::getpid()).c_str(), 1);
  EXPECT_TRUE(watchdog_interval());
  ::setenv("WATCHDOG_PID", "1", 1);
  EXPECT_FALSE(watchdog_interval()) << "meant for another process";
  ::unsetenv("WATCHDOG_PID");
  ::setenv("WATCHDOG_USEC", "soon", 1);
  EXPECT_FALSE(watchdog_interval());
}

}  // namespace
}  // namespace hubbub
