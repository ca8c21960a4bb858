// Load with a window: publishes as fast as the slowest subscriber takes it, so that nothing is lost and nobody is slow.
//   a round: every publisher of a group sends its chunk
//   the next round of the group starts when every subscriber has all rounds but the last one
// So two rounds are under way at most, and one is always there for the server to work on. The same for every server.
//
// Light: a subscriber's bytes are counted and dropped by the kernel (MSG_TRUNC), since all deliveries of a run have one
// size; some subscribers are read and checked for content and order.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <vector>

#include "tests/bench/body.hpp"
#include "tests/bench/connection.hpp"

namespace hubbub::bench {

/// Connections, by index, of which every publisher reaches every subscriber.
struct Group {
  std::vector<std::size_t> publishers;
  std::vector<std::size_t> subscribers;
};

struct WindowedShape {
  std::size_t body_bytes = 128;
  std::size_t chunk_messages = 256;      ///< that a publisher sends in one round
  std::size_t deliveries_per_round = 0;  ///< to each subscriber
  bool many_rooms = false;               ///< a subscriber has more than one
  std::size_t check_every = 50;          ///< of so many subscribers one is read and checked
};

struct Measured {
  std::uint64_t published = 0;
  std::uint64_t deliveries = 0;
  std::uint64_t checked = 0;
  double wall_s = 0;
  double server_cpu_s = 0;
  double generator_cpu_s = 0;
};

class WindowedLoad {
 public:
  /// What `connections` and `dialect` refer to must outlive the load.
  WindowedLoad(const Dialect& dialect, std::vector<Connection>& connections, std::vector<Group> groups,
               const WindowedShape& shape);

  /// Publishes for that long, waits until everything has arrived, and makes sure of it. Throws Failed if not.
  Measured run(double seconds, pid_t server);

 private:
  struct Lane {  ///< what a connection does in this load
    std::size_t group = 0;
    bool subscribes = false;
    bool is_read = false;  ///< parsed and checked, not only counted
    std::uint64_t delivery_bytes = 0;
    std::vector<std::string> chunks;  ///< publishes, ready to send; taken in turn
    std::size_t next_chunk = 0;
    std::uint64_t number = 0;  ///< of the last message published
    std::string_view unsent;
    bool waits_to_write = false;
    OrderCheck order;
  };
  struct Round {
    std::uint64_t issued = 0;
    std::size_t arrived = 0;  ///< subscribers that have what the group waits for
    std::size_t writing = 0;  ///< publishers whose chunk isn't sent yet
  };

  void prepare_publisher(std::size_t index, std::size_t group);
  void number_chunk(Lane& lane, std::string& chunk) const;
  void start_round(std::size_t group);
  void poll_once();
  void handle(std::size_t index, std::uint32_t events);
  void write(std::size_t index);
  void read(std::size_t index);
  void count_only(std::size_t index);
  void read_and_check(std::size_t index);
  void note_progress(std::size_t index, std::uint64_t bytes);
  void move_on(std::size_t group);
  void count_arrived(std::size_t group);
  [[nodiscard]] std::uint64_t wanted(std::size_t group) const;  ///< bytes that each subscriber must have by now
  void wait_until_idle();
  void make_sure_of_all() const;
  [[nodiscard]] std::uint64_t published() const;

  const Dialect& dialect_;
  std::vector<Connection>& connections_;
  std::vector<Group> groups_;
  WindowedShape shape_;
  std::size_t delivery_bytes_;
  std::size_t publish_bytes_ = 0;
  std::size_t mark_at_ = 0;  ///< where a publish has its mark
  std::vector<Lane> lanes_;
  std::vector<Round> rounds_;
  std::vector<char> buffer_;
  Poller poller_;
  bool issuing_ = false;
  std::uint64_t checked_ = 0;
  std::uint64_t bytes_ = 0;
};

}  // namespace hubbub::bench
