// The rooms that the user is a member of, and the people in them: what the doors show that nobody has to ask.
//   hub --room.list, room.members--> OwnRooms --> each Outlet: the tree of FIFOs, the board, hooks
//   Switchboard --messages, events-->      |  Attention: what is unread
// Membership is the hub's. It is asked for again when a local program has joined or left, with every new connection,
// and now and then, since the user may join from elsewhere. Lives on the Link's thread.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <set>
#include <vector>

#include "client/agent/attention.hpp"
#include "client/agent/switchboard.hpp"

namespace hubbub::agent {

class OwnRooms final : public Reader {
 public:
  /// Whoever shows them. Told on the loop's thread; doesn't call back.
  class Outlet {
   public:
    virtual void joined(const RoomName&) {}
    virtual void left(const RoomName&) {}
    /// All of the user's rooms were told, for the first time or again.
    virtual void listed() {}
    /// Each once and in order; first what was unread when the agent came, which isn't `fresh`.
    virtual void message(const LocalMessage&, bool /*fresh*/) {}
    virtual void lost(const RoomName&, Seq /*first*/, Seq /*last*/) {}
    virtual void counted(const RoomName&, const Attention::Count&) {}
    virtual void topic(const RoomName&, const Topic&) {}
    virtual void members(const RoomName&, const std::vector<proto::Person>&) {}
    /// Somebody who shares a room with the user.
    virtual void person(const proto::Person&) {}
    /// Nobody who shares a room with the user any more.
    virtual void person_left(const PersonName&) {}

   protected:
    ~Outlet() = default;
  };

  OwnRooms(asio::io_context& loop, link::Link& link, Switchboard& switchboard);
  ~OwnRooms();
  OwnRooms(const OwnRooms&) = delete;
  OwnRooms& operator=(const OwnRooms&) = delete;

  /// Called each time all of the user's rooms were told.
  void on_listed(std::function<void()> listed) { listed_ = std::move(listed); }
  void add(Outlet& outlet) { outlets_.push_back(&outlet); }
  /// Rooms that are shown though the user is no member.
  void keep(std::vector<RoomName> rooms) { kept_ = std::move(rooms); }
  /// Asks the hub, soon; many calls are one question.
  void refresh();
  /// There is a new connection: much may have changed meanwhile.
  void reconnected();
  /// A local program has left a room, or has tried to: the hub gives nothing more of it to the agent, whoever else
  /// wants it.
  void left(std::string_view leave_arguments);
  /// A local program has called that method, and the hub has answered: what of it concerns the user's rooms. The hub
  /// tells a session nothing of what it has done itself.
  void called(const MethodName& method, std::string_view arguments, std::string_view reply);
  [[nodiscard]] const Attention& attention() const { return attention_; }
  void set_self(const PersonName& self) { self_ = self; }
  [[nodiscard]] const PersonName& self() const { return self_; }

  void attached(const LocalRoom& room, Seq next) override;
  void receive(const LocalMessage& message) override;
  void lost(const LocalRoom& room, Seq first, Seq last) override;
  void event(const LocalRoom* room, const proto::Event& event) override;

 private:
  using People = std::map<PersonName, proto::Person>;
  struct Own {
    Seq old;  ///< the newest message when the room came to be one of the user's here
    People people;
  };
  using Alive = std::shared_ptr<bool>;

  using Cursors = std::map<RoomName, Seq>;
  static asio::awaitable<void> ask(OwnRooms& self, Alive alive);
  static asio::awaitable<bool> list_all(OwnRooms& self, Alive alive);
  static asio::awaitable<bool> list(OwnRooms& self, Pattern pattern, std::map<RoomName, proto::RoomInfo>& rooms);
  static asio::awaitable<bool> list_cursors(OwnRooms& self, Pattern pattern, Cursors& cursors);
  static asio::awaitable<void> ask_members(OwnRooms& self, Alive alive);
  void want_members(const RoomName& room);
  void take(const std::map<RoomName, proto::RoomInfo>& rooms);
  void join(const proto::RoomInfo& room);
  void leave(const RoomName& room);
  void set_members(const RoomName& room, const std::vector<proto::Person>& members);
  void put_person(const RoomName& room, const proto::Person& person);
  void remove_person(const RoomName& room, const PersonName& name);
  void tell_members(const RoomName& room);
  void tell_counts(const RoomName& room);
  void change(const RoomName& room, const proto::Event& event);
  [[nodiscard]] bool is_anywhere(const PersonName& name) const;
  void ask_later();
  template <class Tell>
  void tell(Tell tell) {
    for (auto* outlet : outlets_) tell(*outlet);
  }

  asio::io_context& loop_;
  link::Link& link_;
  Switchboard& switchboard_;
  Attention attention_;
  PersonName self_;
  std::vector<Outlet*> outlets_;
  std::function<void()> listed_;
  std::vector<RoomName> kept_;
  std::map<RoomName, Own> rooms_;
  asio::steady_timer timer_;
  bool asking_ = false;
  bool ask_again_ = false;  ///< for everything
  bool reconcile_ = false;  ///< also for what is known
  Cursors cursors_;         ///< as they were when everything was asked for
  std::deque<RoomName> members_wanted_;
  bool asking_members_ = false;
  Alive alive_ = std::make_shared<bool>(true);
};

}  // namespace hubbub::agent
