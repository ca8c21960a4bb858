// One life of a hub: its rooms, producers and logs as they are, and around them as little of a hub as there must be.
//   clients --Connection--> sessions --> Room --> DurableLog --> SimStore --> the disk
//   Room --RoomOutlet--> sessions --Connection--> clients
// A session publishes, or it reads one room. It ends with the disk: see SimStore.
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "server/rooms/room.hpp"
#include "tests/sim/connection.hpp"
#include "tests/sim/sim_store.hpp"

namespace hubbub::sim {

/// What the rooms of the simulated hub are.
struct RoomPlan {
  std::string key;
  server::RoomPolicy policy;
};

class SimHub final : public server::RoomOutlet, public server::StoreOutlet {
 public:
  /// Opens the database and goes on with what is in it.
  static Result<std::unique_ptr<SimHub>> start(const SimStore::Surroundings& surroundings,
                                               const std::vector<RoomPlan>& rooms, std::function<void()> died);
  ~SimHub() override;

  std::shared_ptr<Connection> connect(ClientEnd& client);
  /// Nothing is done here any more, though the object is still there.
  void die();

  // What arrives from clients.
  void register_producer(server::SessionRef session, const ClientId& client);
  void use_client_id(server::SessionRef session, const ClientId& client);
  void publish(server::SessionRef session, RoomId room, PublishId id, const std::string& body);
  void attach(server::SessionRef session, RoomId room, Seq from);
  void end_session(server::SessionRef session);

  /// Of the room with this number in the plan. Numbers of rooms start at 1.
  [[nodiscard]] server::Room& room(RoomId id) { return *rooms_.at(id); }
  [[nodiscard]] bool is_in_trouble() const { return !logs_->trouble.empty(); }

  void fan_out(const std::vector<std::uint32_t>& subscribers_by_core, const server::Slice& slice) override;
  bool deliver_to(server::SessionRef session, const GroupName& group, const server::Slice& slice) override;
  void acknowledge(server::SessionRef session, const proto::Published& published) override;
  void refuse(server::SessionRef session, const proto::PublishRefused& refused) override;
  void reply(server::SessionRef session, CallId call, Status status, std::string result) override;
  void report_loss(server::SessionRef session, const proto::Lost& lost) override;
  void serve_groups_later(RoomId room) override;
  void expire_later(RoomId) override {}
  void posted(LaterId, server::LaterOutcome) override {}  // nothing is posted later there
  void erased(RoomId room, Seq seq) override;
  // No client of the simulation is a member of a group.
  bool hand_to(const server::Handing&) override { return false; }
  void bury(server::Burial) override {}
  void serve_groups_at(RoomId, server::AckedGroup::Time) override {}
  void groups_moved(RoomId) override {}
  server::AckedGroup::Time now() override { return {}; }

  void run_on(unsigned core, std::function<void()> task) override;
  void trouble(const std::string& why) override;
  void trimmed(RoomId room, Seq first_kept) override;

 private:
  struct Session {
    std::shared_ptr<Connection> connection;
    ClientId client;
    std::uint64_t epoch = 0;
    RoomId reads;
    Seq next;  // of what it reads
    bool attached = false, behind = false;
    bool fenced = false;  // another session is that producer now
  };
  struct Registration {
    std::uint64_t epoch = 0;
    server::SessionRef session;
  };
  explicit SimHub(const SimStore::Surroundings& surroundings) : surroundings_(surroundings) {}
  void open_rooms(const server::Kept& kept, const std::vector<RoomPlan>& plans);
  void fence_later(server::SessionRef session);
  void need_tick();
  void tick();
  void betray(const server::Batch& batch);
  void deliver(Session& session, const server::Slice& slice);
  void catch_up(server::SessionRef reader);
  void on_caught(server::SessionRef ref, Session& reader, const server::CatchUp& caught);
  Session* find(server::SessionRef session);

  SimStore::Surroundings surroundings_;
  std::unique_ptr<server::Store> store_;
  std::unique_ptr<server::DurableLogs> logs_;
  server::TailBudget budget_{{4096, 1u << 20, 1u << 20}};
  server::ProducerBudget producers_;
  std::map<RoomId, std::unique_ptr<server::Room>> rooms_;
  std::map<server::SessionRef, Session> sessions_;
  std::map<ClientId, Registration> registrations_;
  std::uint32_t slots_ = 0;
  bool tick_comes_ = false;
  Life life_ = new_life();
};

}  // namespace hubbub::sim
