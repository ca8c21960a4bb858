#include "client/cli/past.hpp"

#include <algorithm>

#include "client/link/found.hpp"
#include "common/clock.hpp"

namespace hubbub::cli {

namespace {

/// Where few are missing it isn't known how many have to be read for them.
constexpr std::uint64_t page_min = 64;

/// Counts from the newest on; what comes later is older, and changes nothing for what was counted.
class Counter {
 public:
  Counter(Past& past, Counted counted, std::uint64_t wanted) : past_(past), counted_(counted), wanted_(wanted) {}
  [[nodiscard]] bool is_content() const { return count_ >= wanted_; }
  [[nodiscard]] std::uint64_t missing() const { return wanted_ - count_; }
  /// The page, oldest first, before all that came: keeps those of it that are wanted.
  void take(std::vector<link::Message> page) {
    for (; !page.empty() && !is_content(); page.pop_back()) {
      if (!is_counted(page.back())) continue;
      ++count_;
      past_.messages.push_back(std::move(page.back()));
    }
  }

 private:
  [[nodiscard]] bool is_counted(const link::Message& message) const {
    if (counted_ == Counted::all) return true;
    const auto standing = past_.amendments.view(message, now_).standing;
    return standing == link::Standing::shown || standing == link::Standing::redacted;
  }

  Past& past_;
  Counted counted_;
  std::uint64_t wanted_;
  std::uint64_t count_ = 0;
  WallTime now_ = SystemClock().wall_now();
};

}  // namespace

asio::awaitable<Result<Past>> read_past(Shell& shell, RoomName room, Seq before, std::uint64_t count, Counted counted) {
  Past past;
  Counter counter(past, counted, count);
  proto::RoomHistory question;
  question.room = room;
  question.before = before;
  while (!counter.is_content()) {
    const auto wanted = question.before == before ? counter.missing() : std::max(counter.missing(), page_min);
    question.limit = static_cast<std::uint16_t>(std::min<std::uint64_t>(wanted, limits::history_page_messages_max));
    const auto page = co_await shell.link.call(question, shell.call_options());
    if (!page) co_return tl::unexpected(page.error());
    std::vector<link::Message> messages;
    link::take_page(room, *page, past.amendments, messages);
    if (messages.empty()) break;
    past.last = std::max(past.last, messages.back().seq);
    const auto oldest = messages.front().seq;
    if (question.before != Seq{} && oldest >= question.before) break;  // it leads nowhere
    question.before = oldest;
    counter.take(std::move(messages));
    if (question.before <= page->first) break;
  }
  std::ranges::reverse(past.messages);
  co_return past;
}

}  // namespace hubbub::cli
