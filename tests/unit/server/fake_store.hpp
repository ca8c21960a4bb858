// A store that a test drives: what is given waits until it is committed, what is asked until it is answered.
#pragma once

#include <deque>
#include <map>
#include <vector>

#include "server/log/store.hpp"
#include "tests/unit/server/slices.hpp"

namespace hubbub::server {

class FakeStore final : public Store {
 public:
  void append(unsigned, Batch batch, std::function<void()> committed) override {
    batches.push_back(std::move(batch));
    committing.push_back(std::move(committed));
  }
  void change(unsigned, Changes changes, std::function<void()> committed) override {
    changed.push_back(std::move(changes));
    committing.push_back(std::move(committed));
  }
  void read(unsigned, RoomId, Seq from, Seq until, std::size_t, std::function<void(Result<LogRead>)> then) override {
    asked.push_back({from, until, std::move(then), {}});
  }
  void find_time(unsigned, RoomId, WallTime, std::function<void(Result<Seq>)> then) override {
    asked.push_back({{}, {}, {}, std::move(then)});
  }
  void amendments(unsigned, RoomId, AmendmentsWish wish,
                  std::function<void(Result<std::vector<std::string>>)> then) override {
    wishes.push_back(std::move(wish));
    then(amendments_kept);
  }
  void pinned(unsigned, RoomId, std::function<void(Result<std::vector<Seq>>)> then) override { then(pinned_kept); }
  void search(unsigned, SearchWish, std::function<void(Result<SearchFound>)>) override {}
  void find_answer(unsigned, ClientId, CallId, std::function<void(Result<std::optional<KeptAnswer>>)>) override {}
  void later(unsigned, LaterWish, std::function<void(Result<LaterFound>)>) override {}
  void keep(RoomId room, RoomPolicy policy) override { policies[room] = policy; }

  /// The oldest `count` that were given and aren't committed yet.
  void commit(std::size_t count = SIZE_MAX) {
    for (; count > 0 && !committing.empty(); --count) {
      const auto committed = std::move(committing.front());
      committing.pop_front();
      committed();
    }
  }

  struct Asked {
    Seq from, until;
    std::function<void(Result<LogRead>)> then;
    std::function<void(Result<Seq>)> then_time;
  };
  std::vector<Batch> batches;
  std::vector<Changes> changed;
  std::deque<std::function<void()>> committing;
  std::deque<Asked> asked;
  std::vector<AmendmentsWish> wishes;
  std::vector<std::string> amendments_kept;
  std::vector<Seq> pinned_kept;
  std::map<RoomId, RoomPolicy> policies;
};

}  // namespace hubbub::server
