// How the directory reaches the cores: each of its wishes becomes a task there.
#pragma once

#include "server/dispatch/directory.hpp"

namespace hubbub::server {

class Core;

class CoresOutlet final : public DirectoryOutlet {
 public:
  /// `core` is core 0, where the directory lives.
  explicit CoresOutlet(Core& core) : core_(core) {}

  void send(const std::vector<SessionRef>& sessions, std::string frames) override;
  void reply(SessionRef session, CallId call, Status status, std::string result) override;
  void close(SessionRef session, proto::CloseReason reason) override;
  void welcome(SessionRef session, const PersonName& name, bool verified) override;
  void renamed(SessionRef session, const PersonName& name) override;
  void open_room(RoomId room, std::shared_ptr<RoomGauges> gauges) override;
  void admit(SessionRef session, RoomId room) override;
  void attach(SessionRef session, CallId call, std::size_t matched, std::vector<RoomToAttach> rooms) override;
  void detach(SessionRef session, std::vector<RoomId> rooms) override;
  void post(SessionRef session, CallId call, RoomId room, PostedByCall message) override;
  void history(SessionRef session, CallId call, RoomId room, Seq before, std::uint16_t limit) override;
  void wait_for_next(SessionRef session, CallId call, RoomId room, Seq after) override;
  [[nodiscard]] HubFigures figures() const override;

 private:
  Core& core_;
};

}  // namespace hubbub::server
