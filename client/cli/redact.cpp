// hubbub redact: takes back what was said.
#include <array>

#include "client/cli/amending.hpp"
#include "client/cli/exit_codes.hpp"

namespace hubbub::cli {

namespace {

class Redact : public OnlineAction {
 public:
  void declare(Syntax& syntax) override {
    target_.declare(syntax, "the message to take back");
    syntax.option({"--reason", "TEXT", "why, for all who read the room", store(typed_)});
  }

  Result<void> check() override {
    auto reason = Topic::parse(typed_.value_or(""));
    if (!reason) return tl::unexpected(reason.error());
    reason_ = *std::move(reason);
    return {};
  }

 protected:
  asio::awaitable<int> talk(Shell& shell) override {
    proto::RoomRedact redact;
    redact.room = target_.room;
    redact.seq = target_.seq();
    redact.reason = reason_;
    const auto done = co_await shell.link.call(redact, shell.call_options());
    co_return done ? exit_code::done : shell.complain(done.error());
  }

 private:
  Target target_;
  std::optional<std::string> typed_;
  Topic reason_;
};

constexpr std::array examples = {
    Example{"hubbub redact lobby 42", "take back what you said"},
    Example{"hubbub redact ops 42 --reason 'a password was in it'", "and say why; also what others said in your room"},
};

}  // namespace

extern const Command redact_command;
const Command redact_command = {
    "redact",
    "take back what was said",
    "ROOM SEQ [--reason TEXT]",
    "The hub erases the message wherever it has it, and the room shows \"(redacted by alice: the reason)\" in its "
    "place. "
    "Whoever has read it already may still have it. Your own messages can be taken back, and all messages of a room "
    "that you own.",
    examples,
    make_action<Redact>,
};

}  // namespace hubbub::cli
