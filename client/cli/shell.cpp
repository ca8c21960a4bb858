#include "client/cli/shell.hpp"

#include <cstdlib>
#include <exception>

#include "client/cli/agent_route.hpp"
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

int complain_unreachable(const Shell& shell, const Error& error) {
  const int code = shell.complain(error);
  if (error.status == Status::unavailable)
    complain("start a hub there with hubbubd, or say with --hub or HUBBUB_URL where one is");
  return code;
}

void tell_name(const Shell& shell, const PersonName& name) {
  const auto& wanted = shell.globals.name;
  if (!wanted.empty() && name.str() != wanted)
    note("the hub knows you as " + name.str() + "; --name " + wanted + " changes nothing");
}

Shell::Shell(asio::io_context& loop_, const Globals& globals_, Address hub_, link::Options options)
    : loop(loop_),
      globals(globals_),
      hub(std::move(hub_)),
      link(loop_, std::move(options)),
      out(loop_),
      deadline_(loop_) {}

void Shell::stop(int code) {
  if (stopped_) return;
  stopped_ = code;
  cancel_.emit(asio::cancellation_type::terminal);
}

void Shell::stop_after(std::chrono::milliseconds after, int code) {
  deadline_.expires_after(after);
  deadline_.async_wait([this, code](std::error_code error) {
    if (!error) stop(code);
  });
}

int Shell::complain(const Error& error) const { return stopped() ? exit_code_of(error.status) : cli::complain(error); }

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
  const auto hub = options->hub;
  through_agent_ = uses_agent() && route_through_agent(globals, *options);
  prepare(*options);
  asio::io_context loop(1);
  Shell shell(loop, globals, hub, *std::move(options));
  Interrupts interrupts(loop, [&](int number) { on_signal(shell, number); });
  int code = exit_code::software;
  const auto left = [&](std::exception_ptr problem, int left_code) {
    if (problem) std::rethrow_exception(problem);
    code = left_code;
    loop.stop();
  };
  const auto talked = [&](std::exception_ptr problem, int talk_code) {
    rethrow_unless_cancelled(problem);
    shell.leaving_ = true;
    if (!shell.stopped_) shell.stopped_ = talk_code;
    asio::co_spawn(loop, leave(shell, *shell.stopped_), left);
  };
  asio::co_spawn(loop, connect_and_talk(shell), asio::bind_cancellation_slot(shell.cancel_.slot(), talked));
  loop.run();
  std::_Exit(code);
}

asio::awaitable<std::optional<int>> OnlineAction::connect(Shell& shell) {
  const auto welcome = co_await shell.link.connect();
  if (!welcome) co_return complain_unreachable(shell, welcome.error());
  tell_name(shell, welcome->name);
  co_return std::nullopt;
}

asio::awaitable<int> OnlineAction::connect_and_talk(Shell& shell) {
  const auto ended = co_await connect(shell);
  if (ended) co_return *ended;
  co_return co_await talk(shell);
}

asio::awaitable<int> OnlineAction::leave(Shell& shell, int code) {
  if (shell.signal_ != 0) {
    co_await last_words(shell, false);
    code = interrupted(shell, code);
    shell.link.abort();
    co_return code;
  }
  const bool written = co_await shell.out.flush();
  co_await last_words(shell, written);
  co_await shell.link.close(leave_grace);
  co_return written ? code : exit_code::input_output;
}

void OnlineAction::on_signal(Shell& shell, int number) {
  if (shell.leaving_) {  // what is left to do waits for a reader that doesn't read
    cut_short();
    std::_Exit(128 + number);
  }
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
  options.hop = "hubbub";
  options.owner = identity.owner;
  options.connect_timeout = globals.connect_timeout();
  return options;
}

}  // namespace hubbub::cli
