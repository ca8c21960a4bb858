// hubbub who: people, on the hub or in a room.
#include <array>

#include "client/cli/columns.hpp"
#include "client/cli/complain.hpp"
#include "client/cli/exit_codes.hpp"
#include "client/cli/render.hpp"
#include "client/cli/shell.hpp"
#include "client/cli/terminal.hpp"
#include "client/json/json_rows.hpp"
#include "common/clock.hpp"
#include "common/duration.hpp"
#include "common/escape.hpp"

namespace hubbub::cli {

namespace {

using People = std::vector<proto::Person>;

std::string idle_of(const proto::Person& person) {
  const auto now = SystemClock().wall_now();
  if (person.presence == proto::Presence::offline || person.idle_since.ns == 0) return "-";
  return show_age(std::chrono::nanoseconds(now > person.idle_since ? now.ns - person.idle_since.ns : 0));
}

std::string shown(const People& people) {
  Columns columns;
  if (stdout_is_terminal()) columns.add({"NAME", "STATUS", "IDLE", "AWAY"});
  for (const auto& person : people)
    columns.add({shown_name(person.name, person.verified), std::string(proto::name_of(person.presence)),
                 idle_of(person), escape_for_terminal(person.away.str())});
  return columns.str();
}

class Who : public OnlineAction {
 public:
  void declare(Syntax& syntax) override {
    syntax.operand({"ROOM|@NAME", "members of a room, or one person; nothing: everybody who is here", store(about_),
                    Hint::room, false});
    syntax.option({"--json", "", "one JSON object a line", store(json_)});
  }

 protected:
  asio::awaitable<int> talk(Shell& shell) override {
    const auto people = co_await wanted(shell);
    if (!people) co_return shell.complain(people.error());
    for (const auto& person : *people)
      if (json_) shell.out.buffer().append(json::json_row(person)).append("\n");
    if (!json_) shell.out.buffer() += shown(*people);
    co_return exit_code::done;
  }

 private:
  asio::awaitable<Result<People>> wanted(Shell& shell) {
    const bool room = !about_.empty() && !is_direct(about_);
    return room ? members(shell) : present(shell);
  }

  asio::awaitable<Result<People>> members(Shell& shell) {
    proto::RoomMembers question;
    question.room = about_;
    auto answer = co_await shell.link.call(question, shell.call_options());
    if (!answer) co_return tl::unexpected(answer.error());
    co_return std::move(answer->members);
  }

  asio::awaitable<Result<People>> present(Shell& shell) {
    proto::PeopleWho question;
    if (!about_.empty()) question.person = Text::literal(about_.str().substr(1));
    auto answer = co_await shell.link.call(question, shell.call_options());
    if (!answer) co_return tl::unexpected(answer.error());
    co_return std::move(answer->people);
  }

  RoomName about_;
  bool json_ = false;
};

constexpr std::array examples = {
    Example{"hubbub who", "everybody who is here"},
    Example{"hubbub who ops", "members of #ops, also those who are offline"},
    Example{"hubbub who @bob", "is bob here?"},
};

}  // namespace

extern const Command who_command;
const Command who_command = {
    "who",
    "show who is here, or who is in a room",
    "[ROOM | @NAME] [--json]",
    "A line for each: name, status, how long idle, and why away. A ~ before a name: the hub has only that person's "
    "word "
    "for it.",
    examples,
    make_action<Who>,
};

}  // namespace hubbub::cli
