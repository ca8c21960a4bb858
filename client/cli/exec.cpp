#include "client/cli/exec.hpp"

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <utility>

#include "client/link/message_variables.hpp"
#include "common/descriptor.hpp"
#include "common/process.hpp"

namespace hubbub::cli {

namespace {

/// A child that is told to end if nobody waits for it any more.
class Child {
 public:
  explicit Child(pid_t pid) : pid_(pid) {}
  ~Child() {
    if (pid_ > 0) ::kill(pid_, SIGTERM);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  [[nodiscard]] pid_t pid() const { return pid_; }
  int collect() {
    int status = 0;
    ::waitpid(std::exchange(pid_, -1), &status, 0);
    return status;
  }

 private:
  pid_t pid_;
};

/// The body as a file in memory, which takes it whole whether the command reads it or not.
int body_file(std::string_view body) {
  const int fd = ::memfd_create("hubbub-message", MFD_CLOEXEC);
  while (fd >= 0 && !body.empty()) {
    const auto wrote = ::write(fd, body.data(), body.size());
    if (wrote <= 0) break;
    body.remove_prefix(static_cast<std::size_t>(wrote));
  }
  if (fd >= 0) ::lseek(fd, 0, SEEK_SET);
  return fd;
}

}  // namespace

asio::awaitable<Result<int>> run_for_message(asio::io_context& loop, const std::string& command, const std::string& hub,
                                             const link::Message& message) {
  const Descriptor body(body_file(message.body));
  if (!body.is_open()) co_return fail(Status::internal, "there is no memory for the body of a message");
  auto variables = link::message_variables(message);
  variables.push_back("HUBBUB_URL=" + hub);
  Program program;
  program.words = {"/bin/sh", "-c", command};
  program.environment = environment_with(std::move(variables), link::header_variables);
  program.input = body.get();
  program.own_group = false;
  program.keeps_inherited = true;
  auto started = start_process(program);
  if (!started) co_return fail(Status::internal, "can't start /bin/sh: " + started.error().message());
  Child child(started->pid);
  if (started->handle
          .is_open()) {  // where the kernel has no such thing, waiting holds up the loop, and works all the same
    asio::posix::stream_descriptor ended(loop, started->handle.release());
    co_await ended.async_wait(asio::posix::stream_descriptor::wait_read, asio::use_awaitable);
  }
  co_return child.collect();
}

}  // namespace hubbub::cli
