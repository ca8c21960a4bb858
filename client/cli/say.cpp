// hubbub say: one thing, as a person says it.
#include <array>

#include "client/cli/complain.hpp"
#include "client/cli/exit_codes.hpp"
#include "client/cli/queueing.hpp"
#include "client/cli/words.hpp"

namespace hubbub::cli {

namespace {

class Say : public QueueingAction {
 public:
  void declare(Syntax& syntax) override {
    syntax.operand({"ROOM", "where to; @NAME says it to a person alone", store(message_.room), Hint::room});
    syntax.operand({"TEXT", "what to say; words are joined by a space", append(words_), Hint::none, true, true});
    syntax.option({"-a,--action", "", "do it instead: * alice waves", store(action_)});
    declare_queueing(syntax);
  }

 protected:
  asio::awaitable<int> talk(Shell& shell) override {
    message_.kind = action_ ? proto::Kind::action : proto::Kind::text;
    message_.body = joined(words_);
    const auto taken = co_await shell.link.publish_soon(message_);
    if (!taken) co_return shell.complain(taken.error());
    const auto acknowledged = co_await settle(shell);
    co_return acknowledged ? exit_code::done : shell.complain(acknowledged.error());
  }

 private:
  link::Outgoing message_;
  std::vector<std::string> words_;
  bool action_ = false;
};

constexpr std::array examples = {
    Example{"hubbub say lobby good morning", "to everybody in #lobby"},
    Example{"hubbub say @bob the build is yours", "to bob alone"},
    Example{"hubbub say -a lobby waves", "* alice waves"},
};

}  // namespace

extern const Command say_command;
const Command say_command = {
    "say",
    "say something in a room or to a person",
    "ROOM TEXT… [-a]",
    "Says one thing and returns when the hub has acknowledged it. A text that begins with a dash goes after --.\n\n"
    "Where there is no hub it is queued, and the next say or pub sends it; see hubbub help pub.",
    examples,
    make_action<Say>,
};

}  // namespace hubbub::cli
