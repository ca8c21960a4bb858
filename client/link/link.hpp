// A client's connection to a hub, for whoever writes one: the shell commands, the terminal client, the agent, others.
//
//   call / publish / subscribe  -->  Link  <-->  hub
//                                     |
//                                     +-->  next(): messages, gaps, presence, and how the connection is
//
// The Link keeps a connection: it comes back after a loss with backoff and jitter, subscribes again where it was, sends
// again what was not acknowledged (under the same ids, so that the hub takes it once), and repeats unanswered calls
// (under the same ids, so that nothing happens twice). Messages of a room come in order, each once; what can't be had
// any more comes as Gap.
//
// Every member runs on the thread of the Link's io_context. blocking.hpp has the same calls for threads that may wait.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "client/link/offers.hpp"
#include "client/link/types.hpp"
#include "common/address.hpp"
#include "common/asio.hpp"
#include "proto/codec.hpp"
#include "proto/methods.hpp"

namespace hubbub::link {

class Outbox;  // client/link/outbox/outboxes.hpp

/// Another way to the hub, for good, once nobody listens at Options::hub any more.
struct Instead {
  Address hub;
  /// Told once, before it is gone. The outbox, if it gives one, keeps from then on what isn't acknowledged.
  std::function<std::shared_ptr<Outbox>()> chosen;
};

struct Options {
  Address hub;
  std::string name;       ///< the name to claim; empty: the hub chooses. A hub that knows better ignores it.
  std::string program;    ///< for the hub's log: "hubbub 0.1.0"
  OwnerKey owner;         ///< see identity.hpp
  bool reconnect = true;  ///< false: the first loss is the end
  std::chrono::milliseconds connect_timeout{5000};  ///< for one try: connect and handshake
  std::chrono::milliseconds backoff_min{100};       ///< the wait after the first loss; doubles up to the next
  std::chrono::milliseconds backoff_max{10000};
  std::size_t unsent_bytes_max = 4u << 20;  ///< publishes that wait to be sent or acknowledged; then publish() waits
  /// Keeps what is said until it is acknowledged, over the end of the program, and whatever is left in it goes out,
  /// too. While the hub is away publish_soon() takes what comes, up to a gigabyte on the disk; behind that much it
  /// waits for a hub that is there, and fails without one. None: nothing outlives the Link. One Link at a time.
  std::shared_ptr<Outbox> outbox;
  std::string hop = "client";      ///< what the stamps of traced messages call this end
  std::optional<ClientId> client;  ///< to be known again without an outbox; none: a new one
  /// Where `hub` is the socket of an agent, which may end: then this is another client at the hub itself, which goes on
  /// from the same messages. What the agent was sent and hasn't acknowledged is said again: twice where it was killed
  /// in between. Not with an outbox.
  std::optional<Instead> instead;
};

class Link {
 public:
  /// Does nothing yet. REQUIRES: `loop` is run by one thread and outlives the Link.
  Link(asio::io_context& loop, Options options);
  ~Link();  ///< Closes at once; calls that wait get `cancelled`.
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  /// Connects for the first time. Fails with unavailable (nobody there: says where it looked), deadline_exceeded,
  /// unauthenticated / already_exists (the hub refused, its sentence) … and the Link stays closed.
  asio::awaitable<Result<proto::Welcome>> connect();
  /// Connects in the background, tries for ever, and tells by Online and Offline. For the terminal client.
  void connect_in_background();

  /// Calls a method of the hub. Waits while offline, within the timeout. Fails with the hub's status and sentence, or
  /// deadline_exceeded, or cancelled (the coroutine was cancelled, or the Link closed).
  template <class Method>
  asio::awaitable<Result<typename Method::Reply>> call(Method method, CallOptions options = {});
  /// The same by name, for reflection: arguments and reply as they stand on the wire.
  asio::awaitable<Result<std::string>> call_raw(MethodName method, std::string arguments, CallOptions options = {});

  /// Says it and waits for the acknowledgement. With an outbox a failure `unavailable`, `aborted` or `cancelled` is
  /// about the wait only: the message stays in there. Several may be under way at once; each room's keep their order,
  /// also over reconnects. Fails with the hub's refusal; a message that the hub only wants later is sent again by
  /// itself.
  asio::awaitable<Result<Receipt>> publish(Outgoing message);
  /// The same, without waiting for the acknowledgement: returns once there is room among the unsent. Failures are
  /// counted and told by drain(). For streams of messages at full speed with nothing lost.
  asio::awaitable<Result<void>> publish_soon(Outgoing message);
  /// Waits until all that was published is acknowledged, or stays in the outbox since the hub can't open its room now,
  /// as at a limit: see take_notice(). Fails with the first refusal since the last drain().
  asio::awaitable<Result<void>> drain();
  /// Why something stays in the outbox though the hub is there, or what an earlier program had said was refused: the
  /// first since the last call.
  std::optional<Error> take_notice();
  /// Fire and forget: no acknowledgement, nothing is sent again. Returns when the socket has taken it or at most
  /// unsent_bytes_max wait.
  asio::awaitable<Result<void>> publish_unacknowledged(Outgoing message);
  /// publish_soon() and publish_unacknowledged() without a coroutine, for a million messages a second: nothing is
  /// allocated where there is room. False: no room now, or the hub isn't there yet; await writable() and try again.
  Result<bool> try_publish_soon(const Outgoing& message);
  Result<bool> try_publish_unacknowledged(const Outgoing& message);
  /// publish() without a coroutine: `settled` is called once, by the loop's thread, with what publish() would return;
  /// within this call where an outbox can't keep it. It doesn't call the Link. False: as above, and never called.
  Result<bool> try_publish(const Outgoing& message, std::function<void(Result<Receipt>)> settled);
  /// Waits until what made the last try_publish… return false has changed. Returns at once after the end.
  asio::awaitable<void> writable();
  /// It takes no publishes any more, as where its outbox can't be written: each fails with the reason.
  [[nodiscard]] bool has_stopped_publishing() const;
  /// Publishes that were accepted here and not yet acknowledged.
  [[nodiscard]] std::size_t unacknowledged() const;
  /// Publishes that the hub has acknowledged, without what was in the outbox at the start.
  [[nodiscard]] std::uint64_t acknowledged() const;

  /// Receives the rooms of a pattern from now on, also after reconnects. Messages come out of next().
  asio::awaitable<Result<proto::RoomSubscribe::Reply>> subscribe(Subscription subscription, CallOptions options = {});
  asio::awaitable<Result<void>> unsubscribe(Pattern pattern, CallOptions options = {});

  /// What became of a message that came with an `attempt`. False: it isn't this client's any more, since the connection
  /// was lost; it is handed out again. `reason` and `detail` are cut to what a Settle holds.
  bool settle(const Message& message, proto::Verdict verdict, std::string_view reason = {},
              std::string_view detail = {});

  /// Offers a service from now on, also after reconnects; the handlers are called within the Link's own work, so they
  /// don't wait. Each call that they are given wants one answer().
  asio::awaitable<Result<void>> offer(proto::ServiceOffer offer, OfferHandlers handlers, CallOptions options = {});
  /// No more calls of it are given; those that run are still to be answered.
  asio::awaitable<Result<void>> withdraw(MethodName service, CallOptions options = {});
  /// With `ok` the result, else the sentence that says why. False: no answer is owed (any more).
  bool answer(InvocationId id, Status status, std::string_view result);
  /// Calls a method of a service, such as `image.scale`: of one provider, or of all. Where one was asked, fails with
  /// its status and sentence; unavailable where nobody offers it or a repeatable call was lost with its provider,
  /// resource_exhausted where all are busy, unknown where nobody knows whether it was run: its provider was lost, or
  /// the hub was restarted. Not so where it is to take effect exactly once: such a call waits, and outlives its caller.
  asio::awaitable<Result<proto::ServiceReply>> call_service(MethodName method, std::string arguments,
                                                            ServiceWish wish = {}, CallOptions options = {});

  /// The next event; waits for one. After Closed: Closed again. One caller at a time. A cancelled coroutine gets Asio's
  /// operation_aborted thrown, and no event is lost by it.
  /// What isn't taken is bounded: the Link stops reading from the hub while more than a megabyte waits. While the hub
  /// owes an answer, which may lie behind all that, the bound is 64 MiB; if nobody takes events then, the answer comes
  /// only when somebody does, or never: its call ends with its timeout, publish() and drain() wait on.
  asio::awaitable<Incoming> next();
  /// The same without waiting.
  std::optional<Incoming> try_next();

  [[nodiscard]] bool online() const;
  [[nodiscard]] const proto::Welcome& welcome() const;  ///< of the newest connection. REQUIRES: was online once
  /// Of the last ping's round trip, or how long the next one has taken already if that is more; empty before the first.
  /// Pings every few seconds while somebody asks.
  [[nodiscard]] std::optional<std::chrono::microseconds> round_trip() const;

  /// Says good-bye, waits (at most `grace`) until what was said is acknowledged, and closes.
  asio::awaitable<void> close(std::chrono::milliseconds grace = std::chrono::milliseconds(2000));
  /// Closes without a word.
  void abort();

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

template <class Method>
asio::awaitable<Result<typename Method::Reply>> Link::call(Method method, CallOptions options) {
  std::string arguments;
  proto::encode_value(method, arguments);
  const auto name = MethodName::literal(Method::name);
  auto raw = co_await call_raw(name, std::move(arguments), options);
  if (!raw) co_return tl::unexpected(raw.error());
  auto reply = proto::decode_value<typename Method::Reply>(*raw);
  if (!reply) co_return fail(Status::internal, "the hub's reply could not be understood; is it of another version?");
  co_return *std::move(reply);
}

}  // namespace hubbub::link
