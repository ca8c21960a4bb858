#include "client/cli/jq.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <nlohmann/json.hpp>
#include <utility>

#include "common/descriptor.hpp"
#include "common/process.hpp"

namespace hubbub::cli {

namespace {

constexpr char between_texts = '\x1e';  // RFC 7464's record separator: in no JSON without blanks
constexpr std::string_view answer_begin = R"({"a":)";
constexpr std::chrono::seconds one_second{1};
constexpr std::chrono::milliseconds compile_patience{10'000};
constexpr std::size_t words_bytes_max = 4096;

constexpr std::string_view definitions =
    R"(def input: error("--where has no input"); def inputs: input; def stderr: .;)"
    R"( def halt: error("--where does not halt"); def halt_error: halt; def halt_error(f): halt;)"
    R"( def verdict(f): try ([first(f | select(.))] != []) catch (if type == "string" then . else tojson end | .[:200]);)";

/// A comment at the expression's end ends with its line.
std::string program_of(const std::string& expression) {
  const auto verdict = "verdict(fromjson | (" + expression + "\n))";
  const auto of_each =
      asks_for_message(expression)
          ? "[range(0; length; 2) as $hubbub_at | (.[$hubbub_at + 1] | fromjson) as $message | .[$hubbub_at] | " +
                verdict + "]"
          : "map(" + verdict + ")";
  return std::string(definitions) + R"( {a: (split("\u001e") | )" + of_each + ")}";
}

tl::unexpected<Error> cannot_start(std::error_code why) {
  if (why == std::errc::no_such_file_or_directory)
    return fail(Status::unavailable, "--where needs the program jq, which isn't there; on Debian: apt install jq");
  return fail(Status::internal, "can't start jq: " + why.message());
}

/// Without blanks at the ends of the lines: jq writes as many as its own program has characters.
std::string without_ends(std::string_view words) {
  std::string out;
  for (const char c : words) {
    while (c == '\n' && out.ends_with(' ')) out.pop_back();
    out += c;
  }
  while (out.ends_with('\n') || out.ends_with(' ')) out.pop_back();
  return out;
}

/// What comes until it is closed, or for so long.
std::string read_words(int from, std::chrono::milliseconds patience) {
  const auto until = std::chrono::steady_clock::now() + patience;
  std::string words;
  while (words.size() < words_bytes_max) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
    pollfd readable{from, POLLIN, 0};
    if (left.count() <= 0 || ::poll(&readable, 1, static_cast<int>(left.count())) <= 0) break;
    char bytes[1024];
    const auto got = ::read(from, bytes, sizeof bytes);
    if (got <= 0) break;
    words.append(bytes, static_cast<std::size_t>(got));
  }
  return without_ends(words);
}

/// jq compiles it, has nothing to read, and runs nothing.
Program compiler(const std::string& expression, int error) {
  Program program;
  const bool like_an_option = expression.starts_with('-');
  program.words = {"jq", "--argjson", "message", "null", (like_an_option ? " " : "") + expression};
  program.input = program.output = no_stream;
  program.error = error;
  return program;
}

}  // namespace

Result<void> check_jq_expression(const std::string& expression) {
  if (expression.find_first_not_of(" \t\r\n") == std::string::npos)
    return fail(Status::invalid_argument, R"(--where needs an expression, as '.level == "error"')");
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return fail(Status::internal, "can't start jq: there is no pipe for it");
  const Descriptor read(ends[0]);
  Descriptor write(ends[1]);
  const auto started = start_process(compiler(expression, write.get()));
  if (!started) return cannot_start(started.error());
  write = Descriptor();
  const auto words = read_words(read.get(), compile_patience);
  ::kill(-started->pid, SIGKILL);  // no harm if it has ended: nobody else has its number yet
  int status = 0;
  ::waitpid(started->pid, &status, 0);
  if (words.empty()) return {};
  return fail(Status::invalid_argument, "jq doesn't understand the expression of --where:\n" + words);
}

bool asks_for_message(std::string_view expression) { return expression.find("$message") != std::string_view::npos; }

void JqQuestions::add(std::string_view text, std::string_view message) {
  if (count_++ > 0) line_ += between_texts;
  line_ += text;
  if (!message.empty()) line_.append(1, between_texts).append(message);
}

Jq::Jq(asio::io_context& loop, std::string expression, Events events)
    : loop_(loop), expression_(std::move(expression)), events_(std::move(events)), timer_(loop) {}

Result<void> Jq::start() {
  Program program;
  program.words = {"jq", "--raw-input", "--compact-output", "--unbuffered", program_of(expression_)};
  HelperLimits limits;
  limits.input_bytes_max = 16 * 1024 * 1024;
  limits.line_bytes_max = 1024 * 1024;
  limits.lines_per_second_max = UINT32_MAX;
  Helper::Events events;
  events.line = [this](std::string_view line) { take(line); };
  events.ended = [this](int wait_status) { ended(wait_status); };
  auto started = Helper::start(loop_, std::move(program), limits, std::move(events));
  if (!started) return cannot_start(started.error());
  helper_ = *std::move(started);
  return {};
}

void Jq::ask(const JqQuestions& questions) {
  if (!helper_) return;  // it has failed, and that was told
  if (asked_.empty()) {
    seconds_ = 0;
    await_answer();
  }
  asked_.push_back(questions.count());
  helper_->send(questions.line() + "\n");  // where that fails it has ended, or is about to
}

void Jq::take(std::string_view line) {
  if (!line.starts_with(answer_begin) || asked_.empty()) return events_.said(line);
  const auto answer = nlohmann::json::parse(line, nullptr, false);
  if (!answer.is_object() || answer["a"].size() != asked_.front())
    return fail_with({Status::internal, "jq gave an answer that can't be understood"});
  std::vector<JqVerdict> verdicts;
  for (const auto& one : answer["a"])
    verdicts.push_back({one == true, one.is_string() ? one.get<std::string>() : std::string()});
  asked_.erase(asked_.begin());
  seconds_ = 0;
  if (asked_.empty()) timer_.cancel();
  events_.answered(std::move(verdicts));
}

void Jq::ended(int wait_status) {
  const auto how = describe_end(wait_status);
  fail_with({Status::internal, "jq, which --where needs, " + (how.empty() ? "has ended" : how)});
}

void Jq::fail_with(Error why) {
  stop();
  events_.failed(std::move(why));
}

void Jq::stop() {
  timer_.cancel();
  if (const auto helper = std::exchange(helper_, nullptr)) helper->abandon();
}

/// By single seconds: of a time in which we were stopped at most one counts.
void Jq::await_answer() {
  timer_.expires_after(one_second);
  timer_.async_wait([this](std::error_code stopped) {
    if (stopped || asked_.empty()) return;
    if (++seconds_ < seconds_max) return await_answer();
    fail_with({Status::deadline_exceeded, "jq hasn't answered for " + std::to_string(seconds_max) +
                                              " s: the expression of --where takes too long, or never ends"});
  });
}

}  // namespace hubbub::cli
