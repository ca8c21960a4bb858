// The ring: what the agent receives, in memory that programs of this user read by themselves (common/ring/).
//   Switchboard --attached, receive, lost--> frames of the wire protocol --> RingWriter --> any number of programs
//   a program asks for patterns --admit--> its descriptors, and where each of its rooms stands in the ring
// One ring for all of them, made for the first and let go with the last. A reader passes over rooms that it hasn't
// asked for; the frames have the agent's room ids. Each pattern is subscribed to while a reader wants it. What comes in
// one tick of the loop becomes visible at its end, and costs each sleeping reader one wake-up. Lives on the Link's
// thread.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "client/agent/reader.hpp"
#include "client/agent/switchboard.hpp"
#include "common/descriptor.hpp"
#include "common/ring/ring_writer.hpp"

namespace hubbub::agent {

class RingDoor final : public Reader {
 public:
  /// Some thousand messages, or four of the largest.
  static constexpr std::size_t capacity_bytes = 4u << 20;
  static constexpr std::size_t patterns_max = 256;  ///< of one reader

  /// Whoever has a seat. Compared and never looked into.
  using Owner = const void*;

  /// A room in the ring: the first message of it that this reader finds there is `next`.
  struct Place {
    RoomName room;
    RoomId id;
    Seq next;
    link::RoomLife life = {};
    bool durable = false;
  };
  struct Admission {
    std::vector<Descriptor> descriptors;  ///< as RingReader::open() wants them
    std::vector<Place> rooms;             ///< that match now
  };
  using Admitted = std::function<void(Result<Admission>)>;

  RingDoor(asio::io_context& loop, Switchboard& switchboard) : loop_(loop), switchboard_(switchboard) {}
  RingDoor(const RingDoor&) = delete;
  RingDoor& operator=(const RingDoor&) = delete;

  /// Subscribes to the patterns, then gives `owner` a seat, in place of the one that it has. Calls `admitted` once, in
  /// this call if the hub need not be asked. Fails as Switchboard::subscribe(), with failed_precondition while the
  /// owner waits already, and with resource_exhausted where all seats are taken. REQUIRES: at most patterns_max
  /// patterns.
  void admit(Owner owner, const std::vector<Pattern>& patterns, Admitted admitted);
  /// It has gone. One that isn't there is nothing to complain about.
  void remove(Owner owner);
  [[nodiscard]] bool has(Owner owner) const { return seated_.contains(owner); }
  [[nodiscard]] std::size_t readers() const { return seated_.size(); }

  void attached(const LocalRoom& room, Seq next) override;
  void detached(const LocalRoom& room) override { streams_.erase(room.id); }
  void receive(const LocalMessage& message) override;
  void lost(const LocalRoom& room, Seq first, Seq last) override;
  void event(const LocalRoom* room, const proto::Event& event) override;

 private:
  struct Request {
    Owner owner;  ///< null once it has gone
    std::vector<Pattern> patterns;
    Admitted admitted;
    std::size_t unanswered = 0;
    std::optional<Error> refused;
  };
  struct Seated {
    RingWriter::ReaderId id = 0;
    std::vector<Pattern> patterns;
    std::set<RoomId> rooms;  ///< that it was told of: a direct one keeps its reader whatever it is called
  };
  /// A room's messages in the ring.
  struct RoomStream {
    const LocalRoom* room;
    Seq next;
  };

  void finish(const std::shared_ptr<Request>& request);
  Result<Admission> seat(const Request& request);
  [[nodiscard]] std::vector<Place> places(const Seated& seated) const;
  void release(const std::vector<Pattern>& patterns);
  std::optional<Seated> unseat(Owner owner);
  void close_if_unused();
  void put(std::string_view frame);

  asio::io_context& loop_;
  Switchboard& switchboard_;
  std::optional<RingWriter> writer_;  ///< while anybody has a seat
  std::unordered_map<RoomId, RoomStream> streams_;
  std::map<Pattern, std::size_t> wanted_by_;
  std::unordered_map<Owner, std::shared_ptr<Request>> waiting_;
  std::unordered_map<Owner, Seated> seated_;
  bool flush_posted_ = false;
};

}  // namespace hubbub::agent
