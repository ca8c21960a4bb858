// hubbub outbox: what was said and has not reached its hub yet.
#include <algorithm>
#include <array>

#include "client/cli/columns.hpp"
#include "client/cli/complain.hpp"
#include "client/cli/duration.hpp"
#include "client/cli/exit_codes.hpp"
#include "client/cli/queueing.hpp"
#include "client/cli/terminal.hpp"
#include "client/link/location.hpp"
#include "client/link/outbox/outboxes.hpp"
#include "common/clock.hpp"
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
  int open_files(const std::vector<link::OutboxPlace>& places);
  int list();
  int discard();

  static constexpr std::array<std::string_view, 4> verbs = {"list", "send", "resend", "discard"};
  std::string verb_ = "list";
  bool all_ = false;
  std::vector<File> files_;
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
int OutboxAction::open_files(const std::vector<link::OutboxPlace>& places) {
  int code = exit_code::done;
  for (const auto& place : places)
    for (const auto& path : link::outbox_files(place.folder)) {
      auto outbox = link::Outbox::open(path);
      if (outbox)
        files_.push_back({place, *std::move(outbox)});
      else if (outbox.error().status == Status::already_exists)
        note(outbox.error().sentence + ", which sends what is in it");
      else
        code = complain(outbox.error());
    }
  return code;
}

int OutboxAction::run(const Globals& globals) {
  const auto chosen = places(globals);
  if (!chosen) {
    complain(chosen.error());
    return exit_code::usage;
  }
  if (const int code = open_files(*chosen); code != exit_code::done) return code;
  if (verb_ == "list") return list();
  if (verb_ == "discard") return discard();
  return OnlineAction::run(globals);
}

int OutboxAction::list() {
  Columns table;
  if (stdout_is_terminal()) table.add({"HUB", "NAME", "ROOM", "MESSAGES", "AGE", "STATE"});
  const auto now = SystemClock().wall_now().ns;
  for (const auto& [place, outbox] : files_)
    for (const auto& waiting : outbox->waiting())
      table.add({place.hub, place.name, waiting.room, std::to_string(waiting.count),
                 show_age(std::chrono::nanoseconds(now - std::min(now, waiting.since.ns))),
                 waiting.why.empty() ? "waits" : "may have arrived: " + escape_for_terminal(waiting.why)});
  return print(table.str()) ? exit_code::done : exit_code::input_output;
}

int OutboxAction::discard() {
  for (const auto& [place, outbox] : files_) {
    std::uint64_t count = 0;
    for (const auto& waiting : outbox->waiting()) count += waiting.count;
    outbox->discard();
    if (const auto done = outbox->commit(); !done) return complain(done.error());
    if (count > 0) note("discarded " + show_count(count) + " for " + place.hub);
  }
  return exit_code::done;
}

/// One after the other, each under the name that it was said under.
asio::awaitable<int> OutboxAction::talk(Shell& shell) {
  int code = exit_code::done;
  for (const auto& [place, outbox] : files_) {
    if (verb_ == "resend") outbox->send_anew();
    const auto count = outbox->count();
    auto options = link_options(shell.globals);
    const auto hub = Address::parse(place.hub);
    if (!options || !hub || count == 0) continue;
    options->hub = *hub;
    options->name = place.name;
    options->outbox = outbox;
    const int sent = co_await send_left(shell, *std::move(options));
    if (sent == exit_code::done) note("sent " + show_count(count) + " to " + place.hub);
    if (sent != exit_code::done) code = sent;
  }
  co_return code;
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
    "What pub, say, import and the terminal client say is kept until the hub has acknowledged it, and sent by the next "
    "of "
    "them. This lists what waits of all hubs: hub, name, room, messages, age of the oldest, state; sends it now; or "
    "forgets it.\n\n"
    "A hub that has forgotten a producer, or has other data than before, can't tell whether it has taken what was sent "
    "and not acknowledged. Such messages are set aside: resend says them again as new ones, discard forgets them.",
    examples,
    make_action<OutboxAction>,
};

}  // namespace hubbub::cli
