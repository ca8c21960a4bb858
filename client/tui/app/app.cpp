#include "client/tui/app/app.hpp"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <exception>
#include <utility>

#include "client/tui/draw/draw.hpp"
#include "client/tui/terminal/paint.hpp"
#include "common/escape.hpp"

namespace hubbub::tui {

namespace {

constexpr auto frame = std::chrono::milliseconds(16);
constexpr auto rest_of_key =
    std::chrono::milliseconds(40);  // a terminal sends a sequence at once; a person doesn't type it
constexpr auto rest_of_paste = std::chrono::seconds(10);  // the network between may hesitate
constexpr std::size_t events_at_once = 512;

// What a coroutine throws is a bug of ours: it ends the program, aloud, and the terminal is given back on the way.
void surface(std::exception_ptr bug) {
  if (bug) std::rethrow_exception(bug);
}

// A refusal of the hub by sysexits(3), as the other commands have it.
int exit_code_of(Status status) {
  switch (status) {
    case Status::unauthenticated:
    case Status::permission_denied:
    case Status::already_exists: return 77;
    case Status::resource_exhausted: return 75;
    default: return 69;
  }
}

link::Options link_options(const Options& options) {
  link::Options link;
  link.hub = options.hub;
  link.name = options.name;
  link.program = "hubbub " HUBBUB_VERSION;
  link.owner = options.owner;
  link.outbox = options.outbox;
  link.backoff_max = std::chrono::milliseconds(5000);  // somebody is sitting here and waiting
  return link;
}

Config config(const Options& options, const Terminal& terminal) {
  return {options.hub.str(), options.rooms, options.bell, terminal.capabilities().colours};
}

}  // namespace

App::App(const Options& options, Terminal terminal)
    : terminal_(std::move(terminal)),
      state_(initial_state(config(options, terminal_), terminal_.size(), clock_.wall_now())),
      link_(loop_, link_options(options)),
      decoder_(terminal_.capabilities().keys),
      input_(loop_, ::dup(terminal_.input())),
      output_(loop_, ::dup(terminal_.output())),
      rest_of_key_(loop_),
      wake_painter_(loop_),
      second_(loop_),
      execution_over_(loop_),
      queues_(options.outbox != nullptr) {}

int App::run() {
  start_signals();
  terminal_.enter();
  link_.connect_in_background();
  spawn(read_keys());
  spawn(read_link());
  spawn(paint_frames());
  spawn(keep_time());
  loop_.run();
  terminal_.leave();
  if (!last_words_.empty()) std::fprintf(stderr, "hubbub: %s\n", escape_for_terminal(last_words_).c_str());
  return exit_code_;
}

void App::spawn(asio::awaitable<void> work) { asio::co_spawn(loop_, std::move(work), surface); }

void App::happen(Event event) {
  tui::apply(state_, event);  // std::apply is found by the variant otherwise
  do_effects();
  changed();
}

// What the hub said before its answer may still wait in the link: overtaken, it would be taken for something else (an
// own message for a second one, a room's first message for its new life).
void App::answer(Event event) {
  tick();
  while (auto earlier = link_.try_next()) {
    if (std::holds_alternative<link::Closed>(*earlier)) break;  // comes again, to read_link()
    happen(*std::move(earlier));
  }
  happen(std::move(event));
}

void App::changed() {
  dirty_ = true;
  wake_painter_.cancel();
}

void App::tick() {
  Tick now{clock_.wall_now(), {}};
  if (const auto round_trip = link_.round_trip()) now.round_trip_us = static_cast<std::uint64_t>(round_trip->count());
  tui::apply(state_, now);
}

asio::awaitable<void> App::keep_time() {
  while (!stopping_) {
    tick();
    do_effects();
    changed();
    asio::error_code stopped;
    second_.expires_after(std::chrono::seconds(1));
    co_await second_.async_wait(asio::redirect_error(asio::use_awaitable, stopped));
  }
}

asio::awaitable<void> App::read_keys() {
  std::array<char, 4096> buffer;
  while (!stopping_) {
    asio::error_code error;
    co_await input_.async_wait(asio::posix::stream_descriptor::wait_read,
                               asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return;
    const auto count = ::read(input_.native_handle(), buffer.data(), buffer.size());
    if (count < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (count <= 0) co_return stop(128 + SIGHUP);  // the terminal has gone
    on_bytes({buffer.data(), static_cast<std::size_t>(count)});
  }
}

void App::on_bytes(std::string_view bytes) {
  tick();
  for (auto& key : decoder_.feed(bytes)) happen(std::move(key));
  if (decoder_.waits()) {
    await_rest_of_key();
  } else {
    rest_of_key_.cancel();
  }
}

void App::await_rest_of_key() {
  rest_of_key_.expires_after(decoder_.pasting() ? rest_of_paste : rest_of_key);
  rest_of_key_.async_wait([this](asio::error_code more_came) {
    if (more_came) return;
    for (auto& key : decoder_.flush()) happen(std::move(key));
  });
}

asio::awaitable<void> App::read_link() {
  while (!stopping_) {
    link::Incoming incoming = co_await link_.next();
    tick();
    for (std::size_t taken = 1;; ++taken) {
      const auto* closed = std::get_if<link::Closed>(&incoming);
      if (closed != nullptr && !state_.was_online && !stopping_) {
        last_words_ = closed->why.sentence;
        co_return stop(exit_code_of(closed->why.status));
      }
      const bool ended = closed != nullptr;
      happen(std::move(incoming));
      if (ended) co_return;
      auto more = taken < events_at_once ? link_.try_next() : std::nullopt;
      if (!more) break;
      incoming = *std::move(more);
    }
    co_await asio::post(loop_, asio::use_awaitable);  // a busy room doesn't keep the keyboard waiting
  }
}

asio::awaitable<void> App::paint_frames() {
  asio::error_code woken;
  while (!stopping_) {
    if (!dirty_ || !terminal_.entered()) {
      wake_painter_.expires_at(asio::steady_timer::time_point::max());
      co_await wake_painter_.async_wait(asio::redirect_error(asio::use_awaitable, woken));
      continue;
    }
    dirty_ = false;
    auto next = draw(state_, terminal_.size());
    auto bytes = paint(shown_, next, terminal_.capabilities());
    if (std::exchange(ring_, false)) bytes += terminal_.capabilities().bell;
    shown_ = std::move(next);
    co_await write(std::move(bytes));
    asio::steady_timer pause(loop_, frame);
    co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, woken));
  }
}

asio::awaitable<void> App::write(std::string bytes) {
  std::size_t done = 0;
  while (done < bytes.size() && !stopping_ && terminal_.entered()) {
    const auto count = ::write(output_.native_handle(), bytes.data() + done, bytes.size() - done);
    if (count > 0) {
      done += static_cast<std::size_t>(count);
    } else if (errno == EAGAIN) {
      asio::error_code error;
      co_await output_.async_wait(asio::posix::stream_descriptor::wait_write,
                                  asio::redirect_error(asio::use_awaitable, error));
    } else if (errno != EINTR) {
      co_return stop(128 + SIGHUP);
    }
  }
}

void App::stop(int exit_code) {
  if (stopping_) return;
  stopping_ = true;
  exit_code_ = exit_code;
  signals_.stop();
  input_.cancel();
  output_.cancel();
  rest_of_key_.cancel();
  wake_painter_.cancel();
  second_.cancel();
  spawn(quit());
}

// What was said still goes out, if that is possible soon.
asio::awaitable<void> App::quit() {
  terminal_.leave();
  co_await end_execution_for_good();
  co_await set_last_cursors();
  co_await link_.close(good_bye);
  lost_ += unsent_messages(state_);  // those of whose end nobody was told yet
  const auto messages = link::show_count(lost_);
  if (lost_ > 0) last_words_ = messages + (lost_ == 1 ? " was" : " were") + " not sent";
  if (lost_ > 0 && queues_)
    last_words_ = "queued " + messages + "; the next hubbub sends " + (lost_ == 1 ? "it" : "them");
  loop_.stop();
}

}  // namespace hubbub::tui
