// The FIFO tree: the rooms that are joined as files, for everything that can open one.
//   rooms/ops/in       a FIFO: a line written into it is said in #ops
//   rooms/ops/out      what is said there, a line each; grows and is rotated (tail -F)
//   rooms/ops/feed     a FIFO: each line of it goes to exactly one of its readers
//   rooms/ops/topic    rooms/ops/members    rooms/ops/errors
// Knows nothing of the hub: what is said comes as values, what is written goes to a TreeOutlet. Nothing here blocks or
// throws. Used only in the loop's thread.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>

#include "client/agent/tree_outlet.hpp"
#include "client/agent/tree_room.hpp"
#include "client/agent/tree_watch.hpp"
#include "client/link/types.hpp"
#include "common/asio.hpp"

namespace hubbub::agent {

class FifoTree {
 public:
  /// `folder`: of the tree alone, in a folder that nobody else may write to. REQUIRES: `outlet` stays as long as this.
  FifoTree(asio::io_context& loop, std::string folder, TreeOutlet& outlet, TreeLimits limits = {});

  /// Makes the folder. Fails with failed_precondition where a symlink, something else or another user's folder has its
  /// name. From then on, until clear(), the loop has work.
  Result<void> start();
  /// Makes the room's folder and files, or goes on with those that an agent left there which was killed. Fails with
  /// what couldn't be made; that is logged, and tried again until it works or the room is left.
  Result<void> join(const RoomName& room);
  /// Says what lies in `in`, and removes what was made.
  void leave(const RoomName& room);
  /// Removes what an agent left there which was killed, of rooms that aren't joined; whoever waits for a reader of
  /// their `in` gets SIGPIPE. Call it once all rooms are joined.
  void sweep();
  /// All rooms are left, and the folder is removed if nothing else is in it.
  void clear();

  /// Of a room that isn't joined: nothing happens, here and below.
  void message(const link::Message& message);
  void gap(const RoomName& room, Seq first, Seq last);
  void set_topic(const RoomName& room, std::string_view topic);
  /// In the order given.
  void set_members(const RoomName& room, std::span<const proto::Person> people);
  /// After TreeOutlet::say() has said "not now": it may be asked again.
  void go_on();

  /// Makes again what somebody has removed or replaced. Happens by itself; call it when the folder around was lost.
  void look();

 private:
  struct Place {
    Place(asio::io_context& loop, const TreeFolder& root, const RoomName& name, TreeOutlet& outlet,
          const TreeLimits& limits)
        : room(loop, root, name, outlet, limits) {}
    TreeRoom room;
    int watch = TreeWatch::none;
  };

  Result<void> find_root();
  Result<void> build(const RoomName& name, Place& place);
  TreeRoom* find(const RoomName& room);
  void changed(int watch);
  void look_at_changed();
  void look_later();
  void sweep(const RoomName& room);

  asio::io_context& loop_;
  std::string path_;
  TreeOutlet& outlet_;
  TreeLimits limits_;
  std::optional<TreeFolder> root_;
  std::map<RoomName, std::unique_ptr<Place>> places_;
  std::optional<TreeWatch> watch_;
  int root_watch_ = TreeWatch::none;
  std::set<int> changed_;
  asio::steady_timer soon_, later_;
  std::string trouble_;
  std::shared_ptr<int> alive_ = std::make_shared<int>();  ///< gone with this: handlers may come later
};

}  // namespace hubbub::agent
