// hubbub pub: a stream, a file or a text into a room, for programs.
//   bytes --lines or whole--> message --> Link, as fast as it takes them --> acknowledged
#include <array>

#include "client/cli/complain.hpp"
#include "client/cli/exit_codes.hpp"
#include "client/cli/input.hpp"
#include "client/cli/lines.hpp"
#include "client/cli/marking.hpp"
#include "client/cli/message_options.hpp"
#include "client/cli/moment.hpp"
#include "client/cli/queueing.hpp"
#include "client/cli/receiver.hpp"
#include "client/cli/replying.hpp"
#include "client/cli/shell.hpp"
#include "client/cli/terminal.hpp"
#include "client/cli/traced.hpp"
#include "client/link/about_the_wait.hpp"
#include "common/time_text.hpp"

namespace hubbub::cli {

namespace {

/// For the acknowledgement of one message.
struct ReceiptWait {
  explicit ReceiptWait(asio::io_context& loop) : timer(loop) {}
  void end(Result<link::Receipt> outcome) {
    receipt = std::move(outcome);
    timer.cancel();
  }
  asio::awaitable<void> until(std::chrono::milliseconds patience) {
    if (receipt) co_return;
    timer.expires_after(patience);
    std::error_code ended;
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ended));
  }

  std::optional<Result<link::Receipt>> receipt;
  asio::steady_timer timer;
};

class Pub : public QueueingAction {
 public:
  void declare(Syntax& syntax) override;
  Result<void> check() override;

 protected:
  asio::awaitable<int> talk(Shell& shell) override;
  int interrupted(Shell& shell, int code) override;
  [[nodiscard]] bool uses_agent() const override { return queues(); }
  [[nodiscard]] bool queues() const override { return !no_ack_ && !is_for_later() && QueueingAction::queues(); }
  void prepare(link::Options& options) override;

 private:
  [[nodiscard]] bool is_for_later() const { return delay_ || at_; }
  [[nodiscard]] bool by_lines() const { return lines_ || (!whole_ && !text_ && (!file_ || *file_ == "-")); }
  asio::awaitable<Result<void>> send_all(Shell& shell);
  asio::awaitable<Result<void>> send_lines(Shell& shell, Input& input);
  asio::awaitable<Result<void>> send_lines_of(Shell& shell, std::string_view bytes);
  asio::awaitable<Result<void>> send_whole(Shell& shell, Input& input);
  asio::awaitable<Result<void>> open_room(Shell& shell);
  asio::awaitable<Result<void>> send(Shell& shell, std::string_view body);
  asio::awaitable<Result<void>> finish(Shell& shell);
  asio::awaitable<Result<void>> send_traced(Shell& shell);
  asio::awaitable<Result<void>> send_later(Shell& shell);
  [[nodiscard]] bool stays(const Shell& shell, const Error& why) const;
  [[nodiscard]] Result<void> refused_late(const Shell& shell) const;
  [[nodiscard]] Error in_line(Error error) const;
  [[nodiscard]] std::string tell_sent(const Shell& shell) const;

  link::Outgoing message_;
  MessageOptions options_;
  Replying replying_;
  Marking marking_;
  std::optional<std::string> text_, file_;
  std::optional<std::chrono::milliseconds> delay_;
  std::optional<WallTime> at_;
  bool lines_ = false, whole_ = false, no_ack_ = false, trace_ = false;
  LineSplitter splitter_{limits::body_bytes_max};
  std::uint64_t sent_ = 0;
  std::vector<std::shared_ptr<ReceiptWait>> unsettled_;  ///< of traced messages
};

void Pub::declare(Syntax& syntax) {
  syntax.operand({"ROOM", "where to", store(message_.room), Hint::room});
  syntax.operand({"-", "read stdin, which is also the default",
                  [this](std::string_view word) -> Result<void> {
                    if (word != "-")
                      return fail(Status::invalid_argument,
                                  "'" + std::string(word) +
                                      "' is one word too many; a text goes after -m, or use: hubbub say ROOM TEXT");
                    if (file_) return fail(Status::invalid_argument, "a file and stdin exclude each other");
                    file_ = "-";
                    return {};
                  },
                  Hint::none, false});
  syntax.option({"-m,--message", "TEXT", "this text", store(text_)});
  syntax.option({"-f,--file", "FILE", "the whole of this file as one message", store(file_), Hint::file});
  syntax.option({"--lines", "", "each line a message; the default for stdin", store(lines_)});
  syntax.option({"--whole", "", "all of it one message", store(whole_)});
  declare_message_options(syntax, options_);
  replying_.declare(syntax);
  marking_.declare(syntax);
  syntax.option(
      {"--no-ack", "", "fire and forget: don't wait for the hub to acknowledge, send nothing again", store(no_ack_)});
  syntax.option({"--trace", "", "have every hop note when it passes on each message, and show its way to the readers",
                 store(trace_)});
  syntax.option({"--delay", "DURATION", "have the hub say it after this time: 90s, 10m, 2h", store(delay_)});
  syntax.option({"--at", "TIME", "have the hub say it then: 15:30, 2026-12-24 18:00", store_moment_to_come(at_)});
  declare_queueing(syntax);
}

Result<void> Pub::check() {
  if (text_ && file_) return fail(Status::invalid_argument, "--message and --file or - exclude each other");
  if (lines_ && whole_) return fail(Status::invalid_argument, "--lines and --whole exclude each other");
  if (trace_ && no_ack_)
    return fail(
        Status::invalid_argument,
        "--trace and --no-ack exclude each other: without an acknowledgement nobody knows the message's number");
  if (delay_ && at_) return fail(Status::invalid_argument, "--delay and --at exclude each other");
  if (is_for_later() && (no_ack_ || trace_))
    return fail(Status::invalid_argument,
                "what is said later goes with neither --no-ack nor --trace: it isn't on its way yet");
  message_.traced = trace_;
  const auto applied = apply(options_, message_);
  return applied ? marking_.put(message_) : applied;
}

void Pub::prepare(link::Options& options) {
  options.hop = "pub";
  QueueingAction::prepare(options);
}

asio::awaitable<int> Pub::talk(Shell& shell) {
  if (trace_) shell.out.end_with_reader();
  spawn_beside(shell, tell_connection(shell));
  const auto addressed = co_await replying_.address(shell, message_);
  if (!addressed) co_return shell.complain(addressed.error());
  auto sent = co_await send_all(shell);
  auto settled = co_await finish(shell);
  if (settled) settled = refused_late(shell);
  if (sent && !settled) sent = settled;
  if (sent) co_return exit_code::done;
  const int code = shell.complain(sent.error());
  if (by_lines() && sent_ > 0 && !shell.stopped()) note(tell_sent(shell) + " before that");
  co_return sent.error().status == Input::failed ? exit_code::no_input : code;
}

asio::awaitable<Result<void>> Pub::send_all(Shell& shell) {
  const auto text_line = text_.value_or("") + "\n";
  if (text_ && by_lines()) co_return co_await send_lines_of(shell, text_line);
  if (text_) co_return co_await send(shell, *text_);
  auto input = Input::open(shell.loop, file_.value_or("-"));
  if (!input) co_return tl::unexpected(input.error());
  if (input->name() == "stdin" && stdin_is_terminal()) note("publishing what you type; Ctrl-D ends it");
  if (by_lines()) co_return co_await send_lines(shell, *input);
  co_return co_await send_whole(shell, *input);
}

asio::awaitable<Result<void>> Pub::send_lines(Shell& shell, Input& input) {
  while (true) {
    const auto bytes = co_await input.read_some();
    if (!bytes) co_return tl::unexpected(bytes.error());
    if (bytes->empty()) break;
    auto sent = co_await send_lines_of(shell, *bytes);
    if (!sent) co_return sent;
  }
  std::string_view rest;
  if (splitter_.take_rest(rest)) co_return co_await send(shell, rest);
  co_return Result<void>();
}

asio::awaitable<Result<void>> Pub::send_lines_of(Shell& shell, std::string_view bytes) {
  for (std::string_view line; splitter_.take_line(bytes, line);) {
    const auto sent = co_await send(shell, line);
    if (!sent) co_return tl::unexpected(in_line(sent.error()));
  }
  if (splitter_.too_long())
    co_return fail(Status::invalid_argument, "line " + std::to_string(splitter_.count() + 1) + " is longer than the " +
                                                 std::to_string(limits::body_bytes_max) + " bytes of a message");
  co_return Result<void>();
}

asio::awaitable<Result<void>> Pub::send_whole(Shell& shell, Input& input) {
  std::string body;
  while (body.size() <= limits::body_bytes_max) {
    const auto bytes = co_await input.read_some();
    if (!bytes) co_return tl::unexpected(bytes.error());
    if (bytes->empty()) co_return co_await send(shell, body);
    body += *bytes;
  }
  co_return fail(Status::invalid_argument, input.name() + " has more than the " +
                                               std::to_string(limits::body_bytes_max) +
                                               " bytes of a message; --lines sends it line by line");
}

/// Without acknowledgements nothing else would tell whether the hub answers at all.
asio::awaitable<Result<void>> Pub::open_room(Shell& shell) {
  const proto::RoomOpen open{message_.room};
  const auto opened = co_await shell.link.call(open, shell.call_options());
  if (!opened) co_return tl::unexpected(opened.error());
  co_return Result<void>();
}

asio::awaitable<Result<void>> Pub::send(Shell& shell, std::string_view body) {
  auto checked = check_body(options_, body);
  if (!checked) co_return checked;
  if (no_ack_ && sent_ == 0) {
    auto opened = co_await open_room(shell);
    if (!opened) co_return opened;
  }
  message_.body = body;
  message_.kind = kind_for(options_, body);
  if (is_for_later()) co_return co_await send_later(shell);
  if (trace_) co_return co_await send_traced(shell);
  while (true) {
    const auto taken =
        no_ack_ ? shell.link.try_publish_unacknowledged(message_) : shell.link.try_publish_soon(message_);
    if (!taken) co_return tl::unexpected(taken.error());
    if (*taken) break;
    co_await shell.link.writable();
  }
  ++sent_;
  co_return Result<void>();
}

/// One after the other, so that each acknowledgement tells its message's number. What isn't acknowledged in time, or
/// stays in the outbox, is left to settle().
asio::awaitable<Result<void>> Pub::send_traced(Shell& shell) {
  const auto wait = std::make_shared<ReceiptWait>(shell.loop);
  while (true) {
    const auto taken = shell.link.try_publish(message_, [wait](Result<link::Receipt> receipt) { wait->end(receipt); });
    if (!taken) co_return tl::unexpected(taken.error());
    if (*taken) break;
    co_await shell.link.writable();
  }
  ++sent_;
  if (shell.link.online() && unsettled_.empty()) co_await wait->until(shell.globals.call_timeout());
  if (!wait->receipt) unsettled_.push_back(wait);
  if (wait->receipt && !*wait->receipt && !stays(shell, wait->receipt->error()))
    co_return tl::unexpected(wait->receipt->error());
  const auto seq = wait->receipt && *wait->receipt ? (*wait->receipt)->seq : Seq{};
  const auto shown = co_await show_way_out(shell, message_.room, seq);
  if (!shown) note("its way can't be shown: " + shown.error().sentence);
  co_return Result<void>();
}

/// The hub has it, on its disk, once it has given it an ID.
asio::awaitable<Result<void>> Pub::send_later(Shell& shell) {
  proto::LaterPost post;
  post.room = message_.room;
  if (at_) post.at = *at_;
  if (delay_) post.delay_ms = static_cast<std::uint64_t>(delay_->count());
  post.kind = message_.kind;
  post.retain = message_.retain;
  post.headers = message_.headers;
  post.body.bytes = message_.body;
  const auto taken = co_await shell.link.call(std::move(post), shell.call_options());
  if (!taken) co_return tl::unexpected(taken.error());
  ++sent_;
  shell.out.buffer().append(std::to_string(taken->id.value)).append("  ");
  shell.out.buffer().append(local_time(taken->at, "%Y-%m-%d %H:%M:%S\n"));
  co_return Result<void>();
}

bool Pub::stays(const Shell& shell, const Error& why) const {
  return has_outbox() && link::is_about_the_wait(why, shell.link);
}

/// What nobody waited for any more, the first that was refused.
Result<void> Pub::refused_late(const Shell& shell) const {
  for (const auto& wait : unsettled_)
    if (wait->receipt && !*wait->receipt && !stays(shell, wait->receipt->error()))
      return tl::unexpected(wait->receipt->error());
  return {};
}

asio::awaitable<Result<void>> Pub::finish(Shell& shell) {
  if (is_for_later()) co_return Result<void>();
  if (!no_ack_) co_return co_await settle(shell);
  // An answer to what was asked last shows that all before it has arrived.
  const proto::HubPing ping;
  const auto answered = co_await shell.link.call(ping, shell.call_options());
  if (!answered) co_return tl::unexpected(answered.error());
  co_return co_await shell.link.drain();  // nothing to wait for, but a refusal to tell
}

Error Pub::in_line(Error error) const {
  if (error.status != Status::invalid_argument) return error;
  error.sentence = "line " + std::to_string(splitter_.count()) + ": " + error.sentence;
  return error;
}

std::string Pub::tell_sent(const Shell& shell) const {
  if (is_for_later()) return show_count(sent_) + " taken by the hub, to be posted later";
  return no_ack_ ? show_count(sent_) + " sent" : tell_progress(shell, sent_);
}

int Pub::interrupted(Shell& shell, int code) {
  note("interrupted: " + tell_sent(shell));
  return code;
}

constexpr std::array examples = {
    Example{"make 2>&1 | hubbub pub ci.main", "each line a message, as it comes"},
    Example{"hubbub pub alerts -m 'disk is full' --kind notice --header host=web1", "one message"},
    Example{"./deploy 2>&1 | hubbub pub ops --reply-to 42", "each line an answer to message 42, in its thread"},
    Example{"hubbub pub events --type json < events.ndjson", "lines that have to be JSON, and are shown so"},
    Example{"hubbub pub weather --retain -m '12 °C'", "kept for those who ask for the room's last value"},
    Example{"hubbub pub ops --ttl 10m -m 'deploying, please wait'", "gone after ten minutes"},
    Example{"sensor | hubbub pub readings --key kitchen", "each line in the place of the one before"},
    Example{"hubbub pub images -f cat.png", "a file as it is"},
    Example{"hubbub pub ops --delay 2h -m 'check the backup'", "in two hours, also if nobody is here then"},
    Example{"hubbub pub ops --trace -m hi", "and see the way it took, hop by hop"},
    Example{"hubbub pub backups -m done; hubbub outbox", "with or without a hub, and what still waits"},
    Example{"hubbub pub firehose --no-ack < events.ndjson", "at full speed, without waiting for the hub"},
};

}  // namespace

extern const Command pub_command;
const Command pub_command = {
    "pub",
    "publish a stream, a file or a text to a room",
    "ROOM [-m TEXT | -f FILE | -] [OPTION…]",
    "Publishes stdin line by line, a file as a whole, or a text. Returns when the hub has acknowledged all of it.\n\n"
    "Bytes are never changed or lost: a newline ends a message and isn't part of it, an empty line is an empty "
    "message, a "
    "last line needs no newline. A body that isn't UTF-8 is published as kind data, unless --kind says what it has to "
    "be. "
    "A message has at most 1032192 bytes.\n\n"
    "With --type json (or a type that ends in +json) what isn't JSON is refused, and the line and column are named; "
    "--header content-type=application/json says the same unchecked. People see such a body laid out, programs as it "
    "came.\n\n"
    "With --ttl the hub erases each message after that time; with --key it erases the one with the same key that came "
    "before. Whoever was sent them before that still has them.\n\n"
    "Nothing is published twice, whatever happens to the hub, to the network or to pub: each message is kept in an "
    "outbox below $XDG_STATE_HOME/hubbub/outbox until it is acknowledged, and a durable room knows what it has taken. "
    "Where the agent of this user runs for that hub, pub goes through it, unless --no-agent forgoes that: the agent "
    "keeps what it has taken. If it ends, pub goes on straight to the hub. "
    "While the hub is away pub goes on: what it can't send it queues. What is left at the end, because there is no hub "
    "or nothing was acknowledged for --timeout, or since a limit of the hub keeps the room closed, the next pub or say "
    "to that hub sends first. Then pub says so, and the exit code is 0; with --no-queue or --no-ack it is 69, 124 or "
    "75. What is said to a room that the hub refuses, or to a @NAME that nobody has, is set aside in the outbox: the "
    "exit code says so, and only hubbub outbox resend sends it again. hubbub outbox shows what waits. Ctrl-C says what "
    "was acknowledged.\n\n"
    "With --delay or --at the hub keeps each message on its disk and says it when its time has come, by the hub's "
    "clock and from whoever said it, wherever that one is by then. Each prints its ID and its time; hubbub later lists "
    "and cancels. It needs a hub that is there and keeps its rooms (hub.data): nothing of it is queued here.",
    examples,
    make_action<Pub>,
};

}  // namespace hubbub::cli
