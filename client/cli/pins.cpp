// hubbub pins: what is pinned in a room.
#include <array>

#include "client/cli/complain.hpp"
#include "client/cli/exit_codes.hpp"
#include "client/cli/hit_view.hpp"
#include "client/cli/shell.hpp"
#include "client/cli/terminal.hpp"
#include "client/json/message_json.hpp"
#include "client/link/found.hpp"
#include "common/clock.hpp"

namespace hubbub::cli {

namespace {

class Pins : public OnlineAction {
 public:
  void declare(Syntax& syntax) override {
    syntax.operand({"ROOM", "the room", store(room_), Hint::room});
    syntax.option({"--json", "", "one JSON object a line", store(json_)});
  }

 protected:
  asio::awaitable<int> talk(Shell& shell) override {
    proto::RoomPins question;
    question.room = room_;
    const auto page = co_await shell.link.call(question, shell.call_options());
    if (!page) co_return shell.complain(page.error());
    show(*page, HitView({}, wants_color(shell.globals.no_color)), shell.out.buffer());
    co_return exit_code::done;
  }

 private:
  void show(const proto::RoomHistory::Reply& page, const HitView& lines, std::string& out) const {
    link::Amendments amendments(SIZE_MAX);
    std::vector<link::Message> messages;
    link::take_page(room_, page, amendments, messages);
    for (const auto& message : messages) {
      const auto view = amendments.view(message, SystemClock().wall_now());
      if (view.standing != link::Standing::shown) continue;
      if (json_) {
        json::append_json(message, view, out);
        out += '\n';
      } else {
        lines.append(link::shown_as(message, view), view, out);
      }
    }
    if (out.empty()) note("nothing is pinned in " + display(room_));
  }

  RoomName room_;
  bool json_ = false;
};

constexpr std::array examples = {
    Example{"hubbub pins ops", "time, room, number, sender and text of each"},
    Example{"hubbub pins ops --json", "for programs"},
};

}  // namespace

extern const Command pins_command;
const Command pins_command = {
    "pins",
    "list the pinned messages of a room",
    "ROOM [--json]",
    "Prints what is pinned now, the oldest first: time, room, number, sender, text, and by whom it is pinned. hubbub "
    "pin "
    "ROOM SEQ --undo takes a pin away.",
    examples,
    make_action<Pins>,
};

}  // namespace hubbub::cli
