// jq(1) as a helper: which of many JSON texts an expression of it matches.
//   Questions --a line--> jq --a line--> verdicts          many at a time: one program does 100,000 a second and more
// An expression matches where any of its results is neither false nor null. It is compiled within a program of ours,
// where it can't take the questions that come after its own (`input`) nor end jq (`halt`).
// Used on one loop.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/helper.hpp"
#include "proto/status.hpp"

namespace hubbub::cli {

/// Has jq compile it, and waits for that. Fails with invalid_argument and jq's own words, or unavailable where there is
/// no jq: says what to install.
Result<void> check_jq_expression(const std::string& expression);

/// It looks at `$message`: then that has to be told with each text.
bool asks_for_message(std::string_view expression);

/// What is asked at once.
class JqQuestions {
 public:
  /// Both are JSON without control characters, as minify() writes it. `message` is empty where it isn't asked for.
  void add(std::string_view text, std::string_view message);
  [[nodiscard]] std::size_t count() const { return count_; }
  [[nodiscard]] const std::string& line() const { return line_; }

 private:
  std::string line_;
  std::size_t count_ = 0;
};

struct JqVerdict {
  bool matches = false;
  std::string error;  ///< in jq's words, where the expression failed: then it doesn't match
};

class Jq {
 public:
  /// Brackets within brackets: what is deeper no jq reads that is about.
  static constexpr std::size_t depth_max = 200;
  /// Of one ask(): an answer line to them is bounded.
  static constexpr std::size_t questions_max = 256;
  /// Without an answer for so long it counts as stuck. The time in which we are stopped (Ctrl-Z) doesn't.
  static constexpr int seconds_max = 10;

  struct Events {
    std::function<void(std::vector<JqVerdict>)> answered;  ///< in the order of the questions
    std::function<void(std::string_view line)> said;       ///< what it says besides: of `debug`, or why it ends
    std::function<void(Error)> failed;                     ///< the last event
  };

  Jq(asio::io_context& loop, std::string expression, Events events);
  ~Jq() { stop(); }
  Jq(const Jq&) = delete;
  Jq& operator=(const Jq&) = delete;

  /// Fails with unavailable where there is no jq, or internal.
  Result<void> start();
  /// REQUIRES: start() went well; some, and at most questions_max of them.
  void ask(const JqQuestions& questions);
  /// Lines of questions that aren't answered.
  [[nodiscard]] std::size_t lines_asked() const { return asked_.size(); }
  /// It is killed, and no event comes any more.
  void stop();

 private:
  void take(std::string_view line);
  void ended(int wait_status);
  void fail_with(Error why);
  void await_answer();

  asio::io_context& loop_;
  const std::string expression_;
  Events events_;
  std::shared_ptr<Helper> helper_;
  std::vector<std::size_t> asked_;  ///< questions of each line that isn't answered
  asio::steady_timer timer_;
  int seconds_ = 0;  ///< since the last answer
};

}  // namespace hubbub::cli
