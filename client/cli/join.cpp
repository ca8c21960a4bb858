// hubbub join: membership of rooms.
#include <fmt/format.h>

#include <array>

#include "client/cli/complain.hpp"
#include "client/cli/exit_codes.hpp"
#include "client/cli/shell.hpp"
#include "client/cli/terminal.hpp"
#include "common/escape.hpp"

namespace hubbub::cli {

namespace {

class Join : public OnlineAction {
 public:
  void declare(Syntax& syntax) override {
    syntax.operand({"ROOM", "rooms to join", append(rooms_), Hint::room, true, true});
  }

 protected:
  asio::awaitable<int> talk(Shell& shell) override {
    for (const auto& room : rooms_) {
      proto::RoomJoin join;
      join.room = room;
      const auto joined = co_await shell.link.call(join, shell.call_options());
      if (!joined) co_return shell.complain(joined.error());
      if (stdout_is_terminal()) show(room, *joined, shell.out.buffer());
    }
    co_return exit_code::done;
  }

 private:
  static void show(const RoomName& room, const proto::RoomJoin::Reply& joined, std::string& out) {
    out.append("joined ").append(display(room));
    if (!joined.topic.empty()) out.append(": ").append(escape_for_terminal(joined.topic.str()));
    out += '\n';
    if (joined.last > joined.read)
      out.append(fmt::format("read up to {} of {}; {} unread\n", joined.read.value, joined.last.value,
                             joined.last.value - joined.read.value));
  }

  std::vector<RoomName> rooms_;
};

constexpr std::array examples = {
    Example{"hubbub join ops ci.main", "be shown in both rooms, and find them again in the terminal client"},
};

}  // namespace

extern const Command join_command;
const Command join_command = {
    "join",
    "become a member of rooms",
    "ROOM…",
    "Members are shown in a room and remembered there, also while they are offline. Receiving messages needs no "
    "membership: see sub and tail. On a terminal, join says how far you have read.",
    examples,
    make_action<Join>,
};

}  // namespace hubbub::cli
