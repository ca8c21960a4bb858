// A Link for a thread that may wait: the same calls, each of which returns when it is done.
//   BlockingLink link(options);   link.connect();   link.publish(message);   link.close();
// It owns its loop and runs it while a call runs, and only then: between calls nothing is read and no ping is answered.
// Who stays away for longer than the hub waits loses the connection; the next call comes back and goes on where it was.
// One thread at a time.
#pragma once

#include <exception>
#include <optional>
#include <utility>

#include "client/link/link.hpp"

namespace hubbub::link {

class BlockingLink {
 public:
  explicit BlockingLink(Options options) : link_(loop_, std::move(options)) {}

  Result<proto::Welcome> connect() { return wait(link_.connect()); }

  template <class Method>
  Result<typename Method::Reply> call(Method method, CallOptions options = {}) {
    return wait(link_.call(std::move(method), options));
  }
  Result<std::string> call_raw(MethodName method, std::string arguments, CallOptions options = {}) {
    return wait(link_.call_raw(std::move(method), std::move(arguments), options));
  }

  Result<Receipt> publish(Outgoing message) { return wait(link_.publish(std::move(message))); }
  Result<void> publish_soon(Outgoing message) { return wait(link_.publish_soon(std::move(message))); }
  Result<void> publish_unacknowledged(Outgoing message) {
    return wait(link_.publish_unacknowledged(std::move(message)));
  }
  Result<void> drain() { return wait(link_.drain()); }
  [[nodiscard]] std::size_t unacknowledged() const { return link_.unacknowledged(); }

  Result<proto::RoomSubscribe::Reply> subscribe(Subscription subscription, CallOptions options = {}) {
    return wait(link_.subscribe(std::move(subscription), options));
  }
  Result<void> unsubscribe(Pattern pattern, CallOptions options = {}) {
    return wait(link_.unsubscribe(std::move(pattern), options));
  }

  Incoming next() { return wait(link_.next()); }
  /// Nothing if no event comes within `timeout`.
  std::optional<Incoming> next_within(std::chrono::milliseconds timeout);

  [[nodiscard]] bool online() const { return link_.online(); }
  [[nodiscard]] const proto::Welcome& welcome() const { return link_.welcome(); }
  [[nodiscard]] std::optional<std::chrono::microseconds> round_trip() const { return link_.round_trip(); }

  void close(std::chrono::milliseconds grace = std::chrono::milliseconds(2000)) { wait(link_.close(grace)); }
  void abort() { link_.abort(); }

  /// Runs the loop until `call` is done, for whatever else is awaitable. Throws what `call` throws.
  template <class T>
  T wait(asio::awaitable<T> call);
  void wait(asio::awaitable<void> call);
  /// For calls that have no form of their own here, and for `wait()`.
  Link& link() { return link_; }

 private:
  void run_until(const bool& done);

  asio::io_context loop_{1};
  Link link_;
};

template <class T>
T BlockingLink::wait(asio::awaitable<T> call) {
  bool done = false;
  std::exception_ptr thrown;
  std::optional<T> result;
  asio::co_spawn(loop_, std::move(call), [&](std::exception_ptr error, T value) {
    thrown = std::move(error);
    result.emplace(std::move(value));
    done = true;
  });
  run_until(done);
  if (thrown) std::rethrow_exception(thrown);
  return *std::move(result);
}

}  // namespace hubbub::link
