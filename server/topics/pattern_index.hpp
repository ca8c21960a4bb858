// Who wants the rooms of which patterns: a tree of the patterns' tokens.
//   add("ci.*", who), add("ci.>", who) …      match("ci.main") --> each who, once per pattern
// Asked when a room is made or a pattern is added, never when something is published: rooms know their subscribers.
// Pure: no sockets, clocks or threads.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "proto/text.hpp"
#include "server/core/session_ref.hpp"
#include "server/rooms/acked_group.hpp"

namespace hubbub::server {

/// Who subscribed, and how.
struct Subscriber {
  SessionRef session;
  GroupName group;
  bool events = false;
  Acks acks = {};
};

class PatternIndex {
 public:
  /// REQUIRES: not a direct room's pattern (`@alice`, `@*`); the directory keeps those.
  void add(const Pattern& pattern, Subscriber who);
  /// Removes one that was added; nothing if there is none.
  void remove(const Pattern& pattern, SessionRef session);
  /// Cost: the tokens of the room, times the branches with `*` on the way; not the number of patterns.
  void match(const RoomName& room, const std::function<void(const Subscriber&)>& each) const;
  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  struct Node {
    std::map<std::string, std::unique_ptr<Node>, std::less<>> children;  // "*" and ">" are tokens like others
    std::vector<Subscriber> here;
    [[nodiscard]] bool unused() const { return children.empty() && here.empty(); }
  };
  static bool remove_below(Node& node, std::string_view rest, SessionRef session);
  static void match_below(const Node& node, std::string_view rest, const std::function<void(const Subscriber&)>& each);

  Node root_;
  std::size_t size_ = 0;
};

}  // namespace hubbub::server
