// hubbub rooms: the list of rooms.
#include <array>

#include "client/cli/columns.hpp"
#include "client/cli/complain.hpp"
#include "client/cli/exit_codes.hpp"
#include "client/cli/room_list.hpp"
#include "client/cli/shell.hpp"
#include "client/cli/terminal.hpp"
#include "client/json/json_rows.hpp"
#include "common/escape.hpp"

namespace hubbub::cli {

namespace {

std::string shown(const std::vector<proto::RoomInfo>& rooms) {
  Columns columns;
  if (stdout_is_terminal()) columns.add({"ROOM", "MEMBERS", "READERS", "MESSAGES", "TOPIC"});
  for (const auto& room : rooms)
    columns.add({room.name.str(), std::to_string(room.members), std::to_string(room.subscribers),
                 std::to_string(room.last.value), escape_for_terminal(room.topic.str())});
  return columns.str();
}

class Rooms : public OnlineAction {
 public:
  void declare(Syntax& syntax) override {
    syntax.operand(
        {"PATTERN", "only these; * stands for one word, a last > for one or more", store(pattern_), Hint::room, false});
    syntax.option({"--joined", "", "only those that you are a member of", store(joined_)});
    syntax.option({"--names", "", "only the names", store(names_)});
    syntax.option({"--json", "", "one JSON object a line", store(json_)});
  }

  Result<void> check() override {
    if (names_ && json_) return fail(Status::invalid_argument, "--names and --json exclude each other");
    return {};
  }

 protected:
  asio::awaitable<int> talk(Shell& shell) override {
    auto rooms = co_await list_rooms(shell, pattern_);
    if (!rooms) co_return shell.complain(rooms.error());
    if (joined_) std::erase_if(*rooms, [](const proto::RoomInfo& room) { return !room.joined; });
    auto& out = shell.out.buffer();
    for (const auto& room : *rooms) {
      if (json_) out.append(json::json_row(room)).append("\n");
      if (names_) out.append(room.name.str()).append("\n");
    }
    if (!json_ && !names_) out += shown(*rooms);
    co_return exit_code::done;
  }

 private:
  Pattern pattern_ = Pattern::literal(">");
  bool joined_ = false, names_ = false, json_ = false;
};

constexpr std::array examples = {
    Example{"hubbub rooms", "all of them"},
    Example{"hubbub rooms 'ci.>'", "those below ci"},
    Example{"hubbub rooms --joined --names", "mine, for a script"},
};

}  // namespace

extern const Command rooms_command;
const Command rooms_command = {
    "rooms",
    "list rooms",
    "[PATTERN] [OPTION…]",
    "A line for each room: name, members, sessions that receive it, messages so far, topic.",
    examples,
    make_action<Rooms>,
};

}  // namespace hubbub::cli
