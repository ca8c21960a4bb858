// The terminal that the program runs on: taken over, measured, written to, and given back as it was.
//   open --> enter … leave --> enter … leave (suspend, resume) --> destroyed
//
// Whatever way the program ends, the terminal is given back: by the destructor, or by a handler of the signals that a
// crash raises, which writes what was prepared beforehand and lets the signal take its course.
#pragma once

#include <string>
#include <string_view>

#include "client/tui/terminal/capabilities.hpp"
#include "client/tui/terminal/crash.hpp"

namespace hubbub::tui {

class Terminal {
 public:
  /// Of stdin and stdout, which stay as they are: what doesn't block is a description of our own of the same terminal,
  /// since a shell's reads would end with EAGAIN if it were theirs. Fails with failed_precondition where they are no
  /// terminal or one that can't show a screen. Without `colour`, or where NO_COLOR is set, it has none to offer.
  static Result<Terminal> open(bool colour);
  Terminal(Terminal&& other) noexcept;
  Terminal& operator=(Terminal&&) = delete;
  ~Terminal();

  /// Also when it is entered already: somebody may have changed its mode meanwhile (a shell, after SIGSTOP).
  void enter();
  void leave();
  [[nodiscard]] bool entered() const { return entered_; }

  [[nodiscard]] const Capabilities& capabilities() const { return capabilities_; }
  [[nodiscard]] Size size() const;
  [[nodiscard]] int input() const { return input_; }
  [[nodiscard]] int output() const { return output_; }

 private:
  Terminal(Capabilities capabilities, const Before& before);
  void write_all(std::string_view bytes) const;

  Capabilities capabilities_;
  Before before_;
  int input_ = -1;
  int output_ = -1;
  bool entered_ = false;
};

}  // namespace hubbub::tui
