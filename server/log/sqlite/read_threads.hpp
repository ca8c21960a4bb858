// The threads that read, each with a connection of its own.
//   any core --ask(room, question)--> [queue] --question(Reader)
// What is asked of one room is answered in the order in which it was asked.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "server/log/sqlite/reader.hpp"

namespace hubbub::server::sqlite {

class ReadThreads {
 public:
  using Question = std::function<void(Reader&)>;

  explicit ReadThreads(std::vector<std::unique_ptr<Reader>> readers);
  /// What waits is not answered any more.
  ~ReadThreads();

  void ask(RoomId room, Question question);

 private:
  struct Lane {
    std::unique_ptr<Reader> reader;
    std::mutex mutex;  // of the next three
    std::condition_variable changed;
    std::deque<Question> questions;
    bool ending = false;
    std::thread thread;
  };
  static void run(Lane& lane);

  std::vector<std::unique_ptr<Lane>> lanes_;
};

}  // namespace hubbub::server::sqlite
