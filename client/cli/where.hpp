// `--where`: which of the messages that come a jq expression over their JSON body matches.
//   Source --> pump() --> held, in order --several at a time--> jq --> verdicts --> source()
// Events stay in their order: what isn't a message waits for the verdicts on those before it. Bounded: while jq or the
// reader is slow, nothing more is taken from the Source.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "client/cli/jq.hpp"
#include "client/cli/receiver.hpp"
#include "client/link/wake.hpp"

namespace hubbub::cli {

class Where {
 public:
  /// REQUIRES: lives as long as the loop runs.
  Where(asio::io_context& loop, const std::string& expression);

  /// Starts jq, and takes all that comes from `from`. Fails with unavailable or internal.
  Result<void> start(Receiver::Source from);
  /// All events that come from there; see matched(). If jq fails, Closed with the reason in place of the first message
  /// that it gave no verdict on.
  Receiver::Source source();
  /// Whether the message that source() gave last matches.
  [[nodiscard]] bool matched() const { return matched_; }
  /// The end of jq, whatever it is doing.
  void stop() { jq_.stop(); }

 private:
  enum class Verdict : std::uint8_t { none, no, yes };
  struct Held {
    link::Incoming event;
    std::size_t bytes;
    Verdict verdict;
  };

  asio::awaitable<void> pump();
  asio::awaitable<link::Incoming> next();
  std::optional<link::Incoming> try_next();
  void hold(link::Incoming event);
  void ask();
  void ask_once();
  bool add_question(const link::Message& message, JqQuestions& questions) const;
  void answered(const std::vector<JqVerdict>& verdicts);
  void adapt(std::chrono::steady_clock::duration took);
  void tell_error(const link::Message& message, const std::string& error);
  [[nodiscard]] bool has_room() const;
  [[nodiscard]] Held& at(std::uint64_t number) { return held_[number - first_]; }

  struct Asked {
    std::vector<std::uint64_t> numbers;
    std::chrono::steady_clock::time_point when;
  };

  asio::io_context& loop_;
  const bool with_message_;
  Jq jq_;
  std::optional<Receiver::Source> from_;
  std::deque<Held> held_;    ///< numbered on and on
  std::uint64_t first_ = 0;  ///< the number of the first one
  std::uint64_t unasked_ = 0;
  std::deque<Asked> asked_;
  std::size_t at_once_;
  std::size_t bytes_ = 0;
  link::Wake ready_, room_;
  std::optional<Error> failed_;
  bool matched_ = false;
  bool told_error_ = false;
};

}  // namespace hubbub::cli
