// How the directory reaches the cores: each of its wishes becomes a task there.
#pragma once

#include "server/core/core.hpp"
#include "server/dispatch/directory.hpp"

namespace hubbub::server {

class CoresOutlet final : public DirectoryOutlet {
 public:
  /// `core` is core 0, where the directory lives.
  explicit CoresOutlet(Core& core) : core_(core) {}

  void send(const std::vector<SessionRef>& sessions, std::string frames) override;
  void reply(SessionRef session, CallId call, Status status, std::string result) override;
  void invoke(SessionRef provider, InvocationId id, std::string frame) override;
  void revoke(SessionRef provider, std::string frame) override;
  void close(SessionRef session, proto::CloseReason reason) override;
  void welcome(SessionRef session, const PersonName& name, bool verified) override;
  void renamed(SessionRef session, const PersonName& name) override;
  void open_room(RoomId room, std::shared_ptr<RoomGauges> gauges) override;
  void open_durable_room(KeptRoom kept, RoomPolicy policy, std::shared_ptr<RoomGauges> gauges) override;
  void set_policy(RoomId room, RoomPolicy policy) override;
  void registered(SessionRef session, std::uint64_t epoch) override;
  void fence(SessionRef session) override;
  void change(Changes changes, std::function<void()> committed) override;
  [[nodiscard]] const std::string& trouble() const override { return core_.home().trouble(); }
  void after(std::chrono::milliseconds wait, std::function<void(WallTime now)> then) override;
  void find_answer(const ClientId& client, CallId call,
                   std::function<void(Result<std::optional<KeptAnswer>>)> then) override;
  void search(SearchWish wish, std::function<void(Result<SearchFound>)> then) override;
  [[nodiscard]] bool is_operator(unsigned uid) const override;
  void dump(std::function<void(Result<proto::HubDump::Reply>)> then) override;
  void admit(SessionRef session, RoomId room) override;
  void attach(SessionRef session, CallId call, std::size_t matched, std::vector<RoomToAttach> rooms) override;
  void detach(SessionRef session, std::vector<RoomId> rooms) override;
  void post(SessionRef session, CallId call, RoomId room, PostedByCall message) override;
  void post_later(RoomId room, LaterId later, PostedByCall message) override;
  void later(LaterWish wish, std::function<void(Result<LaterFound>)> then) override;
  void history(SessionRef session, CallId call, RoomId room, Seq before, std::uint16_t limit) override;
  void redact(SessionRef session, CallId call, RoomId room, Redaction wish, PostedByCall message) override;
  void pins(SessionRef session, CallId call, RoomId room) override;
  void wait_for_next(SessionRef session, CallId call, RoomId room, Seq after) override;
  void trace(SessionRef session, CallId call, RoomId room, Seq seq) override;
  void list_groups(SessionRef session, CallId call, RoomId room) override;
  void forget_group(SessionRef session, RoomId room, GroupName group, KeptReply reply) override;
  void bury(CallId id, RoomId dead, DeadLetter letter, PersonName from, bool verified) override;
  void buried(RoomId room, GroupName group, Seq seq, bool is_kept) override;
  [[nodiscard]] HubFigures figures() const override;

 private:
  Core& core_;
};

}  // namespace hubbub::server
