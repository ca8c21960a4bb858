// hubbub chat: the full-screen client.
#include <array>

#include "client/cli/complain.hpp"
#include "client/cli/exit_codes.hpp"
#include "client/cli/queueing.hpp"
#include "client/cli/shell.hpp"
#include "client/cli/terminal.hpp"
#include "client/tui/tui.hpp"

namespace hubbub::cli {

namespace {

class Chat : public Action {
 public:
  void declare(Syntax& syntax) override {
    syntax.operand({"ROOM", "rooms to begin with; lobby if none is given", append(rooms_), Hint::room, false, true});
    syntax.option({"--no-bell", "", "don't ring for mentions and direct messages", store(no_bell_)});
  }

  int run(const Globals& globals) override {
    auto place = link_options(globals);
    if (!place) {
      complain(place.error());
      return exit_code::usage;
    }
    tui::Options options;
    options.hub = place->hub;
    options.name = place->name;
    options.owner = place->owner;
    if (!rooms_.empty()) options.rooms = rooms_;
    options.bell = !no_bell_;
    options.colour = wants_color(globals.no_color);
    options.outbox = take_own_outbox(*place);
    return tui::run_terminal_client(options);
  }

 private:
  std::vector<RoomName> rooms_;
  bool no_bell_ = false;
};

constexpr std::array examples = {
    Example{"hubbub", "in #lobby"},
    Example{"hubbub chat ops ci.main", "in two other rooms"},
    Example{"hubbub --name alice --hub tcp://chat.example.org", "elsewhere, as alice"},
};

}  // namespace

extern const Command chat_command;
const Command chat_command = {
    "chat",
    "the full-screen terminal client; also without any command",
    "[ROOM…] [--no-bell]",
    "Needs a terminal. Inside, /help tells its commands and keys.",
    examples,
    make_action<Chat>,
};

}  // namespace hubbub::cli
