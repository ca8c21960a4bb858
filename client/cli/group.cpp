// hubbub group: queue groups that acknowledge, and how far they are.
#include <algorithm>
#include <array>

#include "client/cli/columns.hpp"
#include "client/cli/complain.hpp"
#include "client/cli/exit_codes.hpp"
#include "client/cli/shell.hpp"
#include "client/cli/terminal.hpp"
#include "client/json/json_rows.hpp"
#include "proto/methods/groups.hpp"

namespace hubbub::cli {

namespace {

constexpr std::array<std::string_view, 2> verbs = {"list", "forget"};

std::string shown(const std::vector<proto::GroupInfo>& groups) {
  Columns columns;
  if (stdout_is_terminal())
    columns.add({"GROUP", "MEMBERS", "NEXT", "BEHIND", "OUT", "WAITING", "DONE", "FAILED", "DEAD"});
  for (const auto& one : groups)
    columns.add({one.name.str(), std::to_string(one.members), std::to_string(one.next.value),
                 std::to_string(one.behind), std::to_string(one.out), std::to_string(one.waiting),
                 std::to_string(one.done), std::to_string(one.failed), std::to_string(one.dead)});
  return columns.str();
}

class GroupAction : public OnlineAction {
 public:
  void declare(Syntax& syntax) override {
    syntax.operand({"VERB", "list or forget", take_verb(), Hint::choice, true, false, {verbs.begin(), verbs.end()}});
    syntax.operand({"ROOM", "the room", store(room_), Hint::room});
    syntax.operand({"GROUP", "the group to forget", store(group_), Hint::none, false});
    syntax.option({"--json", "", "one JSON object a line", store(json_)});
  }
  Result<void> check() override {
    if ((verb_ == "forget") == group_.empty())
      return fail(Status::invalid_argument, verb_ == "forget" ? "say which GROUP is to be forgotten"
                                                              : "group list lists every group of the ROOM");
    return {};
  }

 protected:
  asio::awaitable<int> talk(Shell& shell) override {
    if (verb_ == "forget") co_return co_await forget(shell);
    const proto::GroupList question{room_};
    const auto list = co_await shell.link.call(question, shell.call_options());
    if (!list) co_return shell.complain(list.error());
    auto& out = shell.out.buffer();
    if (!json_) out += shown(list->groups);
    if (json_)
      for (const auto& group : list->groups) out.append(json::json_row(group)).append("\n");
    co_return exit_code::done;
  }

 private:
  Take take_verb() {
    return [this](std::string_view word) -> Result<void> {
      if (std::ranges::find(verbs, word) == verbs.end())
        return fail(Status::invalid_argument, "'" + std::string(word) + "' is not list or forget");
      verb_ = word;
      return {};
    };
  }
  asio::awaitable<int> forget(Shell& shell) {
    const proto::GroupForget question{room_, group_};
    const auto done = co_await shell.link.call(question, shell.call_options());
    if (!done) co_return shell.complain(done.error());
    co_return exit_code::done;
  }

  std::string verb_;
  RoomName room_;
  GroupName group_;
  bool json_ = false;
};

constexpr std::array examples = {
    Example{"hubbub group list jobs", "how far each group of the room is"},
    Example{"hubbub group forget jobs resizers", "nobody is going to handle these any more"},
};

}  // namespace

extern const Command group_command;
const Command group_command = {
    "group",
    "queue groups that acknowledge, and how far they are",
    "(list ROOM [--json] | forget ROOM GROUP)",
    "Members of such a group are those who run hubbub sub ROOM --group GROUP --exec COMMAND. A line for each group: "
    "its "
    "members, the first message that was never handed out and how many there are from there on, those that are being "
    "handled, those that failed and wait to be handed out again or to get to the dead, and since the hub was started: "
    "done, failed attempts, put to the dead.\n\n"
    "In a durable room a group stays when its last member goes, and messages wait for the next one. forget ends it, "
    "with "
    "what it hasn't handled; that is refused while it has members.",
    examples,
    make_action<GroupAction>,
};

}  // namespace hubbub::cli
