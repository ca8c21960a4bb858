#include "client/link/ring.hpp"

#include <fcntl.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "client/link/agent_door.hpp"
#include "client/link/ring_answer.hpp"
#include "client/link/ring_stream.hpp"
#include "common/fd_passing.hpp"
#include "common/ring/ring_reader.hpp"
#include "common/stream.hpp"

namespace hubbub::link {

namespace {

using Milliseconds = std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

/// Messages out of the ring at once, before anybody else has their turn.
constexpr std::size_t poll_messages_max = 64;
/// How long until the hub is asked again for what it didn't give, and an agent is looked for again.
constexpr Milliseconds retry_interval{500};
/// For another seat.
constexpr Milliseconds patience_within{30000};
/// For a page of history: the ring isn't read meanwhile.
constexpr Milliseconds page_patience{5000};
/// As long a restarted hub may not know somebody yet, and the agent and the Link may not yet have noticed alike.
constexpr Milliseconds time_to_come_back{15000};
/// Events handed out before others on the loop have their turn.
constexpr std::size_t events_in_a_row_max = 1024;
/// What an agent may answer: some hundred thousand rooms.
constexpr std::size_t answer_bytes_max = 16u << 20;

asio::awaitable<void> pause_a_while() {
  const auto executor = co_await asio::this_coro::executor;
  asio::steady_timer timer(executor, retry_interval);
  co_await timer.async_wait(asio::use_awaitable);
}

Online back(const proto::Welcome& before, const proto::Welcome& now) {
  const bool new_life = before.life != now.life;
  return {now, true, new_life, before.store == now.store && (!new_life || now.store != StoreId{})};
}

/// Tells a coroutine that was cancelled from an end that came from elsewhere.
asio::awaitable<void> throw_if_cancelled() {
  const auto state = co_await asio::this_coro::cancellation_state;
  if (state.cancelled() != asio::cancellation_type::none) throw std::system_error(asio::error::operation_aborted);
}

/// Readable, or the socket was told to wait no longer.
asio::awaitable<void> wait_readable(Stream::Socket& socket) {
  std::error_code stopped;
  co_await socket.async_wait(Stream::Socket::wait_read, asio::redirect_error(asio::use_awaitable, stopped));
}

}  // namespace

class RingSubscription::Impl {
 public:
  Impl(Link& link, Options options)
      : link_(link), options_(std::move(options)), stream_(options_.patterns, options_.from, options_.hop) {}

  asio::awaitable<Result<void>> take_seat(Milliseconds patience);
  asio::awaitable<Incoming> next();
  std::optional<Incoming> try_next();

 private:
  enum class State { seated, lapped, away };
  struct Answer {
    std::string line;
    std::vector<Descriptor> descriptors;
  };

  asio::awaitable<Result<void>> connect();
  asio::awaitable<Result<Answer>> ask(const bool& out_of_time);
  asio::awaitable<Result<Answer>> read_answer(const bool& out_of_time);
  asio::awaitable<Result<Answer>> fetch_answer(const bool& out_of_time);
  asio::awaitable<Result<void>> sit_down(Milliseconds patience);
  asio::awaitable<void> find_seat();
  asio::awaitable<void> heal();
  void put_off(bool is_lost_soon);
  void wake_at(asio::steady_timer& timer, Clock::time_point when);
  asio::awaitable<void> sleep();
  std::size_t poll();
  void go_away(Error why);

  Link& link_;
  Options options_;
  RingStream stream_;
  std::optional<Stream::Socket> agent_;
  std::optional<RingReader> reader_;
  std::optional<asio::posix::stream_descriptor> bell_;
  State state_ = State::away;
  std::optional<proto::Welcome> hub_;  ///< when the seat before was taken
  std::size_t events_in_a_row_ = 0;
  std::optional<Incoming> news_;  ///< of the agent
  std::shared_ptr<bool> alarm_;   ///< of the newest sleep that has a time
};

// ── a seat ───────────────────────────────────────────────────────────────────────────────────────────────────────────

asio::awaitable<Result<void>> RingSubscription::Impl::connect() {
  const auto agent = find_agent(options_.hub);
  if (!agent)
    co_return fail(Status::unavailable, "no agent runs for " + options_.hub.str() + "; hubbub agent start starts one");
  auto address = Address::parse("unix://" + agent->place.socket());
  if (!address) co_return tl::unexpected(std::move(address.error()));
  auto socket = co_await connect_to(*std::move(address));
  if (!socket) co_return tl::unexpected(std::move(socket.error()));
  agent_ = *std::move(socket);
  agent_->non_blocking(true);
  co_return Result<void>{};
}

/// The agent has to ask the hub, perhaps: it may take its time.
asio::awaitable<Result<RingSubscription::Impl::Answer>> RingSubscription::Impl::ask(const bool& out_of_time) {
  const auto line = ring_question(options_.patterns) + "\n";
  std::error_code broken;
  if (!out_of_time)
    co_await asio::async_write(*agent_, asio::buffer(line), asio::redirect_error(asio::use_awaitable, broken));
  co_await throw_if_cancelled();
  if (out_of_time) co_return fail(Status::deadline_exceeded, "the agent did not answer in time");
  if (broken) co_return fail(Status::unavailable, "the agent has ended");
  auto answer = co_await read_answer(out_of_time);
  co_return answer;
}

asio::awaitable<Result<RingSubscription::Impl::Answer>> RingSubscription::Impl::read_answer(const bool& out_of_time) {
  Answer answer;
  std::array<char, 16384> buffer;
  while (!answer.line.ends_with('\n')) {
    auto got = receive_with_descriptors(agent_->native_handle(), buffer, ring::descriptor_count);
    if (got.io.status == IoStatus::would_block) {
      if (out_of_time) co_return fail(Status::deadline_exceeded, "the agent did not answer in time");
      co_await wait_readable(*agent_);
      continue;
    }
    if (got.io.status != IoStatus::done) co_return fail(Status::unavailable, "the agent has ended");
    const auto descriptors = answer.descriptors.size() + got.descriptors.size();
    if (got.refused || descriptors > ring::descriptor_count || answer.line.size() > answer_bytes_max)
      co_return fail(Status::failed_precondition, "the agent sends more than a seat, or there is no room for one");
    answer.line.append(buffer.data(), got.io.bytes);
    std::ranges::move(got.descriptors, std::back_inserter(answer.descriptors));
  }
  co_return answer;
}

asio::awaitable<Result<RingSubscription::Impl::Answer>> RingSubscription::Impl::fetch_answer(const bool& out_of_time) {
  if (!agent_) {
    const auto connected = co_await connect();
    if (!connected) co_return tl::unexpected(connected.error());
  }
  auto answer = co_await ask(out_of_time);
  co_return answer;
}

asio::awaitable<Result<void>> RingSubscription::Impl::sit_down(Milliseconds patience) {
  const auto executor = co_await asio::this_coro::executor;
  const auto out_of_time = std::make_shared<bool>(false);
  asio::steady_timer timer(executor, patience);
  timer.async_wait([this, told = std::weak_ptr(out_of_time)](std::error_code stopped) {
    const auto waits = told.lock();  // not if the coroutine has ended meanwhile
    if (stopped || !waits) return;
    *waits = true;
    if (agent_) agent_->cancel();
  });
  auto answer = co_await fetch_answer(*out_of_time);
  if (!answer) co_return tl::unexpected(std::move(answer.error()));
  const auto places = read_ring_answer(answer->line);
  if (!places) co_return tl::unexpected(places.error());
  auto reader = RingReader::open(std::move(answer->descriptors));
  if (!reader) co_return tl::unexpected(std::move(reader.error()));
  Descriptor bell(::fcntl(reader->wake_descriptor(), F_DUPFD_CLOEXEC, 0));
  if (!bell.is_open()) co_return fail(Status::resource_exhausted, "this program has no descriptor left for the ring");
  bell_.emplace(agent_->get_executor(), bell.release());
  reader_ = *std::move(reader);
  stream_.begin(*places);
  co_return Result<void>{};
}

/// What is left of an answer would be taken for the next one: the connection goes with it.
asio::awaitable<Result<void>> RingSubscription::Impl::take_seat(Milliseconds patience) {
  Result<void> seated = fail(Status::cancelled, "nobody waits any more");
  std::exception_ptr cancelled;
  try {
    seated = co_await sit_down(patience);
  } catch (const std::system_error&) {
    cancelled = std::current_exception();
  }
  if (seated) state_ = State::seated;
  if (seated) hub_ = link_.welcome();
  if (!seated) agent_.reset();
  if (cancelled) std::rethrow_exception(cancelled);
  co_return seated;
}

void RingSubscription::Impl::go_away(Error why) {
  state_ = State::away;
  agent_.reset();
  bell_.reset();
  reader_.reset();
  news_ = Offline{std::move(why), retry_interval};
}

/// Another one, from the same agent or the next.
asio::awaitable<void> RingSubscription::Impl::find_seat() {
  const bool was_away = state_ == State::away;
  if (was_away) co_await pause_a_while();
  const auto before = hub_;
  const auto seated = co_await take_seat(patience_within);
  if (seated && was_away) news_ = back(before.value_or(link_.welcome()), link_.welcome());
  if (!seated && !was_away) go_away(seated.error());
}

// ── what comes ───────────────────────────────────────────────────────────────────────────────────────────────────────

/// Returns how many frames there were.
std::size_t RingSubscription::Impl::poll() {
  bool damaged = false;
  const auto read = [&](std::span<const std::byte> frame) {
    damaged |= !stream_.take({reinterpret_cast<const char*>(frame.data()), frame.size()});
  };
  const auto polled = reader_->poll(read, poll_messages_max);
  if (!polled || damaged) return go_away({Status::data_loss, "what the agent has put into its ring makes no sense"}), 0;
  if (polled->missed > 0) state_ = State::lapped;
  return polled->messages;
}

std::optional<Incoming> RingSubscription::Impl::try_next() {
  if (news_) return std::exchange(news_, std::nullopt);
  if (events_in_a_row_ == events_in_a_row_max) return std::nullopt;
  ++events_in_a_row_;
  if (auto event = stream_.take_event()) return event;
  while (state_ == State::seated && !stream_.ready(Clock::now()) && poll() > 0)
    if (auto event = stream_.take_event()) return event;
  return std::nullopt;
}

asio::awaitable<Incoming> RingSubscription::Impl::next() {
  while (true) {
    auto event = try_next();
    if (event) co_return *std::move(event);
    if (std::exchange(events_in_a_row_, 0) == events_in_a_row_max) {
      const auto executor = co_await asio::this_coro::executor;
      co_await asio::post(executor, asio::use_awaitable);
    } else if (state_ != State::seated) {
      co_await find_seat();
    } else if (stream_.ready(Clock::now())) {
      co_await heal();
      if (state_ == State::seated) poll();
    } else {
      co_await sleep();
    }
  }
}

/// A page counts only if the hub is in the life whose numbers the room has, before and after.
asio::awaitable<void> RingSubscription::Impl::heal() {
  if (!stream_.is_of(link_.welcome())) co_return put_off(true);
  const auto question = stream_.question();
  const link::CallOptions options{page_patience};
  const auto page = co_await link_.call(question, options);
  co_await throw_if_cancelled();
  const auto status = page ? Status::ok : page.error().status;
  if (status == Status::cancelled) {
    news_ = Closed{page.error()};
  } else if (page && stream_.is_of(link_.welcome())) {
    stream_.fill(*page);
  } else if (status == Status::not_found && !is_direct(question.room)) {
    stream_.give_up();
  } else {
    put_off(page || status == Status::not_found);
  }
}

/// `is_lost_soon`: the hub has no such room, or another life of it, which may pass for a while only.
void RingSubscription::Impl::put_off(bool is_lost_soon) {
  const auto now = Clock::now();
  const bool is_lost = is_lost_soon && stream_.failing_for(now) > time_to_come_back;
  is_lost ? stream_.give_up() : stream_.postpone(now, now + retry_interval);
}

/// The sleeper, if it still sleeps when its timer ends: gone with it, the timer's wait has ended otherwise.
void RingSubscription::Impl::wake_at(asio::steady_timer& timer, Clock::time_point when) {
  alarm_ = std::make_shared<bool>(true);
  timer.expires_at(when);
  timer.async_wait([this, told = std::weak_ptr(alarm_)](std::error_code stopped) {
    if (!stopped && !told.expired() && bell_) bell_->cancel();
  });
}

asio::awaitable<void> RingSubscription::Impl::sleep() {
  if (!reader_->prepare_to_sleep()) co_return;
  const auto executor = co_await asio::this_coro::executor;
  asio::steady_timer timer(executor);
  if (stream_.behind()) wake_at(timer, stream_.ready_at());
  std::error_code stopped;
  co_await bell_->async_wait(asio::posix::stream_descriptor::wait_read,
                             asio::redirect_error(asio::use_awaitable, stopped));
  co_await throw_if_cancelled();
  if (reader_->wake_up()) co_return;
  while (state_ == State::seated && poll() > 0) {
  }
  if (state_ != State::away) go_away({Status::unavailable, "the agent has ended"});
}

// ── the door ─────────────────────────────────────────────────────────────────────────────────────────────────────────

RingSubscription::RingSubscription(Link& link, Options options)
    : impl_(std::make_unique<Impl>(link, std::move(options))) {}
RingSubscription::~RingSubscription() = default;

asio::awaitable<Result<void>> RingSubscription::open(Milliseconds patience) { return impl_->take_seat(patience); }
asio::awaitable<Incoming> RingSubscription::next() { return impl_->next(); }
std::optional<Incoming> RingSubscription::try_next() { return impl_->try_next(); }

}  // namespace hubbub::link
