#include "server/dump/dump_child.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <filesystem>

#include "server/limits.hpp"

namespace hubbub::server {

namespace {

/// A child that takes longer hangs, and is killed.
constexpr auto patience = std::chrono::seconds(300);

namespace fs = std::filesystem;

constexpr std::string_view draft_suffix = ".part";

/// `2026-11-24T21-30-00.000000001Z`: in the order of names they are in the order of time.
std::string time_in_name(WallTime now) {
  const auto seconds = static_cast<std::time_t>(now.ns / 1'000'000'000);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  std::array<char, 40> text{};
  const auto size = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H-%M-%S", &parts);
  std::snprintf(text.data() + size, text.size() - size, ".%09uZ", static_cast<unsigned>(now.ns % 1'000'000'000));
  return text.data();
}

/// The dumps in that folder, or the drafts of dumps; the oldest first.
std::vector<fs::path> dumps_in(const std::string& folder, std::string_view suffix) {
  constexpr std::string_view prefix = "dump-";  // and a date
  std::vector<fs::path> found;
  std::error_code failed;
  for (fs::directory_iterator at(folder, failed), end; !failed && at != end; at.increment(failed)) {
    const auto name = at->path().filename().string();
    if (name.starts_with(prefix) && name.ends_with(suffix) && std::isdigit(name[prefix.size()]) != 0)
      found.push_back(at->path());
  }
  std::ranges::sort(found);
  return found;
}

void remove_all_but(std::size_t newest, const std::vector<fs::path>& dumps) {
  std::error_code ignored;  // the next dump tries it again
  for (std::size_t i = 0; i + newest < dumps.size(); ++i) fs::remove(dumps[i], ignored);
}

tl::unexpected<Error> cannot(const std::string& what, int error) {
  return fail(Status::unavailable, "can't " + what + ": " + std::strerror(error));
}

}  // namespace

DumpChild::~DumpChild() {
  if (!running()) return;
  ::kill(child_, SIGKILL);
  ::waitpid(child_, nullptr, 0);
  ::unlink(draft_.c_str());
}

Result<void> DumpChild::prepare(const std::string& folder, WallTime now) {
  path_ = folder + "/dump-" + time_in_name(now) + ".json";
  draft_ = path_ + std::string(draft_suffix);
  remove_all_but(0, dumps_in(folder, draft_suffix));
  file_ = Descriptor(::open(draft_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!file_.is_open()) return cannot("make " + draft_, errno);
  return {};
}

Result<void> DumpChild::start(const std::function<void(JsonWriter&)>& write) {
  auto started = fork_child(write);
  file_ = Descriptor();
  if (!started) ::unlink(draft_.c_str());
  return started;
}

Result<void> DumpChild::fork_child(const std::function<void(JsonWriter&)>& write) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return cannot("make a pipe", errno);
  Descriptor reading(ends[0]), writing(ends[1]);
  const auto child = ::fork();
  if (child < 0) return cannot("fork", errno);
  if (child == 0) run_child(writing.get(), write);
  child_ = child;
  report_.assign(reading.release());
  said_.clear();
  return {};
}

/// First it lets go of everything that it doesn't need: a connection that its parent closes must not live on in it.
void DumpChild::run_child(int report, const std::function<void(JsonWriter&)>& write) {
  const int file = ::fcntl(file_.get(), F_DUPFD, 3), told = ::fcntl(report, F_DUPFD, 3);
  const auto [low, high] = std::minmax(file, told);
  if (low > 3) ::close_range(3, static_cast<unsigned>(low) - 1, 0);
  if (high > low + 1) ::close_range(static_cast<unsigned>(low) + 1, static_cast<unsigned>(high) - 1, 0);
  ::close_range(static_cast<unsigned>(high) + 1, ~0U, 0);

  JsonWriter json(file);
  write(json);
  const auto written = json.finish();
  std::string sentence = written ? "ok " + std::to_string(json.bytes()) : written.error().sentence;
  if (written && (::fsync(file) != 0 || ::rename(draft_.c_str(), path_.c_str()) != 0)) sentence = std::strerror(errno);
  [[maybe_unused]] const auto sent = ::write(told, sentence.data(), sentence.size());
  ::_exit(0);
}

void DumpChild::await(std::function<void(Result<Written>)> then) {
  patience_.expires_after(patience);
  patience_.async_wait([this](std::error_code error) {
    if (!error && running()) ::kill(child_, SIGKILL);
  });
  read_report(std::move(then));
}

void DumpChild::read_report(std::function<void(Result<Written>)> then) {
  report_.async_wait(asio::posix::stream_descriptor::wait_read,
                     [this, then = std::move(then)](std::error_code error) mutable {
                       if (error) return;  // the hub ends
                       std::array<char, 512> part;
                       const auto got = ::read(report_.native_handle(), part.data(), part.size());
                       if (got > 0) said_.append(part.data(), static_cast<std::size_t>(got));
                       if (got > 0 || (got < 0 && errno == EINTR)) return read_report(std::move(then));
                       patience_.cancel();
                       then(reap());
                     });
}

/// The child has closed its end of the pipe: it is ending.
Result<DumpChild::Written> DumpChild::reap() {
  report_.close();
  ::waitpid(std::exchange(child_, -1), nullptr, 0);
  constexpr std::string_view ok = "ok ";
  Written written{path_, 0};
  if (said_.starts_with(ok)) {
    std::from_chars(said_.data() + ok.size(), said_.data() + said_.size(), written.bytes);
    auto others = dumps_in(fs::path(path_).parent_path(), ".json");
    std::erase(others, path_);  // it stays, though the clock was set back
    remove_all_but(bounds::dumps_max - 1, others);
    return written;
  }
  ::unlink(draft_.c_str());
  return fail(Status::unavailable, "the dump could not be written to " + draft_ + ": " +
                                       (said_.empty() ? "the child process was killed or crashed" : said_));
}

}  // namespace hubbub::server
