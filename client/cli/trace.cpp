// hubbub trace: the way of each traced message of a room, hop by hop.
//   Link --> traced message, with its stamps --room.trace--> the hub's own times --> path --> stdout
#include <array>
#include <deque>

#include "client/cli/complain.hpp"
#include "client/cli/exit_codes.hpp"
#include "client/cli/receiver.hpp"
#include "client/cli/ring_source.hpp"
#include "client/cli/shell.hpp"
#include "client/cli/traced.hpp"

namespace hubbub::cli {

namespace {

class Trace : public OnlineAction {
 public:
  void declare(Syntax& syntax) override {
    syntax.operand({"ROOM", "rooms, or patterns: * stands for one word, a last > for one or more", append(patterns_),
                    Hint::room, true, true});
    syntax.option({"-n,--count", "COUNT", "end after so many", store(count_, 1)});
    syntax.option({"--for", "DURATION", "end after this time", store(for_)});
    syntax.option({"--ring", "", "receive them out of the agent's shared memory", store(uses_ring_)});
    syntax.option({"--json", "", "one JSON object a line", store(json_)});
  }

 protected:
  void prepare(link::Options& options) override {
    options.hop = "trace";
    if (uses_ring_) heal_silently(options);
  }
  asio::awaitable<std::optional<int>> connect(Shell& shell) override {
    if (uses_ring_ && !through_agent()) co_return complain_no_agent(shell);
    co_return co_await OnlineAction::connect(shell);
  }
  asio::awaitable<int> talk(Shell& shell) override;

 private:
  asio::awaitable<std::optional<int>> begin(Shell& shell);
  asio::awaitable<std::optional<int>> subscribe(Shell& shell);
  asio::awaitable<std::optional<int>> show(Shell& shell, link::Message message);

  std::vector<Pattern> patterns_;
  std::optional<std::uint64_t> count_;
  std::optional<std::chrono::milliseconds> for_;
  bool json_ = false, uses_ring_ = false;
  std::optional<RingSource> ring_;
  std::uint64_t seen_ = 0;
  std::deque<link::Message> traced_;
};

asio::awaitable<int> Trace::talk(Shell& shell) {
  shell.out.end_with_reader();
  if (for_) shell.stop_after(*for_, count_ ? exit_code::deadline : exit_code::done);
  Receiver::Handlers handlers;
  handlers.message = [this](const link::Message& message) {
    if (message.traced) traced_.push_back(message);
    return std::optional<int>();
  };
  if (uses_ring_) ring_.emplace(shell, link::RingSubscription::Options{shell.hub, patterns_, {}, "trace"});
  auto receiver = ring_ ? Receiver(shell, std::move(handlers), ring_->source()) : Receiver(shell, std::move(handlers));
  if (ring_) {
    const auto end = co_await begin(shell);
    if (end) co_return *end;
  } else {
    spawn_beside(shell, begin(shell));
  }
  while (true) {
    const auto event = co_await receiver.next();
    auto end = receiver.take(event);
    while (!end && !traced_.empty()) {
      auto message = std::move(traced_.front());
      traced_.pop_front();
      end = co_await show(shell, std::move(message));
    }
    if (end) co_return *end;
  }
}

asio::awaitable<std::optional<int>> Trace::subscribe(Shell& shell) {
  std::vector<link::Subscription> subscriptions;
  for (const auto& pattern : patterns_) {
    link::Subscription subscription;
    subscription.pattern = pattern;
    subscriptions.push_back(std::move(subscription));
  }
  co_return co_await subscribe_all(shell, std::move(subscriptions));
}

asio::awaitable<std::optional<int>> Trace::begin(Shell& shell) {
  auto beginning = ring_ ? ring_->open() : subscribe(shell);
  const auto refused = co_await std::move(beginning);
  if (!refused && !shell.globals.quiet) note("waiting for messages that are published with: hubbub pub --trace");
  co_return refused;
}

asio::awaitable<std::optional<int>> Trace::show(Shell& shell, link::Message message) {
  const auto path = co_await trace_path(shell, message);
  shell.out.buffer() += json_ ? json_path(message, path) : show_path(message, path);
  const bool written = co_await shell.out.flush();
  if (!written) co_return exit_code::input_output;
  if (count_ && ++seen_ == *count_) co_return exit_code::done;
  co_return std::nullopt;
}

constexpr std::array examples = {
    Example{"hubbub trace ops & hubbub pub ops --trace -m hi", "the way of one message, there and here"},
    Example{"hubbub trace '>' --json | jq '.hops[] | [.hop, .took_us]'", "for a program"},
};

}  // namespace

extern const Command trace_command;
const Command trace_command = {
    "trace",
    "show the way of traced messages: each hop, by what and how long",
    "ROOM… [-n COUNT] [--for DURATION] [--ring] [--json]",
    "Waits for messages that were published with pub --trace, or with \"traced\":true through the agent's socket, and "
    "shows the way of each: door, agent, the hub's cores, its log, the fan-out, and the way here. Each hop has the "
    "time "
    "since the one before it and what brought the message there; the slowest one says what it may have waited for. "
    "Times within a host are exact; from one host to another they are as good as the two clocks agree.\n\n"
    "The hub remembers its part for the newest 256 traced messages of each core.",
    examples,
    make_action<Trace>,
};

}  // namespace hubbub::cli
