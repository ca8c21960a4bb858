#include "client/cli/shell.hpp"

#include <exception>

#include "client/cli/complain.hpp"
#include "client/cli/exit_codes.hpp"
#include "client/cli/interrupts.hpp"
#include "client/link/identity.hpp"
#include "client/link/location.hpp"

namespace hubbub::cli {

namespace {

/// What is under way when a command is done is at most a good-bye: nobody waits long for that.
constexpr std::chrono::milliseconds leave_grace{500};

/// A cancelled coroutine ends with operation_aborted; anything else is a bug and must not be hidden.
void rethrow_unless_cancelled(std::exception_ptr problem) {
  if (!problem) return;
  try {
    std::rethrow_exception(problem);
  } catch (const std::system_error& error) {
    if (error.code() != asio::error::operation_aborted) throw;
  }
}

}  // namespace

Shell::Shell(asio::io_context& loop_, const Globals& globals_, link::Options options)
    : loop(loop_), globals(globals_), hub(options.hub), link(loop_, std::move(options)), out(loop_), deadline_(loop_) {}

void Shell::stop(int code) {
  if (stopped_) return;
  stopped_ = code;
  cancel_.emit(asio::cancellation_type::terminal);
}

void Shell::stop_after(std::chrono::milliseconds after, int code, std::string sentence) {
  deadline_.expires_after(after);
  deadline_.async_wait([this, code, sentence = std::move(sentence)](std::error_code error) {
    if (error || stopped_) return;
    if (!sentence.empty()) complain(sentence);
    stop(code);
  });
}

asio::awaitable<void> Shell::sleep(std::chrono::milliseconds duration) {
  asio::steady_timer timer(loop, duration);
  co_await timer.async_wait(asio::use_awaitable);
}

int OnlineAction::run(const Globals& globals) {
  auto options = link_options(globals);
  if (!options) {
    complain(options.error());
    return exit_code::usage;
  }
  asio::io_context loop(1);
  Shell shell(loop, globals, *std::move(options));
  Interrupts interrupts(loop, [&](int number) { on_signal(shell, number); });
  int code = exit_code::software;
  const auto left = [&](std::exception_ptr problem, int left_code) {
    if (problem) std::rethrow_exception(problem);
    code = left_code;
    loop.stop();
  };
  const auto talked = [&](std::exception_ptr problem, int talk_code) {
    rethrow_unless_cancelled(problem);
    asio::co_spawn(loop, leave(shell, shell.stopped_.value_or(talk_code)), left);
  };
  asio::co_spawn(loop, connect_and_talk(shell), asio::bind_cancellation_slot(shell.cancel_.slot(), talked));
  loop.run();
  return code;
}

asio::awaitable<int> OnlineAction::connect_and_talk(Shell& shell) {
  const auto welcome = co_await shell.link.connect();
  if (!welcome) co_return complain_unreachable(welcome.error());
  co_return co_await talk(shell);
}

asio::awaitable<int> OnlineAction::leave(Shell& shell, int code) {
  if (shell.signal_ != 0) {
    code = interrupted(shell, code);
    shell.link.abort();
    co_return code;
  }
  const bool written = co_await shell.out.flush();
  co_await shell.link.close(leave_grace);
  co_return written ? code : exit_code::input_output;
}

void OnlineAction::on_signal(Shell& shell, int number) {
  shell.signal_ = number;
  shell.stop(128 + number);
}

Result<link::Options> link_options(const Globals& globals) {
  auto location = link::locate(globals.hub, globals.name);
  if (!location) return tl::unexpected(location.error());
  const auto identity = link::identity();
  if (identity.not_kept) note(identity.not_kept->sentence);
  link::Options options;
  options.hub = std::move(location->hub);
  options.name = location->name.str();
  options.program = "hubbub " HUBBUB_VERSION;
  options.owner = identity.owner;
  options.connect_timeout = globals.connect_timeout();
  return options;
}

int complain_unreachable(const Error& error) {
  const int code = complain(error);
  if (error.status == Status::unavailable)
    complain("start a hub there with hubbubd, or say with --hub or HUBBUB_URL where one is");
  return code;
}

}  // namespace hubbub::cli
