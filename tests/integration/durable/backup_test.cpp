// hubbubd backup, check and restore, as an operator runs them beside a hub and its clients.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/integration/cli/shell.hpp"
#include "tests/support/wire_client.hpp"
#include "tests/unit/config/temporary_folder.hpp"

namespace hubbub::test {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class BackupCommands : public testing::Test {
 protected:
  std::string out(const std::string& line) { return shell.run(line).out; }
  std::string history(const std::string& room) { return out("hubbub history " + room + " -F '{seq} {body}'"); }
  StoreId store() {
    WireClient client(shell.hub().url());
    return client.greet("").store;
  }

  TemporaryFolder data;
  Shell shell{HubOptions{{"--data", data.path()}, {}, {}, 0, true}};
  const std::string of_hub = " --data " + data.path();
};

TEST_F(BackupCommands, MadeUnderLoadIsOneMomentThatARestoreBringsBack) {
  const Job load = shell.start("while seq 1000; do sleep 0.02; done | hubbub pub load");
  wait_until("the load has begun", [&] { return !history("load").empty(); });
  ASSERT_EQ(shell.run("hubbub pub lobby -m before").code, 0);
  ASSERT_EQ(shell.run("hubbubd backup copy.db" + of_hub).code, 0);
  ASSERT_EQ(shell.run("hubbub pub lobby -m after").code, 0);
  EXPECT_THAT(out("hubbubd check copy.db"), StartsWith("nothing is wrong"));

  const auto refused = shell.run("hubbubd restore --replace copy.db" + of_hub);
  EXPECT_EQ(refused.code, 1);
  EXPECT_THAT(refused.err, HasSubstr("in use by process " + std::to_string(shell.hub().pid())));
  EXPECT_EQ(history("lobby"), "1 before\n2 after\n");

  const auto store_before = store();
  load.signal(SIGKILL);
  EXPECT_EQ(shell.hub().stop(), 0);
  EXPECT_EQ(shell.run("hubbubd restore copy.db" + of_hub).code, 1) << "not without --replace";
  EXPECT_EQ(shell.run("hubbubd restore --replace copy.db" + of_hub).code, 0);
  EXPECT_THAT(out("hubbubd check" + of_hub), StartsWith("nothing is wrong"));
  shell.hub().start_again();
  EXPECT_EQ(history("lobby"), "1 before\n");
  EXPECT_NE(store(), store_before);
  EXPECT_NE(store(), StoreId{});
  shell.run("hubbub pub lobby -m 'and on'");
  EXPECT_EQ(history("lobby"), "1 before\n2 and on\n");
}

/// What it had sent when the hub was killed, the hub may have had, and the copy doesn't.
TEST_F(BackupCommands, AClientWithAnOutboxIsToldWhenARestoredHubDoesNotKnowIt) {
  ASSERT_EQ(shell.run("hubbubd backup copy.db" + of_hub).code, 0);
  const Job sub = shell.start_sub("orders");
  Job pub = shell.start("exec hubbub pub orders --timeout 300ms");
  pub.feed("first\n");
  sub.wait_for_out("first\n");
  shell.run("hubbub ping -c 1");  // and its acknowledgement is out
  shell.hub().pause();
  pub.feed("second\n");
  pub.close_input();
  EXPECT_EQ(pub.wait(), 0);
  shell.hub().stop(SIGKILL);
  ASSERT_EQ(shell.run("hubbubd restore --replace copy.db" + of_hub).code, 0);
  shell.hub().start_again();
  const auto told = shell.run("hubbub pub orders -m third");
  EXPECT_EQ(told.code, 70);
  EXPECT_THAT(told.err, HasSubstr("nobody knows whether 1 message to #orders arrived"));
  EXPECT_EQ(shell.run("hubbub outbox resend").code, 0);
  EXPECT_EQ(history("orders"), "1 third\n2 second\n");
}

class ADamagedCopy : public BackupCommands {
 protected:
  static constexpr std::size_t page_bytes = 4096;

  ADamagedCopy() {
    shell.run("seq -f 'message %g' 10000 | hubbub pub lobby");
    shell.run("hubbubd backup copy.db" + of_hub);
    EXPECT_EQ(check().code, 0);
    bytes = read_file(copy);
  }
  Ran check() { return shell.run("hubbubd check copy.db"); }
  void damage(std::size_t from, std::size_t count) { write_file(copy, bytes.replace(from, count, count, '\xff')); }
  /// Where messages stand, not at the edge of a page.
  [[nodiscard]] std::size_t amid_messages() const {
    auto at = bytes.find("message");
    while (at % page_bytes < 100 || at % page_bytes > page_bytes - 200) at = bytes.find("message", at + 1);
    return at;
  }

  const std::string copy = shell.path("copy.db");
  std::string bytes;
};

TEST_F(ADamagedCopy, IsNamedByCheckWhichExitsWithOne) {
  damage(bytes.size() / 2 / page_bytes * page_bytes, 4 * page_bytes);
  const auto found = check();
  EXPECT_EQ(found.code, 1);
  EXPECT_THAT(found.out, HasSubstr("SQLite says"));
  EXPECT_THAT(found.out, HasSubstr("copy.db is damaged"));
}

TEST_F(ADamagedCopy, IsNamedByItsRoomWhereSQLiteSeesNothing) {
  damage(amid_messages(), 100);
  const auto found = check();
  EXPECT_EQ(found.code, 1);
  EXPECT_THAT(found.out, Not(HasSubstr("SQLite says")));
  EXPECT_THAT(found.out, HasSubstr("lobby"));
}

}  // namespace
}  // namespace hubbub::test
