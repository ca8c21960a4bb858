// hubbub outbox: what was said and has not reached its hub yet.
#include <algorithm>
#include <array>

#include "client/cli/columns.hpp"
#include "client/cli/complain.hpp"
#include "client/cli/exit_codes.hpp"
#include "client/cli/outbox_of_agent.hpp"
#include "client/cli/queueing.hpp"
#include "client/cli/terminal.hpp"
#include "client/link/location.hpp"
#include "client/link/outbox/outboxes.hpp"
#include "common/clock.hpp"
#include "common/duration.hpp"
#include "common/escape.hpp"

namespace hubbub::cli {

namespace {

class OutboxAction : public OnlineAction {
 public:
  void declare(Syntax& syntax) override {
    syntax.operand({"VERB",
                    "list (if none is given), send, resend or discard",
                    take_verb(),
                    Hint::choice,
                    false,
                    false,
                    {verbs.begin(), verbs.end()}});
    syntax.option({"--all", "", "of every hub and name, not only of this one", store(all_)});
  }
  int run(const Globals& globals) override;

 protected:
  [[nodiscard]] bool uses_agent() const override { return false; }
  /// The links are the outboxes' own.
  asio::awaitable<std::optional<int>> connect(Shell&) override { co_return std::nullopt; }
  asio::awaitable<int> talk(Shell& shell) override;

 private:
  struct File {
    link::OutboxPlace place;
    std::shared_ptr<link::Outbox> outbox;
  };

  Take take_verb();
  [[nodiscard]] Result<std::vector<link::OutboxPlace>> places(const Globals& globals) const;
  void open_files(const std::vector<link::OutboxPlace>& places);
  void take_file(const link::OutboxPlace& place, const std::string& path);
  bool take_from_agent(const link::OutboxPlace& place, const std::string& path);
  int list();
  int discard();
  asio::awaitable<int> send(Shell& shell, File file);
  asio::awaitable<int> send_waiting(Shell& shell, File file);

  static constexpr std::array<std::string_view, 4> verbs = {"list", "send", "resend", "discard"};
  std::string verb_ = "list";
  bool all_ = false;
  std::vector<File> files_;
  std::vector<std::pair<link::OutboxPlace, std::vector<link::Outbox::Waiting>>> agents_;
  std::vector<std::pair<link::OutboxPlace, Error>> bad_;
  int code_ = exit_code::done;  ///< of those, if any
};

Take OutboxAction::take_verb() {
  return [this](std::string_view word) -> Result<void> {
    if (std::ranges::find(verbs, word) == verbs.end())
      return fail(Status::invalid_argument, "'" + std::string(word) + "' is not list, send, resend or discard");
    verb_ = word;
    return {};
  };
}

Result<std::vector<link::OutboxPlace>> OutboxAction::places(const Globals& globals) const {
  auto places = link::outbox_places();
  if (all_ || (verb_ == "list" && globals.hub.empty())) return places;
  const auto location = link::locate(globals.hub, globals.name);
  if (!location) return tl::unexpected(location.error());
  std::erase_if(places, [&](const link::OutboxPlace& place) {
    return place.hub != location->hub.str() || place.name != location->name.str();
  });
  return places;
}

/// Those that no program has.
void OutboxAction::open_files(const std::vector<link::OutboxPlace>& places) {
  for (const auto& place : places)
    for (const auto& path : link::outbox_files(place.folder)) take_file(place, path);
}

/// One that is bad is none of the others' business.
void OutboxAction::take_file(const link::OutboxPlace& place, const std::string& path) {
  auto outbox = link::Outbox::open(path);
  if (outbox) {
    tell_torn(**outbox);
    files_.push_back({place, *std::move(outbox)});
  } else if (outbox.error().status == Status::already_exists && verb_ == "list" && take_from_agent(place, path)) {
    return;
  } else if (outbox.error().status == Status::already_exists) {
    note(outbox.error().sentence + ", which sends what is in it");
  } else {
    code_ = verb_ == "list" ? exit_code_of(outbox.error().status) : complain(outbox.error());
    bad_.emplace_back(place, outbox.error());
  }
}

bool OutboxAction::take_from_agent(const link::OutboxPlace& place, const std::string& path) {
  auto waiting = outbox_of_agent(place.hub, path);
  if (waiting) agents_.emplace_back(place, *std::move(waiting));
  return waiting.has_value();
}

int OutboxAction::run(const Globals& globals) {
  const auto chosen = places(globals);
  if (!chosen) {
    complain(chosen.error());
    return exit_code::usage;
  }
  open_files(*chosen);
  if (verb_ == "list") return list();
  if (verb_ == "discard") return discard();
  return OnlineAction::run(globals);
}

int OutboxAction::list() {
  Columns table;
  if (stdout_is_terminal()) table.add({"HUB", "NAME", "ROOM", "MESSAGES", "AGE", "STATE"});
  const auto now = SystemClock().wall_now().ns;
  const auto add = [&](const link::OutboxPlace& place, const std::vector<link::Outbox::Waiting>& list,
                       std::string_view where) {
    for (const auto& waiting : list)
      table.add({place.hub, place.name, escape_for_terminal(waiting.room), std::to_string(waiting.count),
                 show_age(std::chrono::nanoseconds(now - std::min(now, waiting.since.ns))),
                 (waiting.why.empty() ? "waits" : "set aside: " + escape_for_terminal(waiting.why)).append(where)});
  };
  for (const auto& [place, outbox] : files_) add(place, outbox->waiting(), "");
  for (const auto& [place, list] : agents_) add(place, list, " (the agent has it)");
  for (const auto& [place, error] : bad_)
    table.add({place.hub, place.name, "-", "-", "-", "bad: " + escape_for_terminal(error.sentence)});
  return print(table.str()) ? code_ : exit_code::input_output;
}

int OutboxAction::discard() {
  for (const auto& [place, outbox] : files_) {
    std::uint64_t count = 0;
    for (const auto& waiting : outbox->waiting()) count += waiting.count;
    outbox->discard();
    if (const auto done = outbox->commit(); !done) return complain(done.error());
    if (count > 0) note("discarded " + show_count(count) + " for " + place.hub);
  }
  return code_;
}

asio::awaitable<int> OutboxAction::talk(Shell& shell) {
  int code = code_;
  for (const auto& file : files_) {
    const int sent = co_await send(shell, file);
    if (sent != exit_code::done) code = sent;
  }
  co_return code;
}

/// What waits, and behind it what was set aside, if that is wanted: also where something waits for a room that can't be
/// opened now.
asio::awaitable<int> OutboxAction::send(Shell& shell, File file) {
  auto& outbox = *file.outbox;
  outbox.drop_torn();
  tell_torn(outbox);
  const bool again = verb_ == "resend" &&
                     std::ranges::any_of(outbox.waiting(), [](const auto& waiting) { return !waiting.why.empty(); });
  if (!again) co_return co_await send_waiting(shell, file);
  if (!outbox.may_grow()) {
    const int code = co_await send_waiting(shell, file);
    if (code != exit_code::done) co_return code;
    outbox.renew();
  }
  outbox.resend();
  const auto kept = outbox.commit();  // nothing else will: the command ends without destructors
  if (!kept) co_return complain(kept.error());
  co_return co_await send_waiting(shell, file);
}

/// Under the name that it was said under.
asio::awaitable<int> OutboxAction::send_waiting(Shell& shell, File file) {
  const auto count = file.outbox->count();
  auto options = link_options(shell.globals);
  const auto hub = Address::parse(file.place.hub);
  if (!options || !hub || count == 0) co_return exit_code::done;
  options->hub = *hub;
  options->name = file.place.name;
  options->outbox = file.outbox;
  const int sent = co_await send_left(shell, *std::move(options));
  if (sent == exit_code::done) note("sent " + show_count(count) + " to " + file.place.hub);
  co_return sent;
}

constexpr std::array examples = {
    Example{"hubbub outbox", "what waits, for which hub and room"},
    Example{"hubbub outbox send --all", "try now, at every hub"},
    Example{"hubbub outbox discard", "forget what waits for this hub"},
};

}  // namespace

extern const Command outbox_command;
const Command outbox_command = {
    "outbox",
    "what was said and has not reached its hub yet",
    "[list | send | resend | discard] [--all]",
    "What pub, say, run, import and the terminal client say is kept until the hub has acknowledged it, and sent by the "
    "next of them. This lists what waits of all hubs: hub, name, room, messages, age of the oldest, state; sends it "
    "now; or forgets it.\n\n"
    "A hub that has forgotten a producer, or has other data than before, can't tell whether it has taken what was sent "
    "and not acknowledged. Such messages are set aside, and so are those to a room that won't have them: resend sends "
    "what waits and says these again as new ones, discard forgets both. A file that can't be used is shown as bad, and "
    "the others are dealt with.\n\n"
    "What an agent that runs has taken is listed, too. It sends by itself what waits; to resend or discard what was "
    "set aside there, end it first: hubbub agent stop.",
    examples,
    make_action<OutboxAction>,
};

}  // namespace hubbub::cli
