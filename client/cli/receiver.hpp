// What a command that listens does with what comes.
//   Link --> Receiver --> on_message, on_event     gaps, losses of the connection and its return: said on stderr
// All that has come is handled before the output is flushed: one write a batch under load, and no message waits for
// another one when there is none.
#pragma once

#include <chrono>
#include <functional>
#include <optional>

#include "client/cli/shell.hpp"

namespace hubbub::cli {

/// Says on stderr that the connection is lost, once however many tries fail, and that it is back.
class ConnectionNotes {
 public:
  explicit ConnectionNotes(bool online = true) : lost_(!online) {}
  void take(const link::Incoming& event);

 private:
  bool lost_;
};

class Receiver {
 public:
  struct Handlers {
    /// An exit code ends the receiving.
    std::function<std::optional<int>(const link::Message&)> message;
    std::function<void(const link::Presence&)> event = {};
    std::function<void(const link::Online&)> online = {};
    std::function<void(const link::RoomAttached&)> attached = {};
    std::function<std::optional<int>(const link::Gap&)> gap = {};  ///< after it was told
    std::function<void()> flushed = {};                            ///< what the handlers have written is out
    std::function<void()> batch_end = {};  ///< after all that had come at once, if a message was among it
  };

  /// Where the events come from, as Link::next() and try_next() give them.
  struct Source {
    std::function<asio::awaitable<link::Incoming>()> next;
    std::function<std::optional<link::Incoming>()> try_next;
  };

  static Source of_link(Shell& shell);

  Receiver(Shell& shell, Handlers handlers) : Receiver(shell, std::move(handlers), of_link(shell)) {}
  Receiver(Shell& shell, Handlers handlers, Source source)
      : shell_(shell), handlers_(std::move(handlers)), source_(std::move(source)) {}

  /// Until a handler, or the end of the Link, ends it. Returns the exit code.
  asio::awaitable<int> run();
  /// The next event, for take().
  asio::awaitable<link::Incoming> next() { return source_.next(); }
  /// Handles one event, as run() does. Returns an exit code if it is the end.
  std::optional<int> take(const link::Incoming& event);

 private:
  asio::awaitable<std::optional<int>> take_batch(link::Incoming first);

  Shell& shell_;
  Handlers handlers_;
  Source source_;
  ConnectionNotes notes_;
  bool batch_has_message_ = false;
};

/// Subscribes to each, while the receiver takes what comes: a hub with very many rooms says so much about them before
/// it answers that nobody may wait for the answer alone. Returns an exit code if one was refused, after saying so.
asio::awaitable<std::optional<int>> subscribe_all(Shell& shell, std::vector<link::Subscription> subscriptions);

/// For a command that receives nothing: says on stderr when the connection is lost, until the Link ends.
asio::awaitable<std::optional<int>> tell_connection(Shell& shell);

/// Runs `task` beside talk(); an exit code from it ends the command.
void spawn_beside(Shell& shell, asio::awaitable<std::optional<int>> task);

}  // namespace hubbub::cli
