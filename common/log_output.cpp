#include "common/log_output.hpp"

#include <poll.h>
#include <spdlog/async_logger.h>
#include <spdlog/details/thread_pool.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <memory>
#include <mutex>
#include <string_view>
#include <thread>

namespace hubbub::log::detail {

namespace {

/// Bounds the memory, and the lines that are lost with a crash.
constexpr std::size_t queued_lines_max = 1024;

std::atomic<std::uint64_t> lines_put{0}, lines_written{0};

/// One write(2) a line, so that lines stay whole. Not by stdio, whose lock a stuck writer would hold against the end of
/// the process. A stderr that somebody made non-blocking is waited for.
void write_to_stderr(std::string_view line) {
  while (!line.empty()) {
    const auto written = ::write(STDERR_FILENO, line.data(), line.size());
    if (written > 0) line.remove_prefix(static_cast<std::size_t>(written));
    if (written >= 0 || errno == EINTR) continue;
    pollfd waiting{STDERR_FILENO, POLLOUT, 0};
    if (errno != EAGAIN || ::poll(&waiting, 1, -1) < 0) return;  // nobody is left who could be told
  }
}

class Stderr final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit Stderr(const char* pattern) {
    set_formatter_(std::make_unique<spdlog::pattern_formatter>(pattern, spdlog::pattern_time_type::utc, "\n"));
  }

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t line;
    formatter_->format(message, line);
    write_to_stderr({line.data(), line.size()});
    lines_written.fetch_add(1, std::memory_order_release);
  }
  void flush_() override {}
};

/// One sink per format, so that a line and its frame belong together whenever the format changes.
const std::array<std::shared_ptr<Stderr>, format_names.size()>& sinks() {
  static const auto& both = *new std::array{
      std::make_shared<Stderr>("%Y-%m-%dT%H:%M:%S.%eZ %v"),
      std::make_shared<Stderr>(R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ",%v})"),
  };
  return both;
}

/// All of it lives as long as the process: threads may log while it ends.
struct Output {
  std::array<std::shared_ptr<spdlog::logger>, format_names.size()> by_format;
  std::shared_ptr<spdlog::details::thread_pool> queue;  ///< none: lines are written where they are logged
  std::atomic<std::uint64_t> told_dropped{0};
};

Output* foreground() {
  static Output* const output = [] {
    auto* made = new Output;
    for (std::size_t i = 0; i < made->by_format.size(); ++i)
      made->by_format[i] = std::make_shared<spdlog::logger>("hubbub", sinks()[i]);
    return made;
  }();
  return output;
}

Output* background() {
  auto* made = new Output;
  made->queue = std::make_shared<spdlog::details::thread_pool>(queued_lines_max, 1);
  for (std::size_t i = 0; i < made->by_format.size(); ++i) {
    const std::array<spdlog::sink_ptr, 1> sink = {sinks()[i]};
    made->by_format[i] = std::make_shared<spdlog::async_logger>("hubbub", sink.begin(), sink.end(), made->queue,
                                                                spdlog::async_overflow_policy::overrun_oldest);
  }
  return made;
}

std::atomic<Output*> output_in_force{nullptr};

Output& output() {
  Output* const found = output_in_force.load(std::memory_order_acquire);
  return found == nullptr ? *foreground() : *found;
}

}  // namespace

void put(Format format, const std::string& line) {
  lines_put.fetch_add(1, std::memory_order_relaxed);
  output().by_format[static_cast<std::size_t>(format)]->log(spdlog::level::info,
                                                            spdlog::string_view_t(line.data(), line.size()));
}

std::uint64_t newly_dropped() {
  auto& current = output();
  if (!current.queue || current.queue->queue_size() > queued_lines_max / 2) return 0;
  const std::uint64_t dropped = current.queue->overrun_counter();
  return current.told_dropped.exchange(dropped, std::memory_order_relaxed) < dropped ? dropped : 0;
}

void start_background() { output_in_force.store(background(), std::memory_order_release); }

void wait_until_written(std::chrono::milliseconds limit) {
  const auto& current = output();
  if (!current.queue) return;
  const auto deadline = std::chrono::steady_clock::now() + limit;
  const auto all_written = [&] {
    return lines_written.load(std::memory_order_acquire) + current.queue->overrun_counter() >= lines_put.load();
  };
  while (!all_written() && std::chrono::steady_clock::now() < deadline)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

}  // namespace hubbub::log::detail
