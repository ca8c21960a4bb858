#include "server/log/sqlite/read_threads.hpp"

#include <utility>

namespace hubbub::server::sqlite {

ReadThreads::ReadThreads(std::vector<std::unique_ptr<Reader>> readers) {
  for (auto& reader : readers) {
    auto& lane = *lanes_.emplace_back(std::make_unique<Lane>());
    lane.reader = std::move(reader);
    lane.thread = std::thread([&lane] { run(lane); });
  }
}

ReadThreads::~ReadThreads() {
  for (auto& lane : lanes_) {
    {
      const std::lock_guard lock(lane->mutex);
      lane->ending = true;
    }
    lane->changed.notify_one();
  }
  for (auto& lane : lanes_) lane->thread.join();
}

void ReadThreads::ask(RoomId room, Question question) {
  auto& lane = *lanes_[room.value % lanes_.size()];
  {
    const std::lock_guard lock(lane.mutex);
    lane.questions.push_back(std::move(question));
  }
  lane.changed.notify_one();
}

void ReadThreads::run(Lane& lane) {
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

}  // namespace hubbub::server::sqlite
