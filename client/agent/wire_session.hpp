// A `hubbub` command, or any other client of the library, at the agent's socket: the wire protocol, as a hub speaks it.
//   Hello --> Welcome, at once: the agent is who the user is      Publish --> the spool --> Published
//   room.subscribe --> Switchboard --> Attached, Delivery …       other calls --> the hub, under the agent's own ids
// Room ids are the agent's. What only the hub's own session could have (queue groups, cursors of durable consumers,
// producers of their own, calls that are remembered by their id) is refused with a sentence that names --no-agent.
#pragma once

#include <set>

#include "client/agent/local_session.hpp"
#include "proto/codec.hpp"
#include "proto/methods.hpp"

namespace hubbub::agent {

class WireSession final : public LocalSession {
 public:
  /// Calls that aren't answered yet; then nothing more is read.
  static constexpr std::size_t calls_max = 1024;

  using LocalSession::LocalSession;

  [[nodiscard]] std::string_view protocol() const override { return "wire"; }
  void attached(const LocalRoom& room, Seq next) override;
  void receive(const LocalMessage& message) override;
  void detached(const LocalRoom& room) override;
  void lost(const LocalRoom& room, Seq first, Seq last) override;
  void event(const LocalRoom* room, const proto::Event& event) override;

  /// Tells why, and closes.
  void end(proto::CloseReason reason) { end(reason, proto::row_of(reason).sentence); }
  void end(proto::CloseReason reason, std::string_view sentence);

 private:
  void take(std::string_view bytes) override;
  void ended() override { close(); }
  void resume() override { take_frames(); }
  [[nodiscard]] bool has_input() const override { return !input_.empty(); }
  [[nodiscard]] bool may_take() const override {
    return LocalSession::may_take() && calls_.size() < calls_max && !leaving_;
  }

  void take_frames();
  /// False: not now.
  bool take_frame(const proto::Frame& frame);
  bool on(const proto::Hello& hello);
  bool on(const proto::Goodbye&);
  bool on(const proto::Ping& ping);
  bool on(const proto::Pong&) { return true; }
  bool on(const proto::Publish& publish);
  bool on(const proto::Call& call);
  bool on(const proto::Cancel& cancel);
  bool on(const proto::Settle&) { return true; }   // nothing was handed to it
  bool on(const proto::Outcome&) { return true; }  // none is owed

  bool say(const LocalRoom& room, LocalStream& stream, const proto::Publish& publish);
  /// Tells whoever speaks for that client now.
  static void said(LocalStreams& streams, RoomId room, PublishId id, const Result<Said>& outcome);
  void tell(RoomId room, PublishId id, const Result<Said>& outcome, bool was_last);
  void refused_late(RoomId room, PublishId id, const Error& why);
  void refuse(RoomId room, PublishId id, PublishId expected, const Error& why, proto::Refusal refusal);
  void settle();

  void answer(CallId id, const Result<std::string>& reply);
  template <class Reply>
  void answer_with(CallId id, const Reply& reply);
  void subscribe(CallId id, const proto::RoomSubscribe& call);
  void unsubscribe(CallId id, const proto::RoomUnsubscribe& call);
  void open_offline(CallId id, const proto::RoomOpen& call);
  void pass_on(const proto::Call& call);
  static asio::awaitable<void> ask_hub(std::shared_ptr<WireSession> self, CallId id, MethodName method,
                                       std::string arguments, link::CallOptions options);
  /// What the hub's answer means here: its room ids aren't ours, and who leaves a room receives it no longer.
  std::string translate(const MethodName& method, std::string_view arguments, std::string reply);

  template <class Message>
  void send(const Message& message);

  std::string input_;  ///< from taken_ on: what isn't a whole frame yet, or waits for room
  std::size_t taken_ = 0;
  std::shared_ptr<LocalStreams> streams_;  ///< once greeted
  std::size_t owed_ = 0;                   ///< acknowledgements
  std::set<CallId> calls_;                 ///< that are to be answered
  bool leaving_ = false;
};

}  // namespace hubbub::agent
