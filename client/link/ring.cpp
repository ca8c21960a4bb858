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

/// Messages out of the ring at once, before anybody else has their turn.
constexpr std::size_t poll_messages_max = 64;
/// How long until the hub is asked again for what it didn't give, and an agent is looked for again.
constexpr Milliseconds retry_interval{500};
/// For a page of history, and for another seat.
constexpr Milliseconds patience_within{30000};
/// What an agent may answer: some hundred thousand rooms.
constexpr std::size_t answer_bytes_max = 16u << 20;

asio::awaitable<void> pause_a_while() {
  const auto executor = co_await asio::this_coro::executor;
  asio::steady_timer timer(executor, retry_interval);
  co_await timer.async_wait(asio::use_awaitable);
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
  asio::awaitable<Result<Answer>> ask(Milliseconds patience);
  asio::awaitable<Result<Answer>> read_answer(const bool& out_of_time);
  asio::awaitable<Result<void>> sit_down(Milliseconds patience);
  asio::awaitable<void> find_seat();
  asio::awaitable<void> heal();
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
  std::optional<Incoming> news_;  ///< of the agent
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

/// The agent has asked the hub, perhaps: it may take its time.
asio::awaitable<Result<RingSubscription::Impl::Answer>> RingSubscription::Impl::ask(Milliseconds patience) {
  const auto line = ring_question(options_.patterns) + "\n";
  std::error_code broken;
  co_await asio::async_write(*agent_, asio::buffer(line), asio::redirect_error(asio::use_awaitable, broken));
  if (broken) co_return fail(Status::unavailable, "the agent has ended");
  const auto out_of_time = std::make_shared<bool>(false);
  asio::steady_timer timer(agent_->get_executor(), patience);
  timer.async_wait([this, told = std::weak_ptr(out_of_time)](std::error_code stopped) {
    const auto waits = told.lock();  // not if the coroutine has ended meanwhile
    if (stopped || !waits) return;
    *waits = true;
    agent_->cancel();
  });
  auto answer = co_await read_answer(*out_of_time);
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
    if (got.refused || answer.line.size() > answer_bytes_max)
      co_return fail(Status::failed_precondition, "the agent sends more than a seat, or there is no room for one");
    answer.line.append(buffer.data(), got.io.bytes);
    std::ranges::move(got.descriptors, std::back_inserter(answer.descriptors));
  }
  co_return answer;
}

asio::awaitable<Result<void>> RingSubscription::Impl::sit_down(Milliseconds patience) {
  if (!agent_) {
    auto connected = co_await connect();
    if (!connected) co_return connected;
  }
  auto answer = co_await ask(patience);
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

asio::awaitable<Result<void>> RingSubscription::Impl::take_seat(Milliseconds patience) {
  auto seated = co_await sit_down(patience);
  if (seated) state_ = State::seated;
  if (!seated) agent_.reset();
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
  const auto seated = co_await take_seat(patience_within);
  if (seated && was_away) news_ = Online{link_.welcome(), true, false, true};
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
  if (auto event = stream_.take_event()) return event;
  while (state_ == State::seated && !stream_.behind() && poll() > 0)
    if (auto event = stream_.take_event()) return event;
  return std::nullopt;
}

asio::awaitable<Incoming> RingSubscription::Impl::next() {
  while (true) {
    auto event = try_next();
    if (event) co_return *std::move(event);
    if (state_ != State::seated) {
      co_await find_seat();
    } else if (stream_.behind()) {
      co_await heal();
      if (state_ == State::seated) poll();
    } else {
      co_await sleep();
    }
  }
}

asio::awaitable<void> RingSubscription::Impl::heal() {
  const auto question = stream_.question();
  const link::CallOptions options{patience_within};
  const auto page = co_await link_.call(question, options);
  if (page) {
    stream_.fill(*page);
  } else if (page.error().status == Status::not_found) {
    stream_.give_up();
  } else if (page.error().status == Status::cancelled) {
    news_ = Closed{page.error()};
  } else {
    co_await pause_a_while();
  }
}

asio::awaitable<void> RingSubscription::Impl::sleep() {
  if (!reader_->prepare_to_sleep()) co_return;
  co_await bell_->async_wait(asio::posix::stream_descriptor::wait_read, asio::use_awaitable);
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
