// A board of the test's own, and somebody who reads it.
#pragma once

#include <sys/mman.h>

#include <string>

#include "client/agent/board_name.hpp"
#include "client/agent/board_writer.hpp"

namespace hubbub::agent {

/// Another one for each run of the tests, and for each number in it.
inline std::string test_board_name(int number = 0) {
  return board_name(::geteuid(), "test-" + std::to_string(::getpid()) + "-" + std::to_string(number));
}

inline proto::Person a_person(const std::string& name, proto::Presence presence = proto::Presence::online,
                              std::string_view away = "") {
  proto::Person person;
  person.name = PersonName::literal(name);
  person.presence = presence;
  person.away = AwayText::literal(away);
  return person;
}

inline BoardRoom a_room(const std::string& name, std::uint32_t unread, std::uint32_t mentions, std::uint64_t last) {
  return {RoomName::literal(name), unread, mentions, Seq{last}};
}

class BoardReader {
 public:
  explicit BoardReader(const std::string& name) : opened(hubbub_board_open(board_path(name).c_str(), &board)) {}
  ~BoardReader() {
    if (opened == HUBBUB_FOUND) hubbub_board_close(&board);
  }
  BoardReader(const BoardReader&) = delete;
  BoardReader& operator=(const BoardReader&) = delete;

  int person(const std::string& name, hubbub_person& out) const {
    return hubbub_board_person(&board, name.c_str(), &out);
  }
  int room(const std::string& name, hubbub_room& out) const { return hubbub_board_room(&board, name.c_str(), &out); }
  int summary(hubbub_summary& out) const { return hubbub_board_summary(&board, &out); }

  hubbub_board board{};
  const int opened;
};

}  // namespace hubbub::agent
