// Whether one room's rows are what they should be: part of check().
#pragma once

#include <string>
#include <vector>

#include "server/log/fold.hpp"
#include "server/log/sqlite/database.hpp"

namespace hubbub::server::sqlite {

/// A room, as its row says.
struct CheckedRoom {
  RoomId id;
  std::string key;
  Seq trimmed;
  WallTime trimmed_time;
  Seq folded;
};

/// What is wrong, each in a sentence.
class Findings {
 public:
  void add(std::string sentence);
  [[nodiscard]] std::vector<std::string> take();

 private:
  std::vector<std::string> sentences_;
  std::size_t left_out_ = 0;
};

class RoomCheck {
 public:
  RoomCheck(Database& database, const CheckedRoom& room, Findings& findings)
      : database_(database), room_(room), findings_(findings) {}

  /// Messages first, then what the room knows of their producers.
  Result<void> run();

 private:
  Result<void> check_batches();
  void check_batch(const Rows& rows);
  void check_frames(std::string_view frames, Seq first, Seq last, WallTime first_time, WallTime last_time);
  void check_runs(std::string_view column, Seq first, Seq last);
  Result<void> check_producers();
  void check_producer(const Rows& rows);
  void check_those_without_a_row(const std::vector<ClientId>& with_rows, Seq oldest_touched);
  void found(const std::string& what);

  Database& database_;
  const CheckedRoom& room_;
  Findings& findings_;
  Seq expected_;   // of the next batch
  WallTime time_;  // of the message before
  std::uint64_t total_ = 0;
  bool any_ = false;           // a batch was seen
  ProducersByClient by_runs_;  // what the messages that are kept, and folded, say of the producers
};

}  // namespace hubbub::server::sqlite
