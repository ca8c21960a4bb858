// hubbub part: the end of a membership.
#include <array>

#include "client/cli/complain.hpp"
#include "client/cli/exit_codes.hpp"
#include "client/cli/shell.hpp"

namespace hubbub::cli {

namespace {

class Part : public OnlineAction {
 public:
  void declare(Syntax& syntax) override {
    syntax.operand({"ROOM", "rooms to leave", append(rooms_), Hint::room, true, true});
  }

 protected:
  asio::awaitable<int> talk(Shell& shell) override {
    for (const auto& room : rooms_) {
      proto::RoomLeave leave;
      leave.room = room;
      const auto left = co_await shell.link.call(leave, shell.call_options());
      if (!left) co_return shell.complain(left.error());
    }
    co_return exit_code::done;
  }

 private:
  std::vector<RoomName> rooms_;
};

constexpr std::array examples = {Example{"hubbub part ops", "no longer be shown in #ops"}};

}  // namespace

extern const Command part_command;
const Command part_command = {
    "part", "stop being a member of rooms", "ROOM…", "Ends what join began.", examples, make_action<Part>,
};

}  // namespace hubbub::cli
