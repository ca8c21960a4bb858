// hubbub lag: how far everybody has read a room.
#include <array>

#include "client/cli/columns.hpp"
#include "client/cli/complain.hpp"
#include "client/cli/exit_codes.hpp"
#include "client/cli/shell.hpp"
#include "client/cli/terminal.hpp"
#include "client/json/json_rows.hpp"
#include "common/clock.hpp"
#include "common/duration.hpp"

namespace hubbub::cli {

namespace {

std::string shown(const std::vector<proto::LagInfo>& readers) {
  Columns columns;
  if (stdout_is_terminal()) columns.add({"READER", "BEHIND", "READ", "MOVED", "ONLINE"});
  const auto now = SystemClock().wall_now().ns;
  for (const auto& reader : readers) {
    const auto age = std::chrono::nanoseconds(now - std::min(now, reader.moved_at.ns));
    const auto consumer = reader.consumer.empty() ? "" : "/" + reader.consumer.str();
    columns.add({reader.person.str() + consumer, std::to_string(reader.behind), std::to_string(reader.seq.value),
                 show_age(age), reader.online ? "online" : "away"});
  }
  return columns.str();
}

class Lag : public OnlineAction {
 public:
  void declare(Syntax& syntax) override {
    syntax.operand({"ROOM", "the room", store(room_), Hint::room});
    syntax.option({"--json", "", "one JSON object a line", store(json_)});
  }

 protected:
  asio::awaitable<int> talk(Shell& shell) override {
    const proto::RoomLag question{room_};
    const auto lag = co_await shell.link.call(question, shell.call_options());
    if (!lag) co_return shell.complain(lag.error());
    auto& out = shell.out.buffer();
    if (!json_) out += shown(lag->readers);
    if (json_)
      for (const auto& reader : lag->readers) out.append(json::json_row(reader)).append("\n");
    co_return exit_code::done;
  }

 private:
  RoomName room_;
  bool json_ = false;
};

constexpr std::array examples = {
    Example{"hubbub lag orders", "who is how far behind"},
    Example{"hubbub lag orders --json | jq 'select(.behind > 1000)'", "for a check that runs by itself"},
};

}  // namespace

extern const Command lag_command;
const Command lag_command = {
    "lag",
    "how far behind each reader of a room is",
    "ROOM [--json]",
    "A line for each person, and each durable consumer of a person (alice/billing), that has a place in the room, the "
    "furthest behind first: messages not read yet, the last one read, when that moved last, whether the person is "
    "there.",
    examples,
    make_action<Lag>,
};

}  // namespace hubbub::cli
