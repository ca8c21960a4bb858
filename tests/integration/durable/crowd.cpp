#include "tests/integration/durable/crowd.hpp"

#include <algorithm>
#include <charconv>
#include <map>

#include "client/link/outbox/outboxes.hpp"

namespace hubbub::test {

namespace {

/// Both ends of a test find the messages' authors in the bodies: "publisher id".
std::string body_of(std::uint32_t publisher, std::uint64_t id) {
  return std::to_string(publisher) + ' ' + std::to_string(id);
}

Said said_in(const std::string& body) {
  Said said;
  const auto* const end = body.data() + body.size();
  const auto publisher = std::from_chars(body.data(), end, said.producer);
  if (publisher.ptr != end) std::from_chars(publisher.ptr + 1, end, said.id);
  said.content = std::hash<std::string>{}(body);
  return said;
}

Said said_by(std::uint32_t publisher, std::uint64_t id) { return said_in(body_of(publisher, id)); }

}  // namespace

// ── who publishes ────────────────────────────────────────────────────────────────────────────────────────────────────

/// Its ids of a room are 1, 2, 3 …, over its crashes; each lane has one message under way.
class Publisher {
 public:
  Publisher(asio::io_context& loop, History& history, const CrowdPlan& plan, std::uint32_t number, std::string outbox)
      : loop_(loop), history_(history), plan_(plan), number_(number), outbox_(std::move(outbox)) {}

  void start(link::Options options) {
    options.outbox = link::take_outbox(outbox_).value();
    held_ = options.outbox;
    ++life_;
    link_ = std::make_unique<link::Link>(loop_, std::move(options));
    link_->connect_in_background();
    spawn_watch();
    for (std::uint32_t room = 0; room < plan_.rooms.size(); ++room)
      for (std::uint32_t lane = 0; lane < plan_.in_flight; ++lane) spawn_lane(room);
  }
  /// What it has under way stays in its outbox.
  void crash() { link_.reset(); }
  [[nodiscard]] bool has_let_go_of_its_outbox() const { return held_.expired(); }
  void finish() { finishes_ = true; }
  [[nodiscard]] bool is_done() const { return lanes_ == 0 && held_.lock()->count() == 0; }
  [[nodiscard]] std::uint64_t acknowledged() const { return acknowledged_; }
  [[nodiscard]] const std::vector<std::string>& refusals() const { return refusals_; }

 private:
  void spawn_lane(std::uint32_t room) {
    ++lanes_;
    asio::co_spawn(loop_, run_lane(room, life_), [this](const std::exception_ptr&) { --lanes_; });
  }
  void spawn_watch() { asio::co_spawn(loop_, watch(life_), asio::detached); }

  asio::awaitable<void> run_lane(std::uint32_t room, unsigned life) {
    asio::steady_timer timer(loop_);
    while (life == life_ && link_ && !finishes_) {
      const auto id = ++said_[room];
      history_.sent(room, said_by(number_, id));
      link::Outgoing message;
      message.room = RoomName::literal(plan_.rooms[room].name);
      message.kind = proto::Kind::data;
      message.body = body_of(number_, id);
      const auto receipt = co_await link_->publish(std::move(message));
      note(room, id, receipt);
      if (plan_.pause.count() == 0) continue;
      timer.expires_after(plan_.pause);
      co_await timer.async_wait(asio::use_awaitable);
    }
  }

  void note(std::uint32_t room, std::uint64_t id, const Result<link::Receipt>& receipt) {
    if (receipt) {
      ++acknowledged_;
      history_.acknowledged(room, number_, id, receipt->seq.value);
      return;
    }
    const auto status = receipt.error().status;  // of the waiting only: the message is in the outbox
    if (status == Status::cancelled || status == Status::unavailable || status == Status::aborted) return;
    refusals_.push_back("publisher " + std::to_string(number_) + " was refused: " + receipt.error().sentence);
  }

  /// A Link is read only as long as somebody takes its events.
  asio::awaitable<void> watch(unsigned life) {
    while (life == life_ && link_) {
      const auto event = co_await link_->next();
      if (std::holds_alternative<link::Closed>(event)) co_return;
    }
  }

  asio::io_context& loop_;
  History& history_;
  const CrowdPlan& plan_;
  const std::uint32_t number_;
  const std::string outbox_;
  std::unique_ptr<link::Link> link_;
  std::weak_ptr<link::Outbox> held_;
  unsigned life_ = 0, lanes_ = 0;
  std::map<std::uint32_t, std::uint64_t> said_;
  bool finishes_ = false;
  std::uint64_t acknowledged_ = 0;
  std::vector<std::string> refusals_;
};

// ── who reads ────────────────────────────────────────────────────────────────────────────────────────────────────────

class Subscriber {
 public:
  Subscriber(asio::io_context& loop, History& history, std::string room, std::uint32_t room_number,
             std::uint32_t number, bool reads_for_the_end, link::Options options)
      : history_(history),
        room_(std::move(room)),
        room_number_(room_number),
        number_(number),
        reads_for_the_end_(reads_for_the_end),
        link_(loop, std::move(options)) {
    link_.connect_in_background();
    asio::co_spawn(loop, subscribe(), asio::detached);
    asio::co_spawn(loop, read(), asio::detached);
  }

  [[nodiscard]] Seq next() const { return next_; }
  [[nodiscard]] std::uint32_t room() const { return room_number_; }
  /// The newest message of the room when it began.
  [[nodiscard]] std::optional<Seq> last() const { return last_; }

 private:
  asio::awaitable<void> subscribe() {
    link::Subscription wanted;
    wanted.pattern = Pattern::literal(room_);
    wanted.from = proto::From::seq;
    wanted.seq = Seq{1};
    link::CallOptions patient;
    patient.timeout = {};
    // Where it is refused, nothing is ever read, and the test says so.
    co_await link_.subscribe(std::move(wanted), patient);
  }

  asio::awaitable<void> read() {
    for (;;) {
      const auto event = co_await link_.next();
      if (const auto* const attached = std::get_if<link::RoomAttached>(&event)) on_attached(*attached);
      if (const auto* const message = std::get_if<link::Message>(&event)) on_message(*message);
      if (const auto* const gap = std::get_if<link::Gap>(&event)) on_gap(*gap);
      if (std::holds_alternative<link::Closed>(event)) co_return;
    }
  }

  void on_attached(const link::RoomAttached& attached) {
    if (!last_) {
      last_ = attached.last;
      if (reads_for_the_end_) history_.kept(room_number_, attached.next.value, attached.last.value);
    }
    if (!reads_for_the_end_) history_.attached(room_number_, number_, attached.next.value);
  }
  void on_message(const link::Message& message) {
    if (reads_for_the_end_)
      history_.read(room_number_, message.seq.value, said_in(message.body));
    else
      history_.received(room_number_, number_, message.seq.value, said_in(message.body));
    next_ = message.seq.next();
  }
  void on_gap(const link::Gap& gap) {
    next_ = gap.last.next();
    if (reads_for_the_end_)
      history_.kept(room_number_, next_.value, last_->value);
    else
      history_.lost(room_number_, number_, gap.first.value, gap.last.value);
  }

  History& history_;
  const std::string room_;
  const std::uint32_t room_number_, number_;
  const bool reads_for_the_end_;
  Seq next_{1};
  std::optional<Seq> last_;
  link::Link link_;
};

// ── all of them ──────────────────────────────────────────────────────────────────────────────────────────────────────

Crowd::Crowd(const std::string& url, const std::string& folder, CrowdPlan plan)
    : url_(url), plan_(std::move(plan)), dice_(plan_.seed) {
  for (std::uint32_t room = 0; room < plan_.rooms.size(); ++room)
    if (const auto messages = plan_.rooms[room].messages; messages > 0) history_.bounded(room, messages);
  std::uint32_t reader = 0;
  for (std::uint32_t room = 0; room < plan_.rooms.size(); ++room)
    for (std::uint32_t count = 0; count < plan_.subscribers; ++count, ++reader)
      subscribers_.push_back(std::make_unique<Subscriber>(loop_, history_, plan_.rooms[room].name, room, reader, false,
                                                          options("reader-" + std::to_string(reader))));
  for (std::uint32_t number = 1; number <= plan_.publishers; ++number) {
    const auto outbox = folder + "/outbox-" + std::to_string(number);
    publishers_.push_back(std::make_unique<Publisher>(loop_, history_, plan_, number, outbox));
    publishers_.back()->start(options("publisher-" + std::to_string(number)));
  }
}

Crowd::~Crowd() {
  for (auto& publisher : publishers_) {
    publisher->finish();
    publisher->crash();
  }
  loop_.restart();
  loop_.poll();
}

/// They come back soon, so that many cycles take little time.
link::Options Crowd::options(const std::string& name) const {
  link::Options options;
  options.hub = Address::parse(url_).value();
  options.name = name;
  options.program = "test";
  for (std::size_t i = 0; i < options.owner.bytes.size(); ++i)
    options.owner.bytes[i] = static_cast<std::uint8_t>(name[i % name.size()]);
  options.backoff_min = Milliseconds(5);
  options.backoff_max = Milliseconds(50);
  return options;
}

void Crowd::run_for(std::chrono::milliseconds time) {
  loop_.restart();
  loop_.run_for(time);
}

void Crowd::run_until(const std::string& what, const std::function<bool()>& holds) {
  const Deadline deadline(4 * patience);
  while (!holds()) {
    if (deadline.passed()) throw Failure("waited in vain until " + what);
    run_for(Milliseconds(5));
  }
}

void Crowd::crash_a_publisher() {
  const auto number = dice_.below(publishers_.size());
  auto& publisher = *publishers_[number];
  publisher.crash();
  run_until("a publisher has crashed", [&] { return publisher.has_let_go_of_its_outbox(); });
  publisher.start(options("publisher-" + std::to_string(number + 1)));
}

void Crowd::come_to_rest() {
  for (auto& publisher : publishers_) publisher->finish();
  run_until("all is acknowledged", [&] {
    return std::ranges::all_of(publishers_, [](const auto& publisher) { return publisher->is_done(); });
  });
}

void Crowd::read_all() {
  std::vector<std::unique_ptr<Subscriber>> last_readers;
  for (std::uint32_t room = 0; room < plan_.rooms.size(); ++room)
    last_readers.push_back(std::make_unique<Subscriber>(loop_, history_, plan_.rooms[room].name, room, 0, true,
                                                        options("last-reader-" + std::to_string(room))));
  run_until("everything is read", [&] {
    return std::ranges::all_of(last_readers,
                               [](const auto& reader) { return reader->last() && reader->next() > *reader->last(); });
  });
  run_until("everybody has read everything", [&] {
    return std::ranges::all_of(subscribers_, [&](const auto& subscriber) {
      return subscriber->next() > *last_readers[subscriber->room()]->last();
    });
  });
}

bool Crowd::has_met_retention() const {
  return std::ranges::any_of(history_.list(), [](const auto& happening) {
    return happening.what == Happening::What::kept && happening.seq > 1;
  });
}

std::uint64_t Crowd::acknowledged() const {
  std::uint64_t all = 0;
  for (const auto& publisher : publishers_) all += publisher->acknowledged();
  return all;
}

std::vector<std::string> Crowd::refusals() const {
  std::vector<std::string> all;
  for (const auto& publisher : publishers_)
    all.insert(all.end(), publisher->refusals().begin(), publisher->refusals().end());
  return all;
}

}  // namespace hubbub::test
