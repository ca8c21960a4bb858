// hubbub say: one thing, as a person says it.
#include <algorithm>
#include <array>

#include "client/agent/queue.hpp"
#include "client/cli/complain.hpp"
#include "client/cli/exit_codes.hpp"
#include "client/cli/queueing.hpp"
#include "client/cli/replying.hpp"
#include "client/cli/words.hpp"

namespace hubbub::cli {

namespace {

class Say : public QueueingAction {
 public:
  void declare(Syntax& syntax) override {
    syntax.operand({"ROOM", "where to; @NAME says it to a person alone", store(message_.room), Hint::room});
    syntax.operand({"TEXT", "what to say; words are joined by a space", append(words_), Hint::none, true, true});
    syntax.option({"-a,--action", "", "do it instead: * alice waves", store(action_)});
    replying_.declare(syntax);
    declare_queueing(syntax);
    syntax.option({"--priority",
                   "LEVEL",
                   "by way of the agent's message queue, before all that is less important; never waits",
                   [this](std::string_view name) { return take_level(name); },
                   Hint::choice,
                   {agent::level_names.begin(), agent::level_names.end()}});
  }

  Result<void> check() override {
    if (level_ && action_) return fail(Status::invalid_argument, "--priority and --action exclude each other");
    if (level_ && replying_.wanted())
      return fail(Status::invalid_argument, "--priority and --reply-to exclude each other");
    if (level_ && joined(words_).empty()) return fail(Status::invalid_argument, "there is nothing to say");
    return {};
  }

  /// With --priority no hub is talked to.
  int run(const Globals& globals) override { return level_ ? put_into_queue() : QueueingAction::run(globals); }

 protected:
  asio::awaitable<int> talk(Shell& shell) override {
    message_.kind = action_ ? proto::Kind::action : proto::Kind::text;
    message_.body = joined(words_);
    const auto addressed = co_await replying_.address(shell, message_);
    if (!addressed) co_return shell.complain(addressed.error());
    const auto taken = co_await shell.link.publish_soon(message_);
    if (!taken) co_return shell.complain(taken.error());
    const auto acknowledged = co_await settle(shell);
    co_return acknowledged ? exit_code::done : shell.complain(acknowledged.error());
  }

 private:
  Result<void> take_level(std::string_view name) {
    const auto found = std::ranges::find(agent::level_names, name);
    if (found == agent::level_names.end())
      return fail(Status::invalid_argument, "normal, high or alarm, not '" + std::string(name) + "'");
    level_ = static_cast<agent::Level>(found - agent::level_names.begin());
    return {};
  }

  int put_into_queue() const {
    const auto bytes = message_.room.str() + '\n' + joined(words_);
    const auto sent = agent::send_to_queue(agent::queue_name(), bytes, agent::priority_of(*level_));
    return sent ? exit_code::done : complain(sent.error());
  }

  link::Outgoing message_;
  Replying replying_;
  std::optional<agent::Level> level_;
  std::vector<std::string> words_;
  bool action_ = false;
};

constexpr std::array examples = {
    Example{"hubbub say lobby good morning", "to everybody in #lobby"},
    Example{"hubbub say @bob the build is yours", "to bob alone"},
    Example{"hubbub say -a lobby waves", "* alice waves"},
    Example{"hubbub say lobby --reply-to 42 yes, please", "into the thread of message 42"},
    Example{"hubbub say --priority alarm ops disk full", "before everything else that the agent has to say"},
};

}  // namespace

extern const Command say_command;
const Command say_command = {
    "say",
    "say something in a room or to a person",
    "ROOM TEXT… [-a] [--reply-to SEQ] [--priority LEVEL]",
    "Says one thing and returns when the hub has acknowledged it. A text that begins with a dash goes after --.\n\n"
    "Where there is no hub it is queued, and the next say or pub sends it; see hubbub help pub.\n\n"
    "With --reply-to it answers a message: hubbub history -v and the terminal client's /numbers show their numbers. "
    "One "
    "that the room doesn't have is refused; while the hub is away nobody can tell.\n\n"
    "With --priority it is put into the message queue of this user's agent, and that is all: nothing is waited for, "
    "neither the hub nor the agent. An alarm overtakes what else is in the queue. A full queue is a failure, with exit "
    "code 75.",
    examples,
    make_action<Say>,
};

}  // namespace hubbub::cli
