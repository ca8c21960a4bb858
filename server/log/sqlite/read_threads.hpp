// Threads that read, each with a Reader of its own, which it alone uses.
//   any core --ask(key, question)--> [queue] --question(Reader)
// What is asked of one key (a room's id, say) is answered in the order in which it was asked.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace hubbub::server::sqlite {

template <class Reader>
class ReadThreads {
 public:
  using Question = std::function<void(Reader&)>;

  /// REQUIRES: at least one.
  explicit ReadThreads(std::vector<std::unique_ptr<Reader>> readers) {
    for (auto& reader : readers) {
      auto& lane = *lanes_.emplace_back(std::make_unique<Lane>());
      lane.reader = std::move(reader);
      lane.thread = std::thread([&lane] { run(lane); });
    }
  }
  /// What waits is not answered any more, and a reader that can stop in the middle does.
  ~ReadThreads() {
    for (auto& lane : lanes_) {
      {
        const std::lock_guard lock(lane->mutex);
        lane->ending = true;
      }
      if constexpr (requires { lane->reader->stop(); }) lane->reader->stop();
      lane->changed.notify_one();
    }
    for (auto& lane : lanes_) lane->thread.join();
  }
  ReadThreads(const ReadThreads&) = delete;
  ReadThreads& operator=(const ReadThreads&) = delete;

  void ask(std::uint64_t key, Question question) {
    auto& lane = *lanes_[key % lanes_.size()];
    {
      const std::lock_guard lock(lane.mutex);
      lane.questions.push_back(std::move(question));
    }
    lane.changed.notify_one();
  }

 private:
  struct Lane {
    std::unique_ptr<Reader> reader;
    std::mutex mutex;  // of the next three
    std::condition_variable changed;
    std::deque<Question> questions;
    bool ending = false;
    std::thread thread;
  };

  static void run(Lane& lane) {
    std::unique_lock lock(lane.mutex);
    for (;;) {
      lane.changed.wait(lock, [&lane] { return lane.ending || !lane.questions.empty(); });
      if (lane.ending) return;
      const auto question = std::move(lane.questions.front());
      lane.questions.pop_front();
      lock.unlock();
      question(*lane.reader);
      lock.lock();
    }
  }

  std::vector<std::unique_ptr<Lane>> lanes_;
};

}  // namespace hubbub::server::sqlite
