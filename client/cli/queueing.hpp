// A command that publishes, with or without a hub: what it says is kept in an outbox until the hub has acknowledged it.
//   connect --no hub--> say it, into the outbox --end--> "queued 3 messages for …", exit code 0
//           --hub----> what others have left, what is left here, then what is said --end--> acknowledged
#pragma once

#include "client/cli/shell.hpp"
#include "client/link/outbox/outbox.hpp"

namespace hubbub::cli {

class QueueingAction : public OnlineAction {
 protected:
  void declare_queueing(Syntax& syntax);
  [[nodiscard]] bool uses_agent() const override { return !no_queue_; }
  /// Without it, no hub is a failure, as for every other command.
  [[nodiscard]] virtual bool queues() const { return !no_queue_; }

  void prepare(link::Options& options) override;
  /// False where it isn't wanted, or can't be had.
  [[nodiscard]] bool has_outbox() const { return options_.outbox != nullptr; }
  asio::awaitable<std::optional<int>> connect(Shell& shell) override;
  /// Waits until all that was published is acknowledged; or says that it is queued, where the hub is away, doesn't get
  /// on with it, or has reached a limit. Fails with the first refusal.
  asio::awaitable<Result<void>> settle(Shell& shell);
  /// "3 messages acknowledged, 2 more wait for the next pub": of `said` messages, as far as it got.
  [[nodiscard]] std::string tell_progress(const Shell& shell, std::uint64_t said) const;

 private:
  void prepare_for_its_end(link::Instead& instead, link::Options straight);
  asio::awaitable<void> send_all_left(Shell& shell);
  [[nodiscard]] std::uint64_t waiting(const Shell& shell) const;
  void tell_queued(const Shell& shell) const;
  void tell_spooled(const Shell& shell) const;

  bool no_queue_ = false;
  bool was_online_ = false;
  link::Options options_;  ///< as the link has them, for more of them
};

/// An outbox for this hub and name; none, and a note why, where it can't be had.
std::shared_ptr<link::Outbox> take_own_outbox(const link::Options& options);

using link::show_count;

/// Says how many are damaged, as by a loss of power; nothing where there are none, or it was said before.
void tell_torn(link::Outbox& outbox);
/// Says how many were set aside, and what can be done about it; nothing where there are none.
void tell_set_aside(link::Outbox& outbox);

/// Sends what is left in the options' outbox, with a Link of its own. Returns an exit code, and has said why it isn't
/// 0.
asio::awaitable<int> send_left(Shell& shell, link::Options options);

}  // namespace hubbub::cli
