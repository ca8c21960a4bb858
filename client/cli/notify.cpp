// hubbub notify: tells a person what is said, the most important first.
//   hub --> notice --> a message queue, by priority --> at most so many a second --> bell, notify-send or a command
// Receiving never waits for telling: what the queue has no room for is counted, and told as a number.
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>
#include <memory>
#include <utility>

#include "client/cli/complain.hpp"
#include "client/cli/exit_codes.hpp"
#include "client/cli/notice_queue.hpp"
#include "client/cli/ready_file.hpp"
#include "client/cli/receiver.hpp"
#include "client/cli/shell.hpp"
#include "common/helper.hpp"

namespace hubbub::cli {

namespace {

constexpr std::chrono::seconds command_limit{10};
constexpr std::chrono::milliseconds command_grace{500};
constexpr std::size_t shown_text_bytes = 400;

bool is_on_path(std::string_view program) {
  const char* const path = std::getenv("PATH");
  std::string_view left = path != nullptr ? path : "/usr/bin:/bin";
  while (true) {
    const auto end = left.find(':');
    const auto candidate = std::string(left.substr(0, end)) + "/" + std::string(program);
    if (::access(candidate.c_str(), X_OK) == 0) return true;
    if (end == std::string_view::npos) return false;
    left.remove_prefix(end + 1);
  }
}

/// A notification's text is a little markup language.
std::string without_markup(std::string_view text) {
  std::string plain;
  for (const char c : text) c == '&' ? plain += "&amp;" : c == '<' ? plain += "&lt;" : plain += c;
  return plain;
}

class Notify : public OnlineAction {
 public:
  void declare(Syntax& syntax) override;
  Result<void> check() override;

 protected:
  void prepare(link::Options& options) override;
  asio::awaitable<int> talk(Shell& shell) override;
  asio::awaitable<void> last_words(Shell& shell, bool written) override;

 private:
  [[nodiscard]] std::vector<link::Subscription> subscriptions() const;
  asio::awaitable<std::optional<int>> begin(Shell& shell);
  void offer(const std::optional<Notice>& notice);
  asio::awaitable<std::optional<int>> tell_all(Shell& shell);
  std::vector<Notice> take_batch();
  asio::awaitable<void> tell(Shell& shell, Notice notice);
  asio::awaitable<void> run(Shell& shell, Program program, std::string input);
  asio::awaitable<bool> wait_for_end(Shell& shell, asio::steady_timer& over);
  [[nodiscard]] Program program_for(const Notice& notice) const;
  [[nodiscard]] bool has_program() const { return command_ || sends_; }

  std::vector<Pattern> patterns_;
  std::optional<std::string> command_, only_, ready_file_;
  std::optional<std::uint64_t> rate_ = 3;
  bool bell_ = false;
  bool sends_ = false;  ///< by notify-send
  Importance least_ = Importance::presence;
  PersonName self_ = PersonName::literal("nobody");
  NoticeQueue queue_;
  std::uint64_t unfitting_ = 0;  ///< since it was told last
  std::shared_ptr<Helper> running_;
};

void Notify::declare(Syntax& syntax) {
  syntax.operand({"PATTERN", "rooms; nothing: what calls you by name anywhere, and direct messages", append(patterns_),
                  Hint::room, false, true});
  syntax.option({"--bell", "", "the terminal's bell and a line, also where there is notify-send", store(bell_)});
  syntax.option({"--run", "COMMAND", "run /bin/sh -c COMMAND for each, with its text on stdin", store(command_)});
  syntax.option({"--only",
                 "WHAT",
                 "mention: only those; message: no presence either",
                 [this](std::string_view what) -> Result<void> {
                   if (what != "mention" && what != "message")
                     return fail(Status::invalid_argument, "mention or message, not '" + std::string(what) + "'");
                   only_ = what;
                   return {};
                 },
                 Hint::choice,
                 {"mention", "message"}});
  syntax.option({"--rate", "COUNT", "tell so many a second (3), and of others only how many", store(rate_, 1, 100)});
  syntax.option({"--ready-file", "FILE", "write this file once what is said from now on will be told",
                 store(ready_file_), Hint::file});
}

Result<void> Notify::check() {
  if (bell_ && command_) return fail(Status::invalid_argument, "--bell and --run exclude each other");
  least_ = only_ == "mention" || patterns_.empty() ? Importance::mention
           : only_ == "message"                    ? Importance::message
                                                   : Importance::presence;
  if (only_ == "message" && patterns_.empty())
    return fail(Status::invalid_argument, "--only message wants rooms: without any, mentions are told");
  sends_ = !bell_ && !command_ && is_on_path("notify-send");
  return {};
}

void Notify::prepare(link::Options& options) {
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGCHLD, SIG_DFL);  // ignored, it would take the commands' ends away from us
  if (auto name = PersonName::parse(options.name)) self_ = *std::move(name);
}

std::vector<link::Subscription> Notify::subscriptions() const {
  auto patterns = patterns_;
  if (patterns.empty()) patterns = {Pattern::literal(">"), Pattern::literal("@*")};
  std::vector<link::Subscription> list;
  for (const auto& pattern : patterns) {
    link::Subscription subscription;
    subscription.pattern = pattern;
    subscription.events = least_ == Importance::presence;
    list.push_back(std::move(subscription));
  }
  return list;
}

asio::awaitable<int> Notify::talk(Shell& shell) {
  const auto opened = queue_.open();
  if (!opened) co_return shell.complain(opened.error());
  Receiver::Handlers handlers;
  handlers.message = [this](const link::Message& message) {
    offer(notice_of(message, self_));
    return std::optional<int>();
  };
  handlers.event = [this](const link::Presence& presence) { offer(notice_of(presence, self_)); };
  handlers.online = [this](const link::Online& online) { self_ = online.welcome.name; };
  Receiver receiver(shell, std::move(handlers));
  spawn_beside(shell, begin(shell));
  spawn_beside(shell, tell_all(shell));
  co_return co_await receiver.run();
}

asio::awaitable<std::optional<int>> Notify::begin(Shell& shell) {
  const auto refused = co_await subscribe_all(shell, subscriptions());
  if (refused) co_return refused;
  if (!tell_ready(ready_file_)) co_return exit_code::input_output;
  co_return std::nullopt;
}

void Notify::offer(const std::optional<Notice>& notice) {
  if (!notice || notice->importance < least_) return;
  if (!queue_.offer(*notice)) ++unfitting_;
}

/// A second's worth at a time, and of what is less important than that only the number.
asio::awaitable<std::optional<int>> Notify::tell_all(Shell& shell) {
  asio::posix::stream_descriptor readable(shell.loop, ::dup(queue_.descriptor()));
  while (true) {
    co_await readable.async_wait(asio::posix::stream_descriptor::wait_read, asio::use_awaitable);
    std::vector<Notice> batch = take_batch();
    for (auto& notice : batch) {
      Notice next = std::move(notice);
      co_await tell(shell, std::move(next));
    }
    co_await shell.sleep(std::chrono::milliseconds(1000));
  }
}

std::vector<Notice> Notify::take_batch() {
  std::vector<Notice> batch;
  std::uint64_t more = std::exchange(unfitting_, 0);
  while (auto notice = queue_.take()) batch.size() < *rate_ ? batch.push_back(*std::move(notice)) : void(++more);
  if (more > 0) batch.push_back({Importance::message, "", "", 0, "and " + std::to_string(more) + " more"});
  return batch;
}

asio::awaitable<void> Notify::tell(Shell& shell, Notice notice) {
  if (has_program()) {
    Program program = program_for(notice);
    std::string input = command_ ? notice.text : std::string();
    co_await run(shell, std::move(program), std::move(input));
    co_return;
  }
  shell.out.buffer().append(::isatty(STDOUT_FILENO) != 0 || bell_ ? "\a" : "").append(line_of(notice)).append("\n");
  const bool written = co_await shell.out.flush();
  if (!written) shell.stop(exit_code::input_output);
}

Program Notify::program_for(const Notice& notice) const {
  Program program;
  if (!command_) {
    const auto title = title_of(notice);
    program.words = {"notify-send", "--app-name=hubbub", "--", title.empty() ? "hubbub" : title,
                     without_markup(cut(notice.text, shown_text_bytes))};
    return program;
  }
  program.words = {"/bin/sh", "-c", *command_};
  program.environment = environment_with(
      {"HUBBUB_NOTIFY=" +
           std::string(notice.from.empty() ? "more" : importance_names[static_cast<std::size_t>(notice.importance)]),
       "HUBBUB_ROOM=" + (notice.room.starts_with('#') ? notice.room.substr(1) : notice.room),
       "HUBBUB_FROM=" + notice.from, "HUBBUB_SEQ=" + std::to_string(notice.seq)});
  return program;
}

/// Until it has ended; what it writes goes to stdout at once.
asio::awaitable<void> Notify::run(Shell& shell, Program program, std::string input) {
  const auto over = std::make_shared<asio::steady_timer>(shell.loop, command_limit);
  Helper::Events events;
  events.line = [&shell, over](std::string_view line) {
    shell.out.buffer().append(line).append("\n");
    over->cancel();
  };
  events.ended = [over](int wait_status) {
    if (const auto how = describe_end(wait_status); !how.empty()) complain("the command " + how);
    over->cancel();
  };
  auto started = Helper::start(shell.loop, std::move(program), HelperLimits{}, std::move(events));
  if (!started) {
    complain("can't run a command: " + started.error().message());
    co_return;
  }
  running_ = *std::move(started);
  running_->send(input);
  running_->end_input();
  bool written = co_await wait_for_end(shell, *over);
  if (written && !running_->has_ended()) {
    running_->stop(command_grace);
    over->expires_after(2 * command_grace);
    written = co_await wait_for_end(shell, *over);
  }
  running_->abandon();
  running_.reset();
  if (!written) shell.stop(exit_code::input_output);
}

/// Or until `over` has expired. False if stdout takes no more.
asio::awaitable<bool> Notify::wait_for_end(Shell& shell, asio::steady_timer& over) {
  bool written = true;
  while (written && !running_->has_ended() && std::chrono::steady_clock::now() < over.expiry()) {
    std::error_code changed;
    if (shell.out.buffer().empty()) co_await over.async_wait(asio::redirect_error(asio::use_awaitable, changed));
    written = co_await shell.out.flush();
  }
  co_return written;
}

asio::awaitable<void> Notify::last_words(Shell&, bool) {
  if (running_) running_->abandon();
  queue_.close();
  co_return;
}

constexpr std::array examples = {
    Example{"hubbub notify", "what calls you by name anywhere, and direct messages"},
    Example{"hubbub notify 'ci.>' --only message", "also everything that is said below ci"},
    Example{"hubbub notify ops --bell", "rings, and prints a line"},
    Example{"hubbub notify --run 'mpv --really-quiet ding.ogg'", "a command for each"},
};

}  // namespace

extern const Command notify_command;
const Command notify_command = {
    "notify",
    "tell you what is said: by notify-send, the bell or a command",
    "[PATTERN…] [--bell|--run COMMAND]",
    "Tells what others say, and who comes and goes, in the rooms of the PATTERNs; without any, only what calls you by "
    "name anywhere on the hub, and what is said to you alone. By notify-send where there is such a program, otherwise "
    "by a line on stdout, with the terminal's bell.\n\n"
    "What matters more comes first, however late it was said: what calls you or is for you alone, then what is said, "
    "then presence. It waits in a POSIX message queue of 10 places; at most --rate of them are told in a second, and "
    "of the others how many there are. Receiving never waits for telling.\n\n"
    "With --run each one gets a process, one after another, 10 seconds at most. Its environment has HUBBUB_NOTIFY "
    "(mention, message, presence, or more for a number), HUBBUB_ROOM, HUBBUB_FROM and HUBBUB_SEQ (0 where it is no "
    "message); the text is on its stdin, cut to about a kilobyte.",
    examples,
    make_action<Notify>,
};

}  // namespace hubbub::cli
