// What answers what among the items of a room, and which of them a view has.
//   items --Threads--> answers folded below the first message of their thread
//   Room::thread open: [ that message, its answers ]      not open: [ all but what is folded ]
// Values of the items as they are now: in which order those came changes nothing. Pure; a pass over the items.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include "client/tui/state/room.hpp"

namespace hubbub::tui {

class Threads {
 public:
  explicit Threads(const Room& room);

  /// The item with which the thread began that this one is folded into. Nothing for what stands in the room itself:
  /// what answers nothing, or something that isn't here, or could not be sent.
  [[nodiscard]] std::optional<std::size_t> root_of(std::size_t index) const;
  /// The answers to that item and to each other, in order, with those that could not be sent.
  [[nodiscard]] const std::vector<std::size_t>& answers_to(std::size_t root) const;
  /// By their first message.
  [[nodiscard]] const std::map<std::size_t, std::vector<std::size_t>>& all() const { return answers_; }

 private:
  struct Folded {
    std::size_t index, root;
  };
  std::vector<Folded> folded_;  ///< by index
  std::map<std::size_t, std::vector<std::size_t>> answers_;
};

/// The items that are scrolled through, by their places from the top.
class Shown {
 public:
  explicit Shown(const Room& room);

  [[nodiscard]] std::size_t size() const { return items_.size(); }
  [[nodiscard]] const Entry& item(std::size_t at) const { return room_.item(items_[at]); }
  [[nodiscard]] std::size_t index(std::size_t at) const { return items_[at]; }  ///< in the room
  /// The place of the room's item, or of the last before it that is shown; the first where there is none.
  [[nodiscard]] std::size_t place(std::size_t index) const;
  /// The nearest hole before that place, behind what is shown before it; nothing if there is none.
  [[nodiscard]] const Hole* hole_before(std::size_t at) const;
  [[nodiscard]] const Threads& threads() const { return threads_; }

 private:
  [[nodiscard]] bool is_in_thread(std::size_t index, std::optional<std::size_t> first) const;

  const Room& room_;
  Threads threads_;
  std::vector<std::size_t> items_;
};

/// Where the item is among all that the room says; its seq is zero as long as it has none.
Position position_of(const Room& room, std::size_t index);

/// Answers of others that came since this terminal is here and were not looked at in their thread.
struct News {
  std::size_t answers = 0;
  std::size_t mentions = 0;
};
/// `self`: who types here.
News news_of(const Room& room, const Threads& threads, std::size_t root, std::string_view self);
/// In all threads.
News news_of(const Room& room, std::string_view self);

}  // namespace hubbub::tui
