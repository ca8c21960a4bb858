#include "client/agent/tree_notes.hpp"

#include <utility>

#include "common/clock.hpp"
#include "common/escape.hpp"
#include "common/time_text.hpp"

namespace hubbub::agent {

void TreeNotes::note(const std::string& sentence) {
  settle();
  if (in_this_second_ < a_second_max_)
    write(sentence);
  else
    ++passed_over_;
  ++in_this_second_;
}

void TreeNotes::settle() {
  const auto now = SystemClock().steady_now();
  if (now - since_ < std::chrono::seconds(1)) return;
  since_ = now;
  in_this_second_ = 0;
  if (const auto count = std::exchange(passed_over_, 0); count > 0)
    write("and more of that kind: " + std::to_string(count));
}

void TreeNotes::write(const std::string& sentence) {
  file_.append(rfc3339(SystemClock().wall_now(), 3) + ' ' + escape_for_terminal(sentence) + '\n');
  file_.flush();
}

}  // namespace hubbub::agent
