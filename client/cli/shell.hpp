// A command that talks to a hub: its loop, its Link, its output, and how it ends.
//   connect --> talk(shell) --> good-bye --> exit code
//                  ^ ended early by stop(code), or by a signal: 128 + its number
// talk() is a coroutine. Ended early, it is cancelled where it waits; what it holds is released on the way out.
#pragma once

#include <chrono>
#include <optional>

#include "client/cli/command.hpp"
#include "client/cli/output.hpp"
#include "client/link/link.hpp"

namespace hubbub::cli {

class Shell {
 public:
  /// `hub`: where the link gets to, be it through the agent.
  Shell(asio::io_context& loop, const Globals& globals, Address hub, link::Options options);

  asio::io_context& loop;
  const Globals& globals;
  const Address hub;
  link::Link link;
  Output out;

  /// Ends talk() where it waits now, with this exit code. The first one counts.
  void stop(int code);
  /// stop(code) when `after` has passed, unless called again or ended before.
  void stop_after(std::chrono::milliseconds after, int code);
  /// talk() has ended, or is being ended.
  [[nodiscard]] bool stopped() const { return stopped_.has_value(); }

  /// As the free one, but silent once stopped(): what fails from then on fails because of that.
  int complain(const Error& error) const;

  asio::awaitable<void> sleep(std::chrono::milliseconds duration);
  [[nodiscard]] link::CallOptions call_options() const { return {globals.call_timeout()}; }

 private:
  friend class OnlineAction;

  asio::steady_timer deadline_;
  asio::cancellation_signal cancel_;
  std::optional<int> stopped_;  ///< with this exit code
  bool leaving_ = false;        ///< talk() has ended
  int signal_ = 0;
};

class OnlineAction : public Action {
 public:
  /// Ends the program, with that code: destroying the loop would wait for a name server that doesn't answer.
  int run(const Globals& globals) override;

 protected:
  /// Whether it goes through the agent, where one runs: not where it needs a session of its own at the hub.
  [[nodiscard]] virtual bool uses_agent() const { return true; }
  /// It does, this time. Known before prepare().
  [[nodiscard]] bool through_agent() const { return through_agent_; }
  /// What the command wants of its link, before that is made.
  virtual void prepare(link::Options&) {}
  /// Returns an exit code if there is nothing to talk to; has said why.
  virtual asio::awaitable<std::optional<int>> connect(Shell& shell);
  /// Returns the exit code. Has said on stderr why it isn't 0.
  virtual asio::awaitable<int> talk(Shell& shell) = 0;
  /// talk() has ended; `written`: and all of its output is out. The last words to the hub, which wait for little.
  virtual asio::awaitable<void> last_words(Shell&, bool) { co_return; }
  /// A second signal: the program ends at once.
  virtual void cut_short() {}
  /// A signal has ended talk(): the moment to say what was done so far. Returns the exit code, as a rule `code`.
  virtual int interrupted(Shell&, int code) { return code; }

 private:
  asio::awaitable<int> connect_and_talk(Shell& shell);
  asio::awaitable<int> leave(Shell& shell, int code);
  void on_signal(Shell& shell, int number);

  bool through_agent_ = false;
};

/// Says also how to come by a hub. Returns the exit code.
int complain_unreachable(const Shell& shell, const Error& error);
/// Says so if the hub knows the person under another name than was asked for.
void tell_name(const Shell& shell, const PersonName& name);

/// From the command line, the environment and the configuration file.
Result<link::Options> link_options(const Globals& globals);

}  // namespace hubbub::cli
