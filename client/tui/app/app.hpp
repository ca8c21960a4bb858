// The terminal client at work: the only part that waits.
//
//   keyboard --+                                 +--> link: calls, publishes
//   link ------+--Event--> apply(state) --Effect-+--> terminal: bell, suspend
//   signals ---+                |                +--> quit
//   clock -----+                +--> draw --> paint, at most once a frame
//
// One thread. A terminal that is slow to take its bytes gets the newest screen next, not every screen in between.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "client/link/link.hpp"
#include "client/tui/apply/apply.hpp"
#include "client/tui/terminal/keys.hpp"
#include "client/tui/terminal/terminal.hpp"
#include "client/tui/tui.hpp"
#include "common/clock.hpp"
#include "common/helper.hpp"
#include "common/signals.hpp"

namespace hubbub::tui {

class App {
 public:
  App(const Options& options, Terminal terminal);
  /// Until the person leaves, a signal says so, or the hub refuses from the start. Returns the exit code.
  int run();

 private:
  /// At the end, what was said still goes out, if that is possible within this.
  static constexpr std::chrono::milliseconds good_bye{2000};

  // Loops, each a coroutine for as long as the program runs.
  asio::awaitable<void> read_keys();
  asio::awaitable<void> read_link();
  asio::awaitable<void> paint_frames();
  asio::awaitable<void> keep_time();

  // What is done for one effect.
  asio::awaitable<Result<void>> receive(Pattern pattern);
  asio::awaitable<void> hear_direct();
  asio::awaitable<void> open_room(OpenRoom effect);
  asio::awaitable<void> close_room(CloseRoom effect);
  asio::awaitable<void> ask_history(AskHistory effect);
  asio::awaitable<void> ask_search(AskSearch effect);
  asio::awaitable<Result<void>> search_rooms(AskSearch effect, Pattern pattern, SearchPage& found);
  asio::awaitable<Result<void>> look_up(std::vector<link::Message> hits, SearchPage& found);
  asio::awaitable<void> ask_members(AskMembers effect);
  asio::awaitable<void> set_cursor(SetCursor effect);
  asio::awaitable<void> set_last_cursors();
  asio::awaitable<void> say(Say effect);
  asio::awaitable<void> amend(Amend effect);
  asio::awaitable<void> redact(Redact effect);
  asio::awaitable<void> ask_pins(AskPins effect);
  asio::awaitable<void> set_topic(SetTopic effect);
  asio::awaitable<void> ask_topic(AskTopic effect);
  asio::awaitable<void> set_away(SetAway effect);
  asio::awaitable<void> rename(Rename effect);
  asio::awaitable<void> ask_who(AskWho effect);
  asio::awaitable<void> ask_rooms(AskRooms effect);
  asio::awaitable<void> tell_typing(TellTyping effect);
  asio::awaitable<void> say_later(SayLater effect);
  asio::awaitable<void> ask_later(AskLater effect);
  asio::awaitable<void> cancel_later(CancelLater effect);
  asio::awaitable<void> call_service(CallService effect);
  void execute(const Execute& effect);
  void end_execution();
  asio::awaitable<void> end_execution_for_good();
  asio::awaitable<void> quit();

  struct Doer;
  void happen(Event event);
  /// An answer of the hub: happens after everything that the hub said before it.
  void answer(Event event);
  void do_effects();
  void spawn(asio::awaitable<void> work);

  void start_signals();
  void on_signal(const Signal& signal);
  void on_bytes(std::string_view bytes);
  void await_rest_of_key();
  void tick();
  void changed();
  void resized();
  void suspend(bool whole_job);
  void resume();
  void stop(int exit_code);
  asio::awaitable<void> write(std::string bytes);

  asio::io_context loop_;
  SystemClock clock_;
  Terminal terminal_;
  State state_;
  link::Link link_;
  KeyDecoder decoder_;
  asio::posix::stream_descriptor input_;
  asio::posix::stream_descriptor output_;
  asio::steady_timer rest_of_key_;
  asio::steady_timer wake_painter_;
  asio::steady_timer second_;
  Signals signals_;
  std::shared_ptr<Helper> executed_;  ///< what /exec runs
  asio::steady_timer execution_over_;

  Screen shown_;  ///< empty: what the terminal shows is unknown
  bool dirty_ = true;
  bool ring_ = false;
  bool stopping_ = false;
  int exit_code_ = 0;
  std::size_t lost_ = 0;    ///< messages that were given up with the program, or left to the next one
  const bool queues_;       ///< there is an outbox for them
  std::string last_words_;  ///< for stderr, when the terminal is given back
};

}  // namespace hubbub::tui
