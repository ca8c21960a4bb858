// hubbub react: an emoji or a short word for what somebody said.
#include <array>

#include "client/cli/amending.hpp"
#include "client/cli/complain.hpp"

namespace hubbub::cli {

namespace {

class React : public OnlineAction {
 public:
  void declare(Syntax& syntax) override {
    target_.declare(syntax, "the message to react to");
    syntax.operand({"EMOJI", "one emoji, or a short word: 👍 +1 yes", store(what_)});
    syntax.option({"--undo", "", "take that reaction back", store(undo_)});
  }

  Result<void> check() override {
    if (link::is_reaction(what_)) return {};
    return fail(Status::invalid_argument, "a reaction is one emoji or word of at most " +
                                              std::to_string(link::reaction_bytes_max) + " bytes, without blanks");
  }

 protected:
  asio::awaitable<int> talk(Shell& shell) override {
    const auto message = co_await read_target(shell, target_.room, target_.seq());
    if (!message) co_return shell.complain(message.error());
    const link::Amendment amendment{proto::Amends::reaction, target_.seq(), undo_};
    co_return co_await amend(shell, target_.room, amendment, what_);
  }

 private:
  Target target_;
  std::string what_;
  bool undo_ = false;
};

constexpr std::array examples = {
    Example{"hubbub react lobby 42 👍", "as it is shown below message 42"},
    Example{"hubbub react lobby 42 👍 --undo", "take it back"},
    Example{"hubbub react lobby 42 -- -1", "one that begins with a dash"},
};

}  // namespace

extern const Command react_command;
const Command react_command = {
    "react",
    "react to a message with an emoji or a short word",
    "ROOM SEQ EMOJI [--undo]",
    "Whoever reads the room sees how many have reacted so below the message. The same reaction twice counts once. "
    "Older "
    "programs see it as a notice of yours.",
    examples,
    make_action<React>,
};

}  // namespace hubbub::cli
