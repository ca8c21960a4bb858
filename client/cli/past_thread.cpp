#include "client/cli/past_thread.hpp"

#include <algorithm>

#include "client/link/found.hpp"
#include "client/link/replies.hpp"
#include "common/clock.hpp"

namespace hubbub::cli {

namespace {

constexpr std::uint64_t window_max = limits::history_page_messages_max;

Seq plus(Seq seq, std::uint64_t count) { return Seq{seq.value + std::min(count, UINT64_MAX - seq.value)}; }

}  // namespace

bool ThreadFilter::knows(Seq seq) const { return std::binary_search(known_.begin(), known_.end(), seq); }

bool ThreadFilter::takes(const link::Message& message) {
  if (message.seq == known_.front()) return true;
  const auto reply = link::reply_of(message);
  if (!reply || !knows(reply->root)) return false;
  if (known_.size() < known_max) known_.push_back(message.seq);
  return true;
}

namespace {

struct Page {
  Seq first, last;  ///< of the room
  std::vector<link::Message> messages;
};

asio::awaitable<Result<Page>> read_page(Shell& shell, RoomName room, Seq before, std::uint64_t limit,
                                        link::Amendments& amendments) {
  proto::RoomHistory question;
  question.room = room;
  question.before = before;
  question.limit = static_cast<std::uint16_t>(limit);
  const auto reply = co_await shell.link.call(question, shell.call_options());
  if (!reply) co_return tl::unexpected(reply.error());
  Page page{reply->first, reply->last, {}};
  link::take_page(room, *reply, amendments, page.messages);
  co_return page;
}

}  // namespace

// The hub gives the end of what is asked for, where all of it doesn't fit into one page; so less is asked for until the
// page begins where the one before has ended.
asio::awaitable<Result<ThreadEnd>> read_thread(Shell& shell, RoomName room, Seq root, std::uint64_t count,
                                               std::function<bool(const link::Message&, const link::View&)> show) {
  const auto now = SystemClock().wall_now();
  link::Amendments amendments;
  ThreadFilter filter(root);
  ThreadEnd end;
  Seq newest;
  auto window = window_max;
  for (Seq from = root; newest.value == 0 || from <= newest;) {
    const auto page = co_await read_page(shell, room, plus(from, window), window, amendments);
    if (!page) co_return tl::unexpected(page.error());
    if (newest.value == 0) newest = page->last;
    if (window > 1 && !page->messages.empty() && page->messages.front().seq > std::max(from, page->first)) {
      window /= 2;
      continue;
    }
    for (const auto& message : page->messages) {
      if (message.seq < from || message.seq > newest || !filter.takes(message)) continue;
      end.stopped_at = message.seq;
      if (end.messages == count) co_return end;
      if (show(message, amendments.view(message, now))) ++end.messages;
    }
    end.written = co_await shell.out.flush();
    if (!end.written) co_return end;
    from = std::max(plus(from, window), page->first);
    window = std::min(window * 2, window_max);
  }
  end.stopped_at = Seq{};
  co_return end;
}

}  // namespace hubbub::cli
