// hubbub export: all that a room holds, as JSON lines.
//   subscribe from the first --> lines --> up to what was the newest at the start
#include <array>

#include "client/cli/complain.hpp"
#include "client/cli/exit_codes.hpp"
#include "client/cli/receiver.hpp"
#include "client/cli/render.hpp"
#include "client/cli/shell.hpp"

namespace hubbub::cli {

namespace {

class Export : public OnlineAction {
 public:
  void declare(Syntax& syntax) override { syntax.operand({"ROOM", "the room", store(room_), Hint::room}); }

 protected:
  [[nodiscard]] bool uses_agent() const override { return false; }
  asio::awaitable<int> talk(Shell& shell) override;

 private:
  asio::awaitable<std::optional<int>> begin(Shell& shell);
  std::optional<int> reached(Seq seq) const {
    return last_ && seq >= *last_ ? std::optional(exit_code::done) : std::nullopt;
  }

  RoomName room_;
  std::optional<Seq> last_;  ///< where it ends, once that is known
  bool durable_ = false;     ///< it outlives the hub
};

asio::awaitable<int> Export::talk(Shell& shell) {
  shell.out.end_with_reader();
  Receiver::Handlers handlers;
  handlers.message = [&, render = render_json({})](const link::Message& message) {
    render(message, shell.out.buffer());
    return reached(message.seq);
  };
  handlers.attached = [&](const link::RoomAttached& attached) {
    if (!last_) durable_ = attached.durable;
    if (!last_) last_ = attached.last;
    if (attached.last < attached.next) shell.stop(exit_code::done);  // there is nothing (more)
  };
  handlers.gap = [&](const link::Gap& gap) { return reached(gap.last); };
  handlers.online = [&](const link::Online& online) {
    const bool goes_on = !last_ || (online.same_data && durable_);  // before it has begun nothing is missing
    if (!online.new_life || goes_on) return;
    complain("the hub was restarted without what was said before; the export is not complete");
    shell.stop(exit_code::try_again);
  };
  Receiver receiver(shell, std::move(handlers));
  spawn_beside(shell, begin(shell));
  co_return co_await receiver.run();
}

asio::awaitable<std::optional<int>> Export::begin(Shell& shell) {
  link::Subscription subscription;
  subscription.pattern = Pattern::literal(room_.str());
  subscription.from = proto::From::seq;
  subscription.seq = Seq{1};
  const auto reply = co_await shell.link.subscribe(std::move(subscription), shell.call_options());
  if (!reply) co_return shell.complain(reply.error());
  co_return std::nullopt;
}

constexpr std::array examples = {
    Example{"hubbub export ops > ops.jsonl", "everything that was said there"},
    Example{"hubbub export ops | hubbub import ops-2026", "into another room"},
};

}  // namespace

extern const Command export_command;
const Command export_command = {
    "export",
    "all that a room holds, as JSON lines",
    "ROOM",
    "One JSON object a line, as sub --json has it, from the oldest message that the hub still has to the one that was "
    "the "
    "newest at the start. What retention takes away meanwhile is named on stderr. hubbub import reads it.",
    examples,
    make_action<Export>,
};

}  // namespace hubbub::cli
