// hubbub tail: a room as people read it: the last messages, and then every one as it comes.
//   subscribe --> what comes is held --> history of each room, sorted by time --> held --> live
#include <algorithm>
#include <array>
#include <unordered_map>

#include "client/cli/complain.hpp"
#include "client/cli/exit_codes.hpp"
#include "client/cli/past.hpp"
#include "client/cli/people_view.hpp"
#include "client/cli/receiver.hpp"
#include "client/cli/room_list.hpp"
#include "client/cli/shell.hpp"
#include "client/cli/terminal.hpp"
#include "common/clock.hpp"

namespace hubbub::cli {

namespace {

using Messages = std::vector<link::Message>;

/// As it is shown.
struct Told {
  link::Message message;
  link::View view;
};

class Tail : public OnlineAction {
 public:
  void declare(Syntax& syntax) override {
    syntax.operand({"ROOM", "rooms, or patterns: * stands for one word, a last > for one or more", append(patterns_),
                    Hint::room, true, true});
    syntax.option({"-n,--lines", "COUNT", "begin with so many of the last messages of each room; 10 if not given",
                   store(count_, 0)});
    syntax.option({"-e,--events", "", "also who joins, leaves, goes away and sets a topic", store(events_)});
  }

 protected:
  asio::awaitable<int> talk(Shell& shell) override;

 private:
  [[nodiscard]] std::vector<link::Subscription> subscriptions() const;
  asio::awaitable<std::optional<int>> begin(Shell& shell);
  asio::awaitable<Result<std::vector<RoomName>>> rooms_now(Shell& shell);
  asio::awaitable<Result<std::vector<Told>>> past_of(Shell& shell, std::vector<RoomName> rooms);
  void show_past(const std::vector<Told>& past, std::string& out);
  void show_live(const link::Message& message, std::string& out);
  void go_live(std::string& out);

  std::vector<Pattern> patterns_;
  std::optional<std::uint64_t> count_;
  bool events_ = false;
  PeopleView view_{PeopleView::Options{}};
  bool live_ = false;
  bool new_life_ = false;                       ///< the hub was restarted
  Messages held_;                               ///< came while the past was read
  std::unordered_map<RoomName, Seq> past_end_;  ///< of rooms of which nothing newer was shown: it may come once more
};

std::vector<link::Subscription> Tail::subscriptions() const {
  std::vector<link::Subscription> list;
  for (const auto& pattern : patterns_) {
    link::Subscription subscription;
    subscription.pattern = pattern;
    subscription.events = events_;
    list.push_back(std::move(subscription));
  }
  return list;
}

asio::awaitable<int> Tail::talk(Shell& shell) {
  shell.out.end_with_reader();
  view_ = PeopleView(
      {wants_color(shell.globals.no_color), patterns_.size() > 1 || is_wild(patterns_.front()), terminal_columns()});
  Receiver::Handlers handlers;
  handlers.message = [&](const link::Message& message) {
    if (live_)
      show_live(message, shell.out.buffer());
    else
      held_.push_back(message);
    return std::optional<int>();
  };
  handlers.event = [&](const link::Presence& event) { view_.append(event, shell.out.buffer()); };
  handlers.attached = [&](const link::RoomAttached& attached) {
    if (new_life_ && !attached.durable) past_end_.erase(attached.room);  // it counts from 1 again
  };
  handlers.online = [&](const link::Online& online) {
    new_life_ = new_life_ || online.new_life;
    if (online.new_life && !online.same_data) past_end_.clear();
  };
  Receiver receiver(shell, std::move(handlers));
  spawn_beside(shell, begin(shell));
  co_return co_await receiver.run();
}

asio::awaitable<std::optional<int>> Tail::begin(Shell& shell) {
  const auto refused = co_await subscribe_all(shell, subscriptions());
  if (refused) co_return refused;
  auto rooms = co_await rooms_now(shell);
  if (!rooms) co_return shell.complain(rooms.error());
  auto past = co_await past_of(shell, *std::move(rooms));
  if (!past) co_return shell.complain(past.error());
  show_past(*past, shell.out.buffer());
  go_live(shell.out.buffer());
  const bool written = co_await shell.out.flush();
  co_return written ? std::nullopt : std::optional(exit_code::input_output);
}

asio::awaitable<Result<std::vector<RoomName>>> Tail::rooms_now(Shell& shell) {
  std::vector<RoomName> names;
  if (count_ == 0) co_return names;
  for (const auto& pattern : patterns_) {
    if (!is_wild(pattern)) {
      names.push_back(RoomName::literal(pattern.str()));
      continue;
    }
    const auto rooms = co_await list_rooms(shell, pattern);
    if (!rooms) co_return tl::unexpected(rooms.error());
    for (const auto& room : *rooms) names.push_back(room.name);
  }
  std::ranges::sort(names);
  names.erase(std::unique(names.begin(), names.end()), names.end());
  co_return names;
}

asio::awaitable<Result<std::vector<Told>>> Tail::past_of(Shell& shell, std::vector<RoomName> rooms) {
  std::vector<Told> all;
  const auto now = SystemClock().wall_now();
  for (const auto& room : rooms) {
    auto past = co_await read_past(shell, room, Seq{}, count_.value_or(10), Counted::shown);
    if (!past && past.error().status == Status::not_found) continue;  // nobody has said anything there yet
    if (!past) co_return tl::unexpected(past.error());
    for (auto& message : past->messages) {
      auto view = past->amendments.view(message, now);
      all.push_back({std::move(message), std::move(view)});
    }
    past_end_[room] = past->last;
  }
  std::ranges::stable_sort(all, {}, [](const Told& told) { return told.message.time; });
  co_return all;
}

void Tail::show_past(const std::vector<Told>& past, std::string& out) {
  for (const auto& [message, view] : past) view_.append(message, view, out);
}

void Tail::show_live(const link::Message& message, std::string& out) {
  if (const auto known = past_end_.find(message.room); known != past_end_.end()) {
    if (message.seq <= known->second) return;
    past_end_.erase(known);
  }
  view_.append_live(message, SystemClock().wall_now(), out);
}

void Tail::go_live(std::string& out) {
  live_ = true;
  for (const auto& message : held_) show_live(message, out);
  held_ = {};
}

constexpr std::array examples = {
    Example{"hubbub tail lobby", "read #lobby"},
    Example{"hubbub tail -n 0 'ci.>'", "all rooms below ci, from now on"},
    Example{"hubbub tail -e ops @bob", "#ops, with who comes and goes, and what bob says to you"},
};

}  // namespace

extern const Command tail_command;
const Command tail_command = {
    "tail",
    "read rooms as a person: the last messages, then every new one",
    "ROOM… [-n COUNT] [-e]",
    "Shows time, sender and text of each message until Ctrl-C. A ~ before a name: the hub has only that person's word "
    "for "
    "it. Control characters in messages are made visible. For programs there is sub.\n\n"
    "What was said before is shown as it is now; an edit, a reaction or a pin that comes later is a line of its own: "
    "\"* alice edited 42: new text\".",
    examples,
    make_action<Tail>,
};

}  // namespace hubbub::cli
