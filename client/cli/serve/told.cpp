#include "client/cli/serve/told.hpp"

#include <unistd.h>

#include <memory>
#include <string>

#include "client/cli/serve/exit_status.hpp"
#include "client/cli/shared_sink.hpp"

namespace hubbub::cli {

void Told::tell(std::string_view introduction, std::string_view line) {
  const auto now = std::chrono::steady_clock::now();
  if (now - second_began_ >= std::chrono::seconds(1)) {
    second_began_ = now;
    lines_left_ = lines_per_second_max;
  }
  if (lines_left_ == 0) {
    ++left_out_;
    return;
  }
  --lines_left_;
  tell_left_out();
  if (tell_) tell_(sentence_of(std::string(introduction).append(line.substr(0, sentence_bytes_max))));
}

void Told::tell_left_out() {
  const auto count = std::exchange(left_out_, 0);
  if (count > 0 && tell_) tell_("… and " + std::to_string(count) + " more lines");
}

Tell tell_on_stderr(asio::io_context& loop) {
  return [sink = std::make_shared<SharedSink>(loop, STDERR_FILENO)](std::string_view line) {
    const auto text = std::string(line) + "\n";
    std::string_view left = text;
    sink->write_some(left);
  };
}

}  // namespace hubbub::cli
