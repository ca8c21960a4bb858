// What the agent knows of people, or of rooms, and which of it has a place on the board.
//   set(record), forget(name) --> write(place, record) for every place that changes
// What doesn't fit is remembered, counted, and gets the first place that becomes free. Pure but for what `write` does.
#pragma once

#include <cstring>
#include <functional>
#include <string>
#include <unordered_map>

#include "client/agent/board_slots.hpp"

namespace hubbub::agent {

/// Names in one table, those that don't fit included: a hub with more is told no end of, and a bound it must have.
inline constexpr std::size_t board_names_max = 65536;

template <class Record>
class BoardTable {
 public:
  using Write = std::function<void(std::size_t place, const Record& record)>;

  BoardTable(std::size_t size, Write write) : slots_(size), write_(std::move(write)) {}

  /// False if nothing is new. REQUIRES: Record has no bytes between its members.
  bool set(Record record) {
    const auto found = entries_.find(record.name);
    if (found == entries_.end()) return add(record);
    record.state = BoardSlots::in_use;
    if (std::memcmp(&found->second.record, &record, sizeof record) == 0) return false;
    found->second.record = record;
    if (found->second.place) write_(*found->second.place, record);
    return true;
  }

  /// False if it wasn't there.
  bool forget(const std::string& name) {
    const auto found = entries_.find(name);
    if (found == entries_.end()) return false;
    const auto place = found->second.place;
    entries_.erase(found);
    if (!place) return true;
    for (const auto changed : slots_.free(*place)) write_(changed, empty(changed));
    if (left_out() > 0) give_place_to_one();
    return true;
  }

  /// Nothing if nobody has told it.
  [[nodiscard]] const Record* find(const std::string& name) const {
    const auto found = entries_.find(name);
    return found == entries_.end() ? nullptr : &found->second.record;
  }

  /// For memory in which nothing stands yet.
  void write_all() const {
    for (const auto& [name, entry] : entries_)
      if (entry.place) write_(*entry.place, entry.record);
    for (std::size_t place = 0; place < slots_.size(); ++place)
      if (slots_.state(place) == BoardSlots::free_again) write_(place, empty(place));
  }

  [[nodiscard]] std::size_t used() const { return slots_.used(); }
  [[nodiscard]] std::size_t left_out() const { return entries_.size() - slots_.used(); }

 private:
  struct Entry {
    Record record;
    std::optional<std::size_t> place;
  };

  bool add(Record& record) {
    if (entries_.size() == board_names_max) return false;
    record.state = BoardSlots::in_use;
    const Entry entry{record, slots_.take(record.name)};
    entries_.emplace(record.name, entry);
    if (entry.place) write_(*entry.place, record);
    return true;
  }

  void give_place_to_one() {
    for (auto& [name, entry] : entries_) {
      if (entry.place) continue;
      entry.place = slots_.take(name);
      if (entry.place) write_(*entry.place, entry.record);
      return;
    }
  }

  [[nodiscard]] Record empty(std::size_t place) const {
    Record record{};
    record.state = slots_.state(place);
    return record;
  }

  BoardSlots slots_;
  Write write_;
  std::unordered_map<std::string, Entry> entries_;
};

}  // namespace hubbub::agent
