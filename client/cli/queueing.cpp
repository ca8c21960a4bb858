#include "client/cli/queueing.hpp"

#include <algorithm>

#include "client/cli/complain.hpp"
#include "client/cli/exit_codes.hpp"
#include "client/cli/progress.hpp"
#include "client/link/outbox/outboxes.hpp"
#include "common/duration.hpp"

namespace hubbub::cli {

void tell_torn(link::Outbox& outbox) {
  if (outbox.torn() == 0) return;
  complain(show_count(outbox.torn()) + " in " + outbox.path() + (outbox.torn() == 1 ? " is" : " are") +
           " damaged and lost, as after a loss of power");
  outbox.told_torn();
  if (const auto done = outbox.commit(); !done) complain(done.error());
}

std::shared_ptr<link::Outbox> take_own_outbox(const link::Options& options) {
  const auto folder = link::outbox_folder(options.hub, options.name);
  auto outbox =
      folder ? link::take_outbox(*folder) : Result<std::shared_ptr<link::Outbox>>(tl::unexpected(folder.error()));
  if (outbox) tell_torn(**outbox);
  if (outbox) return *std::move(outbox);
  note(outbox.error().sentence + "; what isn't acknowledged is lost with this program");
  return nullptr;
}

void tell_set_aside(link::Outbox& outbox) {
  std::uint64_t count = 0;
  for (const auto& waiting : outbox.waiting()) count += waiting.why.empty() ? 0 : waiting.count;
  if (count > 0)
    complain(show_count(count) + (count == 1 ? " is" : " are") + " set aside: hubbub outbox resend sends " +
             (count == 1 ? "it" : "them") + " again, hubbub outbox discard forgets " + (count == 1 ? "it" : "them"));
}

void QueueingAction::declare_queueing(Syntax& syntax) {
  syntax.option(
      {"--no-queue", "", "fail where there is no hub, instead of keeping it for the next time", store(no_queue_)});
}

void QueueingAction::prepare(link::Options& options) {
  if (!queues()) return;
  if (through_agent()) return prepare_for_its_end(*options.instead, options);
  options.outbox = take_own_outbox(options);
  options_ = options;
}

/// What the agent has said it has is the agent's; the rest needs an outbox of its own then.
void QueueingAction::prepare_for_its_end(link::Instead& instead, link::Options straight) {
  straight.hub = instead.hub;
  straight.instead.reset();
  instead.chosen = [this, straight = std::move(straight), tell = std::move(instead.chosen)] {
    tell();
    options_ = straight;
    options_.outbox = take_own_outbox(straight);
    was_online_ = true;
    return options_.outbox;
  };
}

asio::awaitable<std::optional<int>> QueueingAction::connect(Shell& shell) {
  if (!options_.outbox) co_return co_await OnlineAction::connect(shell);
  shell.link.connect_in_background();
  const auto first = co_await shell.link.next();
  if (const auto* closed = std::get_if<link::Closed>(&first)) co_return complain_unreachable(shell, closed->why);
  if (const auto* offline = std::get_if<link::Offline>(&first)) note(offline->why.sentence);
  was_online_ = shell.link.online();
  if (!was_online_) co_return std::nullopt;
  tell_name(shell, shell.link.welcome().name);
  co_await send_all_left(shell);
  co_return std::nullopt;
}

/// What programs that have ended left in their outboxes. Others have their own, and send what is in it.
asio::awaitable<void> QueueingAction::send_all_left(Shell& shell) {
  const auto folder = link::outbox_folder(options_.hub, options_.name);
  if (!folder) co_return;
  for (const auto& file : link::outbox_files(*folder)) {
    if (file == options_.outbox->path()) continue;
    auto options = options_;
    auto outbox = link::Outbox::open(file);
    if (!outbox && outbox.error().status != Status::already_exists) complain(outbox.error());
    if (!outbox) continue;
    tell_torn(**outbox);
    options.outbox = *std::move(outbox);
    co_await send_left(shell, std::move(options));
  }
}

asio::awaitable<Result<void>> QueueingAction::settle(Shell& shell) {
  if (options_.outbox && !was_online_ && !shell.link.online()) {
    tell_queued(shell);
    shell.link.abort();  // nobody waits for more
    co_return Result<void>();
  }
  bool stuck = false;
  std::function<void()> give_up = [&] {
    if (!options_.outbox) return stop_stuck(shell);
    stuck = true;
    note("the hub acknowledged nothing for " + show_duration(shell.globals.call_timeout()));
    tell_queued(shell);
    shell.link.abort();
  };
  auto drained = co_await drain_with_progress(shell, std::move(give_up));
  if (!options_.outbox && drained && through_agent()) tell_spooled(shell);
  if (!options_.outbox) co_return drained;
  if (stuck && !drained && drained.error().status == Status::cancelled) co_return Result<void>();
  const auto notice = shell.link.take_notice();
  if (notice) note(notice->sentence);
  if (notice) tell_queued(shell);
  if (notice || !drained) tell_set_aside(*options_.outbox);
  co_return drained;
}

/// The link doesn't count what can't be sent now, the outbox not what was said just now.
std::uint64_t QueueingAction::waiting(const Shell& shell) const {
  return std::max<std::uint64_t>(shell.link.unacknowledged(), options_.outbox ? options_.outbox->count() : 0);
}

/// The agent has it; but has the hub?
void QueueingAction::tell_spooled(const Shell& shell) const {
  const auto& features = shell.link.welcome().features;
  const bool away = std::ranges::find(features, "away", &Text::str) != features.end();
  if (away)
    note("the hub is away: the agent has " + show_count(shell.link.acknowledged()) + " and sends " +
         (shell.link.acknowledged() == 1 ? "it" : "them") + " when it is back");
}

void QueueingAction::tell_queued(const Shell& shell) const {
  if (const auto count = waiting(shell); count > 0)
    note("queued " + show_count(count) + " for " + shell.hub.str() + "; the next pub there sends " +
         (count == 1 ? "it" : "them"));
}

std::string QueueingAction::tell_progress(const Shell& shell, std::uint64_t said) const {
  const auto acknowledged = shell.link.acknowledged();
  auto text = show_count(acknowledged) + " acknowledged";
  auto more = waiting(shell);
  if (!options_.outbox && !shell.link.online()) more = said - acknowledged;
  if (more == 0) return text;
  return text + ", " + std::to_string(more) +
         (!options_.outbox ? " more may have arrived"
          : more == 1      ? " more waits for the next pub"
                           : " more wait for the next pub");
}

asio::awaitable<int> send_left(Shell& shell, link::Options options) {
  const auto outbox = options.outbox;
  if (outbox->count() == 0) co_return exit_code::done;
  const auto address = options.hub.str();
  link::Link link(shell.loop, std::move(options));
  const auto connected = co_await link.connect();
  if (!connected) co_return complain(connected.error());
  const auto patience = shell.globals.call_timeout();
  bool stuck = false;
  std::function<void()> give_up = [&] {
    stuck = true;
    link.abort();
  };
  auto drained = co_await drain_with_progress(shell.loop, link, patience, std::move(give_up));
  if (stuck && !drained)
    drained =
        fail(Status::deadline_exceeded, "the hub at " + address + " acknowledged nothing for " +
                                            show_duration(patience) + ": what is left stays in " + outbox->path());
  if (const auto notice = link.take_notice(); drained && notice) drained = tl::unexpected(*notice);
  if (!drained) complain(drained.error());
  if (!drained) tell_set_aside(*outbox);
  co_await link.close();
  co_return drained ? exit_code::done : exit_code_of(drained.error().status);
}

}  // namespace hubbub::cli
