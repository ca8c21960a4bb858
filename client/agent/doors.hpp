// The doors that show the user's rooms to whoever looks: each takes what it needs of what OwnRooms tells.
//   OwnRooms --> TreeDoor  --> rooms/<room>/out, feed, topic, members       rooms/<room>/in --> Sending
//            --> BoardDoor --> the board in shared memory, and pokes for those who read it
//            --> HookDoor  --> a program for a message
//   message queue --> Sending
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "client/agent/agent_config.hpp"
#include "client/agent/board_writer.hpp"
#include "client/agent/core.hpp"
#include "client/agent/hooks.hpp"
#include "client/agent/lock.hpp"
#include "client/agent/own_rooms.hpp"
#include "client/agent/poke.hpp"
#include "client/agent/queue.hpp"
#include "client/agent/tree.hpp"
#include "client/link/agent_place.hpp"

namespace hubbub::agent {

class TreeDoor final : public OwnRooms::Outlet, public TreeOutlet {
 public:
  TreeDoor(Core& core, std::string folder)
      : core_(core), tree_(core.loop, std::move(folder), *this), later_(core.loop) {}
  /// Fails as FifoTree::start().
  Result<void> start() { return tree_.start(); }
  FifoTree& tree() { return tree_; }

  void joined(const RoomName& room) override;
  void left(const RoomName& room) override { tree_.leave(room); }
  void listed() override { tree_.sweep(); }
  /// What was said before is nobody's to work on again after the agent was restarted.
  void message(const LocalMessage& message, bool fresh) override {
    if (fresh) tree_.message(message.message());
  }
  void lost(const RoomName& room, Seq first, Seq last) override { tree_.gap(room, first, last); }
  void topic(const RoomName& room, const Topic& topic) override { tree_.set_topic(room, topic.str()); }
  void members(const RoomName& room, const std::vector<proto::Person>& members) override {
    tree_.set_members(room, members);
  }

  Result<bool> say(const RoomName& room, std::string_view body) override;

 private:
  Core& core_;
  FifoTree tree_;
  asio::steady_timer later_;
  bool waits_ = false;
};

class BoardDoor final : public OwnRooms::Outlet {
 public:
  BoardDoor(BoardWriter& board, Pokes& pokes) : board_(board), pokes_(pokes) {}

  void left(const RoomName& room) override;
  void counted(const RoomName& room, const Attention::Count& count) override;
  void person(const proto::Person& person) override;
  void person_left(const PersonName& name) override;

 private:
  BoardWriter& board_;
  Pokes& pokes_;
  std::map<RoomName, Attention::Count> told_;
  std::map<PersonName, proto::Presence> presence_;
};

class HookDoor final : public OwnRooms::Outlet {
 public:
  HookDoor(Hooks& hooks, const OwnRooms& rooms) : hooks_(hooks), rooms_(rooms) {}
  void message(const LocalMessage& message, bool fresh) override {
    if (fresh) hooks_.on_message(message.message(), rooms_.self());
  }

 private:
  Hooks& hooks_;
  const OwnRooms& rooms_;
};

/// All doors but the socket. One that can't be opened is logged and told by closed(); the others are there all the
/// same.
class Doors {
 public:
  /// REQUIRES: `core` outlives it.
  Doors(Core& core, const link::AgentPlace& place, const Address& hub);

  void open(const AgentConfig& config);
  /// After the configuration was read again.
  void configure(const AgentConfig& config);
  void set_connection(BoardConnection connection);
  /// Every second.
  void beat();
  /// The folder around the tree was made anew.
  void look();
  /// Every few seconds: the queue stays this agent's though somebody has removed the file of its lock.
  void keep_queue();
  /// Takes what programs have left in the doors, and removes what was made. `closed` is called from the loop, once the
  /// last hook has ended.
  void close(std::function<void()> closed);

  Result<void> poke(int pid, int signal, PokeSet on) { return pokes_.add(pid, signal, on); }

  struct Closed {
    std::string door;
    std::string why;
  };
  [[nodiscard]] const std::vector<Closed>& closed() const { return closed_; }

 private:
  void open_tree();
  void open_board();
  void open_queue();
  [[nodiscard]] std::string queue_lock_path() const { return place_.runtime + "/queue.lock"; }
  void tell_closed(std::string door, const Error& why);
  void say_queued(Queued message, Level level);
  void say_waiting();
  void say_reply(const RoomName& room, std::string text);

  Core& core_;
  const link::AgentPlace place_;
  const Address hub_;
  SystemClock clock_;
  std::vector<Closed> closed_;
  std::optional<TreeDoor> tree_;
  std::unique_ptr<BoardWriter> board_;
  Pokes pokes_;
  std::optional<BoardDoor> board_door_;
  Hooks hooks_;
  HookDoor hook_door_;
  bool board_is_lost_ = false;  ///< to its readers, and that was logged
  std::optional<AgentLock> queue_lock_;
  std::optional<Queue> queue_;
  std::optional<link::Outgoing> waiting_;  ///< taken out of the queue, which is paused until there is room for it
  asio::steady_timer later_;
};

}  // namespace hubbub::agent
