// The cores of a hub, as far as a store sees them: tasks gather until the test runs them.
#pragma once

#include <mutex>
#include <utility>
#include <vector>

#include "server/log/store.hpp"
#include "tests/support/deadline.hpp"

namespace hubbub::server {

class AnOutlet final : public StoreOutlet {
 public:
  void run_on(unsigned core, std::function<void()> task) override {
    const std::lock_guard lock(mutex_);
    tasks_.emplace_back(core, std::move(task));
  }
  void trouble(const std::string& why) override {
    const std::lock_guard lock(mutex_);
    troubles_.push_back(why);
  }
  void trimmed(RoomId room, Seq first_kept) override {
    const std::lock_guard lock(mutex_);
    trimmed_.emplace_back(room, first_kept);
  }
  void erased(RoomId room, Seq seq) override {
    const std::lock_guard lock(mutex_);
    erased_.emplace_back(room, seq);
  }

  /// Runs what has come for all cores, until `holds()`.
  template <class Condition>
  void run_until(const char* what, Condition holds) {
    test::wait_until(what, [&] {
      run();
      return holds();
    });
  }
  void run() {
    std::vector<std::pair<unsigned, std::function<void()>>> tasks;
    {
      const std::lock_guard lock(mutex_);
      tasks.swap(tasks_);
    }
    for (auto& [core, task] : tasks) {
      core_ = core;
      task();
    }
  }
  /// The core whose task is run.
  [[nodiscard]] unsigned core() const { return core_; }
  [[nodiscard]] std::vector<std::string> troubles() {
    const std::lock_guard lock(mutex_);
    return troubles_;
  }
  [[nodiscard]] std::vector<std::pair<RoomId, Seq>> trimmed_rooms() {
    const std::lock_guard lock(mutex_);
    return trimmed_;
  }
  [[nodiscard]] std::vector<std::pair<RoomId, Seq>> erased_messages() {
    const std::lock_guard lock(mutex_);
    return erased_;
  }

 private:
  std::mutex mutex_;
  std::vector<std::pair<unsigned, std::function<void()>>> tasks_;
  std::vector<std::string> troubles_;
  std::vector<std::pair<RoomId, Seq>> trimmed_, erased_;
  unsigned core_ = 0;
};

}  // namespace hubbub::server
