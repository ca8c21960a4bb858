// temporary
#pragma once
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include "server/log/sqlite/load.hpp"
#include "server/log/sqlite/reader.hpp"
#include "server/log/sqlite/writer.hpp"
#include "server/log/store.hpp"
namespace hubbub::server::sqlite {
class SqliteStore final : public Store {
 public:
  explicit SqliteStore(std::unique_ptr<Writer> writer, std::unique_ptr<Reader> reader)
      : writer_(std::move(writer)), reader_(std::move(reader)) {}
  ~SqliteStore() override {
    {
      std::lock_guard lock(m_);
      stop_ = true;
    }
    wake_.notify_all();
    rwake_.notify_all();
    if (wt_.joinable()) wt_.join();
    if (rt_.joinable()) rt_.join();
  }
  void start(StoreOutlet& outlet) {
    outlet_ = &outlet;
    wt_ = std::thread([this] { write(); });
    rt_ = std::thread([this] { readall(); });
  }
  void append(unsigned core, Batch batch, std::function<void()> committed) override {
    put(core, std::move(batch), std::move(committed));
  }
  void change(unsigned core, Changes changes, std::function<void()> committed) override {
    put(core, std::move(changes), std::move(committed));
  }
  void read(unsigned core, RoomId room, Seq from, Seq until, std::size_t bytes_max,
            std::function<void(Result<LogRead>)> then) override {
    ask([=, this] {
      auto found = reader_->read(room, from, until, bytes_max);
      outlet_->run_on(core, [then, found] { then(found); });
    });
  }
  void find_time(unsigned core, RoomId room, WallTime time, std::function<void(Result<Seq>)> then) override {
    ask([=, this] {
      auto found = reader_->find_time(room, time);
      outlet_->run_on(core, [then, found] { then(found); });
    });
  }
  void search(unsigned core, SearchWish, std::function<void(Result<SearchFound>)> then) override {
    outlet_->run_on(core, [then] { then(fail(Status::unimplemented, "temporary")); });
  }
  void keep(RoomId, RoomPolicy) override {}

 private:
  void put(unsigned core, Record record, std::function<void()> committed) {
    {
      std::lock_guard lock(m_);
      records_.push_back(std::move(record));
      owners_.push_back({core, std::move(committed)});
    }
    wake_.notify_one();
  }
  void ask(std::function<void()> f) {
    {
      std::lock_guard lock(m_);
      asks_.push_back(std::move(f));
    }
    rwake_.notify_one();
  }
  void write() {
    for (;;) {
      std::vector<Record> records;
      std::vector<std::pair<unsigned, std::function<void()>>> owners;
      {
        std::unique_lock lock(m_);
        wake_.wait(lock, [&] { return stop_ || !records_.empty(); });
        if (records_.empty()) return;
        records.swap(records_);
        owners.swap(owners_);
      }
      std::string said;
      for (;;) {
        const auto done = writer_->commit(records);
        if (done) break;
        outlet_->trouble(said = done.error().sentence);
        std::this_thread::sleep_for(std::chrono::milliseconds(500));
        std::lock_guard lock(m_);
        if (stop_) return;
      }
      if (!said.empty()) outlet_->trouble("");
      for (auto& [core, f] : owners) outlet_->run_on(core, std::move(f));
    }
  }
  void readall() {
    for (;;) {
      std::function<void()> f;
      {
        std::unique_lock lock(m_);
        rwake_.wait(lock, [&] { return stop_ || !asks_.empty(); });
        if (stop_) return;
        f = std::move(asks_.front());
        asks_.pop_front();
      }
      f();
    }
  }
  std::unique_ptr<Writer> writer_;
  std::unique_ptr<Reader> reader_;
  StoreOutlet* outlet_ = nullptr;
  std::mutex m_;
  std::condition_variable wake_, rwake_;
  std::vector<Record> records_;
  std::vector<std::pair<unsigned, std::function<void()>>> owners_;
  std::deque<std::function<void()>> asks_;
  bool stop_ = false;
  std::thread wt_, rt_;
};
}  // namespace hubbub::server::sqlite
