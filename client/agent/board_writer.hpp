// The board as the agent writes it (board.h is how others read it).
//   set_person, set_room, set_connection --> records in shared memory, each under its own sequence lock
// What is told again and hasn't changed writes nothing. Costs a system call (fstat) and a microsecond for each change;
// never waits for a reader. Used by one thread.
#pragma once

#include "client/agent/board_memory.hpp"
#include "client/agent/board_table.hpp"
#include "common/clock.hpp"
#include "proto/messages/presence.hpp"

namespace hubbub::agent {

/// How the agent stands with its hub; hubbub_summary::connection.
enum class BoardConnection : std::uint32_t { offline = 0, connecting = 1, online = 2 };

struct BoardRoom {
  RoomName name;
  std::uint32_t unread = 0;
  std::uint32_t mentions = 0;
  Seq last;  ///< message of the room
};

class BoardWriter {
 public:
  /// Fails as BoardMemory::make(). The board is removed with its writer.
  static Result<std::unique_ptr<BoardWriter>> make(const std::string& name);

  /// `hub` and `own_name`: as they are to be shown; shortened to 119 and 39 bytes.
  void set_names(std::string_view hub, std::string_view own_name);
  void set_connection(BoardConnection connection);

  /// Replaces what was told of the person before. The reason for being away is shortened to 55 bytes.
  void set_person(const proto::Person& person);
  void forget_person(const PersonName& name);

  void set_room(const BoardRoom& room);
  void forget_room(const RoomName& name);

  /// To be called every second: after HUBBUB_DEAD_AFTER_S without it readers take the agent for dead.
  void beat(Clock::Steady now);

  /// False if somebody has removed, replaced or cut off the file: then nobody reads what is written, until restore().
  [[nodiscard]] bool is_in_place() const;
  /// Makes the board anew, with all that it was told. Fails as BoardMemory::make(), changing nothing.
  Result<void> restore();

 private:
  struct Counts {
    std::uint64_t unread = 0;
    std::uint64_t mentions = 0;
  };

  BoardWriter(BoardMemory memory, std::string name);
  template <class Record>
  void write(Record& into, const Record& record);
  void write_summary();
  [[nodiscard]] Counts counted(const std::string& room) const;
  void count(const Counts& before, const Counts& now);

  BoardMemory memory_;
  const std::string name_;
  hubbub_summary summary_{};
  hubbub_summary written_{};
  BoardTable<hubbub_person> people_;
  BoardTable<hubbub_room> rooms_;
};

}  // namespace hubbub::agent
