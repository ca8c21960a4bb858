// Load that waits to hear that it is kept: every publisher has a number of publishes in flight, no more, and those who
// subscribe are read and checked, every message.
//   publish 1 … window --server--> acknowledged up to n --> publish … n + window
//                              └--> delivered: each number once, in order, none missing
// How many are in flight decides how large a group a server can commit at once.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <utility>
#include <vector>

#include "tests/bench/connection.hpp"
#include "tests/bench/text.hpp"

namespace hubbub::bench {

struct AcknowledgedShape {
  std::size_t body_bytes = 128;
  std::size_t in_flight = 64;  ///< of each publisher
  bool dated = false;          ///< numbers are times, so that each delivery tells how long it took
};

class AcknowledgedLoad {
 public:
  /// What `dialect` refers to must outlive the load.
  AcknowledgedLoad(const Dialect& dialect, const AcknowledgedShape& shape);

  /// One that publishes or subscribes, in one room. REQUIRES: no other one publishes there. A subscriber is owed what
  /// is published from now on, or what this load has published in all where its part says so. Returns its index.
  std::size_t add(Connection& connection);
  /// A subscriber that reads only so much, until finish().
  std::size_t add_slow(Connection& connection, double bytes_per_s);
  /// Forgets one, which was the last to be added.
  void remove_last();

  /// Publishes (on) for that long, or until it is `enough`; not more than a number of messages a second where given.
  void run(double seconds, double messages_per_s = 0, const std::function<bool()>& enough = {});
  /// Publishes no more; waits until everything is acknowledged and everybody has what is owed. Throws Failed if not.
  void finish();

  [[nodiscard]] std::uint64_t acknowledged() const { return acknowledged_; }
  [[nodiscard]] std::uint64_t delivered(std::size_t index) const { return lanes_[index].delivered; }
  /// When the last one came.
  [[nodiscard]] Clock::time_point acknowledged_at() const { return acknowledged_at_; }
  [[nodiscard]] Clock::time_point delivered_at(std::size_t index) const { return lanes_[index].delivered_at; }
  /// Of a dated load's deliveries since the last time this was asked, those to slow ones left out.
  std::vector<double> take_latencies_ms() { return std::exchange(latencies_ms_, {}); }

 private:
  struct Lane {
    Connection* connection = nullptr;
    std::uint64_t published = 0;
    std::uint64_t acknowledged = 0;
    std::string unsent;
    std::size_t sent = 0;  ///< of it
    bool waits_to_write = false;
    std::uint64_t published_before = 0;  ///< in its room, before it subscribed, and not owed
    std::uint64_t delivered = 0;
    std::uint64_t number = 0;  ///< of the last one published or delivered
    Clock::time_point delivered_at;
    double bytes_per_s = 0;  ///< that it reads; zero: all there are
    double bytes_read = 0;   ///< of these
    Clock::time_point slow_since;
  };

  [[nodiscard]] std::uint64_t published_in(std::uint32_t room) const;
  [[nodiscard]] bool is_done(const Lane& lane) const;
  void poll_once();
  void publish_all();
  void publish(std::size_t index);
  void write(std::size_t index);
  void read(std::size_t index, std::size_t bytes_max);
  void read_slowly(std::size_t index);
  std::size_t take_acknowledgements(Lane& lane);
  std::size_t take_deliveries(Lane& lane);
  void see(Lane& lane, std::string_view body);

  const Dialect& dialect_;
  AcknowledgedShape shape_;
  TextBodies bodies_;
  std::vector<char> buffer_;
  std::deque<Lane> lanes_;
  Poller poller_;
  std::uint64_t allowed_ = 0;  ///< that each publisher may have published by now
  std::uint64_t acknowledged_ = 0;
  std::uint64_t bytes_ = 0;
  Clock::time_point acknowledged_at_;
  std::vector<double> latencies_ms_;
};

}  // namespace hubbub::bench
