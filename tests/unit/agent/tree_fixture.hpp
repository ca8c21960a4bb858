// A FIFO tree in a folder of the test's own, with real programs around it.
#pragma once

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "client/agent/tree.hpp"
#include "tests/support/deadline.hpp"
#include "tests/unit/config/temporary_folder.hpp"

namespace hubbub::agent {

inline std::string read_file(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

inline std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

/// A shell and all that it starts; killed with its owner. Runs in the tree's folder.
class ShellProcess {
 public:
  ShellProcess(const std::string& folder, const std::string& script, const char* shell = "/bin/sh", uid_t uid = 0) {
    pid_ = ::fork();
    if (pid_ != 0) return;
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::setpgid(0, 0);
    if (uid != 0 && (::setgid(uid) != 0 || ::setuid(uid) != 0)) ::_exit(98);
    if (uid == 0 && ::chdir(folder.c_str()) != 0) ::_exit(99);
    ::execl(shell, shell, "-c", script.c_str(), nullptr);
    ::_exit(97);
  }
  ShellProcess(ShellProcess&& other) noexcept : pid_(std::exchange(other.pid_, -1)), code_(other.code_) {}
  ~ShellProcess() {
    if (pid_ < 0) return;
    signal(SIGKILL);
    if (code_ < 0) ::waitpid(pid_, nullptr, 0);
  }

  void signal(int number) const {
    ::kill(-pid_, number);
    ::kill(pid_, number);  // before its setpgid()
  }
  /// All of SIGSTOP's work is done: it takes nothing any more. REQUIRES: it was sent that, and is one process.
  [[nodiscard]] bool has_stopped() const {
    siginfo_t about{};
    return ::waitid(P_PID, static_cast<id_t>(pid_), &about, WSTOPPED | WNOHANG | WNOWAIT) == 0 && about.si_pid == pid_;
  }
  bool has_ended() {
    int status = 0;
    if (code_ < 0 && ::waitpid(pid_, &status, WNOHANG) == pid_)
      code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return code_ >= 0;
  }
  [[nodiscard]] int code() const { return code_; }
  [[nodiscard]] pid_t pid() const { return pid_; }

 private:
  pid_t pid_ = -1;
  int code_ = -1;
};

struct FakeTreeOutlet : TreeOutlet {
  Result<bool> say(const RoomName& room, std::string_view body) override {
    if (!refusal.empty()) return fail(Status::permission_denied, refusal);
    if (accepts == 0) return false;
    --accepts;
    ++count;
    ++counts[room.str()];
    if (keeps) said.push_back(room.str() + ": " + std::string(body));
    return true;
  }
  std::vector<std::string> said;
  std::size_t count = 0;
  std::map<std::string, std::size_t> counts;  ///< by room
  std::size_t accepts = SIZE_MAX;             ///< how many until "not now"
  bool keeps = true;
  std::string refusal;
};

class TreeTest : public testing::Test {
 protected:
  ~TreeTest() override {
    if (tree) tree->clear();
    loop.restart();
    loop.poll();
  }

  void start(TreeLimits limits = {}) {
    tree.emplace(loop, root(), outlet, limits);
    const auto started = tree->start();
    ASSERT_TRUE(started) << started.error().sentence;
  }
  void start_with(const std::string& room, TreeLimits limits = {}) {
    start(limits);
    const auto joined = tree->join(RoomName::literal(room));
    ASSERT_TRUE(joined) << joined.error().sentence;
  }
  /// As an agent that is killed: nothing is removed.
  void abandon() { tree.reset(); }

  [[nodiscard]] std::string root() const { return around.path("rooms"); }
  [[nodiscard]] std::string path(const std::string& name) const { return root() + '/' + name; }
  [[nodiscard]] std::string read(const std::string& name) const { return read_file(path(name)); }
  [[nodiscard]] bool exists(const std::string& name) const {
    return std::filesystem::exists(std::filesystem::symlink_status(path(name)));
  }

  ShellProcess shell(const std::string& script, const char* with = "/bin/sh") { return {root(), script, with}; }
  /// Runs it to its end, and the loop beside it. Returns its exit code.
  int run(const std::string& script) {
    auto process = shell(script);
    run_until("a script ends", [&] { return process.has_ended(); });
    return process.code();
  }

  template <class Condition>
  void run_until(const std::string& what, Condition holds) {
    const test::Deadline deadline;
    while (!holds()) {
      if (deadline.passed()) throw test::Failure("waited in vain until " + what);
      loop.restart();
      loop.run_for(std::chrono::milliseconds(3));
    }
  }
  void run_until_said(std::size_t count) {
    run_until(std::to_string(count) + " are said", [&] { return outlet.count >= count; });
  }

  static link::Message said(const std::string& room, std::uint64_t seq, const std::string& body) {
    link::Message message;
    message.room = RoomName::literal(room);
    message.seq = Seq{seq};
    message.time = WallTime{1'700'000'000'123'000'000};
    message.from = PersonName::literal("alice");
    message.verified = true;
    message.body = body;
    return message;
  }

  TemporaryFolder around;
  asio::io_context loop;
  FakeTreeOutlet outlet;
  std::optional<FifoTree> tree;
};

}  // namespace hubbub::agent
