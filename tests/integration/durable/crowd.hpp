// Programs that publish into durable rooms and read them, through the client library, while the hub comes and goes.
// What they see goes into a history, for the checker.
//   Crowd crowd(url, folder);   crowd.run_for(…);   …   crowd.come_to_rest();   crowd.read_all();   crowd.findings()
// A single thread, which runs only within run_for() and the like.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "client/link/link.hpp"
#include "tests/support/checker.hpp"
#include "tests/support/deadline.hpp"
#include "tests/support/dice.hpp"

namespace hubbub::test {

class Publisher;
class Subscriber;

struct CrowdRoom {
  std::string name;
  std::uint64_t messages = 0;  ///< that retention has to leave; zero: it is kept for ever
};

struct CrowdPlan {
  std::vector<CrowdRoom> rooms;
  std::uint32_t publishers = 3;
  std::uint32_t in_flight = 16;        ///< of each publisher in each room
  std::uint32_t subscribers = 2;       ///< of each room
  std::chrono::milliseconds pause{0};  ///< of a publisher, after each acknowledgement
  std::uint64_t seed = 1;
};

class Crowd {
 public:
  /// The publishers' outboxes lie in `folder`.
  Crowd(const std::string& url, const std::string& folder, CrowdPlan plan);
  ~Crowd();

  void run_for(std::chrono::milliseconds time);
  /// One of the publishers crashes and starts again with its outbox.
  void crash_a_publisher();
  /// Nothing new is said; waits until all that was said is acknowledged and everybody has read it.
  void come_to_rest();
  /// Everything that the hub has, by readers of their own. REQUIRES: come_to_rest().
  void read_all();

  [[nodiscard]] std::string findings() const { return as_text(check(history_)); }
  [[nodiscard]] std::uint64_t acknowledged() const;
  /// Whether retention had given up part of a room when all was read.
  [[nodiscard]] bool has_met_retention() const;
  /// Why messages were refused for good: sentences. There must be none.
  [[nodiscard]] std::vector<std::string> refusals() const;

 private:
  void run_until(const std::string& what, const std::function<bool()>& holds);
  [[nodiscard]] link::Options options(const std::string& name) const;

  asio::io_context loop_{1};
  const std::string url_;
  const CrowdPlan plan_;
  Dice dice_;
  History history_;
  std::vector<std::unique_ptr<Publisher>> publishers_;
  std::vector<std::unique_ptr<Subscriber>> subscribers_;
};

}  // namespace hubbub::test
