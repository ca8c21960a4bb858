// A Link and the FakeHub it talks to, in one loop.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "client/link/link.hpp"
#include "tests/unit/link/fake_hub.hpp"

namespace hubbub::link {

class LinkFixture : public ::testing::Test {
 protected:
  template <class T>
  using Started = std::shared_ptr<std::optional<T>>;

  LinkFixture() {
    options.hub = hub.address();
    options.name = "alice";
    options.program = "unit test";
    options.owner.bytes[0] = 42;
    options.backoff_min = std::chrono::milliseconds(1);
    options.backoff_max = std::chrono::milliseconds(5);
  }

  void make_link() { link.emplace(hub.loop(), options); }

  /// Runs `call` beside the test. Its outcome is there once the loop has run so far.
  template <class T>
  Started<T> start(asio::awaitable<T> call) {
    const auto outcome = std::make_shared<std::optional<T>>();
    auto done = [outcome](const std::exception_ptr& thrown, T value) {
      if (thrown) std::rethrow_exception(thrown);
      outcome->emplace(std::move(value));
    };
    asio::co_spawn(hub.loop(), std::move(call), std::move(done));
    return outcome;
  }
  std::shared_ptr<bool> start(asio::awaitable<void> call) {
    const auto is_done = std::make_shared<bool>(false);
    auto done = [is_done](const std::exception_ptr&) { *is_done = true; };
    asio::co_spawn(hub.loop(), std::move(call), std::move(done));
    return is_done;
  }
  template <class T>
  T finish(const Started<T>& started) {
    hub.run_until("a call is done", [&] { return started->has_value(); });
    return *std::move(*started);
  }
  template <class T>
  T finish(asio::awaitable<T> call) {
    return finish(start(std::move(call)));
  }

  /// Connects a new Link and takes its Online.
  void go_online() {
    make_link();
    const auto connected = start(link->connect());
    hub.accept();
    hub.welcome();
    ASSERT_TRUE(finish(connected));
    expect_event<Online>();
  }

  /// The hub breaks the connection, and takes the next one.
  void reconnect() {
    hub.close();
    expect_event<Offline>();
    hub.accept();
    hub.welcome();
    expect_event<Online>();
  }

  Incoming next_event() {
    std::optional<Incoming> event;
    hub.run_until("an event comes", [&] { return (event = link->try_next()).has_value(); });
    return *std::move(event);
  }
  template <class Event>
  Event expect_event() {
    auto event = next_event();
    if (!std::holds_alternative<Event>(event))
      throw test::Failure("an event of another kind: " + std::to_string(event.index()));
    return std::get<Event>(std::move(event));
  }
  bool nothing_arrives() {
    hub.run_ready();
    return !link->try_next().has_value();
  }

  static Outgoing saying(std::string_view body, std::string_view room = "lobby") {
    Outgoing message;
    message.room = RoomName::literal(room);
    message.body = body;
    return message;
  }
  static Subscription to(std::string_view pattern) {
    Subscription subscription;
    subscription.pattern = Pattern::literal(pattern);
    return subscription;
  }
  /// A subscription that the hub grants.
  void subscribe(std::string_view pattern) {
    const auto subscribed = start(link->subscribe(to(pattern)));
    hub.expect_call<proto::RoomSubscribe>();
    hub.reply(proto::RoomSubscribe::Reply{});
    ASSERT_TRUE(finish(subscribed));
  }
  void expect_publish(std::uint32_t room, std::uint64_t id, std::string_view body) {
    const auto publish = hub.expect<proto::Publish>();
    EXPECT_EQ(publish.room.value, room);
    EXPECT_EQ(publish.id.value, id);
    EXPECT_EQ(publish.body.bytes, body);
  }
  void expect_message(std::uint64_t seq, std::string_view body) {
    const auto message = expect_event<Message>();
    EXPECT_EQ(message.seq.value, seq);
    EXPECT_EQ(message.body, body);
  }
  void expect_subscribe(std::string_view pattern, std::uint64_t seq) {
    const auto call = hub.expect_call<proto::RoomSubscribe>();
    EXPECT_EQ(call.pattern.str(), pattern);
    EXPECT_EQ(call.from, proto::From::seq);
    EXPECT_EQ(call.seq.value, seq);
  }

  FakeHub hub;
  Options options;
  std::optional<Link> link;
};

}  // namespace hubbub::link
