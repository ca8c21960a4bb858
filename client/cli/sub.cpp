// hubbub sub: messages to stdout, or to a command each, for programs.
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>

#include "client/cli/amended.hpp"
#include "client/cli/complain.hpp"
#include "client/cli/cursor_keeper.hpp"
#include "client/cli/exec.hpp"
#include "client/cli/exit_codes.hpp"
#include "client/cli/format.hpp"
#include "client/cli/moment.hpp"
#include "client/cli/ready_file.hpp"
#include "client/cli/receiver.hpp"
#include "client/cli/ring_source.hpp"
#include "client/cli/shell.hpp"
#include "client/cli/terminal.hpp"
#include "client/cli/where.hpp"
#include "client/cli/will.hpp"
#include "client/cli/workers.hpp"
#include "common/clock.hpp"
#include "common/descriptor.hpp"
#include "common/descriptor_limit.hpp"
#include "common/process.hpp"

namespace hubbub::cli {

namespace {

/// A hub that is well answers sooner, also over its disk; for one that isn't nobody waits longer who has pressed
/// Ctrl-C.
constexpr std::chrono::milliseconds last_place_patience{1000};

/// How commands that run are ended with us: first waited for, then told to, then killed.
constexpr std::chrono::milliseconds finishing_time{10'000};
constexpr std::chrono::milliseconds command_grace{2000};
constexpr std::chrono::milliseconds leave_grace{500};

constexpr std::uint64_t standard_attempts = 5;
constexpr std::chrono::milliseconds standard_backoff{1000}, standard_backoff_max{60'000};

class Sub : public OnlineAction {
 public:
  void declare(Syntax& syntax) override;
  Result<void> check() override;
  int run(const Globals& globals) override;

 protected:
  void prepare(link::Options& options) override {
    if (uses_ring_) heal_silently(options);
    if (!acknowledges()) return;
    raise_descriptor_limit();  // each command that runs has three
    std::signal(SIGPIPE, SIG_IGN);
    std::signal(SIGCHLD, SIG_DFL);  // ignored, it would take the commands' ends away from us
  }
  /// The commands have sessions of their own, which no Ctrl-C reaches.
  void cut_short() override {
    if (workers_) workers_->abandon();
  }
  [[nodiscard]] bool uses_agent() const override {
    return group_.empty() && durable_.empty() && !since_ && !last_ && !will_.wanted();
  }
  asio::awaitable<std::optional<int>> connect(Shell& shell) override;
  asio::awaitable<int> talk(Shell& shell) override;
  asio::awaitable<void> last_words(Shell& shell, bool written) override;

 private:
  [[nodiscard]] Result<void> check_beginning() const;
  [[nodiscard]] Result<void> check_ring() const;
  [[nodiscard]] Result<void> check_acks() const;
  [[nodiscard]] bool acknowledges() const { return !group_.empty() && exec_ && !no_acks_; }
  [[nodiscard]] proto::From beginning() const;
  [[nodiscard]] Result<Render> chosen_render() const;
  [[nodiscard]] RenderOptions render_options() const;
  [[nodiscard]] std::vector<link::Subscription> subscriptions() const;
  asio::awaitable<std::optional<int>> begin(Shell& shell);
  asio::awaitable<std::optional<int>> subscribe(Shell& shell);
  asio::awaitable<std::optional<int>> begin_in_new_rooms(Shell& shell, std::vector<link::Subscription>& wanted);
  void rearm_idle(Shell& shell);
  std::optional<int> count_one();
  /// What is erased or has expired is nobody's any more; only JSON tells of it.
  [[nodiscard]] bool is_wanted(const link::Message& message) const {
    const bool may_be_over = message.erased || !message.headers.list.empty();
    if (!json_ && may_be_over && link::is_over(message, SystemClock().wall_now())) return false;
    return !where_ || where_->matched();
  }
  /// What only says something about an earlier message is no job for a command.
  [[nodiscard]] bool is_job(const link::Message& message) const {
    return is_wanted(message) && !link::amendment_of(message);
  }
  [[nodiscard]] Receiver::Source source(Shell& shell) { return ring_ ? ring_->source() : Receiver::of_link(shell); }
  [[nodiscard]] Receiver receiver(Shell& shell, Receiver::Handlers handlers);
  asio::awaitable<int> write_each(Shell& shell);
  asio::awaitable<int> execute_each(Shell& shell);
  asio::awaitable<int> work(Shell& shell);
  void worked(Shell& shell);
  void begin_room(const link::RoomAttached& attached);
  asio::awaitable<std::optional<int>> execute(Shell& shell, link::Message message);
  void finish_one(Shell& shell, const link::Message& message);
  /// For a time that is up: fewer messages than wanted are a failure, without a wish they are not.
  [[nodiscard]] int code_at_time_up() const { return count_ ? exit_code::deadline : exit_code::done; }

  std::vector<Pattern> patterns_;
  std::optional<std::uint64_t> count_, from_;
  std::optional<WallTime> since_;
  ConsumerName durable_;
  std::optional<CursorKeeper> cursors_;
  std::optional<std::chrono::milliseconds> for_, until_idle_;
  std::optional<std::string> format_, exec_, ready_file_, where_expression_;
  GroupName group_;
  bool all_ = false, last_ = false, verbose_ = false, json_ = false, pretty_ = false, null_ = false,
       no_newline_ = false, raw_ = false, uses_ring_ = false;
  bool no_acks_ = false;
  std::optional<std::uint64_t> attempts_, at_once_;
  std::optional<std::chrono::milliseconds> backoff_, backoff_max_;
  std::optional<Workers> workers_;
  std::optional<RingSource> ring_;
  std::optional<Where> where_;
  WillOption will_;
  Render render_;
  std::uint64_t seen_ = 0;
  std::optional<asio::steady_timer> idle_;
};

void Sub::declare(Syntax& syntax) {
  syntax.operand({"PATTERN", "rooms to receive; * stands for one word, a last > for one or more", append(patterns_),
                  Hint::room, true, true});
  syntax.option({"-v,--verbose", "", "room, seq, time and sender before each body", store(verbose_)});
  syntax.option({"--json", "", "one JSON object a line", store(json_)});
  syntax.option({"--pretty", "", "bodies that are JSON laid out over lines", store(pretty_)});
  syntax.option({"-F,--format", "FORMAT", "what to write for each message: see below", store(format_)});
  syntax.option({"--where", "EXPRESSION", "only messages whose body is JSON that this expression of jq matches",
                 store(where_expression_)});
  syntax.option(
      {"-n,--count", "COUNT", "end after so many messages; with --exec after so many commands", store(count_, 1)});
  syntax.option({"--for", "DURATION", "end after this time", store(for_)});
  syntax.option({"--until-idle", "DURATION", "end when nothing came for this time", store(until_idle_)});
  syntax.option({"--from", "SEQ",
                 "begin with that message of each room, as far as the hub still has it; 1 is the first",
                 store(from_, 0)});
  syntax.option({"--all", "", "begin with the first message that the hub still has", store(all_)});
  syntax.option(
      {"--since", "WHEN", "begin with what was said then or later: 2h (ago), 2026-11-01T12:00", store_moment(since_)});
  syntax.option(
      {"--durable", "NAME", "go on behind what NAME has read, and have the hub keep how far that is", store(durable_)});
  syntax.option({"--last", "", "begin with each room's retained or else newest message", store(last_)});
  syntax.option({"--group", "NAME", "share the messages: each goes to one member of the group", store(group_)});
  syntax.option({"--attempts", "COUNT",
                 "with --group and --exec: after so many a message goes to the dead (5; 0: never)",
                 store(attempts_, 0, UINT16_MAX)});
  syntax.option({"--backoff", "DURATION", "before the second attempt; doubles with each (1s)", store(backoff_)});
  syntax.option({"--backoff-max", "DURATION", "no longer than this (1m)", store(backoff_max_)});
  syntax.option(
      {"--at-once", "COUNT", "commands of a group's messages that run at a time (1)", store(at_once_, 1, UINT16_MAX)});
  syntax.option(
      {"--no-acks", "", "with --group and --exec: a message counts as handled once it was sent", store(no_acks_)});
  syntax.option({"--ring", "", "read from the agent's shared memory instead of its socket", store(uses_ring_)});
  syntax.option({"--exec", "COMMAND", "run /bin/sh -c COMMAND for each message, with its body on stdin", store(exec_)});
  syntax.option({"-0,--null", "", "a NUL byte after each message instead of a newline", store(null_)});
  syntax.option({"-N,--no-newline", "", "nothing after each message", store(no_newline_)});
  syntax.option({"--raw", "", "write control characters to a terminal too", store(raw_)});
  will_.declare(syntax);
  syntax.option({"--ready-file", "FILE", "write this file once everything published from now on will be received",
                 store(ready_file_), Hint::file});
}

Result<void> Sub::check() {
  if (verbose_ + json_ + pretty_ + format_.has_value() + exec_.has_value() > 1)
    return fail(Status::invalid_argument, "--verbose, --json, --pretty, --format and --exec exclude each other");
  if (auto beginning = check_beginning(); !beginning) return beginning;
  if (auto ring = check_ring(); !ring) return ring;
  if (auto acks = check_acks(); !acks) return acks;
  if (null_ && no_newline_) return fail(Status::invalid_argument, "--null and --no-newline exclude each other");
  auto render = chosen_render();
  if (!render) return tl::unexpected(render.error());
  render_ = *std::move(render);
  return {};
}

/// The expression is looked at before there is a hub to talk to.
int Sub::run(const Globals& globals) {
  const auto checked = where_expression_ ? check_jq_expression(*where_expression_) : Result<void>();
  if (checked) return OnlineAction::run(globals);
  const int code = complain(checked.error());
  return checked.error().status == Status::invalid_argument ? exit_code::usage : code;
}

Result<void> Sub::check_beginning() const {
  if (from_.has_value() + all_ + since_.has_value() + last_ > 1)
    return fail(Status::invalid_argument, "--from, --all, --since and --last exclude each other");
  if (!durable_.empty() && (since_ || last_))
    return fail(Status::invalid_argument, "with --durable only --from and --all say where NAME begins");
  if (!durable_.empty() && !group_.empty())
    return fail(Status::invalid_argument, "--durable and --group exclude each other: a group has no place of its own");
  return {};
}

Result<void> Sub::check_ring() const {
  if (uses_ring_ && (!group_.empty() || !durable_.empty() || since_ || last_ || will_.wanted()))
    return fail(
        Status::invalid_argument,
        "--ring goes with none of --group, --durable, --since, --last and --will, which need a session at the hub; "
        "--from and --all say where it begins");
  return {};
}

Result<void> Sub::check_acks() const {
  if (!acknowledges() && (attempts_ || backoff_ || backoff_max_ || at_once_))
    return fail(
        Status::invalid_argument,
        "--attempts, --backoff, --backoff-max and --at-once go with --group and --exec, and not with --no-acks");
  if (no_acks_ && (group_.empty() || !exec_))
    return fail(Status::invalid_argument,
                "--no-acks goes with --group and --exec; without them nothing is acknowledged");
  for (const auto& duration : {backoff_, backoff_max_})
    if (duration && duration->count() > UINT32_MAX)
      return fail(Status::invalid_argument, "a backoff is at most 49 days");
  return {};
}

RenderOptions Sub::render_options() const {
  return {stdout_is_terminal() && !raw_, null_ ? std::string_view("\0", 1) : no_newline_ ? "" : "\n"};
}

Result<Render> Sub::chosen_render() const {
  const auto options = render_options();
  if (json_) return render_json(options);
  if (format_) return parse_format(*format_, options);
  return readable(verbose_ ? render_verbose(options) : render_body(options), !verbose_);
}

std::vector<link::Subscription> Sub::subscriptions() const {
  std::vector<link::Subscription> list;
  for (const auto& pattern : patterns_) {
    link::Subscription subscription;
    subscription.pattern = pattern;
    subscription.from = beginning();
    subscription.seq = Seq{all_ ? 1 : from_.value_or(0)};
    subscription.since = since_.value_or(WallTime{});
    subscription.consumer = durable_;
    subscription.group = group_;
    if (acknowledges()) {
      subscription.at_once = static_cast<std::uint16_t>(at_once_.value_or(1));
      subscription.attempts_max = static_cast<std::uint16_t>(attempts_.value_or(standard_attempts));
      subscription.backoff_ms = static_cast<std::uint32_t>(backoff_.value_or(standard_backoff).count());
      subscription.backoff_ms_max = static_cast<std::uint32_t>(backoff_max_.value_or(standard_backoff_max).count());
    }
    list.push_back(std::move(subscription));
  }
  return list;
}

proto::From Sub::beginning() const {
  if (!durable_.empty()) return proto::From::cursor;
  if (since_) return proto::From::time;
  if (last_) return proto::From::last;
  return from_ || all_ ? proto::From::seq : proto::From::now;
}

void Sub::rearm_idle(Shell& shell) {
  if (!until_idle_) return;
  idle_->expires_after(*until_idle_);
  idle_->async_wait([this, &shell](std::error_code error) {
    if (!error) shell.stop(code_at_time_up());
  });
}

std::optional<int> Sub::count_one() {
  if (count_ && ++seen_ == *count_) return exit_code::done;
  return std::nullopt;
}

asio::awaitable<std::optional<int>> Sub::connect(Shell& shell) {
  if (uses_ring_ && !through_agent()) co_return complain_no_agent(shell);
  co_return co_await OnlineAction::connect(shell);
}

asio::awaitable<int> Sub::talk(Shell& shell) {
  shell.out.end_with_reader();
  idle_.emplace(shell.loop);
  if (for_) shell.stop_after(*for_, code_at_time_up());
  if (!durable_.empty()) cursors_.emplace(shell, durable_);
  if (pretty_) render_ = readable(render_pretty(render_options(), wants_color(shell.globals.no_color)), true);
  if (uses_ring_)
    ring_.emplace(shell, link::RingSubscription::Options{
                             shell.hub, patterns_,
                             Seq{all_ || from_ ? std::max<std::uint64_t>(1, from_.value_or(1)) : 0}, "sub"});
  if (where_expression_) where_.emplace(shell.loop, *where_expression_);
  const auto started = where_ ? where_->start(source(shell)) : Result<void>();
  if (!started) co_return shell.complain(started.error());
  const auto will_left = co_await will_.leave(shell);
  if (!will_left) co_return shell.complain(will_left.error());
  if (acknowledges()) {
    workers_.emplace(shell, *exec_, at_once_.value_or(1), [this, &shell] { worked(shell); });
    if (count_) workers_->begin_at_most(*count_);
  }
  if (uses_ring_) {
    const auto end = co_await begin(shell);
    if (end) co_return *end;
  } else {
    spawn_beside(shell, begin(shell));
  }
  if (acknowledges()) co_return co_await work(shell);
  if (exec_) co_return co_await execute_each(shell);
  co_return co_await write_each(shell);
}

asio::awaitable<std::optional<int>> Sub::subscribe(Shell& shell) {
  auto wanted = subscriptions();
  const auto denied = co_await begin_in_new_rooms(shell, wanted);
  if (denied) co_return denied;
  co_return co_await subscribe_all(shell, std::move(wanted));
}

asio::awaitable<std::optional<int>> Sub::begin(Shell& shell) {
  auto beginning = ring_ ? ring_->open() : subscribe(shell);
  const auto refused = co_await std::move(beginning);
  if (refused) co_return refused;
  if (!tell_ready(ready_file_)) co_return exit_code::input_output;
  rearm_idle(shell);
  co_return std::nullopt;
}

/// A consumer that has a place in some room of a pattern was there before: a room without one is taken for one that was
/// made while it was away, so that nothing is missed.
asio::awaitable<std::optional<int>> Sub::begin_in_new_rooms(Shell& shell, std::vector<link::Subscription>& wanted) {
  if (durable_.empty() || from_ || all_) co_return std::nullopt;
  for (auto& subscription : wanted) {
    const proto::CursorList question{durable_, subscription.pattern, {}, 1};
    const auto known = co_await shell.link.call(question, shell.call_options());
    if (!known) co_return shell.complain(known.error());
    if (!known->cursors.empty()) subscription.seq = Seq{1};
  }
  co_return std::nullopt;
}

Receiver Sub::receiver(Shell& shell, Receiver::Handlers handlers) {
  return Receiver(shell, std::move(handlers), where_ ? where_->source() : source(shell));
}

asio::awaitable<int> Sub::write_each(Shell& shell) {
  Receiver::Handlers handlers;
  handlers.message = [&](const link::Message& message) {
    const bool wanted = is_wanted(message);
    if (wanted) render_(message, shell.out.buffer());
    if (cursors_) cursors_->written(message.room, message.seq);
    return wanted ? count_one() : std::nullopt;
  };
  handlers.attached = [&](const link::RoomAttached& attached) { begin_room(attached); };
  handlers.flushed = [&] {
    if (cursors_) cursors_->flushed();
  };
  handlers.batch_end = [&] { rearm_idle(shell); };
  auto receiver = this->receiver(shell, std::move(handlers));
  co_return co_await receiver.run();
}

asio::awaitable<int> Sub::execute_each(Shell& shell) {
  std::optional<link::Message> current;
  Receiver::Handlers handlers;
  handlers.message = [&](const link::Message& message) {
    current = message;
    return std::optional<int>();
  };
  handlers.attached = [&](const link::RoomAttached& attached) {
    begin_room(attached);
    if (cursors_) cursors_->flushed();
  };
  auto receiver = this->receiver(shell, std::move(handlers));
  while (true) {
    const auto event = co_await receiver.next();
    auto end = receiver.take(event);
    if (current) end = co_await execute(shell, std::move(*current));
    if (end) co_return *end;
    current.reset();
  }
}

asio::awaitable<std::optional<int>> Sub::execute(Shell& shell, link::Message message) {
  if (!is_job(message)) {
    finish_one(shell, message);
    co_return std::nullopt;
  }
  idle_->cancel();  // a command that takes long is no silence of the room
  const auto hub = shell.hub.str();
  const auto ended = co_await run_for_message(shell.loop, *exec_, hub, message);
  if (!ended) co_return shell.complain(ended.error());
  if (const auto how = describe_end(*ended); !how.empty())
    complain("the command for message " + std::to_string(message.seq.value) + " of " + display(message.room) + " " +
             how);
  finish_one(shell, message);
  co_return count_one();
}

/// A process for each message, side by side, and what comes of it to the hub.
asio::awaitable<int> Sub::work(Shell& shell) {
  Receiver::Handlers handlers;
  handlers.message = [&](const link::Message& message) {
    if (is_job(message)) {
      idle_->cancel();  // a command that takes long is no silence of the room
      workers_->take(message);
    } else {
      shell.link.settle(message, proto::Verdict::done);
    }
    if (workers_->running() == 0) rearm_idle(shell);
    return std::optional<int>();
  };
  handlers.online = [&](const link::Online& online) {
    if (online.resumed) workers_->reconnected();
  };
  auto receiver = this->receiver(shell, std::move(handlers));
  co_return co_await receiver.run();
}

void Sub::worked(Shell& shell) {
  if (shell.stopped()) return;
  if (count_ && workers_->finished() >= *count_) return shell.stop(exit_code::done);
  if (workers_->running() == 0) rearm_idle(shell);
}

void Sub::finish_one(Shell& shell, const link::Message& message) {
  rearm_idle(shell);
  if (cursors_) cursors_->written(message.room, message.seq);
  if (cursors_) cursors_->flushed();
}

/// A consumer that begins now has a place at once: what is said while it is away is for it, too.
void Sub::begin_room(const link::RoomAttached& attached) {
  if (cursors_ && attached.next > Seq{}) cursors_->written(attached.room, attached.next.previous());
}

asio::awaitable<void> Sub::last_words(Shell& shell, bool written) {
  if (where_) where_->stop();
  co_await will_.take_back(shell);
  if (workers_) {
    co_await workers_->finish(finishing_time, command_grace);
    co_await shell.link.close(leave_grace);
    co_return;
  }
  if (!cursors_) co_return;
  if (written) cursors_->flushed();
  co_await cursors_->finish(last_place_patience);
}

constexpr std::array examples = {
    Example{"hubbub sub ci.main", "every body of a room, a line each"},
    Example{"hubbub sub -v 'ci.>'", "all rooms below ci, with where and who"},
    Example{"hubbub sub --json alerts | jq -r .text", "for programs"},
    Example{"hubbub sub --pretty --where '.level == \"error\"' ops", "of JSON what matters, for people"},
    Example{"hubbub sub -n 1 --last weather", "the newest value, and done"},
    Example{"hubbub sub --group workers jobs --exec ./work", "one of many workers; the job is on its stdin"},
    Example{"hubbub sub --ring --json metrics", "at memory speed, where an agent runs"},
    Example{"hubbub sub --since 2h --until-idle 1s notes", "what was said in the last two hours"},
    Example{"hubbub sub --will 'ops:billing is dead' orders | ./bill",
            "tells #ops if this is killed, or its host dies"},
    Example{"hubbub sub --durable billing orders | ./bill", "every order, also those of the time between two runs"},
};

}  // namespace

extern const Command sub_command;
const Command sub_command = {
    "sub",
    "receive messages: bodies to stdout, JSON, or a command for each",
    "PATTERN… [OPTION…]",
    "Prints the body of each message and a newline, as soon as it comes and in the order of its room. After a loss of "
    "the "
    "connection it comes back by itself and continues where it was; messages that the hub has no longer are named on "
    "stderr.\n\n"
    "Bytes go out as they came. Only on a terminal control characters are made visible; --raw lets them through.\n\n"
    "With --where only those messages come whose body is JSON for which the expression of jq(1) has a result that is "
    "neither false nor null; the body is its ., and $message has the rest as --json writes it. An expression that "
    "fails doesn't match, which is told once. What doesn't match counts as read and for --until-idle, but not for -n; "
    "of a group's messages it goes to no other member. It needs the program jq, and ends with exit code 124 if that "
    "hasn't answered for 10 s, or 70 if it was killed. jq reads numbers as doubles; what is nested deeper than 200 "
    "brackets doesn't match.\n\n"
    "With --exec each message gets a process of its own, one after another unless --at-once says otherwise; but for "
    "edits, redactions, reactions and pins, which are passed over. Its "
    "environment has HUBBUB_ROOM, "
    "HUBBUB_SEQ, "
    "HUBBUB_TIME, HUBBUB_FROM, HUBBUB_VERIFIED (1 or 0), HUBBUB_KIND, HUBBUB_HEADER_… for each header, and HUBBUB_URL. "
    "A "
    "failure is told on stderr, and the next message comes.\n\n"
    "With --group and --exec a message is handled once its command has ended with 0. If it ends otherwise, the message "
    "is handed out again, to any member, after --backoff (1s, then 2s, 4s … up to --backoff-max), and at once if its "
    "member was lost. After --attempts it goes to the room ROOM.dead, where hubbub dead lists it with the reason "
    "and the end of its stderr; exit code 65 puts it there at once. HUBBUB_ATTEMPT counts from 1. Each message is "
    "handled at least once: it may come again after a crash, so room and seq should be looked at where that matters. "
    "The group stays when its last member goes, and messages wait for the next one. On Ctrl-C or SIGTERM nothing more "
    "is begun; commands that run have 10s to end, and what isn't done then goes back for others. --count counts "
    "commands that have ended, with whatever code: a message that is tried again counts again.\n\n"
    "With --group alone, or --no-acks, what one member was sent goes to no other, also if it fails; the group ends "
    "with "
    "its last member. If all of them lose the hub at once, the newest messages may come a second time.\n\n"
    "--from, --all and --since begin in the past; what is said meanwhile follows without a gap or a repeat. With "
    "--durable the hub keeps how far NAME has read each room, and the next run goes on there; the first one begins "
    "now, "
    "or where --from or --all says. Once NAME has a place in one room of a PATTERN, every room of that PATTERN in "
    "which it "
    "has none is read from its first message: one that was made in between, and also one that was there long before. A "
    "message counts as read once it was written to stdout, or its command has ended; that is told to the hub every 200 "
    "ms or 1000 messages and at the end. So each message comes at least once: those since the last time come again "
    "after a crash, or where the hub didn't take it at the end, which is said. hubbub lag shows how far behind NAME "
    "is.\n\n"
    "With --ring messages come out of memory that the agent of this host shares, at no cost for each reader there is. "
    "What "
    "such a reader misses because it is too slow, or while its agent is away, it reads from the hub: each message "
    "comes "
    "once and in order all the same. It waits for an agent that ends to come back.\n\n"
    "With --will the hub says TEXT in ROOM, as a notice, if this vanishes without a good-bye: killed by SIGKILL, or "
    "with "
    "its host or network, once its connection has been lost for a few seconds. An end of any other kind takes it "
    "back.\n\n"
    "With --for or --until-idle the exit code is 0, or 124 if --count wanted more than came.",
    examples,
    make_action<Sub>,
};

}  // namespace hubbub::cli
