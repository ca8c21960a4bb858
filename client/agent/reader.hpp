// Whoever receives rooms on this host: a program at the socket, the tree of FIFOs, a hook, the board.
#pragma once

#include <string>

#include "client/link/room_life.hpp"
#include "client/link/types.hpp"
#include "proto/ids.hpp"

namespace hubbub::agent {

/// A room as the agent knows it. Its id is the agent's own, the same for as long as it runs, whatever becomes of the
/// hub.
struct LocalRoom {
  RoomName name;
  RoomId id;
  Seq next;  ///< the message that comes next from the hub; zero: it isn't received
  bool durable = false;
  link::RoomLife life = {};  ///< that its numbers belong to
};

/// What a client that speaks the wire protocol is told of it: its next message will be `next`.
proto::Attached attached_to(const LocalRoom& room, Seq next);

/// One message on its way to several readers, each of which wants other bytes: made once, by the first who asks.
class LocalMessage {
 public:
  LocalMessage(const LocalRoom& room, const link::Message& message) : room_(room), message_(message) {}

  [[nodiscard]] const LocalRoom& room() const { return room_; }
  [[nodiscard]] const link::Message& message() const { return message_; }
  /// A whole Delivery frame with the agent's room id.
  const std::string& frame() const;
  /// One line of JSON with its newline: {"op":"message","room":…}
  const std::string& json() const;

 private:
  /// With the stamp of a traced message.
  [[nodiscard]] proto::Headers headers() const;

  const LocalRoom& room_;
  const link::Message& message_;
  mutable std::string frame_, json_;
};

class Reader {
 public:
  /// From now on the room's messages come, first `next`, each once and in order.
  virtual void attached(const LocalRoom& room, Seq next) = 0;
  /// No more of them come: the reader has ended the subscription.
  virtual void detached(const LocalRoom&) {}
  virtual void receive(const LocalMessage& message) = 0;
  /// Messages `first` to `last` can't be had any more; what comes next is last + 1.
  virtual void lost(const LocalRoom& room, Seq first, Seq last) = 0;
  /// Somebody joined, went away, set a topic … `room` is null for what concerns every room.
  virtual void event(const LocalRoom* room, const proto::Event& event) = 0;
  /// It holds as much as it may. What comes is read again from the hub, once Switchboard::drained() says so.
  [[nodiscard]] virtual bool is_full() const { return false; }

 protected:
  ~Reader() = default;
};

}  // namespace hubbub::agent
