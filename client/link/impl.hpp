// The Link's inside: what lives longer than a connection, and the life of the connections themselves.
//
//   idle --start--> connecting --socket--> greeting --Welcome--> online
//                     ^                        |                   |
//                     +------ waiting <--------+------- lost ------+         any --end--> closed, for ever
//
// The parts that decide things are values with tests of their own (Publishing, Calls, Subscriptions, Cursors, Backoff);
// here they meet the socket and the clock.
//   impl.cpp            the states above
//   impl_instead.cpp    the other way, once the first one leads nowhere
//   impl_calls.cpp      calls, subscriptions and what a new connection has to be told
//   impl_services.cpp   offers, and the calls of them
//   impl_publish.cpp    publishes in
//   impl_sending.cpp    publishes out, and the answers to them
//   impl_receive.cpp    frames in, events out
//   impl_liveness.cpp   pings both ways
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "client/link/backoff.hpp"
#include "client/link/calls.hpp"
#include "client/link/connection.hpp"
#include "client/link/cursors.hpp"
#include "client/link/inbox.hpp"
#include "client/link/link.hpp"
#include "client/link/offers.hpp"
#include "client/link/outbox/outbox.hpp"
#include "client/link/publishing.hpp"
#include "client/link/subscriptions.hpp"
#include "client/link/trace.hpp"
#include "client/link/wake.hpp"
#include "common/random.hpp"

namespace hubbub::link {

template <class Method>
std::string arguments_of(const Method& method) {
  std::string arguments;
  proto::encode_value(method, arguments);
  return arguments;
}

class Link::Impl final : public Connection::Owner, public std::enable_shared_from_this<Link::Impl> {
 public:
  using Self = std::shared_ptr<Impl>;  // coroutines own it: the Link may go while they wait
  using Clock = std::chrono::steady_clock;

  Impl(asio::io_context& loop, Options options);

  static asio::awaitable<Result<proto::Welcome>> connect(Self self);
  void connect_in_background();
  static asio::awaitable<void> close(Self self, std::chrono::milliseconds grace);
  /// Ends everything now: who waits gets `why`.
  void end(Error why);

  static asio::awaitable<Result<std::string>> call(Self self, MethodName method, std::string arguments,
                                                   CallOptions options);
  static asio::awaitable<Result<proto::RoomSubscribe::Reply>> subscribe(Self self, Subscription subscription,
                                                                        CallOptions options);
  static asio::awaitable<Result<void>> unsubscribe(Self self, Pattern pattern, CallOptions options);

  static asio::awaitable<Result<void>> offer(Self self, proto::ServiceOffer offer, OfferHandlers handlers,
                                             CallOptions options);
  static asio::awaitable<Result<void>> withdraw(Self self, MethodName service, CallOptions options);
  bool settle(const Message& message, proto::Verdict verdict, std::string_view reason, std::string_view detail);
  bool answer_invocation(InvocationId id, Status status, std::string_view result);
  /// No handler is called any more: what they belong to may have gone.
  void forget_offers() { offers_ = Offers(); }

  static asio::awaitable<Result<Receipt>> publish(Self self, Outgoing message);
  static asio::awaitable<Result<void>> publish_soon(Self self, Outgoing message);
  static asio::awaitable<Result<void>> publish_unacknowledged(Self self, Outgoing message);
  static asio::awaitable<Result<void>> drain(Self self);
  static asio::awaitable<void> writable(Self self);
  Result<bool> try_publish_soon(const Outgoing& message) { return try_publish(message, {}); }
  Result<bool> try_publish(const Outgoing& message, Publishing::Settled settled);
  Result<bool> try_publish_unacknowledged(const Outgoing& message);
  [[nodiscard]] bool has_stopped_publishing() const { return ended_ || publishing_.stopped(); }
  [[nodiscard]] std::size_t unacknowledged() const { return publishing_.count(); }
  [[nodiscard]] std::uint64_t acknowledged() const { return publishing_.acknowledged(); }
  std::optional<Error> take_notice() { return publishing_.take_notice(); }

  static asio::awaitable<Incoming> next(Self self);
  std::optional<Incoming> try_next();

  [[nodiscard]] bool online() const { return state_ == State::online; }
  [[nodiscard]] const proto::Welcome& welcome() const { return welcome_; }
  std::optional<std::chrono::microseconds> round_trip();

  // Connection::Owner
  void received(const proto::Frame& frame) override;
  bool may_read() override;
  void written() override;
  void lost(Error why) override;

 private:
  enum class State { idle, connecting, greeting, online, waiting, closed };
  struct CallWait;     ///< a coroutine's wait for a reply
  struct ReceiptWait;  ///< for an acknowledgement
  /// What a call that succeeded means for the connections to come.
  using Consequence = std::function<void()>;
  /// A call of the Link's own, of one connection.
  struct Question {
    std::string_view method;
    std::string arguments;
    std::function<void(const Result<std::string>&)> done;
  };

  // the states
  void start_try();
  void spawn_dial(std::uint64_t attempt);
  static asio::awaitable<void> dial(Self self, std::uint64_t attempt);
  void dialed(Result<Stream::Socket> socket);
  void greet();
  void welcomed(proto::Welcome welcome);
  void closing(const proto::Closing& closing);
  void fail_try(Error why, bool may_come_back);
  void wait_and_retry(Error why);
  void retry_in(std::chrono::milliseconds wait);
  /// There is an outbox, and it is still this Link's to change.
  [[nodiscard]] bool keeps() const { return options_.outbox && !publishing_.stopped(); }
  [[nodiscard]] bool is_other_store(const StoreId& store) const;
  void renew_client(std::string_view reason);
  void drop_connection();
  /// Whoever is at Options::hub, for sentences.
  [[nodiscard]] std::string peer() const { return options_.instead ? "the agent" : "the hub"; }
  bool leads_nowhere();
  void go_instead();
  [[nodiscard]] Error not_welcomed(const Error& why) const;
  [[nodiscard]] Error ended() const { return *ended_; }
  static double chance();  ///< for jitter: in [0, 1)

  // calls
  CallId start_call(Calls::Pending call, std::optional<CallId> wanted);
  void abandon_call(CallId id);
  Consequence consequence_of(const MethodName& method, std::string_view arguments);
  void stop_receiving(const RoomName& room);
  void ask(Question question);
  void ask_more();
  void resume(bool new_life, bool same_data);
  void resumed();
  Question question_of(const proto::RoomSubscribe& subscribe);
  void not_resumed(const proto::RoomSubscribe& subscribe, const Error& why);
  void subscribe_later(const proto::RoomSubscribe& subscribe);
  Question question_of(const proto::ServiceOffer& offer);
  void stop_offering(const MethodName& service);

  // publishes
  [[nodiscard]] Result<void> check(const Outgoing& message) const;
  [[nodiscard]] Error full() const;
  [[nodiscard]] bool has_room() const;
  [[nodiscard]] bool has_much_room() const;
  void accept(const Outgoing& message, Publishing::Settled settled);
  [[nodiscard]] Stamp stamp(Stamp::Side side) const;
  [[nodiscard]] Outgoing stamped(const Outgoing& message) const;
  void send_publishes_soon();
  void send_publishes();
  bool keep_publishes();
  void stop_publishing(const Error& why);
  [[nodiscard]] bool may_publish();
  void registered(const Result<std::string>& reply);
  void begin_anew(const std::string& reason);
  void open_rooms();
  void open_room(const RoomName& name);
  void room_opened(const RoomName& name, const Result<std::string>& reply);
  [[nodiscard]] bool may_be_back_soon(const RoomName& name, Status status) const;
  void pause_publishing();
  void now_writable();

  // frames in
  void received_delivery(const proto::Frame& frame);
  void on(const proto::Welcome& message);
  void on(const proto::Closing& message) { closing(message); }
  void on(const proto::Ping& message);
  void on(const proto::Pong& message);
  void on(const proto::Published& message);
  void on(const proto::PublishRefused& message);
  void on(const proto::Delivery&) {}  ///< comes by received_delivery()
  void on(const proto::Attached& message);
  void on(const proto::Detached& message);
  void on(const proto::Lost& message);
  void on(const proto::Retained& message);
  void on(const proto::Handed& message);
  void on(const proto::Reply& message);
  void on(const proto::Event& message);
  void on(const proto::Invoke& message);
  void on(const proto::Revoke& message);
  void refuse_hub(std::string_view what);
  void push(Incoming event);
  void push_gap(std::optional<Gap> gap);
  void read_for_answer();

  // liveness
  void watch();
  void look();
  [[nodiscard]] std::chrono::milliseconds silence_max() const;
  void send_ping();

  template <class Message>
  void send(const Message& message) {
    proto::encode(message, connection_->output());
    connection_->write_soon();
  }

  asio::io_context& loop_;
  Options options_;
  /// Of this Link and of no other: under it the hub knows again what it has taken already.
  ClientId client_;
  std::optional<StoreId> store_;  ///< the hub's data to which the publish ids under it belong
  State state_ = State::idle;
  bool background_ = false;  ///< a first try that fails isn't the end
  bool was_online_ = false;
  bool saying_goodbye_ = false;
  std::optional<Error> shutdown_;  ///< the hub said that it stops: what is queued there still comes
  std::optional<Error> ended_;     ///< why, once closed
  Wake changed_;                   ///< the state, or the number of unacknowledged publishes

  std::shared_ptr<Connection> connection_;  ///< while greeting or online
  std::uint64_t attempt_ = 0;               ///< tells a late outcome of an earlier try
  std::shared_ptr<asio::cancellation_signal> dialing_;
  asio::steady_timer timer_;  ///< of the try, or of the wait before the next
  Backoff backoff_;
  Clock::time_point online_since_;
  std::optional<Clock::time_point> nobody_since_;  ///< listens where Options::hub is
  Clock::time_point new_life_at_;                  ///< when it was seen that the hub was restarted
  proto::Welcome welcome_;

  Calls calls_;
  std::deque<Question> questions_;   ///< not asked yet
  std::size_t questions_asked_ = 0;  ///< and not answered
  bool resuming_ = false;            ///< others' calls and publishes wait until the subscriptions are under way
  Subscriptions subscriptions_;
  Offers offers_;
  std::string will_;  ///< the arguments of the session.will that counts; empty: none
  Cursors cursors_;
  /// Messages of groups that acknowledge, of this connection, that aren't settled yet.
  struct Handout {
    RoomId room;
    WallTime time;  ///< tells it from one of the same number, of another life of the hub
  };
  std::map<RoomName, std::map<Seq, Handout>> handed_;
  std::uint16_t at_once_asked_ = 0;            ///< the most of a room that any subscription has wanted
  std::vector<proto::RoomSubscribe> refused_;  ///< to be asked again when resubscribe_timer_ fires
  std::set<Pattern> told_refused_;             ///< of this connection: NotResumed was pushed
  asio::steady_timer resubscribe_timer_;

  Publishing publishing_;
  /// What the hub knows of this producer on this connection; one without an outbox needs none of it.
  enum class Producer { unknown, asked, registered } producer_ = Producer::unknown;
  bool was_denied_ = false;  ///< of another person: once is enough
  /// Output that waits for the socket: enough for a full write, little enough to stay in the processor's cache.
  static constexpr std::size_t output_bytes_max = 256u << 10;
  std::size_t unwritten_publishes_ = 0;  ///< bytes that were said since the last send_publishes(), about
  bool send_posted_ = false;
  bool blocked_ = false;  ///< somebody found no room and waits for writable_
  Wake writable_;
  asio::steady_timer pause_timer_;
  Backoff pause_;

  Inbox inbox_;
  Wake arrived_;

  asio::steady_timer liveness_timer_;
  std::optional<Clock::time_point> ping_sent_;
  std::optional<std::chrono::microseconds> round_trip_;
  Clock::time_point round_trip_at_;
  std::uint64_t ping_token_ = 0;
};

}  // namespace hubbub::link
