// hubbub pin: keeps a message in sight.
#include <array>

#include "client/cli/amending.hpp"
#include "client/cli/complain.hpp"

namespace hubbub::cli {

namespace {

class Pin : public OnlineAction {
 public:
  void declare(Syntax& syntax) override {
    target_.declare(syntax, "the message to pin");
    syntax.option({"--undo", "", "it isn't pinned any more", store(undo_)});
  }

 protected:
  asio::awaitable<int> talk(Shell& shell) override {
    const auto message = co_await read_target(shell, target_.room, target_.seq());
    if (!message) co_return shell.complain(message.error());
    const auto words = link::pin_words(target_.seq(), undo_);
    const link::Amendment amendment{proto::Amends::pin, target_.seq(), undo_};
    co_return co_await amend(shell, target_.room, amendment, words);
  }

 private:
  Target target_;
  bool undo_ = false;
};

constexpr std::array examples = {
    Example{"hubbub pin ops 42", "keep message 42 in sight"},
    Example{"hubbub pin ops 42 --undo", "no longer"},
};

}  // namespace

extern const Command pin_command;
const Command pin_command = {
    "pin",
    "pin a message, so that hubbub pins lists it",
    "ROOM SEQ [--undo]",
    "Whoever reads the room sees by whom it is pinned. hubbub pins ROOM lists what is. Older programs see a notice of "
    "yours.",
    examples,
    make_action<Pin>,
};

}  // namespace hubbub::cli
